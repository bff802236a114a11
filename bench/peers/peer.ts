// What a contender is: it loads a row, shows numbers for the comparison, and runs it once per call.
import type { TimedTask } from '../tasks.ts'

export interface Loaded {
  /** Losses of the first steps, or values of the output at the places of `sampled`. */
  readonly check: readonly number[]
  /** Once through; a promise only where the framework gives no other way. */
  readonly run: () => void | Promise<void>
  readonly dispose?: () => void
  /** Figures beside the time: compile time, memory. */
  readonly notes?: Readonly<Record<string, number>>
}
export interface Peer {
  versions(): Promise<Readonly<Record<string, string>>>
  /** @throws Error with the reason where the framework cannot do it. */
  load(task: TimedTask, path: string): Promise<Loaded>
}
