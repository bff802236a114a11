// The driver of a program: `main` runs the steps in order on thread 0, and helps with them on the others. No JavaScript
// runs between kernels.
import type { Arg, Kernel, Program, Step } from '../../ir/index.ts'
import { Code, I32, type ModuleBuilder } from './assembler.ts'
import { type Shared, MAX_ARGS, SYNC, finish, help, runPart, share, split, take } from './threads.ts'

const PARAMS = [I32, I32, I32, I32, I32, I32] as const
const TID = 0
const THREADS = 1
const TABLE = 2
const SYNC_AT = 3
const SCRATCH = 4
const MAY_SLEEP = 5

const ADD = 0x6a
const MUL = 0x6c
const IF = 0x04
const LOOP = 0x03
const END = 0x0b
const RETURN = 0x0f
const VOID = 0x40
/** Nanoseconds of work that make a piece. */
const PIECE = 4000

/** Time a kernel takes on one core, roughly. */
const estimate = (kernel: Kernel): number => Math.max(kernel.flops / 24, kernel.bytes / 12)
/** Whether a step is worth publishing. */
const worthSharing = (step: Extract<Step, { kind: 'kernel' }>, kernel: Kernel): boolean =>
  step.parallel && step.args.length <= MAX_ARGS && kernel.extent > 1 && estimate(kernel) >= 2 * PIECE

/** Nanoseconds of the steps that can be shared: is waking the other threads worth it? */
export function sharedWork(program: Program): number {
  const sum = (steps: readonly Step[]): number =>
    steps.reduce((total, s) => {
      if (s.kind === 'loop') return total + s.count * sum(s.body)
      if (s.kind === 'if') return total + Math.max(sum(s.then), sum(s.else))
      const kernel = program.kernels[s.kernel]!
      return total + (worthSharing(s, kernel) ? estimate(kernel) : 0)
    }, 0)
  return sum(program.steps)
}

export interface DriverOptions {
  readonly threaded: boolean
  /** Function index of each of the program's kernels. */
  readonly kernels: readonly number[]
  /** Where thread-private buffers of each kernel lie within a thread's scratch (−1: a global buffer). */
  readonly scratch: readonly (readonly number[])[]
  /** Thread 0 calls function 0 with the index of each kernel it begins, and with −1 at the end. */
  readonly profile: boolean
}

/**
 * Adds `main(tid, threads, table, sync, scratch, maySleep) → failed` and returns its index. On threads other than 0 it
 * helps thread 0 until the program ends, and takes the program's number in the table's place.
 */
export function addDriver(builder: ModuleBuilder, program: Program, options: DriverOptions): number {
  const code = new Code()
  const failed = PARAMS.length
  const locals: (typeof I32)[] = [I32]
  /** Kernels that steps share, by their number in the program. */
  const shared = new Map<number, number>()
  const sharing = (step: Extract<Step, { kind: 'kernel' }>): boolean =>
    options.threaded && worthSharing(step, program.kernels[step.kernel]!)
  const find = (steps: readonly Step[]): void => {
    for (const step of steps) {
      if (step.kind === 'loop') find(step.body)
      else if (step.kind === 'if') {
        find(step.then)
        find(step.else)
      } else if (sharing(step) && !shared.has(step.kernel)) shared.set(step.kernel, shared.size)
    }
  }
  find(program.steps)
  const list = [...shared.keys()].map((k): Shared => ({ fn: options.kernels[k]!, scratch: options.scratch[k]! }))
  let [shareAt, finishAt] = [-1, -1]
  if (options.threaded) {
    const functions = { split: builder.add(split()), take: builder.add(take()), runPart: builder.add(runPart(list)) }
    shareAt = builder.add(share(functions))
    finishAt = builder.add(finish())
    code.get(TID).op(IF).op(VOID)
    code.get(SYNC_AT).get(TID).get(TABLE).call(builder.add(help(functions)))
    code.i32Const(0).op(RETURN).op(END)
  }

  const address = (arg: Arg, counters: readonly number[]) => {
    code.get(TABLE).op(0x28).memarg(2, arg.slot * 4)
    if (arg.offset) code.i32Const(arg.offset).op(ADD)
    arg.strides?.forEach((stride, l) => {
      if (stride !== 0) code.get(counters[l]!).i32Const(stride).op(MUL).op(ADD)
    })
  }
  const mark = (kernel: number) => {
    if (options.profile) code.i32Const(kernel).call(0)
  }
  const kernelStep = (step: Extract<Step, { kind: 'kernel' }>, counters: readonly number[]) => {
    const kernel = program.kernels[step.kernel]!
    if (kernel.extent <= 0) return
    mark(step.kernel)
    if (!sharing(step)) {
      let next = 0
      for (const offset of options.scratch[step.kernel]!) {
        if (offset >= 0) code.get(SCRATCH).i32Const(offset).op(ADD)
        else address(step.args[next++]!, counters) // the arguments are those of the global buffers
      }
      code.i32Const(0).i32Const(kernel.extent).call(options.kernels[step.kernel]!)
      return
    }
    const put = (offset: number, value: () => void) => {
      code.get(SYNC_AT)
      value()
      code.op(0x36).memarg(2, offset)
    }
    step.args.forEach((arg, i) => put(SYNC.args + 4 * i, () => address(arg, counters)))
    put(SYNC.kernel, () => code.i32Const(shared.get(step.kernel)!))
    put(SYNC.extent, () => code.i32Const(kernel.extent))
    const wanted = Math.min(kernel.extent, Math.floor(estimate(kernel) / PIECE))
    code.get(SYNC_AT).get(SCRATCH).get(THREADS).i32Const(wanted).get(MAY_SLEEP).call(shareAt).tee(failed)
    code.op(IF).op(VOID).get(failed).op(RETURN).op(END)
  }
  const run = (steps: readonly Step[], counters: readonly number[]): void => {
    for (const step of steps) {
      if (step.kind === 'kernel') kernelStep(step, counters)
      else if (step.kind === 'if') {
        address(step.flag, counters)
        code.op(0x2d).memarg(0, 0).op(IF).op(VOID)
        run(step.then, counters)
        if (step.else.length > 0) {
          code.op(0x05)
          run(step.else, counters)
        }
        code.op(END)
      } else if (step.count > 0) {
        const counter = PARAMS.length + locals.push(I32) - 1
        code.i32Const(0).set(counter).op(LOOP).op(VOID)
        run(step.body, [...counters, counter])
        code.get(counter).i32Const(1).op(ADD).tee(counter).i32Const(step.count).op(0x48).op(0x0d).u32(0).op(END)
      }
    }
  }
  run(program.steps, [])
  if (options.threaded) code.get(THREADS).i32Const(1).op(0x4a).op(IF).op(VOID).get(SYNC_AT).call(finishAt).op(END)
  mark(-1)
  code.i32Const(0)
  return builder.add({ params: PARAMS, results: [I32], locals, code })
}
