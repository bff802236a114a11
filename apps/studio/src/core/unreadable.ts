// Why a reader refused a file, found in its bytes (in the Worker, after the refusal): a code with its numbers and names, so that
// the page can say it in its language. What is not found here is told in the reader's own sentence.
import { importOnnx } from 'gradus/formats'
import type { Kind, Why } from './network-fault.ts'
import { jsonPlace } from './state-file.ts'

const begins = (bytes: Uint8Array, ...sign: readonly number[]): boolean => sign.every((b, i) => bytes[i] === b)
const ascii = (bytes: Uint8Array, n: number): string => String.fromCharCode(...bytes.subarray(0, n))
/** What a file is, by its first bytes. */
function kindOf(bytes: Uint8Array): Kind | null {
  if (begins(bytes, 0x50, 0x4b, 3, 4)) return 'zip'
  if (begins(bytes, 0x89, 0x48, 0x44, 0x46)) return 'hdf5'
  if (begins(bytes, 0x89, 0x50, 0x4e, 0x47) || begins(bytes, 0xff, 0xd8, 0xff)) return 'picture'
  const start = ascii(bytes, 32)
  if (start.startsWith('GGUF')) return 'gguf'
  if (start.startsWith('version https://git-lfs')) return 'pointer'
  if (/^\s*</.test(start)) return 'page'
  return /^\s*[{[]/.test(start) ? 'json' : null
}
const short = (value: unknown): string => (value === undefined ? '—' : JSON.stringify(value).slice(0, 40))
const library = (error: unknown): Why => ({ code: 'library', said: error instanceof Error ? error.message : String(error) })

// ---- safetensors: eight bytes of length, JSON, numbers -------------------------------------------------------------

const BITS: Readonly<Record<string, number>> = { BOOL: 8, U8: 8, I8: 8, F8_E5M2: 8, F8_E4M3: 8, I16: 16, U16: 16, F16: 16, BF16: 16, I32: 32, U32: 32, F32: 32, F64: 64, I64: 64, U64: 64 }
const isCounts = (value: unknown): value is number[] => Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0)
const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

export function whyNotSafetensors(bytes: Uint8Array, error: unknown): Why {
  if (bytes.length === 0) return { code: 'empty' }
  const headed = bytes[8] === 0x7b
  const kind = headed ? null : kindOf(bytes)
  if (kind !== null) return { code: 'kind', kind }
  if (!headed && graphOf(bytes) !== null) return { code: 'kind', kind: 'onnx' }
  if (bytes.length < 8) return { code: 'short', expected: 8, received: bytes.length }
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true))
  if (length > bytes.length - 8) return { code: 'header', expected: length, received: bytes.length - 8 }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length))
  } catch {
    return { code: 'headerText' }
  }
  let header: unknown
  try {
    header = JSON.parse(text)
  } catch {
    return { code: 'headerJson', ...jsonPlace(text) }
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) return { code: 'headerJson', place: '1:1', received: short(header) }
  let reached = 0
  const tensors: { readonly tensor: string; readonly from: number; readonly to: number }[] = []
  for (const [tensor, entry] of Object.entries(header)) {
    if (tensor === '__metadata__') continue
    const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown }
    if (typeof dtype !== 'string' || !/^[A-Z]+\d*(_\w+)?$/.test(dtype)) return { code: 'entry', tensor, field: 'dtype', received: short(dtype) }
    if (!isCounts(shape)) return { code: 'entry', tensor, field: 'shape', received: short(shape) }
    if (!isCounts(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) return { code: 'entry', tensor, field: 'data_offsets', received: short(offsets) }
    const bits = BITS[dtype]
    const [from, to] = offsets as [number, number]
    if (bits !== undefined && (product(shape) * bits) / 8 !== to - from) return { code: 'size', tensor, shape: `${dtype} [${shape.join(', ')}]`, expected: (product(shape) * bits) / 8, received: to - from }
    tensors.push({ tensor, from, to })
  }
  for (const { tensor, from, to } of tensors.sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== reached) return { code: 'place', tensor, expected: reached, received: from }
    reached = to
  }
  const received = bytes.length - 8 - length
  if (reached !== received) return { code: reached > received ? 'cut' : 'rest', expected: reached, received }
  return library(error)
}

// ---- ONNX: a protocol buffer; fields by number ----------------------------------------------------------------------

