// The wasm runtime: allocates in one memory, loads images, runs them at once on all threads. Everything is synchronous.
import { DeviceError, type DType, type TypedArray, ValueError } from '../../base/index.ts'
import { features } from './features.ts'
import type { HeapStats } from './heap.ts'
import type { Main, WasmImage } from './image.ts'
import { RESERVED, WasmMemory, showBytes } from './memory.ts'
import { MAX_THREADS, ThreadPool } from './pool.ts'

export interface WasmRuntimeOptions {
  /** Threads, the calling one included: 1 … 64; all cores by default. */
  readonly threads?: number
  /** Shared memory (and so threads); by default where it is allowed. */
  readonly shared?: boolean
  /** Fused multiply-adds; by default where the engine has them. */
  readonly relaxed?: boolean
  /** Limit of the memory; 4 GiB by default. */
  readonly maxBytes?: number
}

/** A loaded program. Loaded again by itself when the cache let it go. */
export interface Executable {
  readonly image: WasmImage
  /** Time spent in each kernel so far, when the image was made for profiling. */
  readonly times: readonly KernelTime[]
}
export interface KernelTime {
  readonly name: string
  calls: number
  ms: number
}

interface Loaded {
  readonly id: number
  readonly executable: Executable
  readonly module: WebAssembly.Module
  readonly main: Main
  readonly table: number
  readonly constants: readonly number[]
  /** Where the arena was when the table was written. */
  arena: number
}

/** Programs that stay compiled. */
const CACHE = 512
const SYNC_AT = RESERVED - 8192
/** What a program returns that has waited in vain. */
const GAVE_UP = 2
/** Shared work that is worth waking other threads, in ns. */
const WAKE = 60_000

export class WasmRuntime {
  readonly shared: boolean
  readonly relaxed: boolean
  readonly threads: number
  private readonly memory: WasmMemory
  private pool: ThreadPool | null = null
  private readonly loaded = new Map<string, Loaded>()
  private readonly executables = new Map<string, Executable>()
  private nextId = 1
  /** Learns of every kernel that ends in a program made for profiling: its number, begin and end in ms of performance.now(). */
  onKernel: ((kernel: number, start: number, end: number) => void) | null = null
  private arena = 0
  private arenaBytes = 0
  private scratch = 0
  private scratchBytes = 0
  private closed = false

