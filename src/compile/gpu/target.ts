// What the compiler has to know of a GPU behind WebGPU.
import type { Target } from '../compile.ts'
import type { Grain } from '../loops.ts'
import { loopKernel } from '../kernels/loop-kernel.ts'
import { rowKernel } from '../kernels/row-kernel.ts'
import { cooperate } from './cooperate.ts'
import { gpuProduct } from './gemm.ts'

/** Every element is a unit. */
const FINE: Grain = { elements: 1, units: Infinity }

export function gpuTarget(name: string): Target {
  return {
    name, lanes: 1, gemm: { lanes: 1, rows: 4, vectors: 4 }, grain: FINE, alignment: 256, scratch: false,
    write(group, isBuffer) {
      if (group.kind === 'loops' || group.kind === 'rows') {
        const written = group.kind === 'loops' ? loopKernel(group.roots, isBuffer, FINE) : rowKernel(group.parts, group.rank, isBuffer, [])
        const kernel = cooperate(written.kernel)
        return kernel === null ? [written] : [{ kernel, buffers: [...written.buffers, ...kernel.params.slice(written.kernel.params.length).map(() => null)] }]
      }
      if (group.kind !== 'product') return null
      const product = gpuProduct(group.chain, isBuffer)
      return product === null ? null : [product]
    },
    lacks: { dtype: 'float64', remedy: "Use x.to('float32'), or the native or wasm device." },
  }
}
