// Groups: names and the objects they stand for. Old groups keep them in a B-tree of symbol tables, new ones in link messages.
import type { Hdf5Bytes } from './bytes.ts'
import { LINK, LINK_INFO, type Messages, SYMBOL_TABLE, only } from './messages.ts'

/** Names and the addresses of object headers; links to elsewhere are not followed. Null: this is no group. */
export function linksOf(file: Hdf5Bytes, messages: Messages): Map<string, number> | null {
  const table = only(file, messages, SYMBOL_TABLE)
  const info = only(file, messages, LINK_INFO)
  if (table === null && info === null) return null
  const out = new Map<string, number>()
  const add = (name: string, at: number): void => {
    if (name === '' || name.includes('/') || out.has(name)) throw file.bad(out.has(name) ? 'has a name twice' : 'has a bad name', JSON.stringify(name.slice(0, 80)))
    out.set(name, at)
  }
  if (table !== null) symbols(file, file.u64(table.at), heapOf(file, file.u64(table.at + 8)), add)
  if (info !== null) {
    file.begin('link info', info.at, 18)
    const heap = info.at + 2 + ((file.u8(info.at + 1) & 1) !== 0 ? 8 : 0)
    if (file.u64(heap) !== -1) throw file.bad('keeps its links in a heap (a group of many links, written with libver="latest"), which is not supported', `byte ${heap}`)
    for (const link of messages.get(LINK) ?? []) linked(file, link.at, add)
  }
  return out
}

interface Heap {
  readonly at: number
  readonly size: number
}
/** Names, one after another, each ended by a zero. */
function heapOf(file: Hdf5Bytes, at: number): Heap {
  file.begin('local heap', at, 32)
  file.signature(at, 'HEAP')
  file.version(at + 4, 0)
  const heap = { at: file.u64(at + 24), size: file.u64(at + 8) }
  file.begin('segment of a local heap', heap.at, heap.size)
  return heap
}
const MAX_NAME = 255
function nameAt(file: Hdf5Bytes, heap: Heap, offset: number): string {
  const room = Math.min(MAX_NAME + 1, heap.size - offset)
  const size = room <= 0 ? -1 : file.slice(heap.at + offset, room).indexOf(0)
  if (size < 0) throw file.bad('has a name outside its heap or too long', `byte ${offset} of ${heap.size}, more than ${MAX_NAME} bytes`)
  return file.text(heap.at + offset, size)
}

/** The leaves of the B-tree, each a table of symbols. */
function symbols(file: Hdf5Bytes, root: number, heap: Heap, add: (name: string, at: number) => void): void {
  const seen = new Set<number>()
  const stack: { at: number; level: number | null }[] = [{ at: root, level: null }]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { at, level } = next
    if (seen.has(at)) throw file.bad('leads in a circle', `byte ${at}`)
    seen.add(at)
    if (level === -1) {
      tableAt(file, at, heap, add)
      continue
    }
    file.begin('B-tree node', at, 24)
    file.signature(at, 'TREE')
    const own = file.u8(at + 5)
    if (file.u8(at + 4) !== 0 || (level !== null && own !== level)) throw file.bad('is of another kind or level', `type ${file.u8(at + 4)}, level ${own}`)
    const used = file.u16(at + 6)
    for (let i = used - 1; i >= 0; i--) stack.push({ at: file.u64(at + 32 + 16 * i), level: own - 1 })
  }
}
function tableAt(file: Hdf5Bytes, at: number, heap: Heap, add: (name: string, at: number) => void): void {
  file.begin('symbol table', at, 8)
  file.signature(at, 'SNOD')
  file.version(at + 4, 1)
  const count = file.u16(at + 6)
  for (let i = 0; i < count; i++) {
    const entry = at + 8 + 40 * i
    file.begin('symbol', entry, 40)
    if (file.u32(entry + 16) !== 2) add(nameAt(file, heap, file.u64(entry)), file.u64(entry + 8))
  }
}

function linked(file: Hdf5Bytes, start: number, add: (name: string, at: number) => void): void {
  file.begin('link', start, 2)
  file.version(start, 1)
  const flags = file.u8(start + 1)
  let at = start + 2
  const type = (flags & 8) !== 0 ? file.u8(at++) : 0
  at += ((flags & 4) !== 0 ? 8 : 0) + ((flags & 16) !== 0 ? 1 : 0)
  const width = flags & 3
  const size = width === 0 ? file.u8(at) : width === 1 ? file.u16(at) : width === 2 ? file.u32(at) : file.u64(at)
  if (size > MAX_NAME) throw file.bad('has too long a name', `${size} bytes`)
  at += 2 ** width
  if (type === 0) add(file.text(at, size), file.u64(at + size))
}
