// Addresses inside one growing memory: two-level segregated fit (Masmano et al., "TLSF: a new dynamic memory allocator
// for real-time systems", 2004). allocate and free take constant time; neighbours that are free become one block.

/** Every block starts on a cache line and is a whole number of them. */
export const ALIGN = 64
/** Size classes: powers of two, each cut into 2^FINE parts. */
const FINE = 5

interface Block {
  start: number
  size: number
  free: boolean
  /** Neighbours in memory, and in the list of the size class while free. */
  before: Block | null
  after: Block | null
  previous: Block | null
  next: Block | null
}

export interface HeapStats {
  readonly bytesInUse: number
  readonly peakBytes: number
  readonly blocks: number
  /** End of the part of memory that has been taken over. */
  readonly capacity: number
}

export class Heap {
  private readonly lists: (Block | null)[] = new Array<Block | null>(32 << FINE).fill(null)
  /** Bit i of `fine[k]`: list (k, i) is not empty; bit k of `coarse`: some bit of `fine[k]`. */
  private readonly fine = new Int32Array(32)
  private coarse = 0
  private readonly used = new Map<number, Block>()
  private tail: Block | null = null
  private end: number
  private inUse = 0
  private peak = 0

  /** Takes over the addresses from `start`; `extend` adds more. */
  constructor(start: number) {
    this.end = start
  }

  /** An address, or −1 when `extend` is needed. */
  allocate(bytes: number): number {
    const size = roundUp(bytes)
    const block = this.find(size)
    if (block === null) return -1
    this.unlink(block)
    if (block.size > size) this.split(block, size)
    block.free = false
    this.used.set(block.start, block)
    this.inUse += block.size
    if (this.inUse > this.peak) this.peak = this.inUse
    return block.start
  }

  /** False when the address is not in use. */
  free(start: number): boolean {
    const block = this.used.get(start)
    if (block === undefined) return false
    this.used.delete(start)
    this.inUse -= block.size
    this.insert(this.merge(block))
    return true
  }

  /** Adds the bytes up to `end`. */
  extend(end: number): void {
    const size = Math.floor((end - this.end) / ALIGN) * ALIGN
    if (size <= 0) return
    const block: Block = { start: this.end, size, free: false, before: this.tail, after: null, previous: null, next: null }
    if (this.tail !== null) this.tail.after = block
    this.tail = block
    this.end += size
    this.insert(this.merge(block))
  }

  /** Bytes that are free at the end of memory: what an extension need not bring. */
  get tailBytes(): number {
    return this.tail?.free ? this.tail.size : 0
  }
  stats(): HeapStats {
    return { bytesInUse: this.inUse, peakBytes: this.peak, blocks: this.used.size, capacity: this.end }
  }

  // ---- lists by size

  private find(size: number): Block | null {
    const at = classOf(size / ALIGN)
    const coarse = at >> FINE
    let bitsHere = this.fine[coarse]! & (-1 << (at & ((1 << FINE) - 1)))
    let level = coarse
    if (bitsHere === 0) {
      const above = coarse >= 31 ? 0 : this.coarse & (-1 << (coarse + 1))
      if (above === 0) return null
      level = lowest(above)
      bitsHere = this.fine[level]!
    }
    return this.lists[(level << FINE) + lowest(bitsHere)]!
  }
  private insert(block: Block): void {
    const at = classOf(block.size / ALIGN)
    const head = this.lists[at]!
    block.free = true
    block.previous = null
    block.next = head
    if (head !== null) head.previous = block
    this.lists[at] = block
    const level = at >> FINE
    this.fine[level]! |= 1 << (at & ((1 << FINE) - 1))
    this.coarse |= 1 << level
  }
  private unlink(block: Block): void {
    const at = classOf(block.size / ALIGN)
    if (block.next !== null) block.next.previous = block.previous
    if (block.previous !== null) block.previous.next = block.next
    else {
      this.lists[at] = block.next
      if (block.next === null) {
        const level = at >> FINE
        this.fine[level]! &= ~(1 << (at & ((1 << FINE) - 1)))
        if (this.fine[level] === 0) this.coarse &= ~(1 << level)
      }
    }
    block.previous = block.next = null
  }

  // ---- neighbours in memory

  private split(block: Block, size: number): void {
    const rest: Block = {
      start: block.start + size, size: block.size - size, free: false,
      before: block, after: block.after, previous: null, next: null,
    }
    if (block.after !== null) block.after.before = rest
    else this.tail = rest
    block.after = rest
    block.size = size
    this.insert(rest)
  }
  private merge(block: Block): Block {
    const { before, after } = block
    if (after?.free) {
      this.unlink(after)
      this.absorb(block, after)
    }
    if (!before?.free) return block
    this.unlink(before)
    this.absorb(before, block)
    return before
  }
  /** The block directly after becomes part of this one. */
  private absorb(block: Block, gone: Block): void {
    block.size += gone.size
    block.after = gone.after
    if (gone.after !== null) gone.after.before = block
    else this.tail = block
  }
}

/**
 * The bytes a request takes: a size at which a class begins, so that every block of its class is large enough and a freed
 * block serves the next request of its size. Costs 3 % at most.
 */
export function roundUp(bytes: number): number {
  const units = Math.max(1, Math.ceil(bytes / ALIGN))
  const step = 2 ** Math.max(0, 31 - Math.clz32(units) - FINE)
  return Math.ceil(units / step) * step * ALIGN
}

const lowest = (bits: number): number => 31 - Math.clz32(bits & -bits)

/** Units of ALIGN bytes → the class whose smallest size is not above it. */
function classOf(units: number): number {
  const bits = 31 - Math.clz32(units)
  const part = bits >= FINE ? (units >>> (bits - FINE)) & ((1 << FINE) - 1) : (units << (FINE - bits)) & ((1 << FINE) - 1)
  return (bits << FINE) + part
}
