// ONNX element types: their codes, how host arrays hold them, which Gradus type carries them on a device.
import type { DType } from '../../base/index.ts'

export type ElementType =
  | 'float32' | 'uint8' | 'int8' | 'uint16' | 'int16' | 'int32' | 'int64' | 'string' | 'bool' | 'float16' | 'float64'
  | 'uint32' | 'uint64' | 'bfloat16' | 'uint4' | 'int4'

export type HostData = Float32Array | Float64Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | BigInt64Array | BigUint64Array | string[]

export interface TypeInfo {
  readonly code: number
  /** Bytes of one element in raw data; 0: not stored raw; 0.5: two in a byte. */
  readonly bytes: number
  readonly kind: 'float' | 'int' | 'bool' | 'string'
  /** What carries it on a device; null: it stays on the host. */
  readonly dtype: DType | null
  /** Whether 64-bit integers hold it on the host. */
  readonly big: boolean
  readonly low: number
  readonly high: number
  readonly allocate: (length: number) => HostData
}
const int = (code: number, bytes: number, dtype: DType, low: number, high: number, allocate: (n: number) => HostData, big = false): TypeInfo => ({ code, bytes, kind: 'int', dtype, big, low, high, allocate })
const float = (code: number, bytes: number, dtype: DType, allocate: (n: number) => HostData): TypeInfo => ({ code, bytes, kind: 'float', dtype, big: false, low: -Infinity, high: Infinity, allocate })

/** Integers of 64 bits are carried as int32 (checked when they enter), unsigned wide ones as float64 (exact up to 2⁵³). */
export const TYPES: Record<ElementType, TypeInfo> = {
  float32: float(1, 4, 'float32', (n) => new Float32Array(n)),
  uint8: int(2, 1, 'uint8', 0, 255, (n) => new Uint8Array(n)),
  int8: int(3, 1, 'int32', -128, 127, (n) => new Int8Array(n)),
  uint16: int(4, 2, 'int32', 0, 65535, (n) => new Uint16Array(n)),
  int16: int(5, 2, 'int32', -32768, 32767, (n) => new Int16Array(n)),
  int32: int(6, 4, 'int32', -2147483648, 2147483647, (n) => new Int32Array(n)),
  int64: int(7, 8, 'int32', -(2 ** 63), 2 ** 63, (n) => new BigInt64Array(n), true),
  string: { code: 8, bytes: 0, kind: 'string', dtype: null, big: false, low: 0, high: 0, allocate: (n) => new Array<string>(n).fill('') },
  bool: { code: 9, bytes: 1, kind: 'bool', dtype: 'bool', big: false, low: 0, high: 1, allocate: (n) => new Uint8Array(n) },
  float16: float(10, 2, 'float32', (n) => new Float32Array(n)),
  float64: float(11, 8, 'float64', (n) => new Float64Array(n)),
  uint32: int(12, 4, 'float64', 0, 4294967295, (n) => new Uint32Array(n)),
  uint64: int(13, 8, 'float64', 0, 2 ** 64, (n) => new BigUint64Array(n), true),
  bfloat16: float(16, 2, 'float32', (n) => new Float32Array(n)),
  uint4: int(21, 0.5, 'int32', 0, 15, (n) => new Uint8Array(n)),
  int4: int(22, 0.5, 'int32', -8, 7, (n) => new Int8Array(n)),
}
const BY_CODE = new Map(Object.entries(TYPES).map(([name, info]) => [info.code, name as ElementType]))
const OTHERS: Record<number, string> = { 0: 'undefined', 14: 'complex64', 15: 'complex128', 17: 'float8e4m3fn', 18: 'float8e4m3fnuz', 19: 'float8e5m2', 20: 'float8e5m2fnuz', 23: 'float4e2m1', 24: 'float8e8m0' }

export const elementTypeOf = (code: number): ElementType | null => BY_CODE.get(code) ?? null
export const elementTypeName = (code: number): string => BY_CODE.get(code) ?? OTHERS[code] ?? `type ${code}`

/** IEEE half precision → number. */
export function halfToNumber(h: number): number {
  const sign = h & 0x8000 ? -1 : 1
  const exponent = (h >> 10) & 31
  const fraction = h & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
/** The nearest half-precision value, halves to even. */
export function roundToHalf(x: number): number {
  const a = Math.abs(x)
  if (!(a < Infinity) || a === 0) return x
  const exponent = Math.max(-14, Math.floor(Math.log2(a)))
  const step = 2 ** (exponent - 10)
  const rounded = roundEven(a / step) * step
  return Math.sign(x) * (rounded > 65504 ? Infinity : rounded)
}
const roundEven = (x: number): number => {
  const r = Math.round(x)
  return r - x === 0.5 && r % 2 !== 0 ? r - 1 : r
}
const buffer = new DataView(new ArrayBuffer(4))
/** The nearest bfloat16 value, halves to even. */
export function roundToBfloat(x: number): number {
  if (Number.isNaN(x)) return x
  buffer.setFloat32(0, x)
  const bits = buffer.getUint32(0)
  buffer.setUint32(0, ((bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000) >>> 0)
  return buffer.getFloat32(0)
}
