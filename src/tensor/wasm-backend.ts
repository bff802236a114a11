// The wasm device: graphs compiled to WebAssembly programs, values in one wasm memory.
import type { Program } from '../ir/index.ts'
import { renderWasm } from '../render/index.ts'
import { type Executable, WasmRuntime, features } from '../runtime/index.ts'
import { cpuBackend } from './cpu-backend.ts'
import type { CpuRuntime } from './cpu-runtime.ts'
import type { Backend, DeviceOptions } from './storage.ts'

export function wasmBackend(options: DeviceOptions = {}): Backend {
  const runtime = new WasmRuntime(options)
  // The register tile of products is the engine's: how many accumulators its compiler keeps in registers differs.
  const { tile } = features()
  const target = { name: 'wasm', lanes: 4, gemm: { lanes: 4, ...tile }, scratch: true }
  // Tiles that are the fastest somewhere: 6 × 2 and 4 × 2 with 16 vector registers, 4 × 4 with 32.
  const candidates = [tile, { rows: 10 - tile.rows, vectors: 2 }, { rows: 4, vectors: 4 }]
  const adapter: CpuRuntime<Executable> = {
    allocate: (bytes) => runtime.allocate(bytes),
    free: (at) => runtime.free(at),
    write: (at, data) => runtime.write(at, data),
    read: (at, dtype, length) => runtime.read(at, dtype, length),
    load: (program: Program) => runtime.load(renderWasm(program, { shared: runtime.shared, relaxed: runtime.relaxed })),
    run: (exe, inputs, outputs) => runtime.run(exe, inputs, outputs),
    loadTimed: (program: Program) => runtime.load(renderWasm(program, { shared: runtime.shared, relaxed: runtime.relaxed, profile: true })),
    runTimed: (exe, inputs, outputs, seen) => {
      runtime.onKernel = (kernel, start, end) => seen(kernel, start, end, 1)
      try {
        runtime.run(exe, inputs, outputs)
      } finally {
        runtime.onKernel = null
      }
    },
    stats: () => runtime.stats(),
    close: () => runtime.close(),
  }
  return cpuBackend(target, adapter, { candidates, device: `wasm ${runtime.relaxed}`, probe: options.probe })
}
