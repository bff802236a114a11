// The IDX format of MNIST (yann.lecun.com/exdb/mnist): 0 0 type rank, the sizes, the numbers; all big-endian. Plain or gzipped.
import { type DType, FormatError, type NDArray, allocate, arrayOf, byteSize, bytesOf, sizeOf } from '../base/index.ts'
import { gunzip, isGzip } from './gzip.ts'

interface Kind {
  readonly dtype: DType
  readonly bytes: number
  readonly read: (view: DataView, at: number) => number
}
const KINDS: Readonly<Record<number, Kind>> = {
  0x08: { dtype: 'uint8', bytes: 1, read: (v, at) => v.getUint8(at) },
  0x09: { dtype: 'int32', bytes: 1, read: (v, at) => v.getInt8(at) },
  0x0b: { dtype: 'int32', bytes: 2, read: (v, at) => v.getInt16(at) },
  0x0c: { dtype: 'int32', bytes: 4, read: (v, at) => v.getInt32(at) },
  0x0d: { dtype: 'float32', bytes: 4, read: (v, at) => v.getFloat32(at) },
  0x0e: { dtype: 'float64', bytes: 8, read: (v, at) => v.getFloat64(at) },
}
const MAX_BYTES = 2 ** 31

/**
 * An IDX file (gzipped or not) as an array. `name` stands in error messages.
 *
 * @throws FormatError when the magic number, the sizes or the length are not what the format says.
 * @example
 * ```ts
 * import { readIdx, writeIdx } from 'gradus/data'
 *
 * const bytes = writeIdx({ dtype: 'uint8', shape: [2], data: Uint8Array.of(7, 8) })
 * const labels = await readIdx(bytes, 'train-labels-idx1-ubyte')
 * labels.shape // → [2]
 * ```
 */
export async function readIdx(bytes: Uint8Array, name = 'the file'): Promise<NDArray> {
  bytesOf('readIdx', bytes)
  if (!isGzip(bytes)) return parseIdx(bytes, name)
  return parseIdx(await gunzip(bytes, { limit: MAX_BYTES, name, check: (start, size) => parseIdxStart(start, size, name) }), name)
}

/** The same for bytes that are not compressed. */
export function parseIdx(bytes: Uint8Array, name = 'the file'): NDArray {
  bytesOf('parseIdx', bytes)
  const { kind, shape, start } = parseIdxStart(bytes, bytes.length, name)
  if (kind.dtype === 'uint8') return { dtype: 'uint8', shape, data: new Uint8Array(bytes.subarray(start)) }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = sizeOf(shape)
  const data = allocate(kind.dtype, count)
  for (let i = 0; i < count; i++) data[i] = kind.read(view, start + i * kind.bytes)
  return { dtype: kind.dtype, shape, data }
}

/** Type, sizes and where the numbers begin, checked against the length of the file; from its first bytes. */
export function parseIdxStart(bytes: Uint8Array, size: number, name: string, options: { readonly operation?: string; readonly limit?: number } = {}): { readonly kind: Kind; readonly shape: number[]; readonly start: number } {
  const { operation = 'readIdx', limit = MAX_BYTES } = options
  const bad = (problem: string, expected: string, received: string): FormatError => new FormatError(operation, `${name}: ${problem}`, { expected, received })
  if (bytes.length < 4) throw bad('too short', 'at least 4 bytes', String(bytes.length))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const kind = KINDS[bytes[2]!]
  if (bytes[0] !== 0 || bytes[1] !== 0 || kind === undefined) {
    const hex = [...bytes.subarray(0, 4)].map((b) => b.toString(16).padStart(2, '0')).join(' ')
    throw bad('not an IDX file', 'magic number 00 00 (08|09|0b|0c|0d|0e) rank', hex)
  }
  const rank = bytes[3]!
  const start = 4 + 4 * rank
  if (bytes.length < start) throw bad('cut off in the header', `${start} bytes for ${rank} sizes`, String(bytes.length))
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i))
  const length = start + sizeOf(shape) * kind.bytes
  const sizes = shape.slice(0, 8).join(' × ') + (rank > 8 ? ` × … (${rank} sizes)` : '')
  if (!(length <= limit)) throw bad('too large', `at most ${limit} bytes`, `sizes ${sizes}`)
  if (size !== length) throw bad(size < length ? 'cut off' : 'bytes after the end', `${length} bytes for ${sizes}`, String(size))
  return { kind, shape, start }
}

/** An array as an IDX file, not compressed (uint8, int32, float32, float64). */
export function writeIdx(array: NDArray): Uint8Array {
  const { dtype, shape, data } = arrayOf('writeIdx', 'array', array)
  const codes: Partial<Record<DType, number>> = { uint8: 0x08, int32: 0x0c, float32: 0x0d, float64: 0x0e }
  const code = codes[dtype]
  if (code === undefined || shape.length > 255) throw new FormatError('writeIdx', 'the format cannot hold this', { expected: 'uint8, int32, float32 or float64', received: dtype })
  const start = 4 + 4 * shape.length
  const width = byteSize(dtype)
  const out = new Uint8Array(start + data.length * width)
  const view = new DataView(out.buffer)
  out.set([0, 0, code, shape.length])
  shape.forEach((d, i) => view.setUint32(4 + 4 * i, d))
  for (let i = 0; i < data.length; i++) {
    const at = start + i * width
    if (dtype === 'uint8') out[at] = data[i]!
    else if (dtype === 'int32') view.setInt32(at, data[i]!)
    else if (dtype === 'float32') view.setFloat32(at, data[i]!)
    else view.setFloat64(at, data[i]!)
  }
  return out
}
