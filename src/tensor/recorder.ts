// Who listens while programs are compiled and run: nobody, or the profile that is being made.

/** A kernel, or on the reference device an op. */
export interface TimedWork {
  readonly name: string
  /** Arithmetic operations and bytes moved by one call; 0: not known. */
  readonly flops: number
  readonly bytes: number
}
/** Times are milliseconds on the scale of performance.now(). */
export interface Recorder {
  /** `calls` calls, one after the other, from `start` to `end`. */
  work(work: TimedWork, start: number, end: number, calls: number): void
  compiled(start: number, end: number, kernels: number): void
  ran(start: number, end: number, arenaBytes: number): void
}

let current: Recorder | null = null
export const recorder = (): Recorder | null => current
export function setRecorder(next: Recorder | null): void {
  current = next
}
