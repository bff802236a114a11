// Times one matrix product on the GPU: what the tuner chooses tiles by.
import { type GpuTile, gpuTarget } from '../compile/gpu/index.ts'
import { compile } from '../compile/index.ts'
import { type Node, emit as e } from '../ir/index.ts'
import { renderWgsl } from '../render/wgsl/index.ts'
import type { Memory, WebgpuRuntime } from '../runtime/webgpu/index.ts'
import { type Tiles, chooseTiles, keptHere } from './webgpu-tuner.ts'

/** Milliseconds of several runs together, so that handing them over does not count. */
const ENOUGH = 8

/** The tiles that are fastest on this adapter; `half`: with operands of 16 bits. */
export function tuned(runtime: WebgpuRuntime, half: boolean): Promise<Tiles> {
  const { vendor, architecture, device, description } = runtime.info
  return chooseTiles({
    adapter: [vendor, architecture, device, description, ...(half ? ['float16'] : [])].join('|'), limits: runtime.device.limits, now: () => performance.now(), kept: keptHere(),
    measure: (tile, shape) => timeProduct(runtime, { tile, half }, shape),
  })
}
/** Milliseconds of one product in a tile. */
export async function timeProduct(runtime: WebgpuRuntime, { tile, half = false }: { readonly tile: GpuTile; readonly half?: boolean }, [M, N, K]: readonly [number, number, number]): Promise<number> {
  const operand = (...shape: number[]): Node => e.make('input', [], { name: 'x', shape, dtype: 'float32' })
  const params = [operand(1, M, K), operand(1, K, N)]
  const program = compile({ params, results: [e.make('dot', params, {})] }, gpuTarget('webgpu', { name: JSON.stringify([tile, half]), tile: () => tile, half }))
  const exe = runtime.load(renderWgsl(program, runtime.limits))
  const places = [M * K, K * N, M * N].map((n) => runtime.allocate(4 * n))
  const [a, b, out] = places as [Memory, Memory, Memory]
  try {
    runtime.run(exe, [a, b], [out])
    await runtime.done()
    /** Milliseconds of so many runs, waited for. */
    const time = async (runs: number): Promise<number> => {
      const begin = performance.now()
      for (let i = 0; i < runs; i++) runtime.run(exe, [a, b], [out])
      await runtime.done()
      return performance.now() - begin
    }
    const runs = Math.max(1, Math.min(64, Math.ceil(ENOUGH / (await time(1)))))
    return (await time(runs)) / runs
  } finally {
    for (const p of places) runtime.release(p)
  }
}
