// What arrays and attributes hold: element types and shapes, numbers that lie in one piece, text.
import { type Hdf5Bytes, padded } from './bytes.ts'
import { ATTRIBUTE, ATTRIBUTE_INFO, DATASPACE, DATATYPE, EXTERNAL_FILES, FILTERS, LAYOUT, type Messages, only } from './messages.ts'

/** An array of float32 or float64 numbers. */
export interface Hdf5Array {
  readonly shape: readonly number[]
  /** Where its bytes lie, and how many a number takes; null: an array without numbers. */
  readonly at: number | null
  readonly width: 4 | 8
}
type Element = { readonly kind: 'float'; readonly width: 4 | 8 } | { readonly kind: 'text'; readonly size: number } | { readonly kind: 'text elsewhere' } | { readonly kind: 'other'; readonly name: string }

const CLASSES = ['integers', 'floats', 'times', 'text', 'bits', 'opaque bytes', 'records', 'references', 'an enumeration', 'lists', 'arrays']
/** Where exponent and mantissa of IEEE numbers begin, their widths, and the bias. */
const FLOATS = { 4: [23, 8, 23, 127], 8: [52, 11, 52, 1023] } as const

function elementAt(file: Hdf5Bytes, at: number): Element {
  file.begin('datatype', at, 8)
  const kind = file.u8(at) & 15
  const size = file.u32(at + 4)
  if (kind === 3) return { kind: 'text', size }
  if (kind === 9 && (file.u8(at + 1) & 15) === 1) return { kind: 'text elsewhere' }
  if (kind === 1 && (size === 4 || size === 8) && (file.u8(at + 1) & 65) === 0) {
    const want = FLOATS[size]
    const got = [file.u8(at + 12), file.u8(at + 13), file.u8(at + 15), file.u32(at + 16)]
    if (file.u16(at + 8) === 0 && file.u16(at + 10) === 8 * size && file.u8(at + 14) === 0 && got.every((x, i) => x === want[i])) return { kind: 'float', width: size }
  }
  return { kind: 'other', name: `${CLASSES[kind] ?? `class ${kind}`} of ${size} bytes` }
}

function shapeAt(file: Hdf5Bytes, at: number): readonly number[] {
  file.begin('dataspace', at, 4)
  const version = file.version(at, 1, 2)
  const rank = file.u8(at + 1)
  if (rank > 32) throw file.bad('has too many axes', rank)
  // version 2 knows spaces of nothing
  if (version === 2 && file.u8(at + 3) === 2) return [0]
  const from = at + (version === 1 ? 8 : 4)
  return Array.from({ length: rank }, (_, i) => file.u64(from + 8 * i))
}

/** The array of a header, or what keeps it from being read; null: this is no array. */
export function arrayOf(file: Hdf5Bytes, messages: Messages): Hdf5Array | { readonly problem: string } | null {
  const [space, type, layout] = [DATASPACE, DATATYPE, LAYOUT].map((kind) => only(file, messages, kind))
  if (space == null || type == null || layout == null) return null
  const element = elementAt(file, type.at)
  if (element.kind !== 'float') return { problem: `of a type that is not supported: expected float32 or float64, little-endian, received ${element.kind === 'other' ? element.name : 'text'}` }
  const shape = shapeAt(file, space.at)
  const size = shape.reduce((n, d) => n * d, element.width)
  if (!(shape.every((d) => d >= 0) && size <= file.bytes.length)) throw file.bad('says more numbers than the file has bytes for', `[${shape}]`)
  if (messages.has(FILTERS) || messages.has(EXTERNAL_FILES)) return { problem: 'compressed, or in another file: that is not supported' }
  file.begin('data layout', layout.at, 2)
  file.version(layout.at, 3, 4)
  const kind = file.u8(layout.at + 1)
  if (kind > 1) return { problem: 'in pieces (chunks): that is not supported' }
  // in the header itself, or in one piece of the file
  const compact = kind === 0
  const at = compact ? layout.at + 4 : file.u64(layout.at + 2)
  const stored = compact ? file.u16(layout.at + 2) : file.u64(layout.at + 10)
  if (size === 0) return { shape, at: null, width: element.width }
  if (at === -1) throw file.bad('has no place for its numbers', `[${shape}]`)
  if (stored !== size) throw file.bad('has another size than its shape says', `${stored} bytes for [${shape}]`)
  file.begin('piece of numbers', at, size)
  return { shape, at, width: element.width }
}

export function numbersOf(file: Hdf5Bytes, { at, shape, width }: Hdf5Array): Float32Array {
  const count = shape.reduce((n, d) => n * d, 1)
  if (at === null) return new Float32Array(0)
  // a copy begins where numbers may begin
  const bytes = file.slice(at, count * width).slice()
  return width === 4 ? new Float32Array(bytes.buffer) : Float32Array.from(new Float64Array(bytes.buffer))
}

/** A text that a header has as an attribute; null: it has none of that name. */
export function textAttribute(file: Hdf5Bytes, messages: Messages, wanted: string): string | null {
  for (const { at, shared } of messages.get(ATTRIBUTE) ?? []) {
    file.begin('attribute', at, 8)
    const version = file.version(at, 1, 2, 3)
    const pad = version === 1 ? padded : (n: number): number => n
    const [nameSize, typeSize, spaceSize] = [file.u16(at + 2), file.u16(at + 4), file.u16(at + 6)]
    const from = at + (version === 3 ? 9 : 8)
    const name = file.text(from, Math.max(0, nameSize - 1))
    if (name !== wanted) continue
    if (shared) throw file.bad('is shared with another object, which is not supported', name)
    const type = from + pad(nameSize)
    const element = elementAt(file, type)
    if (shapeAt(file, type + pad(typeSize)).length > 0) throw file.bad('is no single text', name)
    const data = type + pad(typeSize) + pad(spaceSize)
    file.begin('text attribute', data, 0)
    if (element.kind === 'text') return file.text(data, element.size).replace(/\0+$/, '')
    if (element.kind === 'text elsewhere') return fromHeap(file, data)
    throw file.bad('is no text', name)
  }
  if (messages.has(ATTRIBUTE_INFO) && file.u64(messages.get(ATTRIBUTE_INFO)![0]!.at + 2 + ((file.u8(messages.get(ATTRIBUTE_INFO)![0]!.at + 1) & 1) !== 0 ? 2 : 0)) !== -1) {
    throw file.bad('keeps attributes in a heap, which is not supported', wanted)
  }
  return null
}

/** A text of any length: so many bytes of an object of a global heap. */
function fromHeap(file: Hdf5Bytes, at: number): string {
  file.begin('reference to a global heap', at, 16)
  const [size, heap, index] = [file.u32(at), file.u64(at + 4), file.u32(at + 12)]
  file.begin('global heap', heap, 16)
  file.signature(heap, 'GCOL')
  const end = heap + file.u64(heap + 8)
  for (let object = heap + 16; object + 16 <= end; ) {
    file.begin('object of a global heap', object, 16)
    const [own, length] = [file.u16(object), file.u64(object + 8)]
    if (own === 0) break
    if (own === index) {
      if (size > length) throw file.bad('is shorter than the text in it', `${length} bytes for ${size}`)
      return file.text(object + 16, size)
    }
    object += 16 + padded(length)
  }
  throw file.bad('has no object of that number', index)
}
