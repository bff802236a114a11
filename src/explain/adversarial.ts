// Pictures changed by almost nothing that a network takes for something else: one step against the gradient (Goodfellow,
// Shlens, Szegedy 2014) and many (Madry et al. 2017). For measuring how robust a model is, and for making it so.
import { given } from './given.ts'
import { optionsOf } from '../base/index.ts'
import { type Layer, type Loss, crossEntropy } from '../nn/index.ts'
import { type Tensor, ValueError, grad, uniform } from '../tensor/index.ts'
import { inEval } from './attributions.ts'

export interface AttackOptions {
  /** The most that any input may change by. */
  readonly epsilon: number
  /** What the change is to make large; default cross-entropy. */
  readonly loss?: Loss
  /** Inputs stay in this range; default [0, 1]. null: anything. */
  readonly range?: readonly [low: number, high: number] | null
}
export interface PgdOptions extends AttackOptions {
  /** Steps; default 10. */
  readonly steps?: number
  /** Size of a step; default 2.5 · epsilon / steps. */
  readonly stepSize?: number
  /** Begin at a random place within epsilon (from the current seed); default true. */
  readonly randomStart?: boolean
}

/**
 * Fast gradient sign method: x + ε · sign(∂loss/∂x). x (B, …), y as the loss takes it → the shape of x.
 *
 * @throws ValueError for an epsilon that is not above 0.
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { fgsm } from 'gradus/explain'
 * import { Linear } from 'gradus/nn'
 *
 * const model = new Linear(2, 2)
 * model.weight = tensor([[1, 0], [0, 1]])
 * // class 0 is right: less of the first input, more of the second
 * await fgsm(model, tensor([[0.5, 0.5]]), tensor([0], 'int32'), { epsilon: 0.25 }).array() // → [[0.25, 0.75]]
 * ```
 */
export function fgsm(model: Layer, x: Tensor, y: Tensor, options: AttackOptions): Tensor {
  check('fgsm', model, [x, y], options)
  return clip(x.add(slope(model, x, y, options).sign().mul(options.epsilon)), options.range)
}

/** Projected gradient descent: many small steps of the same kind, brought back to within ε of x after each. */
export function pgd(model: Layer, x: Tensor, y: Tensor, options: PgdOptions): Tensor {
  check('pgd', model, [x, y], options)
  const { epsilon, steps = 10, stepSize = (2.5 * epsilon) / steps, randomStart = true, range } = options
  if (!Number.isSafeInteger(steps) || steps < 1) throw new ValueError('pgd', 'bad steps', { expected: 'a whole number from 1', received: String(steps) })
  let now = randomStart ? clip(x.add(uniform(x.shape, { low: -epsilon, high: epsilon })), range) : x
  for (let i = 0; i < steps; i++) {
    const moved = now.add(slope(model, now, y, options).sign().mul(stepSize))
    now = clip(x.add(moved.sub(x).clamp(-epsilon, epsilon)), range)
  }
  return now
}

/** ∂loss/∂x; the sum over the batch, so that every example counts alike however many there are. */
function slope(model: Layer, x: Tensor, y: Tensor, { loss = crossEntropy }: AttackOptions): Tensor {
  return grad((input: Tensor) => loss(inEval(model).call(input), y).mul(x.shape[0]!))(x)
}
const clip = (x: Tensor, range: AttackOptions['range'] = [0, 1]): Tensor => (range === null ? x : x.clamp(range[0], range[1]))
function check(operation: string, model: Layer, tensors: readonly [Tensor, Tensor], options: AttackOptions): void {
  given(operation, model, ...tensors)
  const { epsilon } = optionsOf(operation, options, 'options such as { epsilon: 0.1 }')
  if (!(epsilon > 0)) throw new ValueError(operation, 'bad epsilon', { expected: 'a number above 0', received: String(epsilon) })
}
