// The native runtime: allocates in one range of addresses, compiles images with the system's compiler, runs them at once on
// all threads. Everything is synchronous. Addresses are bytes from the start of the range.
import { DeviceError, type DType, type TypedArray, ValueError, allocate, byteSize } from '../../base/index.ts'
import { Heap, type HeapStats, roundUp } from '../wasm/heap.ts'
import { showBytes } from '../wasm/memory.ts'
import { MAX_THREADS } from '../wasm/pool.ts'
import { compiledLibrary } from './cache.ts'
import { type Compiler, findCompiler } from './compiler.ts'
import { host } from './host.ts'
import type { CImage } from './image.ts'
import { type NativeLibrary, nativeLibrary } from './library.ts'

export interface NativeRuntimeOptions {
  /** Threads, the calling one included: 1 … 64; all cores by default. */
  readonly threads?: number
  /** Limit of the memory; what the machine has by default. */
  readonly maxBytes?: number
}

/** A loaded program. Loaded again by itself when the cache let it go. */
export interface NativeExecutable {
  readonly image: CImage
}

interface Loaded {
  readonly executable: NativeExecutable
  readonly library: number
  readonly entry: number
  /** The address of every slot. */
  readonly table: Float64Array
  readonly constants: readonly number[]
  /** Where the arena was when the table was written. */
  arena: number
}

/** Programs that stay loaded. */
const CACHE = 512
/** Shared work that is worth waking sleeping threads, in ns. */
const WAKE = 60_000
/** Freed buffers of this size give their pages back. */
const DISCARD = 64 * 2 ** 20
const GROW = 64 * 2 ** 20

export class NativeRuntime {
  readonly threads: number
  readonly compiler: Compiler
  private readonly c: NativeLibrary
  private readonly context: number
  private readonly limit: number
  private readonly heap = new Heap(64)
  private readonly sizes = new Map<number, number>()
  private readonly loaded = new Map<string, Loaded>()
  private readonly executables = new Map<string, NativeExecutable>()
  private capacity = 64
  private arena = 0
  private arenaBytes = 0
  private scratch = 0
  private scratchBytes = 0
  private closed = false

