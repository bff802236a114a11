// How threads share the steps of a program. Thread 0 leads: it runs the program, and publishes a step worth sharing as
// pieces in one word, the ticket (number of the step : 32, pieces taken from the back : 16, from the front : 16). Whoever
// swaps the word owns a piece. The leader takes pieces as well and waits only for those begun: a thread that sleeps, or
// that the system does not run, delays nobody. Even threads take from the front, odd ones from the back, so that a thread
// meets the same memory run after run.
import { Code, type FunctionBody, I32, I64 } from './assembler.ts'

/** Arguments of a step that is shared, at most. */
export const MAX_ARGS = 256
/**
 * The block in memory that the threads of a launch share (byte offsets; `sync` points at it), a cache line for those who
 * write together. `program`: the one that runs, 0 between launches. `failed` is set when a thread cannot go on.
 */
export const SYNC = {
  ticket: 0, program: 64, kernel: 68, extent: 72, pieces: 76, scratch: 80, scratchStep: 84, done: 128, waiting: 132,
  failed: 192, sleepers: 196, args: 256, bytes: 256 + 4 * MAX_ARGS,
} as const

/** Pieces for each thread, at most. */
const PIECES = 8
/** Looks at the ticket before a thread goes to sleep, some 50 µs. */
const SPINS = 25_000
/** Seconds that thread 0 waits for the others before it gives up; turns of looking where it may not sleep. */
const PATIENCE = 120
const PATIENT_TURNS = 1_000_000
/** What the front counter says while no step is published. */
const CLOSED = 0xffff

const ADD = 0x6a
const SUB = 0x6b
const MUL = 0x6c
const EQ = 0x46
const NE = 0x47
const IF = 0x04
const LOOP = 0x03
const END = 0x0b
const RETURN = 0x0f
const DROP = 0x1a
const VOID = 0x40
const atomic = (code: Code, op: number, offset: number, align = 2) => code.op(0xfe).u32(op).memarg(align, offset)
const atomicLoad = (code: Code, offset: number) => atomic(code, 0x10, offset)
const atomicAdd = (code: Code, offset: number) => atomic(code, 0x1e, offset)
const atomicStore = (code: Code, offset: number) => atomic(code, 0x17, offset)
const loadTicket = (code: Code) => atomic(code, 0x11, SYNC.ticket, 3)
const storeTicket = (code: Code) => atomic(code, 0x18, SYNC.ticket, 3)
const load = (code: Code, offset: number) => code.op(0x28).memarg(2, offset)
const i64Const = (code: Code, value: number) => code.op(0x42).s32(value)
/** One second in nanoseconds. */
const SECOND = [0x42, 0x80, 0x94, 0xeb, 0xdc, 0x03]

/** (extent, parts, index) → where part `index` of the range begins; with index + 1, where it ends. */
export function split(): FunctionBody {
  const code = new Code()
  const remainder = () => code.get(0).get(1).op(0x70)
  code.get(0).get(1).op(0x6e).get(2).op(MUL) // index · ⌊extent / parts⌋ + min(index, extent mod parts)
  code.get(2)
  remainder()
  code.get(2)
  remainder()
  code.op(0x49).op(0x1b).op(ADD)
  return { params: [I32, I32, I32], results: [I32], locals: [], code }
}

/** (sync, back, program) → a piece of the published step nobody has begun, or −1. */
export function take(): FunctionBody {
  const code = new Code()
  const [sync, back, program, fromBack, fromFront, pieces, t, next] = [0, 1, 2, 3, 4, 5, 6, 7]
  const none = () => code.op(IF).op(VOID).i32Const(-1).op(RETURN).op(END)
  loadTicket(code.get(sync!)).set(t!)
  code.op(LOOP).op(VOID)
  // The step may have changed since; then the swap fails.
  atomicLoad(code.get(sync!), SYNC.program).get(program!).op(NE)
  none()
  code.get(t!).op(0xa7).tee(fromBack!).i32Const(0xffff).op(0x71).tee(fromFront!).i32Const(CLOSED).op(EQ)
  none()
  code.get(fromBack!).i32Const(16).op(0x76).set(fromBack!)
  atomicLoad(code.get(sync!), SYNC.pieces).tee(pieces!).get(fromBack!).get(fromFront!).op(ADD).op(0x4c)
  none()
  code.get(t!)
  i64Const(code, 0x10000)
  i64Const(code, 1)
  code.get(back!).op(0x1b).op(0x7c).set(next!)
  code.get(sync!).get(t!).get(next!)
  atomic(code, 0x49, SYNC.ticket, 3).tee(next!).get(t!).op(0x51).op(IF).op(VOID)
  code.get(pieces!).i32Const(1).op(SUB).get(fromBack!).op(SUB).get(fromFront!).get(back!).op(0x1b).op(RETURN).op(END)
  code.get(next!).set(t!).op(0x0c).u32(0).op(END)
  code.op(0x00)
  return { params: [I32, I32, I32], results: [I32], locals: [I32, I32, I32, I64, I64], code }
}

