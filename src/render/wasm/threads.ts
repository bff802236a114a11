// How the threads of a launch stay together and share work: a barrier that spins and then sleeps, ranges cut into equal
// parts, and pieces that a thread which has finished its own takes over from the others.
import { Code, type FunctionBody, I32 } from './assembler.ts'

/** At most this many threads take part in a launch. */
const MAX_THREADS = 64
/**
 * The block in memory that the threads of a launch share (byte offsets; `sync` points at it). `failed` is set when a
 * thread cannot go on: every barrier then returns 1 and `main` ends at once. `taken`: a cache line for each thread, the
 * pieces of its share of the current step that somebody has begun; every barrier sets them to 0.
 */
export const SYNC = { arrived: 0, generation: 64, failed: 68, sleepers: 128, taken: 192, bytes: 192 + 64 * MAX_THREADS } as const

/** Loads of the generation before a thread goes to sleep, some 20 µs. */
const SPINS = 10_000
/** Seconds that thread 0 waits for the others before it gives up. */
const PATIENCE = 120

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
export function barrier(): FunctionBody {
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
  code.get(threads!).i32Const(1).op(EQ).op(IF).op(VOID)
  atomicStore(code.get(sync!).i32Const(0), SYNC.taken)
  code.i32Const(0).op(0x0f).op(END)
  atomicLoad(code.get(sync!), SYNC.generation).set(generation!)
  // The last to arrive gives out new shares and opens the next generation.
  atomicAdd(code.get(sync!).i32Const(1), SYNC.arrived)
  code.get(threads!).i32Const(1).op(0x6b).op(EQ).op(IF).op(VOID)
  atomicStore(code.get(sync!).i32Const(0), SYNC.arrived)
  code.get(threads!).set(left!).op(LOOP).op(VOID)
  code.get(left!).i32Const(1).op(0x6b).tee(left!).i32Const(6).op(0x74).get(sync!).op(ADD).i32Const(0)
  atomicStore(code, SYNC.taken)
  code.get(left!).op(0x0d).u32(0).op(END)
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
export function split(): FunctionBody {
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

/**
 * (sync, tid, threads, pieces) → a piece nobody has begun, or −1. A thread begins with the pieces of its own part, always
 * the same ones (what they touch is in its cache), and then helps where it finds some left.
 */
export function take(splitAt: number): FunctionBody {
  const code = new Code()
  const [sync, tid, threads, pieces, victim, left, line, start, size, piece] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
  code.get(tid!).set(victim!).get(threads!).set(left!)
  code.op(LOOP).op(VOID)
  code.get(sync!).get(victim!).i32Const(6).op(0x74).op(ADD).set(line!)
  code.get(pieces!).get(threads!).get(victim!).call(splitAt).set(start!)
  code.get(pieces!).get(threads!).get(victim!).i32Const(1).op(ADD).call(splitAt).get(start!).op(0x6b).set(size!)
  atomicLoad(code.get(line!), SYNC.taken).get(size!).op(0x48).op(IF).op(VOID)
  atomicAdd(code.get(line!).i32Const(1), SYNC.taken).tee(piece!)
  code.get(size!).op(0x48).op(IF).op(VOID).get(start!).get(piece!).op(ADD).op(0x0f).op(END).op(END)
  code.get(victim!).i32Const(1).op(ADD).tee(victim!).get(threads!).op(EQ).op(IF).op(VOID).i32Const(0).set(victim!).op(END)
  code.get(left!).i32Const(1).op(0x6b).tee(left!).op(0x0d).u32(0).op(END)
  code.i32Const(-1)
  return { params: [I32, I32, I32, I32], results: [I32], locals: [I32, I32, I32, I32, I32, I32], code }
}
