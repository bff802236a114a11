// safetensors (huggingface.co/docs/safetensors): 8 bytes header length, a JSON header, the numbers, little-endian.
// Reading is strict: what the format does not allow is refused, so that a damaged file never becomes wrong weights.
import { type DType, FormatError, type NDArray, type Shape, allocate, byteSize, sizeOf } from '../base/index.ts'
import { type Json, parseStrictJson } from './strict-json.ts'

/** What a file holds: arrays by name, and free text by key. */
export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, NDArray>
  readonly metadata: ReadonlyMap<string, string>
}

const NAMES: Record<DType, string> = { float64: 'F64', float32: 'F32', int32: 'I32', uint8: 'U8', bool: 'BOOL' }
const DTYPES = new Map(Object.entries(NAMES).map(([dtype, name]) => [name, dtype as DType]))
/** The limit of the reference implementation. */
const MAX_HEADER = 100_000_000

const bad = (problem: string, parts: { expected?: string; received?: string; remedy?: string } = {}): FormatError => new FormatError('safetensors', problem, parts)

/**
 * Reads a safetensors file.
 *
 * @throws FormatError for a wrong header length, bad JSON, a name given twice, an unknown type, offsets that overlap,
 * leave holes or do not match the shape.
 * @example
 * ```ts
 * import { readSafetensors, writeSafetensors } from 'gradus/formats'
 *
 * const bytes = writeSafetensors({ 'hidden.bias': { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } })
 * const { tensors } = readSafetensors(bytes)
 * tensors.get('hidden.bias')!.shape // → [2]
 * ```
 */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  if (bytes.length < 8) throw bad('the file is too short', { expected: 'at least 8 bytes', received: String(bytes.length) })
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getBigUint64(0, true)
  if (length > BigInt(Math.min(MAX_HEADER, bytes.length - 8))) {
    throw bad('bad header length', { expected: `at most ${Math.min(MAX_HEADER, bytes.length - 8)}`, received: String(length), remedy: 'The file is cut off, or not a safetensors file.' })
  }
  const start = 8 + Number(length)
  const header = parseHeader(bytes.subarray(8, start))
  const metadata = new Map<string, string>()
  const entries: (Entry & { readonly name: string })[] = []
  for (const [name, value] of header) {
    if (name !== '__metadata__') entries.push({ name, ...readEntry(name, value) })
    else if (!(value instanceof Map)) throw bad('"__metadata__" is not an object')
    else for (const [key, text] of value as ReadonlyMap<string, Json>) {
      if (typeof text !== 'string') throw bad(`the metadata "${key}" is not text`)
      metadata.set(key, text)
    }
  }
  checkCoverage(entries, bytes.length - start)
  const tensors = new Map<string, NDArray>()
  for (const { name, dtype, shape, begin, end } of entries) tensors.set(name, { dtype, shape, data: decode(name, dtype, bytes.subarray(start + begin, start + end)) })
  return { tensors, metadata }
}

function parseHeader(bytes: Uint8Array): ReadonlyMap<string, Json> {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw bad('the header is not UTF-8')
  }
  if (text[0] !== '{') throw bad('the header does not begin with "{"', { received: JSON.stringify(text.slice(0, 8)) })
  const header = parseStrictJson('safetensors', text)
  if (!(header instanceof Map)) throw bad('the header is not an object')
  return header as ReadonlyMap<string, Json>
}

interface Entry {
  readonly dtype: DType
  readonly shape: Shape
  readonly begin: number
  readonly end: number
}
const isCount = (x: Json | undefined): x is number => typeof x === 'number' && Number.isSafeInteger(x) && x >= 0 && !Object.is(x, -0)

