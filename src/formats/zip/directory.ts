// The directory of a zip archive (PKWARE APPNOTE 6.3.10), read strictly: what archives of weights never need is refused, and
// nothing is believed twice: names once, members side by side without overlap, local headers equal to the directory's.
import { type Fault, quote } from '../fault.ts'
import type { ByteSource } from '../source/source.ts'

export interface ZipEntry {
  readonly name: string
  /** 0 stored, 8 deflated. */
  readonly method: 0 | 8
  readonly crc: number
  readonly packed: number
  readonly size: number
  /** Place of the local header. */
  readonly offset: number
}

const END = 22
const MAX_COMMENT = 65535
const MAX_NAME = 1024

/** All entries, checked against each other and the size of the file. `maxRatio` bounds unpacked : packed above 16 MiB. */
export async function readDirectory(source: ByteSource, fault: Fault, maxRatio: number): Promise<ZipEntry[]> {
  const { size } = source
  if (size < END) throw fault('the file is too short for a zip archive', { expected: `at least ${END} bytes`, received: String(size) })
  const tailStart = Math.max(0, size - END - MAX_COMMENT - 76)
  const tail = await source.read(tailStart, size - tailStart)
  const end = await findEnd(source, tail, tailStart, fault)
  if (end.start + end.length !== end.at) throw fault('the directory does not end where the archive ends', { expected: `offset ${end.at}`, received: `${end.start} + ${end.length} bytes` })
  const bytes = await source.read(end.start, end.length)
  const entries = parseEntries(bytes, end.count, fault)
  const names = new Set<string>()
  for (const entry of entries) {
    const label = quote(entry.name)
    if (names.has(entry.name)) throw fault(`the name ${label} is given twice`)
    names.add(entry.name)
    checkName(entry.name, fault)
    if (entry.method === 0 && entry.packed !== entry.size) throw fault(`${label} is stored, yet has two sizes`, { expected: `${entry.packed} bytes`, received: String(entry.size) })
    if (entry.size > 16 * 2 ** 20 && entry.size > maxRatio * entry.packed) {
      throw fault(`${label} would unpack to more than ${maxRatio} times its size`, { expected: `at most ${maxRatio * entry.packed} bytes`, received: String(entry.size), remedy: 'If you trust the file, pass { maxRatio: 1032 }.' })
    }
  }
  // every member lies before the directory and before the next one: header, name, data
  const placed = [...entries].sort((a, b) => a.offset - b.offset)
  placed.forEach((entry, i) => {
    const next = placed[i + 1]?.offset ?? end.start
    if (entry.offset + 30 + entry.packed > next) throw fault(`${quote(entry.name)} reaches into what follows it`, { expected: `at most ${next - entry.offset - 30} bytes`, received: String(entry.packed) })
  })
  return entries
}

interface End {
  /** Place and length of the directory, number of its entries, and where it must end. */
  readonly start: number
  readonly length: number
  readonly count: number
  readonly at: number
}

async function findEnd(source: ByteSource, tail: Uint8Array, tailStart: number, fault: Fault): Promise<End> {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength)
  for (let at = tail.length - END; at >= 0; at--) {
    if (view.getUint32(at, true) !== 0x06054b50 || at + END + view.getUint16(at + 20, true) !== tail.length) continue
    if (view.getUint16(at + 4, true) !== 0 || view.getUint16(at + 6, true) !== 0) throw fault('the archive is split over several disks')
    const plain = { count: view.getUint16(at + 10, true), length: view.getUint32(at + 12, true), start: view.getUint32(at + 16, true), at: tailStart + at }
    if (at >= 20 && view.getUint32(at - 20, true) === 0x07064b50) return findEnd64(source, Number(view.getBigUint64(at - 12, true)), tailStart + at - 20, fault)
    if (view.getUint16(at + 8, true) !== plain.count) throw fault('the archive is split over several disks')
    return plain
  }
  throw fault('this is no zip archive, or it is cut off', { expected: 'an end record (PK 05 06) at its end' })
}

