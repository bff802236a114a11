// The wasm device: graphs compiled to WebAssembly programs, values in one wasm memory.
import { type TypedArray, byteSize, sizeOf } from '../base/index.ts'
import { compile } from '../compile/index.ts'
import type { Program, SubGraph } from '../ir/index.ts'
import { renderWasm } from '../render/index.ts'
import { WasmRuntime } from '../runtime/index.ts'
import { readable } from './realize.ts'
import type { Backend, DeviceOptions, Executable, Storage } from './storage.ts'

/** Register tile of products: 8 accumulators leave V8 registers for the addresses (6 rows run at half the speed on Node 20). */
const TARGET = { name: 'wasm', lanes: 4, gemm: { lanes: 4, rows: 4, vectors: 2 } } as const
/** Values from this size on carry a JavaScript allocation of the same size, so that the collector sees their weight. */
const BALLAST = 64 * 1024

interface Resident {
  readonly at: number
  /** Untouched pages: address space only, but counted by the collector as memory worth freeing. */
  readonly ballast: ArrayBuffer | null
}

export function wasmBackend(options: DeviceOptions = {}): Backend {
  const runtime = new WasmRuntime(options.threads === undefined ? {} : { threads: options.threads })
  const freed = new FinalizationRegistry<number>((at) => runtime.free(at))

  const keep = (storage: Storage, at: number): void => {
    const bytes = sizeOf(storage.shape) * byteSize(storage.dtype)
    const resident: Resident = { at, ballast: bytes >= BALLAST ? new ArrayBuffer(bytes) : null }
    storage.resident = { backend, handle: resident }
    freed.register(resident, at, resident)
  }
  const bytesOf = (length: number, dtype: Storage['dtype']): number => Math.max(1, length) * byteSize(dtype)
  /** The address of a value, uploaded on first use. */
  const address = (storage: Storage): number => {
    if (storage.resident?.backend === backend) return (storage.resident.handle as Resident).at
    const { data } = readable(storage)
    const at = runtime.allocate(bytesOf(data.length, storage.dtype))
    runtime.write(at, data)
    if (storage.resident === null) keep(storage, at)
    return at
  }
  const release = (storage: Storage): void => {
    if (storage.resident?.backend !== backend) return
    const resident = storage.resident.handle as Resident
    freed.unregister(resident)
    runtime.free(resident.at)
    storage.resident = null
  }
  const view = (storage: Storage): TypedArray => runtime.read(address(storage), storage.dtype, sizeOf(storage.shape))

  const backend: Backend = {
    name: 'wasm',
    compile(graph: SubGraph, compileOptions: { readonly donate?: readonly boolean[] } = {}): Executable {
      const begin = performance.now()
      const program = compile(graph, TARGET, compileOptions)
      const image = renderWasm(program, { shared: runtime.shared, relaxed: runtime.relaxed })
      const exe = runtime.load(image)
      const compileMs = performance.now() - begin
      return {
        stats: { compileMs, kernels: program.kernels.length, arenaBytes: program.arenaBytes },
        run: (inputs, donated) => run(program, exe, graph, inputs, donated),
      }
    },
    read: async (storage) => view(storage),
    readNow: (storage) => view(storage),
    release,
    memory: () => {
      const { bytesInUse, peakBytes: peak } = runtime.stats()
      return { bytes: bytesInUse, peak }
    },
    close: () => runtime.close(),
  }

  function run(program: Program, exe: ReturnType<WasmRuntime['load']>, graph: SubGraph, inputs: readonly Storage[], donated: readonly boolean[] = []): Storage[] {
    const from = inputs.map(address)
    const to = program.outputs.map((o) => (o.alias === undefined ? runtime.allocate(bytesOf(o.length, o.dtype)) : from[o.alias]!))
    runtime.run(exe, from, to)
    const outputs = graph.results.map((r, i): Storage => {
      const storage: Storage = { dtype: r.dtype, shape: r.shape, host: null, resident: null, gone: null }
      const { alias } = program.outputs[i]!
      if (alias === undefined) keep(storage, to[i]!)
      else {
        storage.resident = inputs[alias]!.resident
        inputs[alias]!.resident = null
      }
      return storage
    })
    inputs.forEach((s, i) => {
      if (donated[i] === true) release(s)
    })
    return outputs
  }
  return backend
}