  constructor(options: NativeRuntimeOptions = {}) {
    const { os, process } = host()
    const threads = options.threads ?? Math.min(MAX_THREADS, os.availableParallelism())
    if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
      throw new ValueError('native', 'bad number of threads', { expected: `an integer from 1 to ${MAX_THREADS}`, received: String(threads) })
    }
    this.threads = threads
    this.compiler = findCompiler()
    this.c = nativeLibrary(this.compiler)
    const machine = Math.min(os.totalmem(), process.constrainedMemory?.() || Number.POSITIVE_INFINITY)
    this.context = this.c.create(threads, options.maxBytes ?? machine)
    if (this.context === 0) throw new DeviceError('native', 'the system gives no memory', { remedy: 'Close other programs.' })
    this.limit = Math.min(this.c.reserved(this.context), 2 ** 36)
  }

  // ---- memory

  /** The address of a buffer (contents undefined), aligned to 64 bytes. */
  allocate(bytes: number): number {
    let at = this.heap.allocate(bytes)
    if (at < 0) {
      const missing = roundUp(bytes) - this.heap.tailBytes
      const end = Math.min(this.limit, this.capacity + Math.max(missing, GROW))
      if (!(this.capacity + missing <= end)) this.refuse(bytes)
      this.heap.extend(end)
      this.capacity = end
      at = this.heap.allocate(bytes)
      if (at < 0) this.refuse(bytes)
    }
    if (bytes >= DISCARD) this.sizes.set(at, bytes)
    return at
  }
  free(address: number): void {
    if (this.closed) return
    if (!this.heap.free(address)) throw new DeviceError('native', `free of an address that is not allocated: ${address}`)
    const large = this.sizes.get(address)
    if (large === undefined) return
    this.sizes.delete(address)
    const page = 4096 * 16
    const start = Math.ceil(address / page) * page
    this.c.discard(this.context, start, Math.floor((address + large) / page) * page - start)
  }
  write(address: number, data: TypedArray): void {
    if (data.byteLength > 0) this.c.write(this.context, address, data, data.byteLength)
  }
  /** A copy of the elements. */
  read(address: number, dtype: DType, length: number): TypedArray {
    const out = allocate(dtype, length)
    if (length > 0) this.c.read(this.context, address, out, length * byteSize(dtype))
    return out
  }
  stats(): HeapStats {
    return this.heap.stats()
  }
  private refuse(bytes: number): never {
    throw new DeviceError('native', `out of memory: ${showBytes(bytes)} asked for`, {
      received: `${showBytes(this.heap.stats().bytesInUse)} in use of at most ${showBytes(this.limit)}`,
      remedy: 'Use smaller batches, or let go of tensors that are no longer needed.',
    })
  }

  // ---- programs

  /** Compiles an image, or finds the one with its key. */
  load(image: CImage): NativeExecutable {
    const found = this.executables.get(image.key)
    if (found !== undefined) return found
    const executable: NativeExecutable = { image }
    this.ensure(executable)
    return executable
  }
  /** Frees what a program holds; running it again loads it again. */
  unload(executable: NativeExecutable): void {
    const { key } = executable.image
    const entry = this.loaded.get(key)
    this.executables.delete(key)
    if (entry === undefined) return
    this.loaded.delete(key)
    this.c.unload(entry.library)
    for (const at of entry.constants) this.heap.free(at)
  }

  /** Runs to the end. `inputs` and `outputs` are addresses. */
  run(executable: NativeExecutable, inputs: readonly number[], outputs: readonly number[]): void {
    const entry = this.ensure(executable)
    const { image } = executable
    if (image.arenaBytes > this.arenaBytes || image.scratchBytes > this.scratchBytes) this.reserve(image)
    this.bind(entry, inputs, outputs)
    const wake = this.threads > 1 && image.sharedNs > WAKE ? 1 : 0
    if (this.c.run(this.context, entry.entry, entry.table, entry.table.length, wake) !== 0) throw new DeviceError('native', 'a run failed', { received: 'no memory for its table' })
  }

  /** Ends the threads and gives the memory back. The runtime cannot be used afterwards. */
  close(): void {
    if (this.closed) return
    for (const { executable } of [...this.loaded.values()]) this.unload(executable)
    this.closed = true
    this.c.destroy(this.context)
  }

  private ensure(executable: NativeExecutable): Loaded {
    if (this.closed) throw new DeviceError('native', 'the runtime is closed')
    const { image } = executable
    const found = this.loaded.get(image.key)
    if (found !== undefined) {
      // Last used, last out.
      if (this.loaded.size > CACHE / 2) {
        this.loaded.delete(image.key)
        this.loaded.set(image.key, found)
      }
      return found
    }
    const { library, entry } = this.open(compiledLibrary(this.compiler, image.source, { units: image.units ?? [] }))
    const table = new Float64Array(image.slots.length)
    const constants: number[] = []
    image.slots.forEach((slot, i) => {
      if (slot.kind !== 'const') return
      const at = this.allocate(slot.bytes)
      constants.push(at)
      this.write(at, slot.data)
      table[i] = at
    })
    const made: Loaded = { executable, library, entry, table, constants, arena: -1 }
    this.loaded.set(image.key, made)
    this.executables.set(image.key, executable)
    if (this.loaded.size > CACHE) this.unload(this.loaded.values().next().value!.executable)
    return made
  }

  private open(path: string): { library: number; entry: number } {
    const handle = new Float64Array(2)
    const text = new Uint8Array(512)
    if (this.c.load(path, handle, text, text.length) !== 0) {
      throw new DeviceError('native', `a compiled program does not load: ${new TextDecoder().decode(text.subarray(0, text.indexOf(0)))}`, {
        remedy: 'Its folder may be mounted without the right to execute: set GRADUS_CACHE to another one.',
      })
    }
    return { library: handle[0]!, entry: handle[1]! }
  }

  /** Makes the arena and the threads' scratch as large as the program needs. Their contents need not survive. */
  private reserve(image: CImage): void {
    if (image.arenaBytes > this.arenaBytes) {
      if (this.arena !== 0) this.free(this.arena)
      this.arena = this.arenaBytes = 0
      this.arena = this.allocate(image.arenaBytes)
      this.arenaBytes = image.arenaBytes
    }
    const step = Math.ceil(image.scratchBytes / 64) * 64
    if (step > this.scratchBytes) {
      if (this.scratch !== 0) this.free(this.scratch)
      this.scratch = this.scratchBytes = 0
      this.scratch = this.allocate(step * this.threads)
      this.scratchBytes = step
      this.c.scratch(this.context, this.scratch, step)
    }
  }

  /** Writes the addresses of this run into the program's table. */
  private bind(entry: Loaded, inputs: readonly number[], outputs: readonly number[]): void {
    const { table } = entry
    const { slots } = entry.executable.image
    const moved = entry.arena !== this.arena
    entry.arena = this.arena
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!
      if (slot.kind === 'input' || slot.kind === 'output') {
        const address = (slot.kind === 'input' ? inputs : outputs)[slot.index]
        if (address === undefined) {
          throw new DeviceError('native', `${slot.kind} ${slot.index} is not bound`, { expected: `a buffer of ${showBytes(slot.bytes)}` })
        }
        table[i] = address
      } else if (moved && slot.kind === 'temp') table[i] = this.arena + slot.offset
    }
  }
}
