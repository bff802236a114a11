// Loss functions: (output, target, options) → a scalar (or one value an element or example with reduction 'none').
import { optionsOf } from '../base/index.ts'
import { DTypeError, ShapeError, type Tensor, customVjp, oneHot, tensorOf, where } from '../tensor/index.ts'
import { oneOf, requireRange, sameShape } from './checks.ts'

export type Reduction = 'mean' | 'sum' | 'none'
export interface LossOptions {
  /** Mean over all values (default), their sum, or no reduction. */
  readonly reduction?: Reduction
}
/** What `fit` takes. */
export type Loss = (output: Tensor, target: Tensor) => Tensor

export function reduce(operation: string, values: Tensor, options: LossOptions): Tensor {
  const { reduction = 'mean' } = optionsOf(operation, options)
  oneOf(operation, 'reduction', reduction, 'mean', 'sum', 'none')
  return reduction === 'none' ? values : values[reduction]()
}
/** Broadcasting [N] against [N, 1] would silently compare all pairs: shapes must be equal. */
export function requireSame(operation: string, output: Tensor, target: Tensor): void {
  if (!sameShape(tensorOf(operation, output).shape, tensorOf(operation, target).shape)) throw new ShapeError(operation, 'output and target differ in shape', { expected: `[${output.shape}]`, received: `[${target.shape}]`, remedy: 'Reshape one of them.' })
}

/**
 * Mean squared error: the mean of (output − target)².
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { mse } from 'gradus/nn'
 *
 * await mse(tensor([1, 2]), tensor([1, 4])).item() // → 2
 * ```
 */
export function mse(output: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  requireSame('mse', output, target)
  return reduce('mse', output.sub(target).square(), options)
}

/**
 * Mean absolute error: the mean of |output − target|.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { mae } from 'gradus/nn'
 *
 * await mae(tensor([1, 2]), tensor([1, 4])).item() // → 1
 * ```
 */
export function mae(output: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  requireSame('mae', output, target)
  return reduce('mae', output.sub(target).abs(), options)
}

/**
 * Squared (halved) for errors up to delta, straight beyond: d²/2, then delta·(|d| − delta/2) (Huber, 1964).
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { huber } from 'gradus/nn'
 *
 * await huber(tensor([0, 0]), tensor([0.5, 3]), { reduction: 'none' }).array() // → [0.125, 2.5]
 * ```
 */
export function huber(output: Tensor, target: Tensor, options: LossOptions & { readonly delta?: number } = {}): Tensor {
  const { delta = 1 } = optionsOf('huber', options)
  requireSame('huber', output, target)
  requireRange('huber', 'delta', delta, Number.MIN_VALUE)
  const d = output.sub(target)
  const size = d.abs()
  return reduce('huber', where(size.le(delta), d.square().mul(0.5), size.sub(delta / 2).mul(delta)), options)
}

/**
 * The lecture's quadratic cost ‖output − target‖²/2 of every example (first axis), then the mean over examples. 'none'
 * gives one value an example; an output without a batch axis (one axis or none) is one example.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { quadratic } from 'gradus/nn'
 *
 * await quadratic(tensor([[0, 1]]), tensor([[1, 0]])).item() // → 1
 * ```
 */
export function quadratic(output: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  requireSame('quadratic', output, target)
  const squares = output.sub(target).square()
  const axes = squares.ndim < 2 ? undefined : squares.shape.map((_, i) => i).slice(1)
  return reduce('quadratic', squares.sum(axes).mul(0.5), options)
}

/**
 * max(0, 1 − target·output) for targets −1 and 1: the loss of support vector machines.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { hinge } from 'gradus/nn'
 *
 * await hinge(tensor([0.5, -2]), tensor([1, -1]), { reduction: 'none' }).array() // → [0.5, 0]
 * ```
 */
export function hinge(output: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  requireSame('hinge', output, target)
  return reduce('hinge', output.mul(target).neg().add(1).relu(), options)
}

/** ln p, not below −100 (as PyTorch), so that a certain and wrong answer costs much instead of infinity. */
const boundedLog = (p: Tensor): Tensor => p.log().maximum(-100)
const logLoss = (p: Tensor, y: Tensor): Tensor => y.mul(boundedLog(p)).add(y.neg().add(1).mul(boundedLog(p.neg().add(1)))).neg()
/** d/dp = (p − y)/(p(1 − p)) with the denominator kept from 0; d/dy = ln(1 − p) − ln p. */
const stableLogLoss = (p: Tensor, y: Tensor): Tensor =>
  customVjp(logLoss, (g, _, a, b) => [
    g.mul(a!.sub(b!)).div(a!.mul(a!.neg().add(1)).maximum(1e-12)),
    g.mul(boundedLog(a!.neg().add(1)).sub(boundedLog(a!))),
  ])(p, y)

/**
 * LogLoss of probabilities: −(y ln p + (1 − y) ln(1 − p)), logarithms not below −100. Prefer
 * `binaryCrossEntropyWithLogits` for training.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { binaryCrossEntropy } from 'gradus/nn'
 *
 * await binaryCrossEntropy(tensor([0.5, 0]), tensor([1, 1]), { reduction: 'none' }).array() // → [0.6931472, 100]
 * ```
 */
