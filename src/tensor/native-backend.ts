// The native device: graphs compiled to C and by the system's compiler, values in memory of its own.
// In bundles for browsers native-absent.ts takes this file's place (the field `browser` of package.json).
import type { Program } from '../ir/index.ts'
import { readMarks, renderC } from '../render/index.ts'
import { type NativeExecutable, NativeRuntime } from '../runtime/index.ts'
import { cpuBackend } from './cpu-backend.ts'
import type { CpuRuntime } from './cpu-runtime.ts'
import type { Backend, DeviceOptions } from './storage.ts'
export { nativeProblem } from '../runtime/index.ts'

export function nativeBackend(options: DeviceOptions = {}): Backend {
  const runtime = new NativeRuntime(options)
  const { lanes, registers } = runtime.compiler
  const adapter: CpuRuntime<NativeExecutable> = {
    allocate: (bytes) => runtime.allocate(bytes),
    free: (at) => runtime.free(at),
    write: (at, data) => runtime.write(at, data),
    read: (at, dtype, length) => runtime.read(at, dtype, length),
    load: (program: Program) => runtime.load(renderC(program, { lanes })),
    run: (exe, inputs, outputs) => runtime.run(exe, inputs, outputs),
    loadTimed: (program: Program) => runtime.load(renderC(program, { lanes, profile: true })),
    runTimed: (exe, inputs, outputs, seen) => {
      const marks = exe.image.slots.at(-1)! // the program writes the times there
      const at = runtime.allocate(marks.bytes)
      try {
        const begin = performance.now()
        runtime.run(exe, inputs, [...outputs, at])
        readMarks(runtime.read(at, 'float64', marks.bytes / 8) as Float64Array, begin, seen)
      } finally {
        runtime.free(at)
      }
    },
    stats: () => runtime.stats(),
    close: () => runtime.close(),
  }
  // The tile leaves registers for a row of the second operand and one element of the first.
  const candidates = registers === 32 ? [{ rows: 12, vectors: 2 }, { rows: 6, vectors: 4 }] : [{ rows: 6, vectors: 2 }, { rows: 4, vectors: 3 }]
  return cpuBackend({ name: 'native', lanes, gemm: { lanes, ...candidates[0]! }, scratch: true }, adapter, { candidates, device: `native ${runtime.compiler.identity}`, probe: options.probe })
}