async function findEnd64(source: ByteSource, start: number, locator: number, fault: Fault): Promise<End> {
  if (!(start + 56 <= locator)) throw fault('bad zip64 locator', { expected: `an offset up to ${locator - 56}`, received: String(start) })
  const bytes = await source.read(start, 56)
  const view = new DataView(bytes.buffer, bytes.byteOffset, 56)
  if (view.getUint32(0, true) !== 0x06064b50) throw fault('bad zip64 locator', { expected: 'an end record (PK 06 06)' })
  const number = (at: number): number => exact(view.getBigUint64(at, true), 'zip64 end record', fault)
  if (view.getUint32(16, true) !== 0 || view.getUint32(20, true) !== 0) throw fault('the archive is split over several disks')
  return { count: number(32), length: number(40), start: number(48), at: start }
}

function exact(value: bigint, field: string, fault: Fault): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw fault(`a size beyond all files in the ${field}`, { expected: 'below 2^53', received: String(value) })
  return Number(value)
}

function parseEntries(bytes: Uint8Array, count: number, fault: Fault): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const entries: ZipEntry[] = []
  let at = 0
  while (at < bytes.length) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50) throw fault(`bad entry ${entries.length} of the directory`, { expected: 'PK 01 02 and 46 bytes' })
    const flags = view.getUint16(at + 8, true)
    const method = view.getUint16(at + 10, true)
    const [nameLength, extraLength, commentLength] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true), view.getUint16(at + 32, true)]
    const next = at + 46 + nameLength + extraLength + commentLength
    if (next > bytes.length) throw fault(`entry ${entries.length} of the directory is cut off`)
    const name = decodeName(bytes.subarray(at + 46, at + 46 + nameLength), fault)
    const label = quote(name)
    if (flags & 0x2041) throw fault(`${label} is encrypted`)
    if (method !== 0 && method !== 8) throw fault(`${label} is packed by a method that is not supported`, { expected: '0 (stored) or 8 (deflate)', received: String(method) })
    // made on Unix, and its mode says link
    if (view.getUint8(at + 5) === 3 && (view.getUint32(at + 38, true) >>> 28) === 0xa) throw fault(`${label} is a link`)
    const sizes = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)]
    const [size, packed, offset] = wide(sizes, bytes.subarray(next - commentLength - extraLength, next - commentLength), label, fault)
    entries.push({ name, method, crc: view.getUint32(at + 16, true), packed: packed!, size: size!, offset: offset! })
    at = next
  }
  if (entries.length !== count) throw fault('the directory has another number of entries than declared', { expected: String(count), received: String(entries.length) })
  return entries
}

/** Sizes that stand as ffffffff are found in the zip64 field. */
function wide(sizes: number[], extra: Uint8Array, label: string, fault: Fault): number[] {
  if (!sizes.includes(0xffffffff)) return sizes
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength)
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue
    let from = at + 4
    const stop = Math.min(extra.length, from + view.getUint16(at + 2, true))
    return sizes.map((size) => {
      if (size !== 0xffffffff) return size
      if (from + 8 > stop) throw fault(`the zip64 field of ${label} is cut off`)
      from += 8
      return exact(view.getBigUint64(from - 8, true), `zip64 field of ${label}`, fault)
    })
  }
  throw fault(`${label} lacks its zip64 field`)
}

function decodeName(bytes: Uint8Array, fault: Fault): string {
  if (bytes.length === 0 || bytes.length > MAX_NAME) throw fault('a name in the directory is empty or too long', { expected: `1 to ${MAX_NAME} bytes`, received: String(bytes.length) })
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw fault('a name in the directory is not UTF-8')
  }
}

/** Names stay inside: no roots, drives, "..", backslashes, control characters. Nothing is unpacked to disk; still. */
function checkName(name: string, fault: Fault): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/^\/|^[a-zA-Z]:|[\\\u0000-\u001f]/.test(name) || name.split('/').includes('..')) throw fault(`a name leads out of the archive`, { received: quote(name) })
}
