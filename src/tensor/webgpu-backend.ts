// The WebGPU device: graphs compiled to WGSL, values in buffers of the GPU, programs put on its queue. Loaded on use.
import { DeviceError, type TypedArray, byteSize, sizeOf } from '../base/index.ts'
import { gpuTarget, tileBy } from '../compile/gpu/index.ts'
import { type Target, compile } from '../compile/index.ts'
import type { Aval, Program, SubGraph } from '../ir/index.ts'
import { type WgslImage, renderWgsl } from '../render/wgsl/index.ts'
import { type Memory, type WebgpuExecutable, type WebgpuOptions, WebgpuRuntime } from '../runtime/webgpu/index.ts'
import { handedOut } from './handed-out.ts'
import { collector, pressure } from './pressure.ts'
import { readable, usable } from './realize.ts'
import { recorder } from './recorder.ts'
import type { Backend, DeviceOptions, Executable, Storage } from './storage.ts'
import { tuned } from './webgpu-product.ts'
import { worthTuning } from './webgpu-tuner.ts'

/** From this size on values carry a JavaScript allocation of their size where the collector cannot be called. */
const BALLAST = 64 * 1024

/** Launches that are no kernel of the program: conditions, and copies to make room for bindings. */
const OTHER = { name: 'condition or copy', flops: 0, bytes: 0 }

interface Resident {
  readonly memory: Memory
  /** The device may have been lost since. */
  readonly runtime: WebgpuRuntime
  readonly ballast: ArrayBuffer | null
}
/** A program, loaded into the runtime there is now. */
interface Loaded {
  readonly program: Program
  readonly image: WgslImage
  exe: WebgpuExecutable
  runtime: WebgpuRuntime
}

export interface WebgpuBackend extends Backend {
  /** Of products: see DeviceOptions. */
  readonly precision: 'float32' | 'float16'
  readonly runtime: () => WebgpuRuntime
  /** Opens the device again when it was lost. */
  readonly reopen: () => Promise<void>
}

