// The header of a safetensors file (huggingface.co/docs/safetensors): 8 bytes length, JSON, then the numbers, little-endian.
// Strict: what the format does not allow is refused, so that a damaged file never becomes wrong weights.
import type { Shape } from '../../base/index.ts'
import { ELEMENT_TYPES, type ElementType, isElementType, rawSize } from '../elements/element-types.ts'
import { type Fault, quote } from '../fault.ts'
import { type Json, isCount, parseStrictJson } from '../strict-json.ts'

export interface Entry {
  readonly name: string
  readonly type: ElementType
  readonly shape: Shape
  /** Place in the file. */
  readonly begin: number
  readonly end: number
}
export interface Header {
  readonly entries: readonly Entry[]
  readonly metadata: ReadonlyMap<string, string>
}

/** The limit of the reference implementation. */
const MAX_HEADER = 100_000_000
const MAX_RANK = 64
const FIELDS = ['dtype', 'shape', 'data_offsets']

/** Where the header ends, from the first eight bytes. */
export function headerEnd(start: Uint8Array, size: number, fault: Fault): number {
  if (size < 8) throw fault('the file is too short', { expected: 'at least 8 bytes', received: String(size) })
  const length = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true)
  const limit = Math.min(MAX_HEADER, size - 8)
  if (length > BigInt(limit)) throw fault('bad header length', { expected: `at most ${limit}`, received: String(length), remedy: 'The file is cut off, or not a safetensors file.' })
  return 8 + Number(length)
}

/** Checks everything the header says against the format and the size of the file. */
export function parseHeader(bytes: Uint8Array, size: number, fault: Fault): Header {
  const start = 8 + bytes.length
  const metadata = new Map<string, string>()
  const entries: Entry[] = []
  const text = decodeUtf8(bytes, fault)
  if (text[0] !== '{') throw fault('the header does not begin with "{"', { received: quote(text.slice(0, 8)) })
  parseStrictJson(text, fault, {
    depth: 3, items: MAX_RANK,
    onMember: (name, value) => {
      if (name !== '__metadata__') entries.push(readEntry(name, value, start, fault))
      else if (!(value instanceof Map)) throw fault('"__metadata__" is not an object')
      else for (const [key, item] of value as ReadonlyMap<string, Json>) {
        if (typeof item !== 'string') throw fault(`the metadata ${quote(key)} is not text`)
        metadata.set(key, item)
      }
    },
  })
  checkCoverage(entries, start, size, fault)
  return { entries, metadata }
}

function decodeUtf8(bytes: Uint8Array, fault: Fault): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw fault('the header is not UTF-8')
  }
}

function readEntry(name: string, value: Json, start: number, fault: Fault): Entry {
  const label = quote(name)
  if (!(value instanceof Map)) throw fault(`the entry ${label} is not an object`)
  const map = value as ReadonlyMap<string, Json>
  for (const key of map.keys()) if (!FIELDS.includes(key)) throw fault(`${label} has an unknown field`, { expected: FIELDS.join(', '), received: quote(key) })
  const type = map.get('dtype')
  if (!isElementType(type)) throw fault(`${label} has a dtype that is not supported`, { expected: ELEMENT_TYPES.join(', '), received: quote(String(type)) })
  const shape = map.get('shape')
  if (!Array.isArray(shape) || !shape.every(isCount)) throw fault(`${label} has a bad shape`, { expected: 'whole numbers', received: quote(JSON.stringify(shape) ?? 'none') })
  const offsets = map.get('data_offsets')
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount) || offsets[0]! > offsets[1]!) {
    throw fault(`${label} has bad data_offsets`, { expected: '[begin, end], whole numbers, begin ≤ end', received: quote(JSON.stringify(offsets) ?? 'none') })
  }
  const [begin, end] = offsets as [number, number]
  const bytes = rawSize(type, shape)
  if (Number.isNaN(bytes)) throw fault(`${label} has a shape of no possible size`, { expected: 'a whole number of bytes, below 2^53', received: `${type} [${shape.join(',')}]` })
  if (end - begin !== bytes) throw fault(`${label} has another length than its shape says`, { expected: `${bytes} bytes for ${type} [${shape.join(',')}]`, received: `data_offsets of ${end - begin} bytes` })
  return { name, type, shape: shape as number[], begin: start + begin, end: start + end }
}

/** The numbers must fill the rest of the file: no overlap, no hole, nothing missing, nothing after. */
function checkCoverage(entries: readonly Entry[], start: number, size: number, fault: Fault): void {
  let reached = start
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const parts = { expected: `data_offsets from ${reached - start}`, received: String(begin - start) }
    if (begin < reached) throw fault(`${quote(name)} overlaps another tensor`, parts)
    if (begin > reached) throw fault(`there is a hole before ${quote(name)}`, parts)
    reached = end
  }
  if (reached !== size) {
    throw fault(reached > size ? 'the file is cut off' : 'there are bytes after the last tensor', { expected: `${reached - start} bytes of numbers`, received: String(size - start) })
  }
}
