// Shapes: sizes, row-major strides, broadcasting, axes.
import { ShapeError, ValueError } from './errors.ts'
import { describeValue, listOf } from './expect.ts'

export type Shape = readonly number[]

/** Number of elements; 1 for a scalar, 0 when any axis is empty. */
export function sizeOf(shape: Shape): number {
  let n = 1
  for (const d of shape) n *= d
  return n
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const out = new Array<number>(shape.length)
  let s = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    out[i] = s
    s *= shape[i]!
  }
  return out
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

export const showShape = (shape: Shape): string => `[${shape.join(',')}]`

/** The NumPy broadcast of two or more shapes. */
export function broadcastShapes(operation: string, ...shapes: Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length))
  const out = new Array<number>(rank).fill(1)
  for (const s of shapes) {
    for (let i = 0; i < s.length; i++) {
      const at = rank - s.length + i
      const d = s[i]!
      if (d === out[at] || d === 1) continue
      if (out[at] !== 1) {
        throw new ShapeError(operation, 'shapes do not broadcast', {
          expected: 'equal sizes or 1 on every trailing axis',
          received: shapes.map(showShape).join(' and '),
          remedy: 'Reshape or expand one of them.',
        })
      }
      out[at] = d
    }
  }
  return out
}

/** An axis counted from either end, as an index 0 … rank−1. */
export function normalizeAxis(operation: string, axis: number, rank: number): number {
  const a = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(axis) || a < 0 || a >= rank) {
    throw new ValueError(operation, 'axis out of range', {
      expected: rank === 0 ? 'no axis (the tensor is a scalar)' : `an integer from ${-rank} to ${rank - 1}`,
      received: String(axis),
    })
  }
  return a
}

/** One axis, several, or (undefined) all; sorted, without repeats. */
export function normalizeAxes(operation: string, axes: number | readonly number[] | undefined | null, rank: number): number[] {
  if (axes === undefined || axes === null) return Array.from({ length: rank }, (_, i) => i)
  const list = (typeof axes === 'number' ? [axes] : listOf(operation, 'axes', axes)).map((a) => normalizeAxis(operation, a, rank))
  const seen = new Set(list)
  if (seen.size !== list.length) {
    throw new ValueError(operation, 'an axis is named twice', { expected: 'distinct axes', received: `[${String(axes)}]` })
  }
  return list.sort((a, b) => a - b)
}

/** Refuses a shape that is not a list of non-negative integers. */
export function checkShape(operation: string, shape: Shape): void {
  if (!Array.isArray(shape)) throw new ShapeError(operation, 'bad shape', { expected: 'a list of sizes', received: describeValue(shape), remedy: 'Write [n] for a vector, [] for a scalar.' })
  for (const d of shape) {
    if (!Number.isSafeInteger(d) || d < 0) {
      throw new ShapeError(operation, 'bad shape', { expected: 'non-negative integers', received: showShape(shape) })
    }
  }
  if (!(sizeOf(shape) <= 2 ** 31 - 1)) {
    throw new ShapeError(operation, 'too many elements', { expected: 'at most 2147483647', received: showShape(shape) })
  }
}