export function binaryCrossEntropy(probabilities: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  requireSame('binaryCrossEntropy', probabilities, target)
  const p = floating(probabilities)
  return reduce('binaryCrossEntropy', stableLogLoss(p, target.to(p.dtype)), options)
}

/**
 * LogLoss of σ(logits), from the logits themselves: exact for any size of them. `positiveWeight` multiplies the part of y = 1.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { binaryCrossEntropyWithLogits } from 'gradus/nn'
 *
 * await binaryCrossEntropyWithLogits(tensor([0, 1000]), tensor([1, 1]), { reduction: 'none' }).array() // → [0.6931472, 0]
 * ```
 */
export function binaryCrossEntropyWithLogits(logits: Tensor, target: Tensor, options: LossOptions & { readonly positiveWeight?: number | Tensor } = {}): Tensor {
  requireSame('binaryCrossEntropyWithLogits', logits, target)
  const x = floating(logits)
  const y = target.to(x.dtype)
  // −ln σ(x) = softplus(−x), −ln(1 − σ(x)) = softplus(x): no difference of large numbers
  const positive = y.mul(x.neg().softplus())
  const { positiveWeight = 1 } = optionsOf('binaryCrossEntropyWithLogits', options)
  const weighted = positiveWeight === 1 ? positive : positive.mul(positiveWeight)
  return reduce('binaryCrossEntropyWithLogits', weighted.add(y.neg().add(1).mul(x.softplus())), options)
}

export interface CrossEntropyOptions extends LossOptions {
  /** Share of the target spread evenly over all classes, 0 … 1 (Szegedy et al., 2016). Default 0. */
  readonly labelSmoothing?: number
  /** The axis of classes; default the last. */
  readonly axis?: number
  /** A label that does not count, as for padding; means are over the labels that do. */
  readonly ignoreIndex?: number
}

/**
 * Cross-entropy −Σ yᵢ ln softmax(logits)ᵢ. The target is either integer labels, shaped as the logits without their axis
 * of classes, or distributions (floating, of the same shape). A label outside 0 … classes − 1 gives NaN, so that the
 * mistake shows. 'mean' is over examples.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { crossEntropy } from 'gradus/nn'
 *
 * const logits = tensor([[2, 2], [0, 1000]])
 * await crossEntropy(logits, tensor([0, 1], { dtype: 'int32' }), { reduction: 'none' }).array() // → [0.6931472, 0]
 * ```
 */
export function crossEntropy(logits: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { axis = -1, labelSmoothing: smoothing = 0, ignoreIndex } = optionsOf('crossEntropy', options)
  if (!Number.isInteger(axis) || axis < -tensorOf('crossEntropy', logits).ndim || axis >= logits.ndim) throw new ShapeError('crossEntropy', 'no such axis of classes', { expected: 'an axis of the logits', received: `axis ${axis} of [${logits.shape}]` })
  requireRange('crossEntropy', 'labelSmoothing', smoothing, 0, 1)
  const byClass = logits.moveAxis(axis, -1) // (…, C)
  const lead = byClass.shape.slice(0, -1)
  const classes = byClass.shape.at(-1)!
  const logs = byClass.logSoftmax(-1)
  const even = (): Tensor => logs.mean(-1).neg()
  const smooth = (loss: Tensor): Tensor => (smoothing === 0 ? loss : loss.mul(1 - smoothing).add(even().mul(smoothing)))
  if (isFloating('crossEntropy', target)) {
    if (!sameShape(target.shape, logits.shape)) {
      throw new ShapeError('crossEntropy', 'distributions of another shape than the logits', { expected: `[${logits.shape}], or integer labels [${lead}]`, received: `${target.dtype} [${target.shape}]`, remedy: 'Convert labels with .to("int32").' })
    }
    return reduce('crossEntropy', smooth(target.moveAxis(axis, -1).mul(logs).sum(-1).neg()), options)
  }
  if (target.dtype === 'bool') throw new DTypeError('crossEntropy', 'truth values are no labels', { expected: 'int32 labels or float32 distributions', received: 'bool' })
  if (!sameShape(target.shape, lead)) throw new ShapeError('crossEntropy', 'labels do not fit the logits', { expected: `[${lead}]`, received: `[${target.shape}]` })
  const chosen = where(oneHot(target, classes, 'bool'), logs, 0).sum(-1).neg()
  const known = target.ge(0).logicalAnd(target.lt(classes))
  const loss = where(known, smooth(chosen), Number.NaN)
  if (ignoreIndex === undefined) return reduce('crossEntropy', loss, options)
  const counts = target.ne(ignoreIndex)
  const kept = where(counts, loss, 0)
  return (options.reduction ?? 'mean') === 'mean' ? kept.sum().div(counts.sum()) : reduce('crossEntropy', kept, options)
}

export const isFloating = (operation: string, x: Tensor): boolean => tensorOf(operation, x).dtype.startsWith('float')
export const floating = (x: Tensor): Tensor => (x.dtype === 'float64' ? x : x.to('float32'))
