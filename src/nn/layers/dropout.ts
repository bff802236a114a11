// Dropout (Srivastava et al., 2014), inverted: kept values are scaled up in training, evaluation does nothing.
import { type Tensor, bernoulli, nextKey, tensorOf } from '../../tensor/index.ts'
import { requireRange } from '../checks.ts'
import { Module } from '../module.ts'

/** Zeroes each value with probability p and divides the others by 1 − p. Draws from the default generator. */
export function dropout(x: Tensor, p = 0.5): Tensor {
  tensorOf('dropout', x)
  requireRange('dropout', 'p', p, 0, 1)
  if (p === 0) return x
  if (p === 1) return x.mul(0)
  const kept = bernoulli(1 - p, x.shape, { key: nextKey() })
  return x.mul(kept.to(x.dtype === 'float64' ? 'float64' : 'float32').div(1 - p))
}

/**
 * Zeroes each value with probability p in training; the identity in evaluation.
 *
 * @example
 * ```ts
 * import { ones } from 'gradus'
 * import { Dropout } from 'gradus/nn'
 *
 * await new Dropout(0.5).eval().call(ones([3])).array() // → [1, 1, 1]
 * ```
 */
export class Dropout extends Module {
  readonly p: number
  constructor(p = 0.5) {
    super()
    requireRange('Dropout', 'p', p, 0, 1)
    this.p = p
  }
  forward(x: Tensor): Tensor {
    return this.training ? dropout(x, this.p) : x
  }
}
