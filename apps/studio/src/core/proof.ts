// When a number and its independent check are the same number.

/** How far apart they may be, relative to 1 or to the number where that is larger. */
export const TOLERANCE = 1e-6
export const agrees = (value: number, second: number, tolerance = TOLERANCE): boolean => Math.abs(second - value) <= tolerance * Math.max(1, Math.abs(value))
