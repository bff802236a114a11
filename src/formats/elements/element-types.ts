// The element types files use (safetensors' names): their sizes, and how each becomes one of the engine's five types.
import { type DType, DTypeError, FormatError, type NDArray, type Shape, allocate, argumentOf, arrayOf, byteSize, checkDType, objectOf, optionsOf, sizeOf, viewOf } from '../../base/index.ts'
import { isCount } from '../strict-json.ts'
import { type SmallFloat, smallFloats } from './small-floats.ts'

/** Names of element types, in the order in which the reference implementation of safetensors sorts them. */
export const ELEMENT_TYPES = [
  'BOOL', 'F4', 'F6_E2M3', 'F6_E3M2', 'U8', 'I8', 'F8_E5M2', 'F8_E4M3', 'F8_E8M0', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ',
  'I16', 'U16', 'F16', 'BF16', 'I32', 'U32', 'F32', 'C64', 'F64', 'I64', 'U64',
] as const
export type ElementType = (typeof ELEMENT_TYPES)[number]

/** Elements as a file holds them: little-endian, row-major, untouched. */
export interface RawArray {
  readonly type: ElementType
  readonly shape: Shape
  readonly bytes: Uint8Array
}

const BITS: Record<ElementType, number> = {
  BOOL: 8, F4: 4, F6_E2M3: 6, F6_E3M2: 6, U8: 8, I8: 8, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8,
  I16: 16, U16: 16, F16: 16, BF16: 16, I32: 32, U32: 32, F32: 32, C64: 64, F64: 64, I64: 64, U64: 64,
}

export const isElementType = (name: unknown): name is ElementType => typeof name === 'string' && Object.hasOwn(BITS, name)

/** Bytes of an array; NaN when it is no whole number of bytes, or beyond all exact numbers. */
export function rawSize(type: ElementType, shape: Shape): number {
  let count = 1
  for (const d of shape) {
    if (d === 0) return 0
    count *= d
  }
  const bytes = (count * BITS[type]) / 8
  return Number.isSafeInteger(bytes) && Number.isSafeInteger(count) ? bytes : Number.NaN
}

/** The engine's type an element type becomes; null: none holds it. */
export const engineType = (type: ElementType): DType | null => {
  switch (type) {
    case 'F64': return 'float64'
    case 'U8': return 'uint8'
    case 'BOOL': return 'bool'
    case 'I8': case 'I16': case 'U16': case 'I32': case 'U32': case 'I64': case 'U64': return 'int32'
    case 'C64': return null
    default: return 'float32'
  }
}

const STORED: Record<DType, ElementType> = { float64: 'F64', float32: 'F32', int32: 'I32', uint8: 'U8', bool: 'BOOL' }

/** An engine array as bytes. */
export function toRaw(array: NDArray): RawArray {
  return storedAs('toRaw', 'array', array)
}

/** The same for another operation, and for an array with another name in it. */
export function storedAs(operation: string, name: string, array: NDArray): RawArray {
  const { dtype, shape, data } = arrayOf(operation, name, array)
  checkDType(operation, dtype)
  const kind = allocate(dtype, 0).constructor
  if (!(data instanceof kind)) throw new DTypeError(operation, `the data of ${name} has another type`, { expected: `${kind.name} for ${dtype}`, received: (data as object).constructor.name })
  return rawOf(operation, name, { type: STORED[dtype], shape, bytes: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength) })
}

/** Elements of a type that files have, as many as the shape says. */
export function rawOf(operation: string, name: string, array: RawArray): RawArray {
  const wanted = 'elements { type, shape, bytes }'
  const { type, shape, bytes } = objectOf(operation, name, array, wanted)
  argumentOf(operation, Array.isArray(shape) && shape.every(isCount) && bytes instanceof Uint8Array, name, wanted, array)
  if (!isElementType(type)) throw new FormatError(operation, `${name} has a type that no format knows`, { expected: ELEMENT_TYPES.join(', '), received: String(type) })
  const size = rawSize(type, shape)
  if (size !== bytes.length) throw new FormatError(operation, `${name} has another length than its shape says`, { expected: `${size} bytes for ${type} [${shape.join(',')}]`, received: String(bytes.length) })
  return array
}

/** Where a conversion stands, for its errors. */
export interface Place {
  readonly operation: string
  readonly file: string
  readonly tensor: string
}

