// The header of a GGUF file (ggml's docs/gguf.md, versions 2 and 3): metadata and the table of tensors.
import { type Fault, quote } from '../fault.ts'
import type { MetadataValue } from '../weights-file.ts'
import { GGML_TYPES, type GgmlType } from './types.ts'

export interface GgufTensor {
  readonly name: string
  readonly type: GgmlType
  /** Row-major, as NumPy has it (the file names the innermost first). */
  readonly shape: readonly number[]
  readonly bytes: number
  /** Place in the file. */
  readonly begin: number
}
export interface GgufHeader {
  readonly version: number
  readonly metadata: ReadonlyMap<string, MetadataValue>
  readonly tensors: readonly GgufTensor[]
}

const MAX_RANK = 4
const MAX_KEY = 65535
const MAX_NESTING = 4
/** Values in all lists together: large vocabularies have some hundred thousand. */
const MAX_ITEMS = 4_000_000
/** Bytes of a value of each kind; text and lists: at least. */
const WIDTHS = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8]
const TEXT = 8
const LIST = 9

/** Thrown when the header goes on beyond the bytes at hand. */
export class NeedMore extends Error {}

/** Parses the header from the first bytes of a file of `size` bytes. Throws NeedMore when they do not reach. */
export function parseGguf(bytes: Uint8Array, size: number, fault: Fault): GgufHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  let field = 'the header'
  const advance = (count: number): number => {
    if (at + count > size) throw fault(`${field} is cut off`, { expected: `${count} bytes at ${at}`, received: `a file of ${size}` })
    if (at + count > bytes.length) throw new NeedMore()
    at += count
    return at - count
  }
  const u32 = (): number => view.getUint32(advance(4), true)
  const u64 = (what: string, limit: number): number => {
    const value = view.getBigUint64(advance(8), true)
    if (value > BigInt(limit)) throw fault(`${field}: ${what} is too large`, { expected: `at most ${limit}`, received: String(value) })
    return Number(value)
  }
  const text = (what: string, limit: number, strict: boolean): string => {
    const length = u64(`the length of ${what}`, Math.min(limit, size - at))
    const from = advance(length)
    try {
      return new TextDecoder('utf-8', { fatal: strict, ignoreBOM: true }).decode(bytes.subarray(from, at))
    } catch {
      throw fault(`${field}: ${what} is not UTF-8`)
    }
  }
  let items = 0
  const value = (kind: number, depth: number): MetadataValue => {
    switch (kind) {
      case 0: return view.getUint8(advance(1))
      case 1: return view.getInt8(advance(1))
      case 2: return view.getUint16(advance(2), true)
      case 3: return view.getInt16(advance(2), true)
      case 4: return u32()
      case 5: return view.getInt32(advance(4), true)
      case 6: return view.getFloat32(advance(4), true)
      case 7: {
        const b = view.getUint8(advance(1))
        if (b > 1) throw fault(`${field} is no bool`, { expected: '0 or 1', received: String(b) })
        return b === 1
      }
      case TEXT: return text('its text', size, false)
      case LIST: {
        if (depth >= MAX_NESTING) throw fault(`${field} is nested too deeply`, { expected: `at most ${MAX_NESTING} levels` })
        const inner = u32()
        if (inner >= WIDTHS.length) throw fault(`${field} is a list of an unknown type`, { expected: `0 to ${WIDTHS.length - 1}`, received: String(inner) })
        const count = u64('its number of values', Math.min(MAX_ITEMS - items, Math.floor((size - at) / WIDTHS[inner]!)))
        items += count
        return Array.from({ length: count }, () => value(inner, depth + 1))
      }
      case 10: return view.getBigUint64(advance(8), true)
      case 11: return view.getBigInt64(advance(8), true)
      case 12: return view.getFloat64(advance(8), true)
      default: throw fault(`${field} has an unknown type`, { expected: `0 to ${WIDTHS.length - 1}`, received: String(kind) })
    }
  }

  const magic = u32()
  if (magic !== 0x46554747) throw fault('not a GGUF file', { expected: 'the first bytes "GGUF"' })
  const version = u32()
  if (version !== 2 && version !== 3) throw fault('a version of GGUF that is not supported', { expected: '2 or 3 (little-endian)', received: String(version) })
  // the shortest tensor has 24 bytes in the table, the shortest value 13
  const tensorCount = u64('the number of tensors', Math.floor(size / 24))
  const valueCount = u64('the number of values', Math.floor(size / 13))
  const metadata = new Map<string, MetadataValue>()
  for (let i = 0; i < valueCount; i++) {
    field = `value ${i}`
    const key = text('its key', MAX_KEY, true)
    if (metadata.has(key)) throw fault(`the key ${quote(key)} is given twice`)
    field = quote(key)
    metadata.set(key, value(u32(), 0))
  }
  const alignment = metadata.get('general.alignment') ?? 32
  if (typeof alignment !== 'number' || alignment < 8 || alignment > 65536 || (alignment & (alignment - 1)) !== 0) throw fault('bad "general.alignment"', { expected: 'a power of two from 8 to 65536', received: String(alignment) })
  const tensors: GgufTensor[] = []
  const names = new Set<string>()
  for (let i = 0; i < tensorCount; i++) {
    field = `tensor ${i}`
    const name = text('its name', 1024, true)
    if (names.has(name)) throw fault(`the tensor ${quote(name)} is given twice`)
    names.add(name)
    field = quote(name)
    const rank = u32()
    if (rank > MAX_RANK) throw fault(`${field} has too many axes`, { expected: `at most ${MAX_RANK}`, received: String(rank) })
    const shape = Array.from({ length: rank }, () => u64('an axis', Number.MAX_SAFE_INTEGER)).reverse()
    const kind = u32()
    const type = GGML_TYPES.get(kind)
    if (type === undefined) throw fault(`${field} has a type that is not supported`, { expected: [...GGML_TYPES.values()].map((t) => t.name).join(', '), received: String(kind) })
    const elements = shape.reduce((n, d) => n * d, 1)
    const bytes = (elements / type.elements) * type.bytes
    if (!Number.isSafeInteger(elements) || !Number.isSafeInteger(bytes)) throw fault(`${field} has a shape of no possible size`, { expected: 'below 2^53 bytes', received: `[${shape.join(',')}]` })
    if ((shape.at(-1) ?? 1) % type.elements !== 0) throw fault(`${field} has rows that are no whole number of blocks`, { expected: `a multiple of ${type.elements}`, received: String(shape.at(-1) ?? 1) })
    const begin = u64('its offset', size)
    if (begin % alignment !== 0) throw fault(`${field} is not aligned`, { expected: `an offset that ${alignment} divides`, received: String(begin) })
    tensors.push({ name, type, shape, bytes, begin })
  }
  const start = Math.ceil(at / alignment) * alignment
  return { version, metadata, tensors: place(tensors, start, alignment, size, fault) }
}

/** Tensors lie one after another, each on the next aligned place; nothing overlaps, nothing is hidden between. */
function place(tensors: readonly GgufTensor[], start: number, alignment: number, size: number, fault: Fault): GgufTensor[] {
  let reached = start
  for (const { name, begin, bytes } of [...tensors].sort((a, b) => a.begin - b.begin || a.bytes - b.bytes)) {
    if (start + begin !== reached) throw fault(`${quote(name)} ${start + begin < reached ? 'overlaps another tensor' : 'leaves a hole before it'}`, { expected: `an offset of ${reached - start}`, received: String(begin) })
    reached = Math.ceil((reached + bytes) / alignment) * alignment
  }
  // the last one is filled up as well
  if (tensors.length > 0 && size !== reached) throw fault(size < reached ? 'the numbers are cut off' : 'there are bytes after the last tensor', { expected: `${reached} bytes`, received: String(size) })
  return tensors.map((t) => ({ ...t, begin: start + t.begin }))
}