export async function webgpuBackend({ precision = 'float32', ...options }: WebgpuOptions & Pick<DeviceOptions, 'precision'> = {}): Promise<WebgpuBackend> {
  const half = precision === 'float16'
  const open = (): Promise<WebgpuRuntime> => WebgpuRuntime.open({ ...options, halves: half })
  let runtime = await open()
  if (half && !runtime.features.has('shader-f16')) {
    throw new DeviceError('webgpu', 'this adapter does not compute in 16 bits', { expected: 'an adapter with the feature shader-f16', remedy: "Leave the option precision: 'float16' out." })
  }
  const tiles = options.tune ?? worthTuning(runtime.info) ? await tuned(runtime, half) : {}
  const target: Target = gpuTarget('webgpu', { name: `${precision}${JSON.stringify(tiles)}`, tile: tileBy(tiles), half })
  const freed = new FinalizationRegistry<Resident['memory'] & { readonly from: WebgpuRuntime }>((m) => m.from.release(m))

  const bytesOf = (length: number, dtype: Storage['dtype']): number => Math.max(1, length) * byteSize(dtype)
  const keep = (storage: Storage, memory: Memory): void => {
    const resident: Resident = { memory, runtime, ballast: memory.bytes >= BALLAST && collector() === null ? new ArrayBuffer(memory.bytes) : null }
    storage.resident = { backend, handle: resident }
    freed.register(resident, { ...memory, from: runtime }, resident)
  }
  /** The memory of a value that lives here, or null; an error when it was lost with the device. */
  const here = (storage: Storage): Memory | null => {
    if (storage.resident?.backend !== backend) return null
    const resident = storage.resident.handle as Resident
    if (resident.runtime === runtime) return resident.memory
    storage.resident = null
    if (storage.host === null) storage.gone = 'lost with the device'
    usable(storage)
    return null
  }
  /** The memory of a value, uploaded on first use. Copies of another device's values go to `borrowed`. */
  const memoryOf = (storage: Storage, borrowed: Memory[]): Memory => {
    const found = here(storage)
    if (found !== null) return found
    const { data } = readable(storage)
    const memory = runtime.allocate(bytesOf(data.length, storage.dtype))
    runtime.write(memory, data)
    if (storage.resident === null) keep(storage, memory)
    else borrowed.push(memory)
    return memory
  }
  const release = (storage: Storage): void => {
    if (storage.resident?.backend !== backend) return
    const resident = storage.resident.handle as Resident
    freed.unregister(resident)
    resident.runtime.release(resident.memory)
    storage.resident = null
  }

  const backend: WebgpuBackend = {
    name: target.name,
    precision,
    // drivers compile long shaders slowly and at a price in memory
    pending: 100,
    attends: () => true,
    lacks: [target.lacks!.dtype],
    flushes: true,
    runtime: () => runtime,
    async reopen() {
      if (runtime.isLost) runtime = await open()
    },
    async recover() {
      const lost = runtime.isLost
      await backend.reopen()
      return lost
    },
    compile(graph: SubGraph, compileOptions = {}): Executable {
      const begin = performance.now()
      const program = compile(graph, target, compileOptions)
      const image = renderWgsl(program, runtime.limits)
      const loaded: Loaded = { program, image, exe: runtime.load(image), runtime }
      const compileMs = performance.now() - begin
      recorder()?.compiled(begin, begin + compileMs, program.kernels.length)
      const results = graph.results.map(({ dtype, shape }) => ({ dtype, shape }))
      return {
        stats: { compileMs, kernels: program.kernels.length, arenaBytes: program.arenaBytes },
        run: (inputs, donated) => run(loaded, results, inputs, donated),
      }
    },
    async read(storage): Promise<TypedArray> {
      const memory = here(storage)
      return memory === null ? readable(storage).data.slice() : runtime.read(memory, storage.dtype, sizeOf(storage.shape))
    },
    readNow: () => null,
    waits: true,
    release,
    relieve: pressure(() => runtime.stats().bytesInUse),
    memory: () => {
      const { bytesInUse, peakBytes: peak } = runtime.stats()
      return { bytes: bytesInUse, peak }
    },
    peak: async () => null,
    settle: () => runtime.done(),
    describe() {
      const { vendor, architecture, device, description, isFallbackAdapter } = runtime.info
      const name = [...new Set([description || device, vendor, architecture].filter((x) => x !== ''))].join(', ')
      const extras = ['shader-f16', 'subgroups'].filter((f) => runtime.features.has(f))
      return `${name}${isFallbackAdapter === true ? ' (a processor: slow)' : ''}${extras.length > 0 ? `; ${extras.join(', ')}` : ''}; buffers up to ${(runtime.limits.chunk / 2 ** 20).toFixed(0)} MiB`
    },
    close: () => runtime.close(),
  }

  function run(loaded: Loaded, results: readonly Aval[], inputs: readonly Storage[], donated: readonly boolean[] = []): Storage[] {
    runtime.check()
    if (loaded.runtime !== runtime) Object.assign(loaded, { exe: runtime.load(loaded.image), runtime })
    const { program } = loaded
    const borrowed: Memory[] = []
    const from = inputs.map((s) => memoryOf(s, borrowed))
    const to = program.outputs.map((o) => (o.alias !== undefined ? from[o.alias]! : runtime.allocate(bytesOf(o.length, o.dtype))))
    const listening = recorder()
    if (listening === null) runtime.run(loaded.exe, from, to)
    else {
      const begin = performance.now()
      runtime.runTimed(loaded.exe, from, to, (kernel, start, end) => listening.work(program.kernels[kernel] ?? OTHER, start, end, 1))
      listening.ran(begin, performance.now(), program.arenaBytes)
    }
    return handedOut({ program, results, inputs, donated, to, borrowed }, { backend, keep, free: (memory) => runtime.release(memory), release })
  }
  return backend
}
