// Checks that layers, losses and optimisers share: sizes, ranges, shapes.
import { argumentOf, listOf } from '../base/index.ts'
import { type Shape, ShapeError, type Tensor, tensor, tensorOf } from '../tensor/index.ts'

/** Refuses an input that is no tensor, or whose shape a layer does not take. */
export function requireShape(operation: string, x: Tensor, fits: () => boolean, expected: string, remedy?: string): void {
  tensorOf(operation, x)
  if (!fits()) throw new ShapeError(operation, 'the input does not fit', { expected, received: `[${x.shape}]`, remedy })
}
/** Refuses a size that is no whole number from 1. */
export const requireSize = (operation: string, name: string, value: number): unknown => argumentOf(operation, Number.isInteger(value) && value >= 1, name, 'a whole number ≥ 1', value)
/** Refuses all but some words. */
export const oneOf = (operation: string, name: string, value: string, ...words: readonly string[]): unknown => argumentOf(operation, words.includes(value), name, `one of ${words.join(', ')}`, value)
/** Refuses a number outside [low, high] (or [low, high) with `open`); NaN is outside. */
export function requireRange(operation: string, name: string, value: number, low: number, high = Infinity, open = false): void {
  const wanted = high === Infinity ? `a finite number ≥ ${low}` : `a number from ${low} ${open ? 'to below' : 'to'} ${high}`
  argumentOf(operation, value >= low && (open ? value < high : value <= high) && Number.isFinite(value), name, wanted, value)
}
/** One size or a list of them (`count` of them, or one for all), not empty; null, where `open`, for an axis that stays. */
export function sizesOf<S extends number | null>(operation: string, name: string, sizes: number | readonly S[], count = 0, open = false): readonly (S | number)[] {
  const wanted = `a number, or ${count || 'a list'} of them`
  const list = typeof sizes === 'number' ? new Array<number>(count || 1).fill(sizes) : listOf(operation, name, sizes, wanted)
  argumentOf(operation, count === 0 ? list.length > 0 : list.length === count, name, wanted, list)
  for (const size of list) if (!open || size !== null) requireSize(operation, name, size!)
  return list
}
/** Lengths of sequences, a vector of whole numbers (`count` of them); the numbers of a list are checked. */
export function lengthsOf(operation: string, name: string, given: Tensor | readonly number[], [least, most]: readonly [number, number], count?: number): Tensor {
  const wanted = `${count ?? 'a list of'} whole numbers from ${least} to ${most}`
  const list = Array.isArray(given) ? (given as readonly number[]) : null
  argumentOf(operation, list === null || list.every((n) => Number.isInteger(n) && n >= least && n <= most), name, wanted, given)
  const lengths = tensorOf(operation, list === null ? (given as Tensor) : tensor(Int32Array.from(list)))
  argumentOf(operation, lengths.ndim === 1 && lengths.size === (count ?? lengths.size), name, wanted, lengths)
  return lengths
}
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i])
