// The one memory of a runtime: created shared where that is allowed, grown on demand, handed out by the heap.
import { DeviceError, type DType, type TypedArray, byteSize, viewOf } from '../../base/index.ts'
import { Heap, type HeapStats, roundUp } from './heap.ts'

const PAGE = 65536
const MAX_PAGES = 65536
/**
 * The first pages belong to the runtime: the null page, the threads' mailboxes, the barrier. Programs rely on no buffer
 * lying in the first 64 KiB (constant offsets are folded into instructions).
 */
export const RESERVED = 2 * PAGE

const MIB = 2 ** 20
export const showBytes = (bytes: number): string => (bytes < MIB ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / MIB).toFixed(1)} MiB`)

export class WasmMemory {
  readonly memory: WebAssembly.Memory
  readonly shared: boolean
  /** Views of everything; new ones after growth. */
  bytes: Uint8Array
  words: Uint32Array
  private readonly heap = new Heap(RESERVED)
  private readonly maxPages: number

  constructor(shared: boolean, maxBytes: number) {
    this.shared = shared
    const { memory, maximum } = create(shared, Math.max(16, Math.min(MAX_PAGES, Math.floor(maxBytes / PAGE))))
    this.memory = memory
    this.maxPages = maximum
    this.bytes = new Uint8Array(memory.buffer)
    this.words = new Uint32Array(memory.buffer)
    this.heap.extend(this.bytes.length)
  }

  /** The address of `bytes` fresh bytes (not zeroed), aligned to 64. */
  allocate(bytes: number): number {
    if (!(bytes >= 0 && bytes <= MAX_PAGES * PAGE)) this.refuse(bytes)
    let at = this.heap.allocate(bytes)
    if (at >= 0) return at
    this.grow(bytes)
    at = this.heap.allocate(bytes)
    return at >= 0 ? at : this.refuse(bytes)
  }
  free(address: number): void {
    if (!this.heap.free(address)) throw new DeviceError('wasm', `free of an address that is not allocated: ${address}`)
  }
  view(address: number, dtype: DType, length: number): TypedArray {
    if (address + length * byteSize(dtype) > this.bytes.length) {
      throw new DeviceError('wasm', 'read beyond the end of memory', { received: `${length} × ${dtype} at ${address}` })
    }
    return viewOf(dtype, this.memory.buffer, address, length)
  }
  stats(): HeapStats {
    return this.heap.stats()
  }

  /** Adds what is missing, at least a quarter of what there is, so that growing is rare. */
  private grow(bytes: number): void {
    const pages = this.bytes.length / PAGE
    const missing = Math.ceil((roundUp(bytes) - this.heap.tailBytes) / PAGE)
    const wanted = Math.max(missing, Math.ceil(pages / 4), 16)
    for (const extra of [Math.min(wanted, this.maxPages - pages), missing]) {
      if (extra < missing || pages + extra > this.maxPages) continue
      try {
        this.memory.grow(extra)
      } catch {
        continue // the system refuses: ask for as little as possible, then give up
      }
      this.bytes = new Uint8Array(this.memory.buffer)
      this.words = new Uint32Array(this.memory.buffer)
      this.heap.extend(this.bytes.length)
      return
    }
    this.refuse(bytes)
  }
  private refuse(bytes: number): never {
    const { bytesInUse } = this.heap.stats()
    throw new DeviceError('wasm', `out of memory: ${showBytes(bytes)} asked for`, {
      received: `${showBytes(bytesInUse)} in use of at most ${showBytes(this.maxPages * PAGE)}`,
      remedy: 'Use smaller batches, let go of tensors that are no longer needed, or use the native device.',
    })
  }
}

/** Some systems refuse to reserve 4 GiB of addresses: ask for less. */
function create(shared: boolean, pages: number): { memory: WebAssembly.Memory; maximum: number } {
  for (let maximum = pages; ; maximum >>= 1) {
    try {
      return { memory: new WebAssembly.Memory({ initial: 16, maximum, shared }), maximum }
    } catch (cause) {
      if (maximum >= 64) continue
      throw new DeviceError('wasm', `no memory could be created (${String(cause)})`, { remedy: 'Close other pages or programs.' })
    }
  }
}
