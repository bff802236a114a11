// Optimisers around optimisers: gradients summed over several batches, and a running mean of the weights. Being optimisers
// themselves, they go wherever one goes, into `fit` too.
import { objectOf, optionsOf } from '../../base/index.ts'
import { type Tensor, ValueError, cond, treeMap, zeros } from '../../tensor/index.ts'
import { requireRange, requireSize } from '../checks.ts'
import type { Schedule } from '../schedules.ts'
import { type Optimizer, type OptimizerState, average, tensorsOf } from './optimizer.ts'

type Update = { params: Tensor[]; state: OptimizerState }
const INNER = 'inner.'
const optimizerOf = (operation: string, x: Optimizer): Optimizer => objectOf(operation, 'optimizer', x, 'an optimizer', 'update')
const wrapped = (state: OptimizerState): Record<string, Tensor | readonly Tensor[]> => Object.fromEntries(Object.entries(state).map(([name, value]) => [INNER + name, value]))
const MADE = 'what optimizer.init(params) gives'
const stateOf = (operation: string, state: OptimizerState): OptimizerState => optionsOf(operation, state, MADE)
function unwrapped(operation: string, state: OptimizerState): OptimizerState {
  const inner = Object.fromEntries(Object.entries(stateOf(operation, state)).flatMap(([name, value]) => (name.startsWith(INNER) ? [[name.slice(INNER.length), value]] : []))) as Record<string, Tensor>
  if (inner.step === undefined) throw new ValueError(operation, 'the state is not its own', { expected: MADE, received: Object.keys(state).join(', ') })
  return inner as unknown as OptimizerState
}

/**
 * Gradient accumulation: the inner optimiser moves once in `every` updates, by the mean of their gradients, as if the batch
 * were so many times larger. Schedules count the batches: their rate at every such update is used.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { Accumulate, SGD } from 'gradus/nn'
 *
 * const sgd = new Accumulate(new SGD(1), 2)
 * const w = [tensor([5])]
 * const first = sgd.update(w, [tensor([1])], sgd.init(w), tensor(1))
 * const second = sgd.update(first.params, [tensor([3])], first.state, tensor(1))
 * await first.params[0].array() // → [5]
 * await second.params[0].array() // → [3]
 * ```
 */
export class Accumulate implements Optimizer {
  readonly lr: number | Schedule
  readonly inner: Optimizer
  readonly every: number
  constructor(inner: Optimizer, every: number) {
    requireSize('Accumulate', 'every', every)
    this.lr = optimizerOf('Accumulate', inner).lr
    this.inner = inner
    this.every = every
  }
  rate(step: number): number {
    return this.inner.rate(step)
  }
  describe(): Record<string, unknown> {
    return { name: 'Accumulate', every: this.every, inner: this.inner.describe() }
  }
  init(params: readonly Tensor[]): OptimizerState {
    return { step: zeros([], 'int32'), sum: tensorsOf('Accumulate', params).map((p) => zeros(p.shape, p.dtype)), ...wrapped(this.inner.init(params)) }
  }
  update(params: readonly Tensor[], grads: readonly Tensor[], state: OptimizerState, lr: Tensor): Update {
    const inner = unwrapped('Accumulate', state)
    const sum = (state.sum as readonly Tensor[]).map((s, i) => s.add(grads[i]!.to(s.dtype)))
    const step = state.step.add(1)
    const move = (ps: readonly Tensor[], total: readonly Tensor[], kept: OptimizerState, rate: Tensor) => {
      const next = this.inner.update(ps, total.map((s) => s.div(this.every)), kept, rate)
      return { params: next.params, state: next.state, sum: total.map((s) => s.mul(0)) }
    }
    const wait = (ps: readonly Tensor[], total: readonly Tensor[], kept: OptimizerState) => ({ params: [...ps], state: kept, sum: [...total] })
    const next = this.every === 1 ? move(params, sum, inner, lr) : cond(step.remainder(this.every).eq(0), move, wait, [...params], sum, inner, lr)
    return { params: next.params, state: { step, sum: next.sum, ...wrapped(next.state) } }
  }
}

/**
 * An exponential moving average of the weights beside the optimiser's own (Polyak & Juditsky, 1992): `averages(state)` are
 * the weights to test with. decay 0.999 remembers about a thousand updates; early on it grows as (1 + t)/(10 + t), so that
 * the random start is forgotten.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { EMA, SGD } from 'gradus/nn'
 *
 * const ema = new EMA(new SGD(1), { decay: 0.5, warmup: false })
 * const w = [tensor([4])]
 * const { params, state } = ema.update(w, [tensor([2])], ema.init(w), tensor(1))
 * await params[0].array() // → [2]
 * await ema.averages(state)[0].array() // → [3]
 * ```
 */
export class EMA implements Optimizer {
  readonly lr: number | Schedule
  readonly inner: Optimizer
  readonly decay: number
  readonly warmup: boolean
  constructor(inner: Optimizer, options: { readonly decay?: number; readonly warmup?: boolean } = {}) {
    const { decay = 0.999, warmup = true } = optionsOf('EMA', options)
    requireRange('EMA', 'decay', decay, 0, 1, true)
    this.lr = optimizerOf('EMA', inner).lr
    this.inner = inner
    this.decay = decay
    this.warmup = warmup
  }
  rate(step: number): number {
    return this.inner.rate(step)
  }
  describe(): Record<string, unknown> {
    return { name: 'EMA', decay: this.decay, warmup: this.warmup, inner: this.inner.describe() }
  }
  init(params: readonly Tensor[]): OptimizerState {
    // a copy: the parameters may be given away to the step
    return { step: zeros([], 'int32'), average: tensorsOf('EMA', params).map((p) => p.mul(1)), ...wrapped(this.inner.init(params)) }
  }
  update(params: readonly Tensor[], grads: readonly Tensor[], state: OptimizerState, lr: Tensor): Update {
    const next = this.inner.update(params, grads, unwrapped('EMA', state), lr)
    const step = state.step.add(1)
    const averages = this.averages(state).map((old, i) => {
      if (!this.warmup) return average(old, next.params[i]!, this.decay)
      const t = step.to(old.dtype)
      const decay = t.add(1).div(t.add(10)).minimum(this.decay)
      return next.params[i]!.add(old.sub(next.params[i]!).mul(decay))
    })
    return { params: next.params, state: { step, average: averages, ...wrapped(next.state) } }
  }
  /** The averaged weights, in the order of the parameters. */
  averages(state: OptimizerState): readonly Tensor[] {
    return stateOf('EMA', state).average as readonly Tensor[]
  }
}

/** Floating tensors of a tree in another type: what a model computes in, while the weights that are trained keep theirs. */
export const castTree = <T>(tree: T, dtype: 'float32' | 'float64'): T => treeMap((t) => (t.dtype === 'float32' || t.dtype === 'float64' ? t.to(dtype) : t), tree)
