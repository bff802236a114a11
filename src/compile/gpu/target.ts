// What the compiler has to know of a GPU behind WebGPU.
import type { Target } from '../compile.ts'
import { type Node, defOf, emit as e } from '../../ir/index.ts'
import type { Grain } from '../loops.ts'
import { type Written, loopKernel } from '../kernels/loop-kernel.ts'
import { rowKernel } from '../kernels/row-kernel.ts'
import { gpuAttention, gpuAttentionGradient } from './attention.ts'
import { cooperate } from './cooperate.ts'
import { type ProductOptions, gpuProduct } from './gemm.ts'
import { gpuArgsort, gpuCumsum, gpuScatter } from './lines.ts'
import { split } from './split.ts'
import { isThinProduct, thinProduct } from './thin.ts'

/** Every element is a unit. */
const FINE: Grain = { elements: 1, units: Infinity }

/** `how`: the way of products, with a name that tells it from others. */
export function gpuTarget(name: string, how: ProductOptions & { readonly name?: string } = {}): Target {
  return {
    name, ...(how.name === undefined ? {} : { variant: how.name }), lanes: 1, gemm: { lanes: 1, rows: 4, vectors: 4 }, grain: FINE, alignment: 256, scratch: false,
    write(group, isBuffer) {
      if (group.kind === 'loops' || group.kind === 'rows') {
        const written = group.kind === 'loops' ? loopKernel(group.roots, isBuffer, FINE) : rowKernel(group.parts, group.rank, isBuffer, [])
        const kernel = cooperate(written.kernel)
        return [kernel === null ? written : { ...written, kernel }]
      }
      if (group.kind === 'opaque') return opaque(group.node, isBuffer)
      const product = thinProduct(group.chain, isBuffer) ?? gpuProduct(group.chain, isBuffer, how)
      return product === null ? null : [product]
    },
    keeps: (node) => isAttention(node) || isThinProduct(node),
    rule: split,
    lacks: { dtype: 'float64', remedy: "Use x.to('float32'), or the native or wasm device." },
  }
}

/** Ops of attention: not taken apart, whatever their sizes. */
function isAttention(node: Node): boolean {
  const { lower, parts } = defOf(node.op)
  return lower.kind === 'opaque' && lower.views === true && parts !== undefined && node.dtype === 'float32' && node.inputs.every((x) => x.shape.every((d) => d > 0))
}
/** null: an operand must be copied first; undefined: as on other devices. */
function opaque(node: Node, isBuffer: (n: Node) => boolean): Written[] | null | undefined {
  switch (node.op) {
    case 'attention': return gpuAttention(node as Node<'attention'>, e.picks(node), isBuffer)
    case 'attentionGradient': return gpuAttentionGradient(node as Node<'attentionGradient'>, e.picks(node), isBuffer)
    case 'scatter': return gpuScatter(node as Node<'scatter'>, isBuffer) ?? undefined
    case 'cumsum': return one(gpuCumsum(node as Node<'cumsum'>))
    case 'argsort': return one(gpuArgsort(node as Node<'argsort'>))
    default: return undefined
  }
}
const one = (written: Written | null): Written[] | undefined => (written === null ? undefined : [written])
