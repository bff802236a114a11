// Gradient clipping over any tree of tensors (lists of gradients, records, modules).
import { type Tensor, treeLeaves, treeMap, zeros } from '../../tensor/index.ts'
import { requireRange } from '../checks.ts'

/**
 * Every value cut to [−limit, limit].
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { clipByValue } from 'gradus/nn'
 *
 * await clipByValue({ bias: tensor([-3, 0.5]) }, 1).bias.array() // → [-1, 0.5]
 * ```
 */
export function clipByValue<T>(grads: T, limit: number): T {
  requireRange('clipByValue', 'limit', limit, 0)
  return treeMap((g) => g.clamp(-limit, limit), grads)
}

/**
 * All gradients scaled together so that the root of the sum of all squares is at most `maxNorm`; `norm` is that root
 * before (Pascanu et al., 2013).
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { clipByGlobalNorm } from 'gradus/nn'
 *
 * const { clipped, norm } = clipByGlobalNorm([tensor([3]), tensor([4])], 1)
 * await norm.item() // → 5
 * await clipped[1].array() // → [0.8]
 * ```
 */
export function clipByGlobalNorm<T>(grads: T, maxNorm: number): { clipped: T; norm: Tensor } {
  requireRange('clipByGlobalNorm', 'maxNorm', maxNorm, 0)
  const norm = treeLeaves(grads).reduce((sum, g) => sum.add(g.square().sum()), zeros([])).sqrt()
  // PyTorch's 1e-6 keeps the quotient finite at zero
  const scale = norm.add(1e-6).reciprocal().mul(maxNorm).minimum(1)
  return { clipped: treeMap((g) => g.mul(scale).to(g.dtype), grads), norm }
}
