// What every optimiser is: pure functions of parameters, gradients and state, so that jit can take the whole step.
import { listOf, optionsOf } from '../../base/index.ts'
import { ShapeError, type Tensor, ValueError, tensorOf, where, zeros } from '../../tensor/index.ts'
import { requireRange, sameShape } from '../checks.ts'
import { type Schedule, describeRate } from '../schedules.ts'

/** Tensors an optimiser keeps between updates: the number of updates done (int32 scalar) and lists with one for each parameter. */
export interface OptimizerState {
  readonly step: Tensor
  readonly [slot: string]: Tensor | readonly Tensor[]
}

/**
 * An optimiser. `update` is pure and traceable; the rate comes in as a tensor, so that one compiled program serves a whole
 * schedule: `optimizer.update(params, grads, state, tensor(optimizer.rate(step)))`.
 */
export interface Optimizer {
  readonly lr: number | Schedule
  /** The state before the first update. */
  init(params: readonly Tensor[]): OptimizerState
  update(params: readonly Tensor[], grads: readonly Tensor[], state: OptimizerState, lr: Tensor): { params: Tensor[]; state: OptimizerState }
  /** The learning rate after `step` updates. */
  rate(step: number): number
  /** Name and settings, as JSON has them. */
  describe(): Record<string, unknown>
}

/** Refuses what is no list of tensors. */
export const tensorsOf = (operation: string, list: readonly Tensor[]): Tensor[] => listOf(operation, 'parameters', list).map((t) => tensorOf(operation, t))

/** New value of one parameter and of its slots, in order. */
export type Rule = (param: Tensor, grad: Tensor, slots: readonly Tensor[]) => [Tensor, ...Tensor[]]

/** Scalars of one update: how far it is, in the type of the parameter at hand. */
export interface Moment {
  readonly step: Tensor
  readonly lr: Tensor
  /** 1 − βᵗ, from the step tensor: −expm1(t·ln β) keeps its digits where β is close to 1. */
  correction(beta: number, like: Tensor): Tensor
}

/** The common part: slots made, checked and passed on; a subclass gives the rule for one parameter. */
export abstract class SlotOptimizer implements Optimizer {
  readonly lr: number | Schedule
  constructor(lr: number | Schedule, options: object) {
    optionsOf(new.target.name, options)
    if (typeof lr !== 'function') requireRange(new.target.name, 'learning rate', lr, 0)
    this.lr = lr
  }
  /** Name and initial value of each slot. */
  protected abstract slots(): Readonly<Record<string, number>>
  protected abstract rule(moment: Moment): Rule
  protected abstract settings(): Record<string, unknown>

  /** A slot of one parameter before the first update; shaped as the parameter unless a subclass keeps less. */
  protected start(_slot: string, param: Tensor, value: number): Tensor {
    return zeros(param.shape, param.dtype).add(value)
  }

  rate(step: number): number {
    return typeof this.lr === 'number' ? this.lr : this.lr(step)
  }
  describe(): Record<string, unknown> {
    return { name: this.constructor.name, lr: describeRate(this.lr), ...this.settings() }
  }
  init(params: readonly Tensor[]): OptimizerState {
    const tensors = tensorsOf(this.constructor.name, params)
    const lists = Object.entries(this.slots()).map(([name, value]) => [name, tensors.map((p) => this.start(name, p, value))])
    return { step: zeros([], 'int32'), ...(Object.fromEntries(lists) as Record<string, Tensor[]>) }
  }
  update(params: readonly Tensor[], grads: readonly Tensor[], state: OptimizerState, lr: Tensor): { params: Tensor[]; state: OptimizerState } {
    const operation = this.constructor.name
    if (listOf(operation, 'gradients', grads).length !== listOf(operation, 'parameters', params).length) throw new ValueError(operation, 'gradients and parameters differ in number', { expected: String(params.length), received: String(grads.length) })
    const names = Object.keys(this.slots())
    const lists = names.map((name) => {
      const list = state[name]
      if (!Array.isArray(list) || list.length !== params.length) throw new ValueError(operation, 'the state does not belong to these parameters', { expected: `${params.length} tensors in "${name}"`, received: Array.isArray(list) ? String(list.length) : 'none', remedy: 'Start with optimizer.init(params).' })
      return list as readonly Tensor[]
    })
    if (tensorOf(operation, lr).size !== 1) throw new ShapeError(operation, 'the learning rate is no scalar', { expected: '[]', received: `[${lr.shape}]` })
    const step = state.step.add(1)
    const rule = this.rule(moment(step, lr.reshape([])))
    const nextParams: Tensor[] = []
    const next = names.map((): Tensor[] => [])
    params.forEach((p, i) => {
      const g = grads[i]!
      if (!sameShape(p.shape, g.shape)) throw new ShapeError(operation, `gradient ${i} is of another shape than its parameter`, { expected: `[${p.shape}]`, received: `[${g.shape}]` })
      const [value, ...slots] = rule(p, g.to(p.dtype), lists.map((list) => list[i]!))
      nextParams.push(value.to(p.dtype))
      slots.forEach((s, k) => next[k]!.push(s.to(p.dtype)))
    })
    return { params: nextParams, state: { step, ...Object.fromEntries(names.map((name, k) => [name, next[k]!])) } }
  }
}

function moment(step: Tensor, lr: Tensor): Moment {
  const known = new Map<string, Tensor>()
  return {
    step,
    lr,
    correction(beta, like) {
      const key = `${beta} ${like.dtype}`
      let value = known.get(key)
      // β = 0: ln 0 = −∞, and 1 − 0ᵗ = 1 for t ≥ 1
      if (value === undefined) known.set(key, (value = step.to(like.dtype).mul(Math.log(beta)).expm1().neg()))
      return value
    },
  }
}

/** grad + decay·param: the L2 penalty's gradient. */
export const decayed = (grad: Tensor, param: Tensor, decay: number): Tensor => (decay === 0 ? grad : grad.add(param.mul(decay)))
/** Exponential moving average. */
export const average = (old: Tensor, now: Tensor, beta: number): Tensor => settled(old.mul(beta).add(now.mul(1 - beta)))

/** Just above the smallest normal float32, 2⁻¹²⁶. */
const TINY = 1e-37
/**
 * A memory of gradients that are gone fades towards 0 and would stay among the subnormal numbers for good, which
 * processors compute with a hundred times more slowly: it becomes 0.
 */
export const settled = (x: Tensor): Tensor => (x.dtype === 'float32' ? where(x.abs().lt(TINY), 0, x) : x)
