// Loss scaling (Micikevicius et al., 2018): the loss is multiplied so that small gradients stay above the smallest number of
// a narrow type, and the gradients divided again; when one overflows, the update is skipped and the factor halved. Gradus'
// types are float32 and float64: there it changes nothing but catches overflows. It is the hook for narrower ones.
import { optionsOf } from '../../base/index.ts'
import { type Tensor, tensor, tensorOf, treeLeaves, treeMap, where } from '../../tensor/index.ts'
import { requireRange, requireSize } from '../checks.ts'

export interface LossScaleOptions {
  /** Default 2¹⁶. */
  readonly initial?: number
  /** Updates without overflow after which the factor doubles. Default 2000. */
  readonly every?: number
}
export interface LossScaleState {
  /** The factor, a scalar. */
  readonly scale: Tensor
  /** Updates since the last change, int32. */
  readonly good: Tensor
}

function known(state: LossScaleState): LossScaleState {
  for (const t of [optionsOf('LossScale', state, 'what init() gives').scale, state.good]) tensorOf('LossScale', t)
  return state
}

/**
 * A factor that finds its own size. All pure functions of tensors, for the compiled step.
 *
 * @example
 * ```ts
 * import { grad, tensor, type Tensor } from 'gradus'
 * import { LossScale } from 'gradus/nn'
 *
 * const scale = new LossScale({ initial: 8 })
 * const state = scale.init()
 * const g = grad((w: Tensor) => scale.apply(w.square().sum(), state))(tensor([3])) // 8·6
 * const { grads, finite } = scale.remove(g, state)
 * await grads.array() // → [6]
 * await finite.item() // → 1
 * ```
 */
export class LossScale {
  readonly initial: number
  readonly every: number
  constructor(options: LossScaleOptions = {}) {
    const { initial = 2 ** 16, every = 2000 } = optionsOf('LossScale', options)
    requireRange('LossScale', 'initial', initial, Number.MIN_VALUE)
    requireSize('LossScale', 'every', every)
    this.initial = initial
    this.every = every
  }
  init(): LossScaleState {
    return { scale: tensor(this.initial), good: tensor(0, { dtype: 'int32' }) }
  }
  /** loss · scale */
  apply(loss: Tensor, state: LossScaleState): Tensor {
    const { scale } = known(state)
    return tensorOf('LossScale', loss).mul(scale.to(loss.dtype))
  }
  /** Gradients / scale, and whether all of them are finite (bool scalar). */
  remove<T>(grads: T, state: LossScaleState): { grads: T; finite: Tensor } {
    const { scale } = known(state)
    const finite = treeLeaves(grads).map((g) => g.isFinite().all()).reduce((a, b) => a.logicalAnd(b), tensor(true))
    return { grads: treeMap((g) => g.div(scale.to(g.dtype)), grads), finite }
  }
  /** The new tree where the gradients were finite, the old one where not: a skipped update. */
  choose<T>(finite: Tensor, fresh: T, old: T): T {
    return treeMap((a, b) => where(finite, a!, b!), fresh, old)
  }
  /** Doubled after `every` good updates, halved after a bad one (not below 1). */
  next(state: LossScaleState, finite: Tensor): LossScaleState {
    const { scale, good } = known(state)
    const enough = good.add(1).ge(this.every)
    const grown = where(enough, scale.mul(2), scale)
    return { scale: where(finite, grown, scale.mul(0.5).maximum(1)), good: where(finite.logicalAnd(enough.logicalNot()), good.add(1), 0) }
  }
}
