// The driver of a program: `main` runs the steps in order on every thread, splits ranges, and keeps the threads together
// with a barrier that spins and then sleeps. No JavaScript runs between kernels.
import type { Arg, Program, Step } from '../../ir/index.ts'
import { Code, type FunctionBody, I32, type ModuleBuilder } from './assembler.ts'

/**
 * Words of the block in memory that the threads of a launch share (byte offsets; `sync` points at it).
 * `failed` is set when a thread cannot go on: every barrier then returns 1 and `main` ends at once.
 */
export const SYNC = { arrived: 0, generation: 64, failed: 68, sleepers: 128, bytes: 192 } as const

/** Loads of the generation before a thread goes to sleep, some 20 µs. */
const SPINS = 10_000
/** Seconds that thread 0 waits for the others before it gives up. */
const PATIENCE = 120

const PARAMS = [I32, I32, I32, I32, I32, I32] as const
const TID = 0
const THREADS = 1
const TABLE = 2
const SYNC_AT = 3
const SCRATCH = 4
const MAY_SLEEP = 5

const ADD = 0x6a
const MUL = 0x6c
const EQ = 0x46
const NE = 0x47
const IF = 0x04
const LOOP = 0x03
const END = 0x0b
const VOID = 0x40
const atomic = (code: Code, op: number, offset: number) => code.op(0xfe).u32(op).memarg(2, offset)
const atomicLoad = (code: Code, offset: number) => atomic(code, 0x10, offset)
const atomicAdd = (code: Code, offset: number) => atomic(code, 0x1e, offset)
const atomicStore = (code: Code, offset: number) => atomic(code, 0x17, offset)

/** (tid, threads, sync, may sleep) → 1 when the launch has failed. */
function barrier(): FunctionBody {
  const code = new Code()
  const [tid, threads, sync, maySleep, generation, left] = [0, 1, 2, 3, 4, 5]
  const failed = () => atomicLoad(code.get(sync!), SYNC.failed)
  const passed = () => {
    atomicLoad(code.get(sync!), SYNC.generation)
    code.get(generation!).op(NE)
  }
  const wakeAll = () => {
    atomicAdd(code.get(sync!).i32Const(1), SYNC.generation)
    code.op(0x1a)
    atomicLoad(code.get(sync!), SYNC.sleepers)
    code.op(IF).op(VOID)
    atomic(code.get(sync!).i32Const(-1), 0x00, SYNC.generation)
    code.op(0x1a).op(END)
  }
  const giveUp = () => {
    atomicStore(code.get(sync!).i32Const(2), SYNC.failed)
    wakeAll()
    code.i32Const(1).op(0x0f)
  }
  failed().op(IF).op(VOID).i32Const(1).op(0x0f).op(END)
  atomicLoad(code.get(sync!), SYNC.generation).set(generation!)
  // The last to arrive opens the next generation.
  atomicAdd(code.get(sync!).i32Const(1), SYNC.arrived)
  code.get(threads!).i32Const(1).op(0x6b).op(EQ).op(IF).op(VOID)
  atomicStore(code.get(sync!).i32Const(0), SYNC.arrived)
  wakeAll()
  failed().op(0x0f)
  code.op(END)

  code.i32Const(SPINS).set(left!)
  code.op(LOOP).op(VOID)
  passed()
  code.op(IF).op(VOID)
  failed().op(0x0f)
  code.op(END)
  code.get(left!).i32Const(1).op(0x6b).tee(left!).op(0x0d).u32(0).op(END)

  const sleep = () => {
    code.i32Const(PATIENCE).set(left!)
    atomicAdd(code.get(sync!).i32Const(1), SYNC.sleepers)
    code.op(0x1a).op(LOOP).op(VOID)
    // Wakes by itself once a second (10⁹ ns) to look whether the others failed.
    code.get(sync!).get(generation!).op(0x42).bytes([0x80, 0x94, 0xeb, 0xdc, 0x03])
    atomic(code, 0x01, SYNC.generation).op(0x1a)
    passed()
    failed().op(0x72).op(0x45).op(IF).op(VOID)
    code.get(tid!).op(0x0d).u32(1) // only thread 0 loses patience: the others may wait for its serial steps
    code.get(left!).i32Const(1).op(0x6b).tee(left!).op(0x0d).u32(1)
    giveUp()
    code.op(END).op(END)
    atomicAdd(code.get(sync!).i32Const(-1), SYNC.sleepers)
    code.op(0x1a)
  }
  const spinOn = () => {
    // A browser's main thread may not sleep. 2³⁰ loads are a second or more.
    code.i32Const(PATIENCE).set(left!)
    code.op(LOOP).op(VOID)
    code.i32Const(1 << 30).set(6)
    code.op(LOOP).op(VOID)
    passed()
    code.op(IF).op(VOID)
    failed().op(0x0f)
    code.op(END)
    code.get(6).i32Const(1).op(0x6b).tee(6).op(0x0d).u32(0).op(END)
    failed().op(0x45).op(IF).op(VOID)
    code.get(left!).i32Const(1).op(0x6b).tee(left!).op(0x0d).u32(1)
    giveUp()
    code.op(END).op(END)
  }
  code.get(maySleep!).op(IF).op(VOID)
  sleep()
  code.op(0x05)
  spinOn()
  code.op(END)
  failed()
  return { params: [I32, I32, I32, I32], results: [I32], locals: [I32, I32, I32], code }
}

