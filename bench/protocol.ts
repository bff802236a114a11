// What the bench and its contenders say to each other.
import type { TimedTask } from './tasks.ts'

export type Command =
  | { readonly do: 'versions' }
  /** `threads` and `compiled` are for Python, where one process serves several settings. */
  | { readonly do: 'load'; readonly task: TimedTask; readonly path: string; readonly threads?: number; readonly compiled?: boolean }
  | { readonly do: 'time'; readonly ms: number }
  | { readonly do: 'memory' }
export interface Timed {
  /** Median time of one run in this turn, wall clock, ms. */
  readonly ms: number
  /** CPU time of one run, of all threads, ms. */
  readonly cpuMs: number
  readonly runs: number
}
export interface LoadAnswer {
  readonly check: readonly number[]
  readonly notes: Readonly<Record<string, number>>
}
export interface Failed {
  readonly error: string
}
