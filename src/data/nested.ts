// Nested lists of numbers as one typed array.
import { type NDArray, ShapeError, ValueError } from '../base/index.ts'

/** Numbers in nested arrays. */
export type Values = number | readonly Values[]

/** The array they make. @throws ShapeError when rows differ in length; ValueError for classes that are no whole numbers. */
export function nested(operation: string, name: string, values: Values, dtype: 'float32' | 'int32'): NDArray {
  const shape: number[] = []
  for (let v: Values | undefined = values; Array.isArray(v); v = v[0]) shape.push(v.length)
  const flat: number[] = []
  const walk = (v: Values, depth: number): void => {
    if (Array.isArray(v) !== depth < shape.length || (Array.isArray(v) && v.length !== shape[depth])) {
      throw new ShapeError(operation, `the ${name} are ragged`, { expected: `${shape[depth] ?? 'one number'} at depth ${depth}`, received: Array.isArray(v) ? `${v.length} values` : `the number ${String(v)}` })
    }
    if (!Array.isArray(v)) {
      if (dtype === 'int32' && !Number.isInteger(v)) throw new ValueError(operation, 'a label is no whole number', { received: String(v) })
      flat.push(v as number)
    } else for (const item of v) walk(item, depth + 1)
  }
  walk(values, 0)
  return { dtype, shape, data: dtype === 'int32' ? Int32Array.from(flat) : Float32Array.from(flat) }
}
