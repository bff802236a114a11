// Object headers: what an array or a group says about itself, as a list of messages. HDF5 file format 3.0, IV.A.
import type { Hdf5Bytes } from './bytes.ts'

export interface Message {
  readonly at: number
  readonly size: number
  /** What it says lies in another object. */
  readonly shared: boolean
}
export const DATASPACE = 1, LINK_INFO = 2, DATATYPE = 3, LINK = 6, EXTERNAL_FILES = 7, LAYOUT = 8, FILTERS = 11, ATTRIBUTE = 12, SYMBOL_TABLE = 17, ATTRIBUTE_INFO = 21
const CONTINUATION = 16

export type Messages = ReadonlyMap<number, readonly Message[]>

export function messagesAt(file: Hdf5Bytes, at: number): Messages {
  file.begin('object header', at, 16)
  return file.u8(at) === 1 ? plain(file, at) : signed(file, at)
}

/** Blocks of messages; a continuation message names the next, no block comes twice. */
function walk(file: Hdf5Bytes, first: readonly [at: number, end: number], read: (at: number, end: number) => { type: number; size: number; flags: number; data: number } | null, enter: (at: number, size: number) => readonly [number, number]): Map<number, Message[]> {
  const out = new Map<number, Message[]>()
  const seen = new Set<number>()
  const blocks = [first]
  for (const [start, end] of blocks) {
    if (seen.has(start)) throw file.bad('comes again in its own continuation', `byte ${start}`)
    seen.add(start)
    for (let at = start; at < end; ) {
      const message = read(at, end)
      if (message === null) break
      const { type, size, flags, data } = message
      file.begin('header message', data, size)
      if (data + size > end) throw file.bad('is larger than its block', `${size} bytes`)
      if (type === CONTINUATION) blocks.push(enter(file.u64(data), file.u64(data + 8)))
      else if (out.has(type)) out.get(type)!.push({ at: data, size, shared: (flags & 2) !== 0 })
      else out.set(type, [{ at: data, size, shared: (flags & 2) !== 0 }])
      at = data + size
    }
  }
  return out
}

function plain(file: Hdf5Bytes, at: number): Messages {
  let left = file.u16(at + 2)
  const size = file.u32(at + 8)
  const block = (from: number, length: number): readonly [number, number] => {
    file.begin('block of header messages', from, length)
    return [from, from + length]
  }
  return walk(file, block(at + 16, size), (from, end) => {
    if (left-- <= 0 || from + 8 > end) return null
    return { type: file.u16(from), size: file.u16(from + 2), flags: file.u8(from + 4), data: from + 8 }
  }, block)
}

/** Version 2: OHDR, blocks begin with OCHK, each ends with a checksum. */
function signed(file: Hdf5Bytes, at: number): Messages {
  file.signature(at, 'OHDR')
  file.version(at + 4, 2)
  const flags = file.u8(at + 5)
  let from = at + 6 + ((flags & 32) !== 0 ? 16 : 0) + ((flags & 16) !== 0 ? 4 : 0)
  const width = flags & 3
  const size = width === 0 ? file.u8(from) : width === 1 ? file.u16(from) : width === 2 ? file.u32(from) : file.u64(from)
  from += 2 ** width
  file.begin('block of header messages', from, size + 4)
  const head = (flags & 4) !== 0 ? 6 : 4
  return walk(file, [from, from + size], (start, end) => {
    if (start + head > end) return null
    return { type: file.u8(start), size: file.u16(start + 1), flags: file.u8(start + 3), data: start + head }
  }, (start, length) => {
    file.begin('block of header messages', start, Math.max(8, length))
    file.signature(start, 'OCHK')
    return [start + 4, start + length - 4]
  })
}

/** The one message of a type; null: there is none. */
export function only(file: Hdf5Bytes, messages: Messages, type: number): Message | null {
  const list = messages.get(type) ?? []
  if (list.length > 1) throw file.bad('is given twice', `type ${type}`)
  if (list[0]?.shared === true) throw file.bad('is shared with another object, which is not supported', `type ${type}`)
  return list[0] ?? null
}
