// Optimisers that look at directions more than at sizes: Lion (Chen et al., 2023) and LAMB (You et al., 2019).
import { listOf } from '../../base/index.ts'
import { type Tensor, where } from '../../tensor/index.ts'
import { requireRange } from '../checks.ts'
import type { Schedule } from '../schedules.ts'
import { type Moment, type Rule, SlotOptimizer, average } from './optimizer.ts'

export interface LionOptions {
  /** Shares of the old mean in the direction and in the mean that is kept. Default [0.9, 0.99]. */
  readonly betas?: readonly [number, number]
  /** Direct shrinking of the weights. Default 0. */
  readonly weightDecay?: number
}
/**
 * w ← w − lr·(sign(β₁m + (1 − β₁)g) + decay·w), m ← β₂m + (1 − β₂)g: every weight moves by the same amount. Rates a tenth of
 * AdamW's, decays ten times larger.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { Lion } from 'gradus/nn'
 *
 * const lion = new Lion(0.1)
 * const w = [tensor([1, 2])]
 * const { params } = lion.update(w, [tensor([0.001, -30])], lion.init(w), tensor(lion.rate(0)))
 * await params[0].array() // → [0.9, 2.1]
 * ```
 */
export class Lion extends SlotOptimizer {
  readonly betas: readonly [number, number]
  readonly weightDecay: number
  constructor(lr: number | Schedule = 1e-4, options: LionOptions = {}) {
    super(lr, options)
    const { betas = [0.9, 0.99], weightDecay = 0 } = options
    for (const beta of listOf(new.target.name, 'betas', betas)) requireRange('Lion', 'beta', beta, 0, 1, true)
    requireRange('Lion', 'weightDecay', weightDecay, 0)
    this.betas = [betas[0], betas[1]]
    this.weightDecay = weightDecay
  }
  protected slots(): Record<string, number> {
    return { mean: 0 }
  }
  protected rule({ lr }: Moment): Rule {
    return (p, g, [mean]) => {
      const direction = average(mean!, g, this.betas[0]).sign()
      const shrunk = this.weightDecay === 0 ? p : p.mul(lr.mul(this.weightDecay).neg().add(1))
      return [shrunk.sub(direction.mul(lr)), average(mean!, g, this.betas[1])]
    }
  }
  protected settings(): Record<string, unknown> {
    return { betas: [...this.betas], weightDecay: this.weightDecay }
  }
}

export interface LAMBOptions {
  /** Shares of the old mean and mean square of the gradients. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number]
  /** Added to the denominator. Default 1e-6. */
  readonly eps?: number
  /** Default 0. */
  readonly weightDecay?: number
}
/**
 * Adam's direction r = m̂/(√v̂ + eps) + decay·w, scaled so that every tensor moves in proportion to its own size:
 * w ← w − lr·(‖w‖/‖r‖)·r, the quotient being 1 where either norm is 0. For very large batches.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { LAMB } from 'gradus/nn'
 *
 * const lamb = new LAMB(0.1)
 * const w = [tensor([3, 4])]
 * const { params } = lamb.update(w, [tensor([1, 0])], lamb.init(w), tensor(lamb.rate(0)))
 * await params[0].array() // → [2.5, 4]
 * ```
 */
export class LAMB extends SlotOptimizer {
  readonly betas: readonly [number, number]
  readonly eps: number
  readonly weightDecay: number
  constructor(lr: number | Schedule = 1e-3, options: LAMBOptions = {}) {
    super(lr, options)
    const { betas = [0.9, 0.999], eps = 1e-6, weightDecay = 0 } = options
    for (const beta of listOf(new.target.name, 'betas', betas)) requireRange('LAMB', 'beta', beta, 0, 1, true)
    for (const [name, value] of Object.entries({ eps, weightDecay })) requireRange('LAMB', name, value, 0)
    this.betas = [betas[0], betas[1]]
    this.eps = eps
    this.weightDecay = weightDecay
  }
  protected slots(): Record<string, number> {
    return { mean: 0, square: 0 }
  }
  protected rule(moment: Moment): Rule {
    const [b1, b2] = this.betas
    return (p, g, slots) => {
      const mean = average(slots[0]!, g, b1)
      const square = average(slots[1]!, g.square(), b2)
      const step = mean.div(moment.correction(b1, p)).div(square.div(moment.correction(b2, p)).sqrt().add(this.eps))
      const r = this.weightDecay === 0 ? step : step.add(p.mul(this.weightDecay))
      return [p.sub(r.mul(trust(p, r)).mul(moment.lr)), mean, square]
    }
  }
  protected settings(): Record<string, unknown> {
    return { betas: [...this.betas], eps: this.eps, weightDecay: this.weightDecay }
  }
}
/** ‖w‖/‖r‖, 1 where either is 0. */
function trust(p: Tensor, r: Tensor): Tensor {
  const [a, b] = [p.square().sum().sqrt(), r.square().sum().sqrt()]
  const both = a.gt(0).logicalAnd(b.gt(0))
  return where(both, a.div(where(both, b, 1)), 1)
}
