// Changes to good files that make bad ones: flipped bits, telling numbers, cut, doubled and foreign pieces; and changes that
// know a format: a JSON header or the members of an archive are changed and everything around them made to fit again.
import { writeZip } from '../../src/formats/zip/write.ts'
import { join } from '../hostile/bytes.ts'
import type { Random } from './random.ts'

type Bytes = Uint8Array<ArrayBuffer>
/** A changed copy of `seed`; `plain` changes any bytes. */
export type Mutation = (seed: Bytes, random: Random, plain: (bytes: Bytes) => Bytes) => Bytes

const NUMBERS = [0, 1, -1, 2, 7, 8, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 2 ** 62]
const DIGITS = ['0', '1', '-1', '2', '255', '65536', '2147483647', '2147483648', '4294967295', '4294967296', '9007199254740991', '9007199254740993', '18446744073709551615', '1e308', '0.5', '00']
const MAX_LENGTH = 65536

const latin = (text: string): Bytes => Uint8Array.from(text, (c) => c.charCodeAt(0) & 255)

/** One to four random changes. */
export function mutate(seed: Bytes, random: Random, others: readonly Uint8Array[], words: readonly string[] = []): Bytes {
  let bytes = seed
  for (let n = 1 + random.below(4); n > 0; n--) bytes = change(bytes, random, others, words)
  return bytes.length > MAX_LENGTH ? bytes.slice(0, MAX_LENGTH) : bytes
}

function change(given: Bytes, random: Random, others: readonly Uint8Array[], words: readonly string[]): Bytes {
  if (given.length === 0) return latin(random.pick(['\u0000', 'PK', '{}', ...words]))
  const bytes = given.slice()
  // headers are where the decisions are: half of all changes fall into the first or last hundred bytes
  const at = random.chance(0.3) ? random.below(Math.min(100, bytes.length)) : random.chance(0.25) ? bytes.length - 1 - random.below(Math.min(100, bytes.length)) : random.below(bytes.length)
  const until = Math.min(bytes.length, at + 1 + random.below(random.chance(0.8) ? 16 : bytes.length))
  const view = new DataView(bytes.buffer)
  switch (random.below(10)) {
    case 0:
      bytes[at]! ^= 1 << random.below(8)
      return bytes
    case 1:
      bytes[at] = random.chance(0.5) ? random.below(256) : random.pick([0, 1, 0x7f, 0x80, 0xff, 0x22, 0x5b, 0x7b])
      return bytes
    case 2: {
      const width = random.pick([1, 2, 4, 8])
      if (at + width > bytes.length) return bytes
      const little = random.chance(0.7)
      const value = BigInt(random.pick([...NUMBERS, bytes.length, at, bytes.length - at]))
      if (width === 8) view.setBigUint64(at, BigInt.asUintN(64, value), little)
      else for (let i = 0; i < width; i++) bytes[at + (little ? i : width - 1 - i)] = Number((value >> BigInt(8 * i)) & 255n)
      return bytes
    }
    case 3: return bytes.slice(0, at)
    case 4: return join(bytes.subarray(0, at), bytes.subarray(until))
    case 5: return join(bytes.subarray(0, until), bytes.subarray(at))
    case 6: {
      const other = random.pick(others)
      const from = random.below(other.length + 1)
      return join(bytes.subarray(0, at), other.subarray(from, from + random.below(64)), bytes.subarray(random.chance(0.5) ? at : until))
    }
    case 7: return words.length === 0 ? bytes : join(bytes.subarray(0, at), latin(random.pick(words)), bytes.subarray(random.chance(0.5) ? at : until))
    case 8: {
      // a number in text becomes another
      let from = at
      while (from < bytes.length && !(bytes[from]! >= 48 && bytes[from]! <= 57)) from++
      let to = from
      while (to < bytes.length && bytes[to]! >= 48 && bytes[to]! <= 57) to++
      return from === to ? bytes : join(bytes.subarray(0, from), latin(random.pick(DIGITS)), bytes.subarray(to))
    }
    default:
      bytes.fill(random.pick([0, 0xff, 0x20, 0x5b]), at, until)
      return bytes
  }
}

/** safetensors: the header is changed as text, its length set anew. */
export const jsonHeader: Mutation = (seed, _random, plain) => {
  const length = Number(new DataView(seed.buffer, seed.byteOffset).getBigUint64(0, true))
  if (seed.length < 8 || length > seed.length - 8) return plain(seed)
  const header = plain(seed.slice(8, 8 + length))
  const start = new Uint8Array(8)
  new DataView(start.buffer).setBigUint64(0, BigInt(header.length), true)
  return join(start, header, seed.subarray(8 + length))
}

