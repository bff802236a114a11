// Checks that layers, losses and optimisers share: sizes, ranges, shapes.
import { type Shape, ShapeError, type Tensor, ValueError } from '../tensor/index.ts'

/** Refuses an input whose shape a layer does not take. */
export function requireShape(operation: string, x: Tensor, fits: boolean, expected: string, remedy?: string): void {
  if (!fits) throw new ShapeError(operation, 'the input does not fit', { expected, received: `[${x.shape}]`, ...(remedy === undefined ? {} : { remedy }) })
}
/** Refuses a size that is no whole number from 1. */
export function requireSize(operation: string, name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) throw new ValueError(operation, `bad ${name}`, { expected: 'a whole number ≥ 1', received: String(value) })
}
/** Refuses a number outside [low, high] (or [low, high) with `open`); NaN is outside. */
export function requireRange(operation: string, name: string, value: number, low: number, high = Infinity, open = false): void {
  if (value >= low && (open ? value < high : value <= high) && Number.isFinite(value)) return
  const expected = high === Infinity ? `a finite number ≥ ${low}` : `a number from ${low} ${open ? 'to below' : 'to'} ${high}`
  throw new ValueError(operation, `bad ${name}`, { expected, received: String(value) })
}
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i])
