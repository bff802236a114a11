// Stochastic gradient descent with momentum (Polyak, 1964; Nesterov, 1983), by PyTorch's formulas.
import { ValueError, where } from '../../tensor/index.ts'
import { requireRange } from '../checks.ts'
import type { Schedule } from '../schedules.ts'
import { type Moment, type Rule, SlotOptimizer, decayed, settled } from './optimizer.ts'

export interface SGDOptions {
  readonly momentum?: number
  /** Look ahead along the momentum. */
  readonly nesterov?: boolean
  /** Share of the gradient kept out of the momentum. */
  readonly dampening?: number
  /** L2 penalty, added to the gradient. */
  readonly weightDecay?: number
}

/**
 * w ← w − lr·g, or with momentum v ← μv + (1 − dampening)·g (v = g at first), w ← w − lr·v; Nesterov: w ← w − lr·(g + μv).
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { SGD } from 'gradus/nn'
 *
 * const sgd = new SGD(0.1)
 * const w = [tensor([1, 2])]
 * const { params } = sgd.update(w, [tensor([1, 1])], sgd.init(w), tensor(sgd.rate(0)))
 * await params[0].array() // → [0.9, 1.9]
 * ```
 */
export class SGD extends SlotOptimizer {
  readonly momentum: number
  readonly nesterov: boolean
  readonly dampening: number
  readonly weightDecay: number
  constructor(lr: number | Schedule, options: SGDOptions = {}) {
    super(lr, options)
    const { momentum = 0, nesterov = false, dampening = 0, weightDecay = 0 } = options
    requireRange('SGD', 'momentum', momentum, 0)
    requireRange('SGD', 'dampening', dampening, 0, 1)
    requireRange('SGD', 'weightDecay', weightDecay, 0)
    if (nesterov && (momentum === 0 || dampening !== 0)) throw new ValueError('SGD', 'Nesterov needs momentum and no dampening', { expected: 'momentum > 0, dampening 0', received: `${momentum}, ${dampening}` })
    this.momentum = momentum
    this.nesterov = nesterov
    this.dampening = dampening
    this.weightDecay = weightDecay
  }
  protected slots(): Record<string, number> {
    return this.momentum === 0 ? {} : { velocity: 0 }
  }
  protected rule({ step, lr }: Moment): Rule {
    return (p, grad, [velocity]) => {
      const g = decayed(grad, p, this.weightDecay)
      if (velocity === undefined) return [p.sub(g.mul(lr))]
      // the first velocity is the whole gradient, whatever the dampening
      const fresh = this.dampening === 0 ? g : g.mul(where(step.eq(1), 1, 1 - this.dampening))
      const v = settled(velocity.mul(this.momentum).add(fresh))
      const direction = this.nesterov ? g.add(v.mul(this.momentum)) : v
      return [p.sub(direction.mul(lr)), v]
    }
  }
  protected settings(): Record<string, unknown> {
    return { momentum: this.momentum, nesterov: this.nesterov, dampening: this.dampening, weightDecay: this.weightDecay }
  }
}
