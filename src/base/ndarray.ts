// A dense row-major array on the JavaScript side: what the reference device computes with, what reading a tensor gives.
import { type DType, type TypedArray, allocate, coerce } from './dtype.ts'
import { type Shape, sizeOf } from './shape.ts'

export interface NDArray {
  readonly dtype: DType
  readonly shape: Shape
  readonly data: TypedArray
}

export const ndarray = (dtype: DType, shape: Shape, data: TypedArray = allocate(dtype, sizeOf(shape))): NDArray => ({ dtype, shape, data })

/** Fills a new array by calling `at` with every flat index; values are stored as the type stores them. */
export function tabulate(dtype: DType, shape: Shape, at: (flat: number) => number): NDArray {
  const n = sizeOf(shape)
  const data = allocate(dtype, n)
  const isBool = dtype === 'bool'
  for (let i = 0; i < n; i++) data[i] = isBool ? coerce('bool', at(i)) : at(i)
  return { dtype, shape, data }
}

/** Calls `visit` with the coordinates of every element in row-major order (one array, reused). */
export function forEachIndex(shape: Shape, visit: (index: number[], flat: number) => void): void {
  const n = sizeOf(shape)
  const index = new Array<number>(shape.length).fill(0)
  for (let flat = 0; flat < n; flat++) {
    visit(index, flat)
    for (let a = shape.length - 1; a >= 0; a--) {
      if (++index[a]! < shape[a]!) break
      index[a] = 0
    }
  }
}

/** Nested JavaScript arrays of numbers (booleans for bool); a bare value for a scalar. */
export type Nested = number | boolean | Nested[]

export function toNested({ dtype, shape, data }: NDArray): Nested {
  const value = (i: number): number | boolean => (dtype === 'bool' ? data[i] !== 0 : data[i]!)
  if (shape.length === 0) return value(0)
  let at = 0
  const build = (axis: number): Nested[] => {
    const out: Nested[] = []
    for (let i = 0; i < shape[axis]!; i++) out.push(axis === shape.length - 1 ? value(at++) : build(axis + 1))
    return out
  }
  return build(0)
}
