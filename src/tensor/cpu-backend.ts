// What the devices in this process's memory share: values as addresses, freed by the collector; programs run at once.
import { type TypedArray, byteSize, sizeOf } from '../base/index.ts'
import { type Target, attentionWidthsFit, compile } from '../compile/index.ts'
import { type Aval, type Program, type SubGraph, constant, emit as e, i32, load, newVar, op, placeholder, splat, use } from '../ir/index.ts'
import type { CpuRuntime } from './cpu-runtime.ts'
import { handedOut } from './handed-out.ts'
import type { Peak } from './peak.ts'
import { collector, pressure } from './pressure.ts'
import { readable } from './realize.ts'
import { type Recorder, recorder } from './recorder.ts'
import type { Backend, Executable, Storage } from './storage.ts'
import { tileOf } from './tile.ts'
import type { ProductOf, TileOptions } from './tile-probe.ts'

/** Results up to this many bytes (losses, counters) are read at once: no memory to allocate, nothing to collect. */
const SMALL = 64

/** Where the collector cannot be called, values from this size on carry a JavaScript allocation of their size: it sees their weight. */
const BALLAST = 64 * 1024

interface Resident {
  readonly at: number
  /** Untouched pages: address space only, but counted by the collector as memory worth freeing. */
  readonly ballast: ArrayBuffer | null
}

export function cpuBackend<E>(device: Target, runtime: CpuRuntime<E>, tiles: TileOptions): Backend {
  const product: ProductOf = (tile, m, n, k) => {
    const [a, b] = [[1, m, k], [1, k, n]].map((shape) => placeholder(e, { shape, dtype: 'float32' }))
    return compile({ params: [a!, b!], results: [e.dot(a!, b!)] }, { ...device, tile: () => tile })
  }
  const target: Target = { ...device, tile: tileOf(runtime, tiles, product) }
  const freed = new FinalizationRegistry<number>((at) => runtime.free(at))

  const keep = (storage: Storage, at: number): void => {
    const bytes = sizeOf(storage.shape) * byteSize(storage.dtype)
    const resident: Resident = { at, ballast: bytes >= BALLAST && collector() === null ? new ArrayBuffer(bytes) : null }
    storage.resident = { backend, handle: resident }
    freed.register(resident, at, resident)
  }
  const bytesOf = (length: number, dtype: Storage['dtype']): number => Math.max(1, length) * byteSize(dtype)
  const upload = (storage: Storage): number => {
    const { data } = readable(storage)
    const at = runtime.allocate(bytesOf(data.length, storage.dtype))
    runtime.write(at, data)
    return at
  }
  /** The address of a value, uploaded on first use. Copies of another device's values go to `borrowed`. */
  const address = (storage: Storage, borrowed: number[]): number => {
    if (storage.resident?.backend === backend) return (storage.resident.handle as Resident).at
    const at = upload(storage)
    if (storage.resident === null) keep(storage, at)
    else borrowed.push(at)
    return at
  }
  const small: number[] = []
  /** Where the i-th small result of a run is written. */
  const smallPlace = (i: number): number => (small[i] ??= runtime.allocate(SMALL))
  const release = (storage: Storage): void => {
    if (storage.resident?.backend !== backend) return
    const resident = storage.resident.handle as Resident
    freed.unregister(resident)
    runtime.free(resident.at)
    storage.resident = null
  }
  const read = (storage: Storage): TypedArray => {
    if (storage.resident?.backend !== backend) return readable(storage).data.slice()
    return runtime.read((storage.resident.handle as Resident).at, storage.dtype, sizeOf(storage.shape))
  }

  const backend: Backend = {
    name: target.name,
    attends: (keys, values, masked) => !masked && attentionWidthsFit(keys, values, target.lanes),
    compile(graph: SubGraph, compileOptions: { readonly donate?: readonly boolean[] } = {}): Executable {
      const begin = performance.now()
      const program = compile(graph, target, compileOptions)
      const exe = runtime.load(program)
      const compileMs = performance.now() - begin
      recorder()?.compiled(begin, begin + compileMs, program.kernels.length)
      // not the graph itself: its nodes hold values, which a kept program would keep
      const results = graph.results.map(({ dtype, shape }) => ({ dtype, shape }))
      return {
        stats: { compileMs, kernels: program.kernels.length, arenaBytes: program.arenaBytes },
        run: (inputs, donated) => run(program, exe, results, inputs, donated),
      }
    },
    read: async (storage) => read(storage),
    readNow: read,
    release,
    relieve: pressure(() => runtime.stats().bytesInUse),
    memory: () => {
      const { bytesInUse, peakBytes: peak } = runtime.stats()
      return { bytes: bytesInUse, peak }
    },
    close: () => runtime.close(),
    peak: () => (measured ??= import('./late.ts').then((late) => late.measurePeak(target.lanes, runtime, { constant, i32, load, newVar, op, splat, use }))),
  }
  let measured: Promise<Peak> | null = null
  const timed = new WeakMap<Program, E>()
  const observe = (program: Program, recorder: Recorder, from: readonly number[], to: readonly number[]): void => {
    let exe = timed.get(program)
    if (exe === undefined) timed.set(program, (exe = runtime.loadTimed(program)))
    const begin = performance.now()
    runtime.runTimed(exe, from, to, (kernel, start, end, calls) => recorder.work(program.kernels[kernel]!, start, end, calls))
    recorder.ran(begin, performance.now(), program.arenaBytes)
  }

  function run(program: Program, exe: E, results: readonly Aval[], inputs: readonly Storage[], donated: readonly boolean[] = []): Storage[] {
    const borrowed: number[] = []
    const from = inputs.map((s) => address(s, borrowed))
    const to = program.outputs.map((o, i) => {
      if (o.alias !== undefined) return from[o.alias]!
      const bytes = bytesOf(o.length, o.dtype)
      return bytes <= SMALL ? smallPlace(i) : runtime.allocate(bytes)
    })
    const listening = recorder()
    if (listening === null) runtime.run(exe, from, to)
    else observe(program, listening, from, to)
    const read = (i: number): Storage['host'] => {
      const { alias, length, dtype } = program.outputs[i]!
      return alias === undefined && bytesOf(length, dtype) <= SMALL ? { dtype, shape: results[i]!.shape, data: runtime.read(to[i]!, dtype, length) } : null
    }
    return handedOut({ program, results, inputs, donated, to, borrowed }, { backend, keep, free: (at) => runtime.free(at), release, read })
  }
  return backend
}