  constructor(options: WasmRuntimeOptions = {}) {
    const has = features()
    if (!has.simd) {
      throw new DeviceError('wasm', 'this engine has no WebAssembly SIMD', { remedy: 'Use Node 20.19 or newer, or a current browser.' })
    }
    const threads = options.threads ?? has.cores
    if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
      throw new ValueError('wasm', 'bad number of threads', { expected: `an integer from 1 to ${MAX_THREADS}`, received: String(threads) })
    }
    this.shared = options.shared ?? (has.threads && has.shared)
    this.relaxed = has.relaxed && options.relaxed !== false
    this.threads = this.shared ? threads : 1
    this.memory = new WasmMemory(this.shared, options.maxBytes ?? 2 ** 32)
  }

  // ---- memory

  /** The address of a buffer (contents undefined), aligned to 64 bytes. */
  allocate(bytes: number): number {
    return this.memory.allocate(bytes)
  }
  free(address: number): void {
    this.memory.free(address)
  }
  write(address: number, data: TypedArray): void {
    this.memory.bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), address)
  }
  /** A copy of the elements. */
  read(address: number, dtype: DType, length: number): TypedArray {
    return this.memory.view(address, dtype, length).slice()
  }
  /** The elements themselves, until memory grows or the buffer is freed. */
  view(address: number, dtype: DType, length: number): TypedArray {
    return this.memory.view(address, dtype, length)
  }
  stats(): HeapStats {
    return this.memory.stats()
  }

  // ---- programs

  /** Compiles an image, or finds the one with its key. */
  load(image: WasmImage): Executable {
    const found = this.executables.get(image.key)
    if (found !== undefined) return found
    const executable: Executable = { image, times: (image.profile ?? []).map((name) => ({ name, calls: 0, ms: 0 })) }
    this.ensure(executable)
    return executable
  }
  /** Frees what a program holds; running it again loads it again. */
  unload(executable: Executable): void {
    const { key } = executable.image
    const entry = this.loaded.get(key)
    this.executables.delete(key)
    if (entry === undefined) return
    this.loaded.delete(key)
    this.pool?.drop(entry.id)
    for (const c of entry.constants) this.memory.free(c)
    this.memory.free(entry.table)
  }

  /** Runs to the end. `inputs` and `outputs` are addresses. */
  run(executable: Executable, inputs: readonly number[], outputs: readonly number[]): void {
    const entry = this.ensure(executable)
    const { image } = executable
    const parallel = this.worthThreads(image)
    this.reserve(image)
    this.bind(entry, inputs, outputs)
    let threads = 1
    if (parallel) {
      this.pool ??= new ThreadPool(this.memory, this.threads - 1, image.sync, SYNC_AT)
      this.pool.send(entry.id, entry.module)
      threads = this.pool.launch({ program: entry.id, scratch: this.scratch, scratchStep: this.scratchBytes })
    }
    let problem: string | null = null
    try {
      const maySleep = this.pool?.maySleep ? 1 : 0
      const failed = entry.main(0, threads, entry.table, SYNC_AT, this.scratch, maySleep)
      if (failed !== 0) problem = failed === GAVE_UP ? 'the other threads did not finish' : 'a thread failed'
    } catch (error) {
      problem = String(error)
    }
    if (problem === null) return
    const reasons = parallel ? this.pool!.collect() : []
    throw new DeviceError('wasm', `program ${image.key.slice(0, 60)} failed: ${[problem, ...reasons].join('; ')}`)
  }

  /** Resolves when every thread can take part in runs of this program (they join by themselves; this is for measuring). */
  async ready(executable: Executable): Promise<void> {
    const { image } = executable
    if (!this.worthThreads(image)) return
    const entry = this.ensure(executable)
    this.pool ??= new ThreadPool(this.memory, this.threads - 1, image.sync, SYNC_AT)
    this.pool.send(entry.id, entry.module)
    while (!this.closed && !this.pool.settled(entry.id)) await new Promise((resolve) => setTimeout(resolve, 1))
  }

  /** Ends the threads. The runtime cannot be used afterwards. */
  close(): void {
    this.closed = true
    this.pool?.close()
    this.pool = null
  }

  private worthThreads(image: WasmImage): boolean {
    return this.threads > 1 && image.sharedNs > WAKE
  }
  private ensure(executable: Executable): Loaded {
    if (this.closed) throw new DeviceError('wasm', 'the runtime is closed')
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
    const { module, main } = this.compile(executable)
    const constants: number[] = []
    const table = this.memory.allocate(image.slots.length * 4)
    try {
      image.slots.forEach((slot, i) => {
        if (slot.kind !== 'const') return
        const at = this.memory.allocate(slot.bytes)
        constants.push(at)
        this.write(at, slot.data)
        this.memory.words[table / 4 + i] = at
      })
    } catch (error) {
      for (const at of [...constants, table]) this.memory.free(at)
      throw error
    }
    const entry: Loaded = { id: this.nextId++, executable, module, main, table, constants, arena: -1 }
    this.loaded.set(image.key, entry)
    this.executables.set(image.key, executable)
    if (this.loaded.size > CACHE) this.unload(this.loaded.values().next().value!.executable)
    return entry
  }

  private compile({ image, times }: Executable): { module: WebAssembly.Module; main: Main } {
    let current = -1
    let since = 0
    const mark = (kernel: number) => {
      const now = performance.now()
      if (current >= 0) {
        const time = times[current]!
        time.ms += now - since
        time.calls++
        this.onKernel?.(current, since, now)
      }
      current = kernel
      since = performance.now()
    }
    try {
      const module = new WebAssembly.Module(image.bytes)
      const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory.memory, mark } })
      return { module, main: exports.main as Main }
    } catch (error) {
      throw new DeviceError('wasm', `a program of ${showBytes(image.bytes.length)} does not compile here: ${String(error)}`)
    }
  }

  /** Makes the arena and the threads' scratch as large as the program needs. Their contents need not survive. */
  private reserve(image: WasmImage): void {
    if (image.arenaBytes > this.arenaBytes) {
      if (this.arena !== 0) this.memory.free(this.arena)
      this.arena = this.arenaBytes = 0
      this.arena = this.memory.allocate(image.arenaBytes)
      this.arenaBytes = image.arenaBytes
    }
    const step = Math.ceil(image.scratchBytes / 64) * 64
    if (step > this.scratchBytes || (step > 0 && this.scratch === 0)) {
      if (this.scratch !== 0) this.memory.free(this.scratch)
      this.scratch = this.scratchBytes = 0
      this.scratch = this.memory.allocate(step * this.threads)
      this.scratchBytes = step
    }
  }

  /** Writes the addresses of this run into the program's table. */
  private bind(entry: Loaded, inputs: readonly number[], outputs: readonly number[]): void {
    const { slots } = entry.executable.image
    const { words } = this.memory
    const table = entry.table / 4
    const moved = entry.arena !== this.arena
    entry.arena = this.arena
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!
      if (slot.kind === 'input' || slot.kind === 'output') {
        const address = (slot.kind === 'input' ? inputs : outputs)[slot.index]
        if (address === undefined) {
          throw new DeviceError('wasm', `${slot.kind} ${slot.index} is not bound`, { expected: `a buffer of ${showBytes(slot.bytes)}` })
        }
        words[table + i] = address
      } else if (moved && slot.kind === 'temp') words[table + i] = this.arena + slot.offset
    }
  }
}
