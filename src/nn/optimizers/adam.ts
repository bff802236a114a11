// Adam (Kingma & Ba, 2015), AMSGrad (Reddi et al., 2018) and AdamW (Loshchilov & Hutter, 2019), by PyTorch's formulas.
import { listOf } from '../../base/index.ts'
import type { Tensor } from '../../tensor/index.ts'
import { requireRange } from '../checks.ts'
import type { Schedule } from '../schedules.ts'
import { type Moment, type Rule, SlotOptimizer, average, decayed } from './optimizer.ts'

export interface AdamOptions {
  /** Shares of the old mean and mean square of the gradients. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number]
  /** Added to the denominator. Default 1e-8. */
  readonly eps?: number
  /** Adam: L2 penalty in the gradient (default 0). AdamW: direct shrinking of the weights (default 0.01). */
  readonly weightDecay?: number
  /** Divide by the largest mean square so far. */
  readonly amsgrad?: boolean
}

/**
 * m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², w ← w − lr·m̂/(√v̂ + eps) with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ).
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { Adam } from 'gradus/nn'
 *
 * const adam = new Adam(1e-3, { betas: [0.9, 0.99] })
 * const w = [tensor([1, 2])]
 * const { params } = adam.update(w, [tensor([0.5, -3])], adam.init(w), tensor(adam.rate(0)))
 * await params[0].array() // → [0.999, 2.001]
 * ```
 */
export class Adam extends SlotOptimizer {
  readonly betas: readonly [number, number]
  readonly eps: number
  readonly weightDecay: number
  readonly amsgrad: boolean
  constructor(lr: number | Schedule = 1e-3, options: AdamOptions = {}) {
    super(lr, options)
    const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, amsgrad = false } = options
    for (const beta of listOf(new.target.name, 'betas', betas)) requireRange(new.target.name, 'beta', beta, 0, 1, true)
    requireRange(new.target.name, 'eps', eps, 0)
    requireRange(new.target.name, 'weightDecay', weightDecay, 0)
    this.betas = [betas[0], betas[1]]
    this.eps = eps
    this.weightDecay = weightDecay
    this.amsgrad = amsgrad
  }
  protected slots(): Record<string, number> {
    return { mean: 0, square: 0, ...(this.amsgrad ? { largest: 0 } : {}) }
  }
  protected rule(moment: Moment): Rule {
    const [b1, b2] = this.betas
    return (param, grad, slots) => {
      const [p, g] = this.decay(param, grad, moment)
      const mean = average(slots[0]!, g, b1)
      const square = average(slots[1]!, g.square(), b2)
      const largest = this.amsgrad ? slots[2]!.maximum(square) : square
      // with c = √(1 − β₂ᵗ): m·size/(√v/c + eps) = m·(size·c)/(√v + eps·c), one division an element
      const c = moment.correction(b2, p).sqrt()
      const size = moment.lr.div(moment.correction(b1, p)).mul(c)
      return [p.sub(mean.mul(size).div(largest.sqrt().add(c.mul(this.eps)))), mean, square, ...(this.amsgrad ? [largest] : [])]
    }
  }
  /** Where weight decay enters: Adam puts it into the gradient. */
  protected decay(p: Tensor, g: Tensor, _moment: Moment): [Tensor, Tensor] {
    return [p, decayed(g, p, this.weightDecay)]
  }
  protected settings(): Record<string, unknown> {
    return { betas: [...this.betas], eps: this.eps, weightDecay: this.weightDecay, amsgrad: this.amsgrad }
  }
}

/**
 * Adam with weight decay apart from the gradient: w ← w − lr·decay·w, then Adam's step. Default decay 0.01.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { AdamW, cosine, warmup } from 'gradus/nn'
 *
 * const adam = new AdamW(warmup(cosine(3e-4, 1000), 100), { weightDecay: 0.1 })
 * adam.rate(100) // → 3e-4
 * ```
 */
export class AdamW extends Adam {
  constructor(lr: number | Schedule = 1e-3, options: AdamOptions = {}) {
    super(lr, { weightDecay: 1e-2, ...options })
  }
  protected override decay(p: Tensor, g: Tensor, { lr }: Moment): [Tensor, Tensor] {
    return [this.weightDecay === 0 ? p : p.mul(lr.mul(this.weightDecay).neg().add(1)), g]
  }
}