/** A kernel that steps share: its function, and for every parameter the place in a thread's scratch or −1. */
export interface Shared {
  readonly fn: number
  readonly scratch: readonly number[]
}

/** (sync, scratch, lo, hi): runs the published kernel over a part of its range. */
export function runPart(kernels: readonly Shared[]): FunctionBody {
  const code = new Code()
  const [sync, scratch, lo, hi] = [0, 1, 2, 3]
  for (let i = 0; i <= kernels.length; i++) code.op(0x02).op(VOID)
  load(code.get(sync!), SYNC.kernel)
  code.op(0x0e).u32(kernels.length)
  for (let i = 0; i <= kernels.length; i++) code.u32(i)
  for (const kernel of kernels) {
    code.op(END)
    let next = 0
    for (const offset of kernel.scratch) {
      if (offset >= 0) code.get(scratch!).i32Const(offset).op(ADD)
      else load(code.get(sync!), SYNC.args + 4 * next++)
    }
    code.get(lo!).get(hi!).call(kernel.fn).op(RETURN)
  }
  code.op(END)
  return { params: [I32, I32, I32, I32], results: [], locals: [], code }
}

export interface Functions {
  readonly split: number
  readonly take: number
  readonly runPart: number
}
const runPiece = (code: Code, f: Functions, sync: number, piece: number, scratch: () => void) => {
  const bound = (end: number) => {
    load(code.get(sync), SYNC.extent)
    load(code.get(sync), SYNC.pieces).get(piece)
    if (end === 1) code.i32Const(1).op(ADD)
    code.call(f.split)
  }
  code.get(sync)
  scratch()
  bound(0)
  bound(1)
  code.call(f.runPart)
}

/**
 * (sync, scratch, threads, wanted pieces, may sleep) → not 0 when the launch has failed. The leader's: runs the step whose
 * kernel, extent and arguments are written down already.
 */
export function share(f: Functions): FunctionBody {
  const code = new Code()
  const [sync, scratch, threads, pieces, maySleep, piece, own, program, left, turns, step] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
  const failed = () => atomicLoad(code.get(sync!), SYNC.failed)
  /** Leaves with what `failed` says. */
  const leave = () => {
    close()
    failed().op(RETURN)
  }
  const close = () => {
    i64Const(code.get(sync!).get(step!), CLOSED)
    storeTicket(code.op(0x84))
  }
  const allDone = () => atomicLoad(code.get(sync!), SYNC.done).get(own!).op(ADD).get(pieces!).op(EQ)
  code.get(threads!).i32Const(1).op(EQ).op(IF).op(VOID)
  load(code.get(sync!).get(scratch!).i32Const(0).get(sync!), SYNC.extent).call(f.runPart).i32Const(0).op(RETURN).op(END)
  code.get(threads!).i32Const(PIECES).op(MUL).tee(left!).get(pieces!).get(left!).get(pieces!).op(0x48).op(0x1b).set(pieces!)
  atomicLoad(code.get(sync!), SYNC.program).set(program!)
  // the number of the step, in the upper half, and one more
  loadTicket(code.get(sync!))
  i64Const(code, 32)
  code.op(0x88)
  i64Const(code, 1)
  code.op(0x7c)
  i64Const(code, 32)
  code.op(0x86).set(step!)
  // Nobody may take a piece while the step is written down: a fresh block of zeros would look like an open step.
  close()
  atomicStore(code.get(sync!).get(pieces!), SYNC.pieces)
  atomicStore(code.get(sync!).i32Const(0), SYNC.done)
  storeTicket(code.get(sync!).get(step!))
  atomicLoad(code.get(sync!), SYNC.sleepers).op(IF).op(VOID)
  atomic(code.get(sync!).i32Const(-1), 0x00, SYNC.ticket).op(DROP).op(END)
  // own pieces, from the front
  code.op(LOOP).op(VOID)
  code.get(sync!).i32Const(0).get(program!).call(f.take).tee(piece!).i32Const(0).op(0x4e).op(IF).op(VOID)
  runPiece(code, f, sync!, piece!, () => code.get(scratch!))
  code.get(own!).i32Const(1).op(ADD).set(own!).op(0x0c).u32(1).op(END).op(END)
  // those begun elsewhere
  code.i32Const(PATIENCE).i32Const(PATIENT_TURNS).get(maySleep!).op(0x1b).set(turns!)
  code.op(LOOP).op(VOID)
  code.i32Const(SPINS).set(left!)
  code.op(LOOP).op(VOID)
  allDone().op(IF).op(VOID)
  leave()
  code.op(END)
  code.get(left!).i32Const(1).op(SUB).tee(left!).op(0x0d).u32(0).op(END)
  failed().op(IF).op(VOID)
  leave()
  code.op(END)
  code.get(maySleep!).op(IF).op(VOID)
  // Sleeps until the next piece is done, a second at most.
  atomicLoad(code.get(sync!), SYNC.done).set(left!)
  atomicStore(code.get(sync!).i32Const(1), SYNC.waiting)
  allDone().op(0x45).op(IF).op(VOID)
  atomic(code.get(sync!).get(left!).bytes(SECOND), 0x01, SYNC.done).i32Const(2).op(EQ).op(IF).op(VOID)
  code.get(turns!).i32Const(1).op(SUB).set(turns!).op(END).op(END)
  atomicStore(code.get(sync!).i32Const(0), SYNC.waiting)
  // A browser's main thread may not sleep: it goes on looking.
  code.op(0x05).get(turns!).i32Const(1).op(SUB).set(turns!).op(END)
  code.get(turns!).op(0x0d).u32(0).op(END)
  atomicStore(code.get(sync!).i32Const(2), SYNC.failed)
  leave()
  code.op(0x00)
  return { params: [I32, I32, I32, I32, I32], results: [I32], locals: [I32, I32, I32, I32, I32, I64], code }
}

