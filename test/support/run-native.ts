// Runs kernels through the C renderer and the system's compiler: for tests of the renderer alone. Many kernels at a time,
// because a compiler takes its time to start.
import type { TypedArray } from '../../src/base/index.ts'
import type { Kernel, Program } from '../../src/ir/index.ts'
import { renderC } from '../../src/render/index.ts'
import { NativeRuntime, nativeProblem } from '../../src/runtime/index.ts'

/** null where there is a C compiler and koffi. */
export const problem = nativeProblem()

export interface Launch {
  readonly kernel: Kernel
  readonly buffers: readonly TypedArray[]
}

/** One step for each kernel, over buffers of its own. */
function programOf(launches: readonly Launch[], parallel: boolean): Program {
  let slot = 0
  const slots = launches.flatMap((l) => l.buffers.map((b, k) => ({ kind: 'input' as const, index: slot++, bytes: b.byteLength, k })))
  slot = 0
  return {
    key: `${Math.random()}`, kernels: launches.map((l) => l.kernel), slots,
    steps: launches.map((l, kernel) => ({ kind: 'kernel', kernel, args: l.buffers.map(() => ({ slot: slot++ })), parallel })),
    inputs: [], outputs: [], arenaBytes: 0,
  }
}

/** Runs every kernel over copies of its buffers; gives the buffers after the run. */
export function runKernels(launches: readonly Launch[], { threads = 1, parallel = false } = {}): TypedArray[][] {
  const runtime = new NativeRuntime({ threads })
  try {
    const executable = runtime.load(renderC(programOf(launches, parallel), { lanes: runtime.compiler.lanes }))
    const buffers = launches.flatMap((l) => l.buffers)
    const at = buffers.map((b) => {
      const address = runtime.allocate(Math.max(1, b.byteLength) + 64)
      runtime.write(address, b)
      return address
    })
    runtime.run(executable, at, [])
    let next = 0
    return launches.map((l) =>
      l.buffers.map((b) => {
        const bytes = runtime.read(at[next++]!, 'uint8', b.byteLength) as Uint8Array
        return new (b.constructor as Float32ArrayConstructor)(bytes.buffer as ArrayBuffer)
      }),
    )
  } finally {
    runtime.close()
  }
}
