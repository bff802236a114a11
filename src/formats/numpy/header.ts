// The header of an npy file (NumPy's NEP 1, versions 1 to 3): magic, version, and a Python dict of three fixed keys.
import { type Shape, latin1 } from '../../base/index.ts'
import { type ElementType, rawSize } from '../elements/element-types.ts'
import { type Fault, quote } from '../fault.ts'

export interface NpyHeader {
  readonly type: ElementType
  readonly shape: Shape
  readonly bigEndian: boolean
  /** Columns first. */
  readonly fortran: boolean
  /** Where the numbers begin, and how many bytes they take. */
  readonly start: number
  readonly bytes: number
}

// a map: what a file says must not find the names every object has
const TYPES = new Map(Object.entries<ElementType>({
  b1: 'BOOL', i1: 'I8', u1: 'U8', i2: 'I16', u2: 'U16', i4: 'I32', u4: 'U32', i8: 'I64', u8: 'U64', f2: 'F16', f4: 'F32', f8: 'F64', c8: 'C64',
}))
const KINDS: Readonly<Record<string, string>> = { O: 'Python objects (loading them would run code)', S: 'text', U: 'text', V: 'records', M: 'dates', m: 'durations' }
/** NumPy's own limit for headers it does not trust is 10 000. */
const MAX_HEADER = 65536
const MAX_RANK = 64

/** Enough bytes for any header that is accepted. */
export const NPY_START = 12 + MAX_HEADER

/** Reads the header from the beginning of a file of `size` bytes. */
export function parseNpyHeader(bytes: Uint8Array, size: number, fault: Fault): NpyHeader {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
  if (bytes.length < 10 || magic.some((b, i) => bytes[i] !== b)) throw fault('not an npy file', { expected: 'magic \\x93NUMPY and a version', received: `${size} bytes` })
  const [major, minor] = [bytes[6]!, bytes[7]!]
  if (major < 1 || major > 3 || minor !== 0) throw fault('a version of npy that is not supported', { expected: '1.0, 2.0 or 3.0', received: `${major}.${minor}` })
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const from = major === 1 ? 10 : 12
  if (bytes.length < from) throw fault('the header is cut off', { expected: `${from} bytes`, received: String(size) })
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (length > MAX_HEADER) throw fault('the header is too long', { expected: `at most ${MAX_HEADER} bytes`, received: String(length) })
  if (bytes.length < from + length) throw fault('the header is cut off', { expected: `${from + length} bytes`, received: String(size) })
  const text = decode(bytes.subarray(from, from + length), major, fault)
  const { descr, fortran, shape } = parseDict(text, fault)
  const type = TYPES.get(descr.slice(1))
  const order = descr[0]!
  if (type === undefined || !'<>|='.includes(order) || (order === '|' && rawSize(type, []) !== 1)) {
    throw fault('a dtype that is not supported', { expected: [...TYPES.keys()].join(', '), received: `${quote(descr)}${KINDS[descr[1]!] === undefined ? '' : `: ${KINDS[descr[1]!]}`}` })
  }
  const expected = rawSize(type, shape)
  if (Number.isNaN(expected)) throw fault('a shape of no possible size', { expected: 'below 2^53 bytes', received: `(${shape.join(', ')})` })
  if (size - from - length !== expected) {
    throw fault(size - from - length < expected ? 'the numbers are cut off' : 'there are bytes after the last number', { expected: `${expected} bytes for ${descr} (${shape.join(', ')})`, received: String(size - from - length) })
  }
  return { type, shape, fortran, bigEndian: order === '>', start: from + length, bytes: expected }
}

/** Versions 1 and 2 are Latin-1, 3 is UTF-8. */
function decode(bytes: Uint8Array, major: number, fault: Fault): string {
  if (major < 3) return latin1(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw fault('the header is not UTF-8')
  }
}

interface Dict {
  readonly descr: string
  readonly fortran: boolean
  readonly shape: number[]
}

/** {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } in any order; nothing else. */
function parseDict(text: string, fault: Fault): Dict {
  let at = 0
  const found: { descr?: string; fortran?: boolean; shape?: number[] } = {}
  const bad = (expected: string): never => {
    throw fault(`bad header at character ${at}`, { expected, received: quote(text.slice(at, at + 20)) })
  }
  const take = (pattern: RegExp, expected: string): RegExpExecArray => {
    pattern.lastIndex = at
    const match = pattern.exec(text) ?? bad(expected)
    at += match[0].length
    return match
  }
  take(/\s{0,99}\{/y, 'a dict')
  while (!/\}/y.test(text.slice(at, at + 1))) {
    const key = take(/\s{0,99}(?:'([a-z_]{1,32})'|"([a-z_]{1,32})")\s{0,99}:\s{0,99}/y, 'a key')
    const name = key[1] ?? key[2]!
    const field = name === 'fortran_order' ? 'fortran' : name
    if (field !== 'descr' && field !== 'fortran' && field !== 'shape') throw fault('an unknown key in the header', { expected: 'descr, fortran_order, shape', received: quote(name) })
    if (Object.hasOwn(found, field)) throw fault(`the key "${name}" is given twice in the header`)
    if (field === 'descr') {
      if (text[at] === '[') throw fault('a dtype that is not supported', { expected: 'plain numbers', received: 'records' })
      const match = take(/'([^'\\]{2,64})'|"([^"\\]{2,64})"/y, 'a dtype in quotes')
      found.descr = match[1] ?? match[2]!
    } else if (field === 'fortran') found.fortran = take(/True|False/y, 'True or False')[0] === 'True'
    else found.shape = parseShape(take(/\(([^()]{0,2048})\)/y, 'a tuple')[1]!, fault)
    take(/\s{0,99},?\s{0,99}/y, 'a comma')
  }
  take(/\}\s*$/y, 'the end')
  const { descr, fortran, shape } = found
  if (descr === undefined || fortran === undefined || shape === undefined) throw fault('the header lacks a key', { expected: 'descr, fortran_order, shape', received: Object.keys(found).join(', ') })
  return { descr, fortran, shape }
}

function parseShape(text: string, fault: Fault): number[] {
  const parts = text.split(',').map((part) => part.trim())
  if (parts.at(-1) === '') parts.pop()
  else if (parts.length === 1) throw fault('the shape is no tuple', { expected: '(n,)', received: quote(`(${text})`) })
  // Python 2 wrote 3L
  if (parts.length > MAX_RANK || !parts.every((part) => /^(0|[1-9]\d{0,15})L?$/.test(part))) throw fault('a bad shape', { expected: `up to ${MAX_RANK} whole numbers`, received: quote(`(${text})`) })
  return parts.map((part) => Number.parseInt(part, 10))
}