/** (sync): the leader's last word: whoever still looks for pieces leaves. */
export function finish(): FunctionBody {
  const code = new Code()
  atomicStore(code.get(0).i32Const(0), SYNC.program)
  code.get(0)
  i64Const(loadTicket(code.get(0)), 32)
  code.op(0x88)
  i64Const(code, 1)
  code.op(0x7c)
  i64Const(code, 32)
  code.op(0x86)
  i64Const(code, CLOSED)
  storeTicket(code.op(0x84))
  atomicLoad(code.get(0), SYNC.sleepers).op(IF).op(VOID)
  atomic(code.get(0).i32Const(-1), 0x00, SYNC.ticket).op(DROP).op(END)
  return { params: [I32], results: [], locals: [], code }
}

/** (sync, tid, program): takes part in the steps of a program until it ends. */
export function help(f: Functions): FunctionBody {
  const code = new Code()
  const [sync, tid, program, piece, left, t] = [0, 1, 2, 3, 4, 5]
  code.i32Const(SPINS).set(left!)
  code.op(LOOP).op(VOID)
  loadTicket(code.get(sync!)).set(t!)
  code.get(sync!).get(tid!).i32Const(1).op(0x71).get(program!).call(f.take).tee(piece!).i32Const(0).op(0x4e).op(IF).op(VOID)
  runPiece(code, f, sync!, piece!, () => {
    load(code.get(sync!), SYNC.scratch)
    load(code.get(sync!), SYNC.scratchStep).get(tid!).op(MUL).op(ADD)
  })
  atomicAdd(code.get(sync!).i32Const(1), SYNC.done).op(DROP)
  atomicLoad(code.get(sync!), SYNC.waiting).op(IF).op(VOID)
  atomic(code.get(sync!).i32Const(1), 0x00, SYNC.done).op(DROP).op(END)
  code.i32Const(SPINS).set(left!).op(0x0c).u32(1).op(END)
  atomicLoad(code.get(sync!), SYNC.program).get(program!).op(NE)
  atomicLoad(code.get(sync!), SYNC.failed).op(0x72).op(IF).op(VOID).op(RETURN).op(END)
  code.get(left!).i32Const(1).op(SUB).tee(left!).op(0x0d).u32(0)
  // Sleeps while the ticket stays what it was before there was no piece.
  atomicAdd(code.get(sync!).i32Const(1), SYNC.sleepers).op(DROP)
  code.get(sync!).get(t!).bytes(SECOND)
  atomic(code, 0x02, SYNC.ticket, 3).op(DROP)
  atomicAdd(code.get(sync!).i32Const(-1), SYNC.sleepers).op(DROP)
  code.i32Const(SPINS).set(left!).op(0x0c).u32(0).op(END)
  return { params: [I32, I32, I32], results: [], locals: [I32, I32, I64], code }
}