function readEntry(name: string, value: Json): Entry {
  if (!(value instanceof Map)) throw bad(`the entry "${name}" is not an object`)
  const map = value as ReadonlyMap<string, Json>
  for (const key of map.keys()) {
    if (!['dtype', 'shape', 'data_offsets'].includes(key)) throw bad(`"${name}" has an unknown field`, { expected: 'dtype, shape, data_offsets', received: key })
  }
  const dtype = DTYPES.get(String(map.get('dtype')))
  if (dtype === undefined) throw bad(`"${name}" has a type that is not supported`, { expected: [...DTYPES.keys()].join(', '), received: String(map.get('dtype')) })
  const shape = map.get('shape')
  if (!Array.isArray(shape) || !shape.every(isCount)) throw bad(`"${name}" has a bad shape`, { expected: 'whole numbers', received: JSON.stringify(shape) })
  const offsets = map.get('data_offsets')
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount) || offsets[0]! > offsets[1]!) {
    throw bad(`"${name}" has bad data_offsets`, { expected: '[begin, end], whole numbers, begin ≤ end', received: JSON.stringify(offsets) })
  }
  const [begin, end] = offsets as [number, number]
  const size = sizeOf(shape) * byteSize(dtype)
  if (!Number.isSafeInteger(size) || end - begin !== size) {
    throw bad(`"${name}" has another length than its shape says`, { expected: `${size} bytes for ${String(map.get('dtype'))} [${shape.join(',')}]`, received: `${end - begin} bytes` })
  }
  return { dtype, shape: shape as number[], begin, end }
}

/** The numbers must fill the rest of the file: no overlap, no hole, nothing missing, nothing after. */
function checkCoverage(entries: readonly (Entry & { readonly name: string })[], available: number): void {
  let reached = 0
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin < reached) throw bad(`"${name}" overlaps another tensor`, { expected: `an offset of ${reached}`, received: String(begin) })
    if (begin > reached) throw bad(`there is a hole before "${name}"`, { expected: `an offset of ${reached}`, received: String(begin) })
    reached = end
  }
  if (reached !== available) {
    throw bad(reached > available ? 'the file is cut off' : 'there are bytes after the last tensor', { expected: `${reached} bytes of numbers`, received: String(available) })
  }
}

function decode(name: string, dtype: DType, bytes: Uint8Array): NDArray['data'] {
  const data = allocate(dtype, bytes.length / byteSize(dtype))
  new Uint8Array(data.buffer).set(bytes)
  if (dtype === 'bool' && data.some((x) => x > 1)) throw bad(`"${name}" holds a byte that is no bool`, { expected: '0 or 1', received: String(data.find((x) => x > 1)) })
  return data
}

/**
 * Writes arrays as a safetensors file. Wide types come first, as in the reference implementation, so that all are aligned.
 *
 * @example
 * ```ts
 * import { writeSafetensors } from 'gradus/formats'
 *
 * const bytes = writeSafetensors({ w: { dtype: 'uint8', shape: [3], data: Uint8Array.of(1, 2, 3) } }, { note: 'three bytes' })
 * bytes instanceof Uint8Array // → true
 * ```
 */
export function writeSafetensors(tensors: Readonly<Record<string, NDArray>> | ReadonlyMap<string, NDArray>, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const list: [string, NDArray][] = tensors instanceof Map ? [...(tensors as ReadonlyMap<string, NDArray>)] : Object.entries(tensors as Readonly<Record<string, NDArray>>)
  list.sort(([a, x], [b, y]) => byteSize(y.dtype) - byteSize(x.dtype) || (a < b ? -1 : a > b ? 1 : 0))
  const fields: string[] = []
  const field = (name: string, value: unknown): void => void fields.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`)
  if (Object.keys(metadata).length > 0) field('__metadata__', metadata)
  let offset = 0
  for (const [name, { dtype, shape, data }] of list) {
    if (name === '__metadata__' || name === '__proto__') throw bad(`a tensor cannot be called "${name}"`)
    if (data.length !== sizeOf(shape)) throw bad(`"${name}" has another length than its shape says`, { expected: `${sizeOf(shape)} elements`, received: String(data.length) })
    field(name, { dtype: NAMES[dtype], shape, data_offsets: [offset, (offset += data.byteLength)] })
  }
  const json = new TextEncoder().encode(`{${fields.join(',')}}`)
  const padded = Math.ceil(json.length / 8) * 8
  const out = new Uint8Array(8 + padded + offset)
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true)
  out.fill(0x20, 8, 8 + padded)
  out.set(json, 8)
  let at = 8 + padded
  for (const [, { data }] of list) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return out
}