/** (extent, threads, tid) → where thread tid's part of the range begins; with tid + 1, where it ends. */
function split(): FunctionBody {
  const code = new Code()
  const remainder = () => code.get(0).get(1).op(0x70)
  code.get(0).get(1).op(0x6e).get(2).op(MUL) // tid · ⌊extent / threads⌋ + min(tid, extent mod threads)
  code.get(2)
  remainder()
  code.get(2)
  remainder()
  code.op(0x49).op(0x1b).op(ADD)
  return { params: [I32, I32, I32], results: [I32], locals: [], code }
}

export interface DriverOptions {
  readonly threaded: boolean
  /** Function index of each of the program's kernels. */
  readonly kernels: readonly number[]
  /** Where thread-private buffers of each kernel lie within a thread's scratch (−1: a global buffer). */
  readonly scratch: readonly (readonly number[])[]
}

/** Adds `main(tid, threads, table, sync, scratch, maySleep) → failed` and returns its index. */
export function addDriver(builder: ModuleBuilder, program: Program, options: DriverOptions): number {
  const code = new Code()
  const lo = PARAMS.length
  const hi = lo + 1
  const locals = [I32, I32] as (typeof I32)[]
  const barrierAt = options.threaded ? builder.add(barrier()) : -1
  const splitAt = options.threaded ? builder.add(split()) : -1

  const address = (arg: Arg, counters: readonly number[]) => {
    code.get(TABLE).op(0x28).memarg(2, arg.slot * 4)
    if (arg.offset) code.i32Const(arg.offset).op(ADD)
    arg.strides?.forEach((stride, l) => {
      if (stride !== 0) code.get(counters[l]!).i32Const(stride).op(MUL).op(ADD)
    })
  }
  const meet = () => {
    if (!options.threaded) return
    code.get(THREADS).i32Const(1).op(0x4b).op(IF).op(VOID)
    code.get(TID).get(THREADS).get(SYNC_AT).get(MAY_SLEEP).call(barrierAt)
    code.op(IF).op(VOID).i32Const(1).op(0x0f).op(END).op(END)
  }
  const kernelStep = (step: Extract<Step, { kind: 'kernel' }>, counters: readonly number[]) => {
    const kernel = program.kernels[step.kernel]!
    if (step.barrier) meet()
    if (kernel.extent <= 0) return
    const divided = step.parallel && options.threaded
    if (divided) {
      code.i32Const(kernel.extent).get(THREADS).get(TID).call(splitAt).tee(lo)
      code.i32Const(kernel.extent).get(THREADS).get(TID).i32Const(1).op(ADD).call(splitAt).tee(hi)
      code.op(0x48)
    } else if (options.threaded) code.get(TID).op(0x45)
    if (options.threaded) code.op(IF).op(VOID)
    let next = 0
    kernel.params.forEach((_, i) => {
      const offset = options.scratch[step.kernel]![i]!
      if (offset >= 0) code.get(SCRATCH).i32Const(offset).op(ADD)
      else address(step.args[next++]!, counters) // the arguments are those of the global buffers
    })
    if (divided) code.get(lo).get(hi)
    else code.i32Const(0).i32Const(kernel.extent)
    code.call(options.kernels[step.kernel]!)
    if (options.threaded) code.op(END)
  }
  const run = (steps: readonly Step[], counters: readonly number[]): void => {
    for (const step of steps) {
      if (step.kind === 'kernel') kernelStep(step, counters)
      else if (step.kind === 'if') {
        meet() // whoever wrote the flag has done so
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
  meet()
  code.i32Const(0)
  return builder.add({ params: PARAMS, results: [I32], locals, code })
}
