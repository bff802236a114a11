// How convolutions are computed: by Winograd's algorithm, or directly with the batch innermost; others are taken apart.
import type { Node } from '../ir/index.ts'
import { batchLast, directConvs, ofBatch, withCopies } from './batch-last.ts'
import type { Family } from './families.ts'
import { alone, productOf } from './kernels/chain.ts'
import { directFilter } from './kernels/direct-filter.ts'
import { directWeights } from './kernels/direct-weights.ts'
import { directKind } from './kernels/direct.ts'
import type { GemmTarget } from './kernels/gemm.ts'
import { winogradBatch } from './kernels/winograd-batch.ts'
import { winogradConv } from './kernels/winograd-conv.ts'
import { winogradWeights } from './kernels/winograd-weights.ts'
import { winogradKind } from './kernels/winograd.ts'

const isWide = ({ lanes }: GemmTarget): boolean => lanes > 4

export const convolutionFamily: Family = {
  keeps(graph, gemm) {
    const direct = directConvs(graph, isWide(gemm))
    return (n, original) => winogradKind(n) !== null || (direct.has(original) && directKind(n) !== null)
  },
  prepare: (graph, gemm, force) => withCopies(graph, force, isWide(gemm)),
  leads: (n) => productOf(n) === 'convolution' && winogradKind(n) !== 'weights',
  layout: (plan, graph, gemm) => batchLast(plan, graph, isWide(gemm)),
  write(group, isBuffer, gemm, make) {
    if (group.kind === 'product' && group.chain.dot.op === 'conv') {
      const { chain } = group
      if (winogradKind(chain.dot) === null) return [(directKind(chain.dot) === 'filter' ? directFilter : directWeights)(chain, isBuffer, gemm)]
      return (ofBatch(chain.dot, isBuffer) ? winogradBatch : winogradConv)(chain, isBuffer, gemm, make)
    }
    if (group.kind !== 'opaque' || group.node.op !== 'conv') return undefined
    if (ofBatch(group.node, isBuffer)) return [directWeights(alone(group.node), isBuffer, gemm)]
    return winogradWeights(group.node as Node<'conv'>, isBuffer, gemm, make)
  },
}
