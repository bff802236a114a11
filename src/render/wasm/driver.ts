// The driver of a program: `main` runs the steps in order on every thread. No JavaScript runs between kernels.
import type { Arg, Kernel, Program, Step } from '../../ir/index.ts'
import { Code, I32, type ModuleBuilder } from './assembler.ts'
import { barrier, split, take } from './threads.ts'

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
const VOID = 0x40
/** Operations (or bytes moved) that make a piece: some microseconds. Steps of fewer than four are divided evenly. */
const PIECE = 50_000
/** Pieces for each thread at most. */
const PIECES = 8

export interface DriverOptions {
  readonly threaded: boolean
  /** Function index of each of the program's kernels. */
  readonly kernels: readonly number[]
  /** Where thread-private buffers of each kernel lie within a thread's scratch (−1: a global buffer). */
  readonly scratch: readonly (readonly number[])[]
  /** Thread 0 calls function 0 with the index of each kernel it begins, and with −1 at the end. */
  readonly profile: boolean
}

/** Adds `main(tid, threads, table, sync, scratch, maySleep) → failed` and returns its index. */
export function addDriver(builder: ModuleBuilder, program: Program, options: DriverOptions): number {
  const code = new Code()
  const lo = PARAMS.length
  const hi = lo + 1
  const pieces = lo + 2
  const locals = [I32, I32, I32] as (typeof I32)[]
  const barrierAt = options.threaded ? builder.add(barrier()) : -1
  const splitAt = options.threaded ? builder.add(split()) : -1
  const takeAt = options.threaded ? builder.add(take(splitAt)) : -1
  /** Nobody has taken a piece since the last barrier (the launch begins with none taken). */
  let untouched = true

  const address = (arg: Arg, counters: readonly number[]) => {
    code.get(TABLE).op(0x28).memarg(2, arg.slot * 4)
    if (arg.offset) code.i32Const(arg.offset).op(ADD)
    arg.strides?.forEach((stride, l) => {
      if (stride !== 0) code.get(counters[l]!).i32Const(stride).op(MUL).op(ADD)
    })
  }
  const meet = () => {
    if (!options.threaded) return
    code.get(TID).get(THREADS).get(SYNC_AT).get(MAY_SLEEP).call(barrierAt)
    code.op(IF).op(VOID).i32Const(1).op(0x0f).op(END)
  }
  const mark = (kernel: number) => {
    if (options.profile) code.get(TID).op(0x45).op(IF).op(VOID).i32Const(kernel).call(0).op(END)
  }
  const call = (step: Extract<Step, { kind: 'kernel' }>, counters: readonly number[], range: () => void) => {
    const kernel = program.kernels[step.kernel]!
    let next = 0
    kernel.params.forEach((_, i) => {
      const offset = options.scratch[step.kernel]![i]!
      if (offset >= 0) code.get(SCRATCH).i32Const(offset).op(ADD)
      else address(step.args[next++]!, counters) // the arguments are those of the global buffers
    })
    range()
    code.call(options.kernels[step.kernel]!)
  }
  /** Part `index` of `count` of the range, unless that is empty. The index may be the local `hi`. */
  const callPart = (step: Extract<Step, { kind: 'kernel' }>, counters: readonly number[], count: number, index: number) => {
    const { extent } = program.kernels[step.kernel]!
    code.i32Const(extent).get(count).get(index).call(splitAt).set(lo)
    code.i32Const(extent).get(count).get(index).i32Const(1).op(ADD).call(splitAt).set(hi)
    code.get(lo).get(hi).op(0x48).op(IF).op(VOID)
    call(step, counters, () => code.get(lo).get(hi))
    code.op(END)
  }
  const kernelStep = (step: Extract<Step, { kind: 'kernel' }>, counters: readonly number[]) => {
    const kernel = program.kernels[step.kernel]!
    if (step.barrier) meet()
    mark(step.kernel)
    const fresh = step.barrier || (untouched && counters.length === 0)
    if (kernel.extent <= 0) return
    if (!options.threaded) {
      call(step, counters, () => code.i32Const(0).i32Const(kernel.extent))
      return
    }
    const wanted = Math.min(kernel.extent, Math.floor(workOf(kernel) / PIECE))
    if (!step.parallel) {
      code.get(TID).op(0x45).op(IF).op(VOID)
      call(step, counters, () => code.i32Const(0).i32Const(kernel.extent))
      code.op(END)
    } else if (fresh && wanted >= 4) {
      // pieces = max(threads, min(wanted, PIECES · threads)), of which some may be empty
      untouched = false
      code.get(THREADS).i32Const(PIECES).op(MUL).tee(pieces).i32Const(wanted)
      code.get(pieces).i32Const(wanted).op(0x48).op(0x1b).tee(pieces)
      code.get(THREADS).get(pieces).get(THREADS).op(0x4a).op(0x1b).set(pieces)
      code.op(LOOP).op(VOID)
      code.get(SYNC_AT).get(TID).get(THREADS).get(pieces).call(takeAt).tee(hi).i32Const(0).op(0x4e).op(IF).op(VOID)
      callPart(step, counters, pieces, hi)
      code.op(0x0c).u32(1).op(END).op(END)
    } else callPart(step, counters, THREADS, TID)
  }
  const run = (steps: readonly Step[], counters: readonly number[]): void => {
    for (const step of steps) {
      if (step.kind === 'kernel') kernelStep(step, counters)
      else if (step.kind === 'if') {
        meet() // whoever wrote the flag has done so
        untouched = false
        address(step.flag, counters)
        code.op(0x2d).memarg(0, 0).op(IF).op(VOID)
        run(step.then, counters)
        if (step.else.length > 0) {
          code.op(0x05)
          run(step.else, counters)
        }
        code.op(END)
      } else if (step.count > 0) {
        untouched = false
        const counter = PARAMS.length + locals.push(I32) - 1
        code.i32Const(0).set(counter).op(LOOP).op(VOID)
        run(step.body, [...counters, counter])
        code.get(counter).i32Const(1).op(ADD).tee(counter).i32Const(step.count).op(0x48).op(0x0d).u32(0).op(END)
      }
    }
  }
  run(program.steps, [])
  meet()
  mark(-1)
  code.i32Const(0)
  return builder.add({ params: PARAMS, results: [I32], locals, code })
}

const workOf = (kernel: Kernel): number => Math.max(kernel.flops, kernel.bytes)
