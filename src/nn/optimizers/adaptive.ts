// Adagrad (Duchi et al., 2011) and RMSProp (Tieleman & Hinton, 2012; centred: Graves, 2013), by PyTorch's formulas.
import { requireRange } from '../checks.ts'
import type { Schedule } from '../schedules.ts'
import { type Moment, type Rule, SlotOptimizer, average, decayed } from './optimizer.ts'

export interface AdagradOptions {
  /** The rate becomes lr/(1 + step·lrDecay). */
  readonly lrDecay?: number
  readonly weightDecay?: number
  /** Where the sums of squares start. */
  readonly initialAccumulator?: number
  /** Added to the denominator. Default 1e-10. */
  readonly eps?: number
}
/**
 * s ← s + g², w ← w − lr·g/(√s + eps).
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { Adagrad } from 'gradus/nn'
 *
 * const adagrad = new Adagrad(0.1)
 * const w = [tensor([1])]
 * const { params } = adagrad.update(w, [tensor([2])], adagrad.init(w), tensor(adagrad.rate(0)))
 * await params[0].array() // → [0.9]
 * ```
 */
export class Adagrad extends SlotOptimizer {
  readonly lrDecay: number
  readonly weightDecay: number
  readonly initialAccumulator: number
  readonly eps: number
  constructor(lr: number | Schedule = 1e-2, options: AdagradOptions = {}) {
    super(lr, options)
    const { lrDecay = 0, weightDecay = 0, initialAccumulator = 0, eps = 1e-10 } = options
    for (const [name, value] of Object.entries({ lrDecay, weightDecay, initialAccumulator, eps })) requireRange('Adagrad', name, value, 0)
    this.lrDecay = lrDecay
    this.weightDecay = weightDecay
    this.initialAccumulator = initialAccumulator
    this.eps = eps
  }
  protected slots(): Record<string, number> {
    return { sum: this.initialAccumulator }
  }
  protected rule({ step, lr }: Moment): Rule {
    const rate = this.lrDecay === 0 ? lr : lr.div(step.sub(1).to(lr.dtype).mul(this.lrDecay).add(1))
    return (p, grad, [sum]) => {
      const g = decayed(grad, p, this.weightDecay)
      const s = sum!.add(g.square())
      return [p.sub(g.mul(rate).div(s.sqrt().add(this.eps))), s]
    }
  }
  protected settings(): Record<string, unknown> {
    return { lrDecay: this.lrDecay, weightDecay: this.weightDecay, initialAccumulator: this.initialAccumulator, eps: this.eps }
  }
}

export interface RMSPropOptions {
  /** Share of the old mean square. Default 0.99. */
  readonly alpha?: number
  /** Added to the denominator. Default 1e-8. */
  readonly eps?: number
  readonly momentum?: number
  /** Divide by the deviation instead of the mean square. */
  readonly centered?: boolean
  readonly weightDecay?: number
}
/**
 * s ← αs + (1 − α)g², w ← w − lr·g/(√s + eps); centred: √(s − ḡ²); with momentum the quotient is accumulated.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { RMSProp } from 'gradus/nn'
 *
 * const rmsprop = new RMSProp(0.01)
 * const w = [tensor([1])]
 * const { params } = rmsprop.update(w, [tensor([2])], rmsprop.init(w), tensor(rmsprop.rate(0)))
 * await params[0].array() // → [0.9]
 * ```
 */
export class RMSProp extends SlotOptimizer {
  readonly alpha: number
  readonly eps: number
  readonly momentum: number
  readonly centered: boolean
  readonly weightDecay: number
  constructor(lr: number | Schedule = 1e-2, options: RMSPropOptions = {}) {
    super(lr, options)
    const { alpha = 0.99, eps = 1e-8, momentum = 0, centered = false, weightDecay = 0 } = options
    requireRange('RMSProp', 'alpha', alpha, 0, 1)
    for (const [name, value] of Object.entries({ eps, momentum, weightDecay })) requireRange('RMSProp', name, value, 0)
    this.alpha = alpha
    this.eps = eps
    this.momentum = momentum
    this.centered = centered
    this.weightDecay = weightDecay
  }
  protected slots(): Record<string, number> {
    return { square: 0, ...(this.centered ? { mean: 0 } : {}), ...(this.momentum > 0 ? { velocity: 0 } : {}) }
  }
  protected rule({ lr }: Moment): Rule {
    return (p, grad, slots) => {
      const g = decayed(grad, p, this.weightDecay)
      const square = average(slots[0]!, g.square(), this.alpha)
      const mean = this.centered ? average(slots[1]!, g, this.alpha) : undefined
      // a variance: rounding must not make it negative
      const spread = mean === undefined ? square : square.sub(mean.square()).maximum(0)
      const scaled = g.div(spread.sqrt().add(this.eps))
      const old = this.momentum > 0 ? slots.at(-1) : undefined
      const move = old === undefined ? scaled : old.mul(this.momentum).add(scaled)
      return [p.sub(move.mul(lr)), square, ...(mean === undefined ? [] : [mean]), ...(old === undefined ? [] : [move])]
    }
  }
  protected settings(): Record<string, unknown> {
    return { alpha: this.alpha, eps: this.eps, momentum: this.momentum, centered: this.centered, weightDecay: this.weightDecay }
  }
}