/** zip: members are changed and packed again, with right checksums. Seeds have no compressed members, or are left as they are. */
export const zipMembers: Mutation = (seed, random, plain) => {
  const members = storedMembers(seed)
  if (members.length === 0) return plain(seed)
  const chosen = random.below(members.length)
  const changed = members.map(([name, content], i): [string, Uint8Array] => [name, i === chosen ? plain(content) : content])
  if (random.chance(0.05)) changed.push(random.pick(changed))
  return writeZip('fuzz', changed)
}

/** HDF5, alone or in an archive: words that say something become other words of the file (addresses are swapped), or telling numbers. */
export const hdf5Words: Mutation = (seed, random, plain) => {
  if (seed[0] === 0x50) return zipMembers(seed, random, (member) => (member[0] === 0x89 && random.chance(0.8) ? hdf5Words(member, random, plain) : plain(member)))
  const bytes = seed.slice()
  const view = new DataView(bytes.buffer)
  const places: number[] = []
  const words = new Int32Array(bytes.buffer, 0, bytes.length >> 2)
  for (let i = 0; i + 1 < words.length; i += 2) if (words[i] !== words[i + 1] || (words[i] !== 0 && words[i] !== -1)) places.push(4 * i)
  if (places.length === 0) return plain(seed)
  for (let n = 1 + random.below(3); n > 0; n--) {
    const at = random.pick(places)
    const number = random.pick([...NUMBERS, at, bytes.length])
    switch (random.below(6)) {
      case 0: case 1: view.setBigUint64(at, view.getBigUint64(random.pick(places), true), true); break
      case 2: view.setBigUint64(at, BigInt.asUintN(64, BigInt(number)), true); break
      case 3: view.setUint32(at + 4 * random.below(2), number, true); break
      case 4: view.setUint16(at + 2 * random.below(4), number, true); break
      default: view.setUint8(at + random.below(8), number)
    }
  }
  return bytes
}

/** Protocol buffers: one field, somewhere in the tree, is changed, doubled or left out; the lengths around it are set anew. */
export const protobufFields: Mutation = (seed, random, plain) => {
  const fields = protobufOf(seed)
  if (fields === null || fields.length === 0) return plain(seed)
  const chosen = random.below(fields.length)
  return join(...fields.flatMap((f, i) => {
    if (i !== chosen) return [f.head, f.size(f.body.length), f.body]
    const inner = f.nested && random.chance(0.85) ? protobufFields(f.body, random, plain) : random.chance(0.2) ? f.body : plain(f.body)
    const again = f.nested ? [f.head, f.size(inner.length), inner] : [f.head, inner]
    return random.chance(0.05) ? [] : random.chance(0.1) ? [...again, ...again] : again
  }))
}
interface ProtobufField {
  readonly head: Bytes
  readonly body: Bytes
  readonly nested: boolean
  readonly size: (length: number) => Bytes
}
function varint(n: number): Bytes {
  const out: number[] = []
  for (let v = n; ; v = Math.floor(v / 128)) {
    if (v < 128) return Uint8Array.from([...out, v])
    out.push((v % 128) + 128)
  }
}
/** The fields of a message; null if these are not fields. */
function protobufOf(bytes: Bytes): ProtobufField[] | null {
  const out: ProtobufField[] = []
  const read = (from: number): { value: number; next: number } | null => {
    let value = 0
    for (let at = from, scale = 1; at < bytes.length && at < from + 10; at++, scale *= 128) {
      value += (bytes[at]! & 127) * scale
      if (bytes[at]! < 128) return { value, next: at + 1 }
    }
    return null
  }
  for (let at = 0; at < bytes.length; ) {
    const tag = read(at)
    if (tag === null) return null
    const wire = tag.value % 8
    const head = bytes.slice(at, tag.next)
    const length = wire === 2 ? read(tag.next) : null
    const end = wire === 0 ? (read(tag.next)?.next ?? -1) : wire === 1 ? tag.next + 8 : wire === 5 ? tag.next + 4 : length === null ? -1 : length.next + length.value
    if (end < 0 || end > bytes.length) return null
    out.push({ head, body: bytes.slice(length?.next ?? tag.next, end), nested: length !== null, size: (n) => (length === null ? new Uint8Array(0) : varint(n)) })
    at = end
  }
  return out
}

/** The members of an archive whose local headers give their sizes. */
function storedMembers(zip: Bytes): [string, Bytes][] {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength)
  const found: [string, Bytes][] = []
  for (let at = 0; at + 30 <= zip.length && view.getUint32(at, true) === 0x04034b50; ) {
    const size = view.getUint32(at + 18, true)
    const start = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true)
    // a size behind the member, or a compressed one
    if ((view.getUint16(at + 6, true) & 8) !== 0 || view.getUint16(at + 8, true) !== 0) return []
    found.push([new TextDecoder().decode(zip.subarray(at + 30, at + 30 + view.getUint16(at + 26, true))), zip.slice(start, start + size)])
    at = start + size
  }
  return found
}
