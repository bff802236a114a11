// Making tensors from numbers.
import { type DType, DTypeError, type Nested, type Shape, ShapeError, type TypedArray, ValueError, allocate, argumentOf, checkDType, checkShape, coerce, dtypeOf, optionsOf, showShape, sizeOf } from '../base/index.ts'
import { emit as e } from '../ir/index.ts'
import { Tensor, fromData, tensorOf } from './tensor.ts'

export interface TensorOptions {
  readonly dtype?: DType
  readonly shape?: Shape
}

/**
 * A tensor from a number, nested arrays or a typed array (copied). Numbers become float32, booleans bool, typed arrays
 * keep their type; `dtype` converts, `shape` reshapes. A type's name alone may stand for the options.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 *
 * tensor([3, 4], 'int32').dtype // → 'int32'
 * tensor(Float32Array.of(1, 2, 3, 4), { shape: [2, 2] }).shape // → [2, 2]
 * ```
 */
export function tensor(values: Nested | readonly (Nested | readonly number[])[] | TypedArray | Tensor, given: TensorOptions | DType = {}): Tensor {
  const options: TensorOptions = typeof given === 'string' ? { dtype: given } : optionsOf('tensor', given)
  if (options.dtype !== undefined) checkDType('tensor', options.dtype)
  if (values instanceof Tensor) return options.dtype === undefined ? values : values.to(options.dtype)
  if (ArrayBuffer.isView(values)) {
    const source = dtypeOf(values as TypedArray)
    const dtype = options.dtype ?? source
    const data = dtype === source ? (values as TypedArray).slice() : convert(values as TypedArray, dtype)
    return fromData(dtype, fit(options.shape ?? [data.length], data.length), data)
  }
  const shape: number[] = []
  for (let v: unknown = values; Array.isArray(v); v = v[0]) shape.push(v.length)
  const flat: number[] = []
  let logical = true
  const walk = (v: unknown, depth: number): void => {
    if (Array.isArray(v)) {
      if (v.length !== shape[depth]) throw new ShapeError('tensor', 'ragged nested arrays', { expected: shape[depth] === undefined ? `a number at depth ${depth}` : `lists of ${shape[depth]} at depth ${depth}`, received: `a list of ${v.length}` })
      for (const item of v) walk(item, depth + 1)
      return
    }
    if (depth !== shape.length) throw new ShapeError('tensor', 'ragged nested arrays', { expected: `lists down to depth ${shape.length}`, received: `a value at depth ${depth}` })
    if (typeof v === 'number') logical = false
    else if (typeof v !== 'boolean') throw new DTypeError('tensor', 'not a number', { expected: 'numbers or booleans', received: v === null ? 'null' : typeof v })
    flat.push(Number(v))
  }
  walk(values, 0)
  const dtype = options.dtype ?? (logical && flat.length > 0 ? 'bool' : 'float32')
  const data = allocate(dtype, flat.length)
  flat.forEach((v, i) => (data[i] = coerce(dtype, v)))
  return fromData(dtype, fit(options.shape ?? shape, flat.length), data)
}

function convert(values: TypedArray, dtype: DType): TypedArray {
  const data = allocate(dtype, values.length)
  for (let i = 0; i < values.length; i++) data[i] = coerce(dtype, values[i]!)
  return data
}
function fit(shape: Shape, length: number): Shape {
  checkShape('tensor', shape)
  if (sizeOf(shape) !== length) throw new ShapeError('tensor', 'shape does not fit the data', { expected: `${length} elements`, received: showShape(shape) })
  return [...shape]
}

function filled(operation: string, shape: Shape, value: number, dtype: DType): Tensor {
  checkShape(operation, shape)
  checkDType(operation, dtype)
  argumentOf(operation, typeof value === 'number' || typeof value === 'boolean', 'value', 'a number', value)
  return new Tensor(e.full(coerce(dtype, value), shape, dtype))
}
const like = (operation: string, x: Tensor, value: number): Tensor => filled(operation, tensorOf(operation, x).shape, value, x.dtype)

export const full = (shape: Shape, value: number, dtype: DType = 'float32'): Tensor => filled('full', shape, value, dtype)
export const zeros = (shape: Shape, dtype: DType = 'float32'): Tensor => filled('zeros', shape, 0, dtype)
export const ones = (shape: Shape, dtype: DType = 'float32'): Tensor => filled('ones', shape, 1, dtype)
export const fullLike = (x: Tensor, value: number): Tensor => like('fullLike', x, value)
export const zerosLike = (x: Tensor): Tensor => like('zerosLike', x, 0)
export const onesLike = (x: Tensor): Tensor => like('onesLike', x, 1)

/** start, start + step, … below stop; one argument counts from 0. int32 where all are whole numbers, else float32. */
export function arange(start: number, stop?: number, step = 1, dtype?: DType): Tensor {
  const [a, b] = stop === undefined ? [0, start] : [start, stop]
  if (!(step !== 0) || ![a, b, step].every(Number.isFinite)) throw new ValueError('arange', 'bad range', { expected: 'finite numbers and a step other than 0', received: `${a}, ${b}, ${step}` })
  if (dtype !== undefined) checkDType('arange', dtype)
  const n = Math.max(0, Math.ceil((b - a) / step))
  checkShape('arange', [n])
  const type = dtype ?? ([a, b, step].every(Number.isInteger) ? 'int32' : 'float32')
  const data = allocate(type, n)
  for (let i = 0; i < n; i++) data[i] = coerce(type, a + i * step)
  return fromData(type, [n], data)
}
/** `count` numbers from start to stop, both included. */
export function linspace(start: number, stop: number, count: number, dtype: 'float32' | 'float64' = 'float32'): Tensor {
  checkShape('linspace', [count])
  const data = allocate(dtype, count)
  for (let i = 0; i < count; i++) data[i] = count === 1 ? start : start + ((stop - start) * i) / (count - 1)
  return fromData(dtype, [count], data)
}
/** Ones on the diagonal. */
export function eye(rows: number, columns: number = rows, dtype: DType = 'float32'): Tensor {
  checkShape('eye', [rows, columns])
  checkDType('eye', dtype)
  const shape = [rows, columns]
  return new Tensor(e.cast(e.eq(e.positions(shape, 0, 'int32'), e.positions(shape, 1, 'int32')), dtype))
}
