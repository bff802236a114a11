// Element types: their storage, their order of promotion, their ranges.
import { DTypeError } from './errors.ts'
import { describeValue } from './expect.ts'

export type DType = 'float32' | 'float64' | 'int32' | 'uint8' | 'bool'
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array

interface DTypeInfo {
  readonly bytes: number
  readonly rank: number
  readonly kind: 'float' | 'int' | 'bool'
  readonly array: new (lengthOrBuffer: number | ArrayBufferLike, offset?: number, length?: number) => TypedArray
}

const INFO: Record<DType, DTypeInfo> = {
  bool: { bytes: 1, rank: 0, kind: 'bool', array: Uint8Array as never },
  uint8: { bytes: 1, rank: 1, kind: 'int', array: Uint8Array as never },
  int32: { bytes: 4, rank: 2, kind: 'int', array: Int32Array as never },
  float32: { bytes: 4, rank: 3, kind: 'float', array: Float32Array as never },
  float64: { bytes: 8, rank: 4, kind: 'float', array: Float64Array as never },
}

export const isDType = (name: unknown): name is DType => typeof name === 'string' && Object.hasOwn(INFO, name)
export function checkDType(operation: string, name: unknown): void {
  if (!isDType(name)) throw new DTypeError(operation, 'unknown type', { expected: 'float32, float64, int32, uint8 or bool', received: typeof name === 'string' ? name : describeValue(name) })
}
export const byteSize = (dtype: DType): number => INFO[dtype].bytes
export const isFloat = (dtype: DType): boolean => INFO[dtype].kind === 'float'
export const isInteger = (dtype: DType): boolean => INFO[dtype].kind === 'int'

/** A zeroed typed array of `length` elements (bool is stored as 0/1 bytes). */
export const allocate = (dtype: DType, length: number): TypedArray => new INFO[dtype].array(length)
/** A view of `length` elements of `buffer` from byte `offset`. */
export const viewOf = (dtype: DType, buffer: ArrayBufferLike, offset: number, length: number): TypedArray =>
  new INFO[dtype].array(buffer, offset, length)

/** The smallest type that holds both, in the order bool < uint8 < int32 < float32 < float64. */
export const promote = (a: DType, b: DType): DType => (INFO[a].rank >= INFO[b].rank ? a : b)
/** The floating type an operation such as exp or true division computes in. */
export const toFloat = (dtype: DType): DType => (isFloat(dtype) ? dtype : 'float32')

/** The type of a typed array's elements. */
export function dtypeOf(data: TypedArray): DType {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof Float64Array) return 'float64'
  if (data instanceof Int32Array) return 'int32'
  if (data instanceof Uint8Array) return 'uint8'
  throw new DTypeError('tensor', 'unknown kind of typed array', {
    expected: 'Float32Array, Float64Array, Int32Array or Uint8Array',
    received: (data as object)?.constructor?.name ?? typeof data,
  })
}

/** The most negative / most positive value: the neutral elements of max and min. */
export function lowest(dtype: DType): number {
  return isFloat(dtype) ? -Infinity : dtype === 'int32' ? -2147483648 : 0
}
export function highest(dtype: DType): number {
  return isFloat(dtype) ? Infinity : dtype === 'int32' ? 2147483647 : dtype === 'uint8' ? 255 : 1
}

/** A JavaScript number as this type stores it: wrapped, truncated or rounded. */
export function coerce(dtype: DType, value: number): number {
  switch (dtype) {
    case 'float64': return value
    case 'float32': return Math.fround(value)
    case 'int32': return value | 0
    case 'uint8': return value & 255
    case 'bool': return value !== 0 ? 1 : 0
  }
}
