// Runs kernels through the WGSL renderer and Dawn: for tests of the renderer alone.
import type { TypedArray } from '../../src/base/index.ts'
import type { Kernel, Program } from '../../src/ir/index.ts'
import { type WgslLimits, renderWgsl } from '../../src/render/wgsl/index.ts'
import { webgpuProblem } from '../../src/runtime/index.ts'
import { WebgpuRuntime } from '../../src/runtime/webgpu/index.ts'
import type { Launch } from './run-native.ts'

/** One step for each kernel, over buffers of its own. */
export function programOf(launches: readonly Launch[]): Program {
  let slot = 0
  const slots = launches.flatMap((l) => l.buffers.map((b) => ({ kind: 'input' as const, index: slot++, bytes: b.byteLength })))
  slot = 0
  return {
    key: `${Math.random()}`, kernels: launches.map((l) => l.kernel), slots,
    steps: launches.map((l, kernel) => ({ kind: 'kernel', kernel, args: l.buffers.map(() => ({ slot: slot++ })), parallel: true })),
    inputs: [], outputs: [], arenaBytes: 0,
  }
}

let runtime: WebgpuRuntime | null = null
/** null where there is WebGPU. */
export const problem = await (async () => {
  const missing = webgpuProblem()
  if (missing !== null) return missing
  try {
    runtime = await WebgpuRuntime.open()
    return null
  } catch (error) {
    return (error as Error).message
  }
})()

/** Runs every kernel over copies of its buffers; gives the buffers after the run. */
export async function runKernels(launches: readonly Launch[], limits?: WgslLimits): Promise<TypedArray[][]> {
  const rt = limits === undefined ? runtime! : await WebgpuRuntime.open(limits)
  const exe = rt.load(renderWgsl(programOf(launches), rt.limits))
  const memories = launches.flatMap((l) => l.buffers).map((b) => {
    const memory = rt.allocate(b.byteLength)
    rt.write(memory, b)
    return memory
  })
  rt.run(exe, memories, [])
  const out: TypedArray[][] = []
  let next = 0
  for (const { kernel, buffers } of launches) {
    const row: TypedArray[] = []
    for (const [i, b] of buffers.entries()) row.push(await rt.read(memories[next++]!, globalParams(kernel)[i]!.dtype, b.length))
    out.push(row)
  }
  for (const m of memories) rt.release(m)
  return out
}
const globalParams = (kernel: Kernel) => kernel.params.filter((p) => p.scope === 'global')
