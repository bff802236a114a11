// An open zip archive: its members by name, each read when asked for, and checked by size and CRC-32.
import { describeValue } from '../../base/index.ts'
import { type Fault, quote } from '../fault.ts'
import { type ByteSource, tensorBytes } from '../source/source.ts'
import { crc32 } from './crc32.ts'
import { type ZipEntry, readDirectory } from './directory.ts'
import { hex, inflate, inflateStart } from './inflate.ts'

export interface Archive {
  readonly entries: ReadonlyMap<string, ZipEntry>
  /** A whole member. */
  load(entry: ZipEntry): Promise<Uint8Array>
  /** Its first bytes (all of them when it is shorter), not checked. */
  start(entry: ZipEntry, count: number): Promise<Uint8Array>
  /** Where its bytes begin in the file: to read a member that is not packed by pieces, not checked. */
  dataStart(entry: ZipEntry): Promise<number>
}

export interface ArchiveOptions {
  /** The most that packed members may grow above 16 MiB; default 100 times. */
  readonly maxRatio?: number
}

export async function openArchive(source: ByteSource, fault: Fault, options: ArchiveOptions = {}): Promise<Archive> {
  const { maxRatio = 100 } = options
  if (!(typeof maxRatio === 'number' && maxRatio >= 0)) throw fault('bad maxRatio', { expected: 'a number from 0 on', received: describeValue(maxRatio) })
  const entries = await readDirectory(source, fault, maxRatio)
  const inside = (entry: ZipEntry): Fault => (problem, parts) => fault(`${quote(entry.name)}: ${problem}`, parts)
  return {
    entries: new Map(entries.map((e) => [e.name, e])),
    load: async (entry) => {
      const from = await dataStart(source, entry, inside(entry))
      const bytes = await tensorBytes(source, from, entry.packed)
      if (entry.method === 8) return inflate(bytes, entry, inside(entry))
      const sum = crc32(bytes)
      if (sum !== entry.crc) throw inside(entry)('its CRC-32 is another', { expected: hex(entry.crc), received: hex(sum), remedy: 'The file is damaged.' })
      return bytes
    },
    dataStart: (entry) => dataStart(source, entry, inside(entry)),
    start: async (entry, count) => {
      const from = await dataStart(source, entry, inside(entry))
      if (entry.method === 0) return source.read(from, Math.min(count, entry.size))
      // deflate may take a few bytes more than it gives: blocks have headers
      return inflateStart(await source.read(from, Math.min(entry.packed, 2 * count + 1024)), Math.min(count, entry.size), inside(entry))
    },
  }
}

/** Where a member's bytes begin; its local header must say what the directory says. */
async function dataStart(source: ByteSource, entry: ZipEntry, fault: Fault): Promise<number> {
  const name = new TextEncoder().encode(entry.name)
  const bytes = await source.read(entry.offset, Math.min(30 + name.length, source.size - entry.offset))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const same = bytes.length === 30 + name.length && view.getUint32(0, true) === 0x04034b50 && view.getUint16(8, true) === entry.method
    && view.getUint16(26, true) === name.length && name.every((b, i) => b === bytes[30 + i])
  if (!same) throw fault('its local header is not that of the directory')
  const from = entry.offset + 30 + name.length + view.getUint16(28, true)
  if (from + entry.packed > source.size) throw fault('it is cut off', { expected: `${entry.packed} bytes`, received: String(Math.max(0, source.size - from)) })
  return from
}
