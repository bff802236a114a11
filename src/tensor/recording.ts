// What a profile writes down while a function runs, and the tables and the trace made of it afterwards.
// Imports types alone: it is loaded on use (late.ts), so that pages which do not profile have nothing of it.
import type { Recorder } from './recorder.ts'

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

export class Recording implements Recorder {
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

/** The longest first. */
export function kernelProfiles({ sums }: Recording, totalMs: number): KernelProfile[] {
  return [...sums.values()].map(({ name, flops, bytes, calls, ms, bestMs }): KernelProfile => ({
    name, calls, ms, bestMs, gflops: ms > 0 ? (flops * calls) / ms / 1e6 : 0, gbps: ms > 0 ? (bytes * calls) / ms / 1e6 : 0, share: totalMs > 0 ? ms / totalMs : 0,
  })).sort((a, b) => b.ms - a.ms)
}

/** The trace event format: complete events (X), times in µs, one row ("thread") for each kind. */
export function chromeTrace({ spans, busy }: Recording, begin: number, totalMs: number): string {
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
