// When a number and its independent check are the same number.

export interface Check {
  /** Computes the number a second time, by another way. */
  readonly check: () => number | Promise<number>
  /** How far apart the two may be; default 1e-6. It is relative to the number where that is larger than `floor`, else to `floor`. */
  readonly tolerance?: number
  /** Default 1. Less than that where small numbers matter: a product of slopes is not right because it is nearly 0. */
  readonly floor?: number
}
export const agrees = (value: number, second: number, { tolerance = 1e-6, floor = 1 }: Omit<Check, 'check'> = {}): boolean => Math.abs(second - value) <= tolerance * Math.max(floor, Math.abs(value))
