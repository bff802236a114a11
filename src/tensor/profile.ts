// profile: runs a function and says where its time went, kernel by kernel, beside what the machine could do.
import { TransformError } from '../base/index.ts'
import { backend } from './devices.ts'
import { realize } from './realize.ts'
import { type Recorder, recorder, setRecorder } from './recorder.ts'
import { leavesOf } from './trees.ts'

/** All calls of one kernel. */
export interface KernelProfile {
  /** The ops it was made from, as `gemm_64x128x784` or `add_reduceMax`; on the reference device one op. */
  readonly name: string
  readonly calls: number
  /** All calls together, and the fastest of them: what the kernel takes when nothing else is in the way. */
  readonly ms: number
  readonly bestMs: number
  /** 10⁹ arithmetic operations a second; 0 where the operations are not known. */
  readonly gflops: number
  /** 10⁹ bytes a second, every operand counted once; 0 where not known. */
  readonly gbps: number
  /** Of the whole time, 0 … 1. */
  readonly share: number
}
export interface Profile {
  /** The longest first. */
  readonly kernels: readonly KernelProfile[]
  /** From the first line of the function to its last value. */
  readonly totalMs: number
  /** Spent compiling. */
  readonly compileMs: number
  /** The largest arena (memory of intermediate values) of a program that ran. */
  readonly arenaBytes: number
  /** What the device reached on this machine at most; null on the reference device. */
  readonly peak: { readonly gflops: number; readonly gbps: number } | null
  /** Kernels, programs, compilation and the JavaScript between, for chrome://tracing or ui.perfetto.dev. */
  chromeTrace(): string
}

interface Span {
  readonly row: 'kernels' | 'programs' | 'JavaScript'
  readonly name: string
  readonly start: number
  readonly end: number
}
interface Sum {
  readonly name: string
  readonly flops: number
  readonly bytes: number
  calls: number
  ms: number
  bestMs: number
}
/** Spans kept for the trace. */
const SPANS = 200_000

class Recording implements Recorder {
  readonly sums = new Map<string, Sum>()
  readonly spans: Span[] = []
  /** What is no JavaScript, in order. */
  readonly busy: Span[] = []
  compileMs = 0
  arenaBytes = 0

  work({ name, flops, bytes }: { readonly name: string; readonly flops: number; readonly bytes: number }, start: number, end: number, calls: number): void {
    const key = `${name}|${flops}|${bytes}`
    let sum = this.sums.get(key)
    if (sum === undefined) this.sums.set(key, (sum = { name, flops, bytes, calls: 0, ms: 0, bestMs: Number.POSITIVE_INFINITY }))
    sum.calls += calls
    sum.ms += end - start
    sum.bestMs = Math.min(sum.bestMs, (end - start) / calls)
    if (this.spans.length < SPANS) this.spans.push({ row: 'kernels', name, start, end })
  }
  compiled(start: number, end: number, kernels: number): void {
    this.compileMs += end - start
    this.busy.push({ row: 'programs', name: `compile ${kernels} kernels`, start, end })
  }
  ran(start: number, end: number, arenaBytes: number): void {
    this.arenaBytes = Math.max(this.arenaBytes, arenaBytes)
    this.busy.push({ row: 'programs', name: 'run', start, end })
  }
}

/**
 * Runs `fn` (awaited when it is async; pending tensors it returns are computed) and says where its time went. Kernels are
 * timed on the calling thread, waiting for the others included; on webgpu by the card's own clock where it can be asked.
 * Compilation shows as well, so call what you want to measure once before.
 * @throws TransformError inside another profile.
 *
 * @example
 * ```ts
 * import { ones, profile } from 'gradus'
 *
 * const x = ones([64, 64])
 * const { kernels, totalMs } = await profile(() => x.matmul(x).exp())
 * kernels.length > 0 && totalMs > 0 // → true
 * ```
 */
export async function profile(fn: () => unknown): Promise<Profile> {
  if (recorder() !== null) throw new TransformError('profile', 'a profile is being made already', { remedy: 'Await the first one.' })
  const recording = new Recording()
  let begin = 0
  let totalMs = 0
  setRecorder(recording)
  try {
    begin = performance.now()
    const result = await fn()
    const pending = leavesOf(result).leaves.filter((t) => t.node.storage === null)
    if (pending.length > 0) realize(backend(), pending.map((t) => t.node))
    await backend().settle?.()
    totalMs = performance.now() - begin
  } finally {
    setRecorder(null)
  }
  const kernels = [...recording.sums.values()].map(({ name, flops, bytes, calls, ms, bestMs }): KernelProfile => ({
    name, calls, ms, bestMs, gflops: ms > 0 ? (flops * calls) / ms / 1e6 : 0, gbps: ms > 0 ? (bytes * calls) / ms / 1e6 : 0, share: totalMs > 0 ? ms / totalMs : 0,
  })).sort((a, b) => b.ms - a.ms)
  const { compileMs, arenaBytes } = recording
  return { kernels, totalMs, compileMs, arenaBytes, peak: await backend().peak(), chromeTrace: () => chromeTrace(recording, begin, totalMs) }
}

/** The trace event format: complete events (X), times in µs, one row ("thread") for each kind. */
function chromeTrace({ spans, busy }: Recording, begin: number, totalMs: number): string {
  const between: Span[] = []
  let at = begin
  for (const { start, end } of busy) {
    if (start > at) between.push({ row: 'JavaScript', name: 'JavaScript', start: at, end: start })
    at = Math.max(at, end)
  }
  if (begin + totalMs > at) between.push({ row: 'JavaScript', name: 'JavaScript', start: at, end: begin + totalMs })
  const rows = ['JavaScript', 'programs', 'kernels'] as const
  const names = rows.map((name, tid) => ({ ph: 'M', name: 'thread_name', pid: 1, tid, args: { name } }))
  const events = [...between, ...busy, ...spans].sort((a, b) => a.start - b.start).map(({ row, name, start, end }) => ({
    ph: 'X', name, cat: row, pid: 1, tid: rows.indexOf(row), ts: (start - begin) * 1000, dur: (end - start) * 1000,
  }))
  return JSON.stringify({ traceEvents: [...names, ...events], displayTimeUnit: 'ms' })
}
