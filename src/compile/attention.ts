// How attention is computed without all scores in memory, where the device's kernels take it; elsewhere it is taken apart.
import { type Node, emit as e } from '../ir/index.ts'
import type { Family } from './families.ts'
import { attentionGradientKernels } from './kernels/attention-gradient.ts'
import { attentionFits } from './kernels/attention-tiles.ts'
import { attentionKernel } from './kernels/attention.ts'

export const attentionFamily: Family = {
  keeps: (_, { lanes }) => (n) => attentionFits(n, lanes),
  write(group, isBuffer, gemm) {
    if (group.kind !== 'opaque') return undefined
    const { node } = group
    if (node.op === 'attentionGradient') return attentionGradientKernels(node as Node<'attentionGradient'>, e.picks(node), isBuffer, gemm)
    if (node.op !== 'attention') return undefined
    const written = attentionKernel(node as Node<'attention'>, e.picks(node), isBuffer, gemm)
    return written === null ? null : [written]
  },
}
