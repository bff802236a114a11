// npy files: one array of NumPy. Read in every version, order and byte order; written as NumPy writes them.
import { FormatError, type NDArray, bytesOf, optionsOf } from '../../base/index.ts'
import { type ElementType, type RawArray, fromRaw, rawSize } from '../elements/element-types.ts'
import { elementsOf } from '../elements/given.ts'
import { type Fault, faultOf } from '../fault.ts'
import { type ByteSource, tensorBytes } from '../source/source.ts'
import { type WeightsFile, weightsFile } from '../weights-file.ts'
import { NPY_START, type NpyHeader, parseNpyHeader } from './header.ts'

const OPERATION = 'npy'

/**
 * Reads an npy file. Arrays of Python objects are refused: reading them would run code.
 *
 * @throws FormatError when the header is damaged, the type is no number, or the length does not match the shape.
 * @example
 * ```ts
 * import { readNpy, writeNpy } from 'gradus/formats'
 *
 * const bytes = writeNpy({ dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) })
 * readNpy(bytes).shape // → [2]
 * ```
 */
export function readNpy(bytes: Uint8Array, options: { readonly name?: string } = {}): NDArray {
  bytesOf('readNpy', bytes)
  const file = optionsOf('readNpy', options).name ?? 'the file'
  return fromRaw(rawNpy(bytes, faultOf(OPERATION, file)), { operation: OPERATION, file, tensor: 'array' })
}

/** The elements as little-endian rows, whatever the file's order. */
export function rawNpy(bytes: Uint8Array, fault: Fault): RawArray {
  const header = parseNpyHeader(bytes, bytes.length, fault)
  return { type: header.type, shape: header.shape, bytes: arrange(bytes.subarray(header.start), header) }
}

/** Bytes of the file → little-endian, row-major. The same memory where nothing has to change. */
export function arrange(bytes: Uint8Array, { type, shape, bigEndian, fortran }: NpyHeader): Uint8Array {
  const width = rawSize(type, [])
  const part = type === 'C64' ? 4 : width
  if (bigEndian && part > 1) {
    bytes = bytes.slice()
    for (let at = 0; at < bytes.length; at += part) bytes.subarray(at, at + part).reverse()
  }
  return fortran && shape.length > 1 ? toRows(bytes, shape, width) : bytes
}

function toRows(bytes: Uint8Array, shape: readonly number[], width: number): Uint8Array {
  const out = new Uint8Array(bytes.length)
  const count = bytes.length / width
  const index = new Array<number>(shape.length).fill(0)
  for (let i = 0; i < count; i++) {
    // place of the element (columns first)
    let from = 0
    for (let a = shape.length - 1; a >= 0; a--) from = from * shape[a]! + index[a]!
    for (let b = 0; b < width; b++) out[i * width + b] = bytes[from * width + b]!
    for (let a = shape.length - 1; a >= 0; a--) {
      if (++index[a]! < shape[a]!) break
      index[a] = 0
    }
  }
  return out
}

const CODES: Partial<Record<ElementType, string>> = {
  BOOL: '|b1', I8: '|i1', U8: '|u1', I16: '<i2', U16: '<u2', I32: '<i4', U32: '<u4', I64: '<i8', U64: '<u8', F16: '<f2', F32: '<f4', F64: '<f8', C64: '<c8',
}

/**
 * Writes an array as an npy file (version 1.0), byte for byte as NumPy does.
 *
 * @throws FormatError for an element type NumPy does not have, or another length than the shape says.
 * @example
 * ```ts
 * import { writeNpy } from 'gradus/formats'
 *
 * writeNpy({ dtype: 'int32', shape: [], data: Int32Array.of(7) }).length // → 132
 * ```
 */
export function writeNpy(array: NDArray | RawArray): Uint8Array<ArrayBuffer> {
  return npyBytes('writeNpy', 'array', array)
}

/** For the operation that writes it, by its name there. */
export function npyBytes(operation: string, name: string, array: NDArray | RawArray): Uint8Array<ArrayBuffer> {
  const { type, shape, bytes } = elementsOf(operation, name, array)
  const code = CODES[type]
  if (code === undefined) throw new FormatError(operation, `${name}: NumPy has no such type`, { expected: Object.keys(CODES).join(', '), received: type })
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  // NumPy leaves room for the first axis to grow to 21 digits
  const dict = `{'descr': '${code}', 'fortran_order': False, 'shape': ${tuple}, }`
  const room = shape.length === 0 ? 0 : 21 - String(shape[0]).length
  const start = Math.ceil((10 + dict.length + room + 1) / 64) * 64
  const out = new Uint8Array(start + bytes.length)
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (start - 10) & 255, (start - 10) >> 8])
  out.fill(0x20, 10, start - 1)
  out.set(new TextEncoder().encode(dict), 10)
  out[start - 1] = 0x0a
  out.set(bytes, start)
  return out
}

/** An npy file as a file of one tensor, "array". */
export async function npyOf(source: ByteSource): Promise<WeightsFile> {
  const fault = faultOf(OPERATION, source.name)
  const header = parseNpyHeader(await source.read(0, Math.min(source.size, NPY_START)), source.size, fault)
  const load = async (): Promise<Uint8Array> => arrange(await tensorBytes(source, header.start, header.bytes), header)
  return weightsFile({ format: 'npy', operation: OPERATION, source, keep: source.map !== undefined, tensors: new Map([['array', { type: header.type, shape: header.shape, bytes: header.bytes, load }]]) })
}