interface Field {
  readonly field: number
  readonly value: number
  /** What it holds, of a text, a list or a message. */
  readonly inside: Uint8Array
}
/** A fault on the way is thrown as what it is. */
class Damaged extends Error {
  readonly why: Why
  constructor(why: Why) {
    super(why.code)
    this.why = why
  }
}
function fieldsOf(bytes: Uint8Array): Field[] {
  const place = bytes.byteOffset
  let at = 0
  const number = (): number => {
    let [value, scale] = [0, 1]
    for (let i = 0; i < 10; i++) {
      const b = bytes[at]
      if (b === undefined) throw new Damaged({ code: 'broken', at: place + at })
      at++
      value += (b & 127) * scale
      scale *= 128
      if (b < 128) return value
    }
    throw new Damaged({ code: 'broken', at: place + at })
  }
  const out: Field[] = []
  while (at < bytes.length) {
    const start = at
    const tag = number()
    const [field, wire] = [Math.floor(tag / 8), tag % 8]
    const value = wire === 0 ? number() : 0
    const length = wire === 2 ? number() : wire === 1 ? 8 : wire === 5 ? 4 : 0
    if (field === 0 || (wire > 2 && wire !== 5)) throw new Damaged({ code: 'broken', at: place + start })
    if (at + length > bytes.length) throw new Damaged({ code: 'cutAt', at: place + at, expected: length, received: bytes.length - at })
    out.push({ field, value, inside: bytes.subarray(at, at + length) })
    at += length
  }
  return out
}
const textOf = (fields: readonly Field[], n: number): string => new TextDecoder().decode(fields.find(({ field }) => field === n)?.inside)
/** The graph in a model, or null; thrown on where bytes are damaged. */
function modelOf(bytes: Uint8Array): { readonly graph: readonly Field[] | null; readonly opsets: readonly Field[][] } {
  const model = fieldsOf(new Uint8Array(bytes)) // a copy begins at 0, so that places are those in the file
  const graph = model.find(({ field }) => field === 7)
  return { graph: graph === undefined ? null : fieldsOf(graph.inside), opsets: model.filter(({ field }) => field === 8).map(({ inside }) => fieldsOf(inside)) }
}
function graphOf(bytes: Uint8Array): readonly Field[] | null {
  try {
    return modelOf(bytes).graph
  } catch {
    return null
  }
}
/** Bytes of an element, by TensorProto.DataType. */
const WIDTH: Readonly<Record<number, number>> = { 1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2 }
function ofTensor(bytes: Uint8Array): Why | null {
  const fields = fieldsOf(bytes)
  const tensor = textOf(fields, 8)
  if (fields.some(({ field, value }) => field === 14 && value === 1)) return { code: 'external', tensor }
  const raw = fields.find(({ field }) => field === 9)?.inside
  const width = WIDTH[fields.find(({ field }) => field === 2)?.value ?? 0]
  const dims = fields.filter(({ field }) => field === 1).flatMap(({ value, inside }) => (inside.length === 0 ? [value] : packed(inside)))
  if (raw === undefined || width === undefined || product(dims) * width === raw.length) return null
  return { code: 'size', tensor, shape: `[${dims.join(', ')}]`, expected: product(dims) * width, received: raw.length }
}
function packed(bytes: Uint8Array): number[] {
  const out: number[] = []
  for (let [i, value, scale] = [0, 0, 1]; i < bytes.length; i++) {
    value += (bytes[i]! & 127) * scale
    scale *= 128
    if (bytes[i]! < 128) [value, scale] = [out.push(value) * 0, 1]
  }
  return out
}

/** A model of one node that gives y: whether the reader knows its operator. */
function knows(op: string, domain: string, version: number): boolean {
  const bytes = (field: number, inside: readonly number[]): number[] => [field * 8 + 2, ...varint(inside.length), ...inside]
  const text = (field: number, value: string): number[] => bytes(field, [...new TextEncoder().encode(value)])
  const node = [...text(2, 'y'), ...text(4, op), ...text(7, domain)]
  const graph = [...bytes(1, node), ...bytes(12, text(1, 'y'))]
  try {
    importOnnx(Uint8Array.from([8, 8, ...bytes(7, graph), ...bytes(8, [...text(1, domain), 16, ...varint(version)])]))
    return true
  } catch {
    return false
  }
}
const varint = (n: number): number[] => (n < 128 ? [n] : [(n % 128) + 128, ...varint(Math.floor(n / 128))])

export function whyNotOnnx(bytes: Uint8Array, error: unknown): Why {
  if (bytes.length === 0) return { code: 'empty' }
  const kind = bytes[8] === 0x7b && bytes[7] === 0 ? 'safetensors' : kindOf(bytes)
  if (kind !== null) return { code: 'kind', kind }
  try {
    const { graph, opsets } = modelOf(bytes)
    if (graph === null) return { code: 'noGraph' }
    for (const { field, inside } of graph) {
      const why = field === 5 ? ofTensor(inside) : null
      if (why !== null) return why
    }
    const versions = new Map(opsets.map((fields) => [textOf(fields, 1).replace('ai.onnx', ''), fields.find(({ field }) => field === 2)?.value ?? 0]))
    const used = graph.filter(({ field }) => field === 1).map(({ inside }) => fieldsOf(inside)).map((node) => ({ op: textOf(node, 4), domain: textOf(node, 7).replace(/^ai\.onnx$/, '') }))
    const version = versions.get('') ?? 0
    if (used.some(({ domain }) => domain === '') && !knows('Identity', '', version)) return { code: 'opset', received: version }
    const unknown = used.filter(({ op, domain }) => !knows(op, domain, versions.get(domain) ?? 0)).map(({ op, domain }) => (domain === '' ? op : `${domain}.${op}`))
    if (unknown.length > 0) return { code: 'operators', names: [...new Set(unknown)].slice(0, 6).join(', ') }
  } catch (fault) {
    if (fault instanceof Damaged) return fault.why
  }
  return library(error)
}