/**
 * The array in the engine's types. Small floats become float32 exactly; integers become int32. With `keep` the array lies in the
 * bytes given where type and alignment allow it, otherwise always in memory of its own.
 *
 * @throws FormatError for an integer that int32 does not hold (names tensor and value), for complex numbers, for a bool that is neither 0 nor 1.
 */
export function fromRaw(array: RawArray, place: Place, options: { readonly keep?: boolean } = {}): NDArray {
  const { type, shape, bytes } = rawOf('fromRaw', 'array', array)
  objectOf('fromRaw', 'place', place, 'a place { operation, file, tensor }, for errors', 'operation')
  const { keep = false } = optionsOf('fromRaw', options)
  const dtype = engineType(type)
  if (dtype === null) throw new FormatError(place.operation, `${place.file}: "${place.tensor}" holds complex numbers (${type})`, { remedy: 'readRaw() gives its bytes.' })
  const count = sizeOf(shape)
  if (count > 2 ** 31 - 1) throw new FormatError(place.operation, `${place.file}: "${place.tensor}" has too many elements`, { expected: `at most ${2 ** 31 - 1}`, received: String(count), remedy: 'readRaw() gives its bytes.' })
  const own = keep && STORED[dtype] === type && bytes.byteOffset % byteSize(dtype) === 0 ? viewOf(dtype, bytes.buffer, bytes.byteOffset, count) : undefined
  const data = own ?? allocate(dtype, count)
  if (STORED[dtype] === type) {
    if (own === undefined) new Uint8Array(data.buffer, data.byteOffset, data.byteLength).set(bytes)
    if (dtype === 'bool') refuseOtherBools(data as Uint8Array, place)
  } else if (dtype === 'float32') decodeFloats(type, bytes, data as Float32Array)
  else decodeIntegers(type, bytes, data as Int32Array, place)
  return { dtype, shape, data }
}

function refuseOtherBools(data: Uint8Array, { operation, file, tensor }: Place): void {
  const at = data.findIndex((x) => x > 1)
  if (at >= 0) throw new FormatError(operation, `${file}: "${tensor}" holds a byte that is no bool`, { expected: '0 or 1', received: `${data[at]} at ${at}` })
}

function decodeFloats(type: ElementType, bytes: Uint8Array, out: Float32Array): void {
  if (type === 'F8_E8M0') {
    for (let i = 0; i < out.length; i++) out[i] = bytes[i] === 255 ? Number.NaN : 2 ** (bytes[i]! - 127)
    return
  }
  const table = smallFloats(type as SmallFloat)
  const bits = BITS[type]
  if (bits === 16) for (let i = 0; i < out.length; i++) out[i] = table[bytes[2 * i]! | (bytes[2 * i + 1]! << 8)]!
  else if (bits === 8) for (let i = 0; i < out.length; i++) out[i] = table[bytes[i]!]!
  // packed, the first element in the lowest bits
  else for (let i = 0; i < out.length; i++) {
    const at = i * bits
    const pair = bytes[at >> 3]! | ((bytes[(at >> 3) + 1] ?? 0) << 8)
    out[i] = table[(pair >> (at & 7)) & (2 ** bits - 1)]!
  }
}

function decodeIntegers(type: ElementType, bytes: Uint8Array, out: Int32Array, { operation, file, tensor }: Place): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tooLarge = (value: bigint | number, at: number): FormatError =>
    new FormatError(operation, `${file}: "${tensor}" holds a number that int32 does not (${type})`, { expected: '−2147483648 to 2147483647', received: `${value} at ${at}`, remedy: 'readRaw() gives its bytes.' })
  for (let i = 0; i < out.length; i++) {
    switch (type) {
      case 'I8': out[i] = view.getInt8(i); break
      case 'I16': out[i] = view.getInt16(2 * i, true); break
      case 'U16': out[i] = view.getUint16(2 * i, true); break
      case 'U32': {
        const value = view.getUint32(4 * i, true)
        if (value > 0x7fffffff) throw tooLarge(value, i)
        out[i] = value
        break
      }
      default: {
        const low = view.getInt32(8 * i, true)
        const high = view.getInt32(8 * i + 4, true)
        // fits when the upper half only repeats the sign
        if (high !== low >> 31 || (type === 'U64' && low < 0)) throw tooLarge(type === 'U64' ? view.getBigUint64(8 * i, true) : view.getBigInt64(8 * i, true), i)
        out[i] = low
      }
    }
  }
}
