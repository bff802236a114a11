// Values between nodes: arrays with their ONNX type (on the host, as a tensor, or both), sequences, optionals.
import { type Shape, ValueError, sameShape, showShape, sizeOf } from '../../base/index.ts'
import { type Tensor, readNow, tensor as makeTensor } from '../../tensor/index.ts'
import { type ElementType, type HostData, TYPES, roundToBfloat, roundToHalf } from './element-type.ts'

export interface ArrayValue {
  readonly kind: 'array'
  readonly type: ElementType
  readonly shape: Shape
  /** Numbers known now; exact. */
  host: HostData | null
  tensor: Tensor | null
  /** Of int64 values that were computed where they cannot be read: the upper 32 bits; `tensor` is the lower ones (words.ts). */
  readonly high: Tensor | null
}
export interface SequenceValue {
  readonly kind: 'sequence'
  readonly items: readonly Value[]
}
export interface OptionalValue {
  readonly kind: 'optional'
  readonly value: Value | null
}
export type Value = ArrayValue | SequenceValue | OptionalValue

export const hostValue = (type: ElementType, shape: Shape, host: HostData): ArrayValue => ({ kind: 'array', type, shape, host, tensor: null, high: null })
export const tensorValue = (type: ElementType, tensor: Tensor): ArrayValue => {
  const { dtype } = TYPES[type]
  return { kind: 'array', type, shape: tensor.shape, host: null, tensor: dtype === null || tensor.dtype === dtype ? tensor : tensor.to(dtype), high: null }
}
/** Whole numbers as int64. */
export const int64s = (values: readonly number[], shape: Shape = [values.length]): ArrayValue => hostValue('int64', shape, BigInt64Array.from(values, BigInt))
export const scalarBool = (value: boolean): ArrayValue => hostValue('bool', [], Uint8Array.of(value ? 1 : 0))

/** Numbers stored as a type stores them: integers wrap, floats round. */
export function store(type: ElementType, shape: Shape, values: ArrayLike<number | bigint>): ArrayValue {
  const { allocate, big, kind } = TYPES[type]
  const data = allocate(values.length)
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!
    if (big) (data as BigInt64Array)[i] = typeof v === 'bigint' ? v : BigInt(Math.trunc(v))
    else if (kind === 'bool') (data as Uint8Array)[i] = Number(v) !== 0 ? 1 : 0
    else if (type === 'float16') (data as Float32Array)[i] = roundToHalf(Number(v))
    else if (type === 'bfloat16') (data as Float32Array)[i] = roundToBfloat(Number(v))
    else if (type === 'int4') (data as Int8Array)[i] = (Number(v) << 28) >> 28
    else if (type === 'uint4') (data as Uint8Array)[i] = Number(v) & 15
    else (data as Float32Array)[i] = typeof v === 'bigint' ? Number(kind === 'int' ? v & 0xffffffffn : v) : kind === 'int' ? wrap(v) : v
  }
  return hostValue(type, shape, data)
}
/** A whole number beyond 2³² to the 32 bits that typed arrays then cut further; exact up to 2⁵³. */
const wrap = (v: number): number => (Number.isFinite(v) ? Math.trunc(v) % 4294967296 : 0)

