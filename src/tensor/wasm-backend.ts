// The wasm device: graphs compiled to WebAssembly programs, values in one wasm memory.
import type { Program } from '../ir/index.ts'
import { renderWasm } from '../render/index.ts'
import { type Executable, WasmRuntime } from '../runtime/index.ts'
import { type CpuRuntime, cpuBackend } from './cpu-backend.ts'
import type { Backend, DeviceOptions } from './storage.ts'

/** Register tile of products: 8 accumulators leave V8 registers for the addresses (6 rows run at half the speed on Node 20). */
const TARGET = { name: 'wasm', lanes: 4, gemm: { lanes: 4, rows: 4, vectors: 2 } } as const

export function wasmBackend(options: DeviceOptions = {}): Backend {
  const runtime = new WasmRuntime(options.threads === undefined ? {} : { threads: options.threads })
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
  return cpuBackend(TARGET, adapter)
}
