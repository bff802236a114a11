// Which inputs a decision hangs on: gradients of a class's score with respect to the input (Simonyan, Vedaldi, Zisserman 2013),
// summed along the way from a baseline (Sundararajan, Taly, Yan 2017), and on a convolution's maps (Selvaraju et al. 2017).
import { given } from './given.ts'
import { optionsOf, showShape } from '../base/index.ts'
import { type Layer, relu, withHooks } from '../nn/index.ts'
import { ShapeError, type Tensor, ValueError, arange, grad, zeros, zerosLike } from '../tensor/index.ts'
import { type Target, scores } from './scores.ts'

export interface SaliencyOptions {
  readonly target: Target
}

/**
 * ∂score/∂x: how the score of the target changes with each input. x (B, …) → the same shape, with signs.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { saliency } from 'gradus/explain'
 * import { Linear } from 'gradus/nn'
 *
 * const model = new Linear(2, 3)
 * model.weight = tensor([[1, 2], [3, 4], [5, 6]])
 * await saliency(model, tensor([[7, 8]]), { target: 1 }).array() // → [[3, 4]]
 * ```
 */
export function saliency(model: Layer, x: Tensor, options: SaliencyOptions): Tensor {
  optionsOf('saliency', options, 'options with target')
  given('saliency', model, x)
  // the examples do not meet, so the gradient of the sum is the gradient of each
  return grad((input: Tensor) => scores('saliency', inEval(model).call(input), options.target).sum())(x)
}

export interface IntegratedGradientsOptions extends SaliencyOptions {
  /** Where the way begins: "no information". Default zeros (black). Same shape as x. */
  readonly baseline?: Tensor
  /** Points on the way; default 32. */
  readonly steps?: number
}

/**
 * (x − baseline) · ∫ ∂score/∂x along the straight way from the baseline: contributions that add up to the difference of the
 * scores at both ends (but for the error of summing `steps` midpoints). x (B, …) → the same shape.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { integratedGradients } from 'gradus/explain'
 * import { Linear } from 'gradus/nn'
 *
 * const model = new Linear(2, 1)
 * model.weight = tensor([[3, -1]])
 * await integratedGradients(model, tensor([[2, 5]]), { target: 0 }).array() // → [[6, -5]]
 * ```
 */
export function integratedGradients(model: Layer, x: Tensor, options: IntegratedGradientsOptions): Tensor {
  optionsOf('integratedGradients', options, 'options with target')
  given('integratedGradients', model, x)
  const { target, baseline = zerosLike(x), steps = 32 } = options
  if (!Number.isSafeInteger(steps) || steps < 1) throw new ValueError('integratedGradients', 'bad steps', { expected: 'a whole number from 1', received: String(steps) })
  if (showShape(baseline.shape) !== showShape(x.shape)) throw new ShapeError('integratedGradients', 'the baseline has another shape', { expected: showShape(x.shape), received: showShape(baseline.shape) })
  const batch = x.shape[0]!
  const way = x.sub(baseline) // (B, …)
  const share = arange(steps).to(x.dtype).add(0.5).div(steps).reshape([steps, ...x.shape.map(() => 1)])
  const points = baseline.add(way.mul(share)).reshape([steps * batch, ...x.shape.slice(1)]) // (S,B,…) → (S·B,…)
  const repeated: Target = Array.isArray(target) ? Array.from({ length: steps }, () => target as readonly number[]).flat() : (target as Target)
  const slopes = grad((input: Tensor) => scores('integratedGradients', inEval(model).call(input), repeated).sum())(points)
  return slopes.reshape([steps, ...x.shape]).mean(0).mul(way)
}

export interface GradCamOptions extends SaliencyOptions {
  /** Path of the module whose maps (B, C, H, W) are weighed, such as `conv2`: usually the last convolution. */
  readonly layer: string
}

/**
 * Where in the picture the evidence lies: the maps of a convolution, each weighed by the mean slope of the score with respect to
 * it, summed, and cut off below zero. x (B, …) → (B, H, W), in the layer's own resolution.
 *
 * @example
 * ```ts
 * import { ones } from 'gradus'
 * import { gradCam } from 'gradus/explain'
 * import { LeNet } from 'gradus/models'
 *
 * gradCam(new LeNet(), ones([1, 28, 28]), { layer: 'conv2', target: 3 }).shape // → [1, 10, 10]
 * ```
 */
export function gradCam(model: Layer, x: Tensor, options: GradCamOptions): Tensor {
  optionsOf('gradCam', options, 'options with target and layer')
  given('gradCam', model, x)
  let maps: Tensor | null = null
  const see = (a: Tensor): Tensor => (maps = a)
  withHooks(inEval(model), { [options.layer]: see }).call(x)
  const seen = maps as Tensor | null
  if (seen === null) throw new ValueError('gradCam', `the module at ${options.layer} was not used`)
  if (seen.ndim !== 4) throw new ShapeError('gradCam', `the module at ${options.layer} gives no maps`, { expected: '[B, C, H, W]', received: showShape(seen.shape), remedy: 'Name a convolution.' })
  // the slope with respect to a change of the maps is the slope with respect to the maps
  const slopes = grad((change: Tensor) => scores('gradCam', withHooks(inEval(model), { [options.layer]: (a) => a.add(change) }).call(x), options.target).sum())(zeros(seen.shape))
  return relu(seen.mul(slopes.mean([2, 3], { keepdims: true })).sum(1)) // (B,C,H,W) → (B,H,W)
}

/** The model without dropout and with its running statistics, the caller's own left as it is. */
export const inEval = (model: Layer): Layer => withHooks(model, {}).eval()