/** The value as a tensor; 64-bit integers must fit, and those of two words have operators of their own. */
export function tensorOf(v: ArrayValue): Tensor {
  if (v.high !== null) {
    throw new ValueError('onnx', 'the operator cannot take 64-bit integers that are computed where they cannot be read', {
      remedy: 'Call the model outside of jit, grad and vmap, on a device other than webgpu; or Cast to int32 or float before it, where the numbers allow it.',
    })
  }
  if (v.tensor !== null) return v.tensor
  const { dtype, big } = TYPES[v.type]
  if (dtype === null) throw new ValueError('onnx', `${v.type} values cannot be computed with on a device`, { expected: 'numbers', received: `${v.type}${showShape(v.shape)}` })
  const host = v.host!
  if (big) {
    const limit = dtype === 'int32' ? 2147483647n : 9007199254740992n
    for (const x of host as BigInt64Array) {
      if (x > limit || x < -limit - 1n) throw new ValueError('onnx', `a 64-bit integer does not fit`, { expected: dtype === 'int32' ? '−2³¹ … 2³¹ − 1' : 'up to 2⁵³', received: String(x) })
    }
  }
  const source = host as ArrayLike<number | bigint>
  const data = dtype === 'float32' ? (host as Float32Array) : dtype === 'float64' ? Float64Array.from(source, Number) : dtype === 'int32' ? Int32Array.from(source, Number) : (host as Uint8Array)
  v.tensor = makeTensor(data, { shape: v.shape, dtype })
  return v.tensor
}

/** The numbers, read now if they are on a device. Values inside jit or vmap have none: an error that says so. */
export function hostOf(v: ArrayValue): HostData {
  if (v.host === null) {
    hostRoom(sizeOf(v.shape))
    const low = readNow(v.tensor!)
    v.host = v.high === null ? store(v.type, v.shape, low).host : joined(low as Int32Array, readNow(v.high) as Int32Array)
  }
  return v.host!
}
const joined = (low: Int32Array, high: Int32Array): BigInt64Array => BigInt64Array.from(low, (x, i) => (BigInt(high[i]!) << 32n) | BigInt(x >>> 0))
/** The elements as plain numbers (64-bit integers lose what lies beyond 2⁵³). */
export function numbersOf(v: ArrayValue): number[] {
  hostRoom(sizeOf(v.shape))
  return Array.from(hostOf(v) as ArrayLike<number | bigint>, Number)
}
export function stringsOf(v: ArrayValue): string[] {
  if (v.type !== 'string') throw new ValueError('onnx', 'another type', { expected: 'strings', received: `${v.type}${showShape(v.shape)}` })
  return hostOf(v) as string[]
}

/** Elements chosen by position, whatever their type. */
export function pick(v: ArrayValue, shape: Shape, positions: ArrayLike<number>): ArrayValue {
  const source = hostOf(v) as ArrayLike<number>
  const data = TYPES[v.type].allocate(positions.length) as { [i: number]: unknown }
  for (let i = 0; i < positions.length; i++) data[i] = source[positions[i]!]
  return hostValue(v.type, shape, data as unknown as HostData)
}
export function reshaped(v: ArrayValue, shape: Shape): ArrayValue {
  if (sameShape(v.shape, shape)) return v
  if (sizeOf(shape) !== sizeOf(v.shape)) throw new ValueError('onnx', 'number of elements differs', { expected: `${sizeOf(v.shape)} elements, as ${showShape(v.shape)} has`, received: showShape(shape) })
  return { kind: 'array', type: v.type, shape, host: v.host, tensor: v.tensor === null ? null : v.tensor.reshape(shape), high: v.high === null ? null : v.high.reshape(shape) }
}
/** Numbers up to this many are computed on the host: floats, integers. */
const [FEW_FLOATS, FEW_INTEGERS] = [256, 4096]
/** Elements that an operator may make on the host, where each costs much more than on a device. */
export const MAX_HOST = 2 ** 24
/** The number of elements an operator is about to make on the host; refuses what no model needs. */
export function hostRoom(count: number): number {
  if (!(Number.isInteger(count) && count >= 0 && count <= MAX_HOST)) throw new ValueError('onnx', 'too many elements on the host', { expected: `0 … ${MAX_HOST}`, received: String(count) })
  return count
}
/** Small enough to be computed on the host, where it is exact and free; 64-bit integers that are known always are. */
export function isHost(v: ArrayValue): boolean {
  if (v.host === null) return false
  const { dtype, big, kind } = TYPES[v.type]
  return dtype === null || big || sizeOf(v.shape) <= (kind === 'float' ? FEW_FLOATS : FEW_INTEGERS)
}
