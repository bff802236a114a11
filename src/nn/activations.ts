// Activation functions of tensors. All work element by element but softmax and logSoftmax.
import { optionsOf } from '../base/index.ts'
import { type Tensor, tensorOf, where } from '../tensor/index.ts'
import { requireRange } from './checks.ts'

const float = (operation: string, x: Tensor): Tensor => (tensorOf(operation, x).dtype === 'float64' ? x : x.to('float32'))

/**
 * The neuron of 1943: 0 where x ≤ 0, else 1 (NaN stays NaN). Its derivative is zero: training needs a smooth function.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { step } from 'gradus/nn'
 *
 * await step(tensor([-1, 0, 2])).array() // → [0, 0, 1]
 * ```
 */
export const step = (x: Tensor): Tensor => {
  const f = float('step', x)
  return where(f.isNaN(), f, f.gt(0).to(f.dtype))
}
/** −1, 0 or 1 by the sign of x; its derivative is zero. */
export const sign = (x: Tensor): Tensor => float('sign', x).sign()
/**
 * σ(x) = 1/(1 + e^−x). σ′ = σ(1 − σ).
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { sigmoid } from 'gradus/nn'
 *
 * await sigmoid(tensor([-1000, 0, 1])).array() // → [0, 0.5, 0.7310586]
 * ```
 */
export const sigmoid = (x: Tensor): Tensor => tensorOf('sigmoid', x).sigmoid()
/** tanh x. tanh′ = 1 − tanh². */
export const tanh = (x: Tensor): Tensor => tensorOf('tanh', x).tanh()
/**
 * max(0, x); derivative 0 at 0.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { relu } from 'gradus/nn'
 *
 * await relu(tensor([-1, 2])).array() // → [0, 2]
 * ```
 */
export const relu = (x: Tensor): Tensor => tensorOf('relu', x).relu()
/**
 * ln(1 + eˣ), a smooth relu; its derivative is σ(x).
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { softplus } from 'gradus/nn'
 *
 * await softplus(tensor([0, 1000])).array() // → [0.6931472, 1000]
 * ```
 */
export const softplus = (x: Tensor): Tensor => tensorOf('softplus', x).softplus()
/**
 * x where x > 0, else slope·x.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { leakyRelu } from 'gradus/nn'
 *
 * await leakyRelu(tensor([-2, 3])).array() // → [-0.02, 3]
 * ```
 */
export const leakyRelu = (x: Tensor, slope = 0.01): Tensor => {
  const f = float('leakyRelu', x)
  return where(f.gt(0), f, f.mul(slope))
}
/**
 * x where x > 0, else α(eˣ − 1) (Clevert et al., 2015).
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { elu } from 'gradus/nn'
 *
 * await elu(tensor([-1, 3])).array() // → [-0.6321206, 3]
 * ```
 */
export const elu = (x: Tensor, alpha = 1): Tensor => {
  const f = float('elu', x)
  const positive = f.gt(0)
  // the exponent is kept at 0 on the positive side: an overflow there would poison the gradient
  return where(positive, f, where(positive, 0, f).expm1().mul(alpha))
}
/**
 * x·Φ(x) with the normal distribution function Φ (Hendrycks & Gimpel, 2016); `approximate: 'tanh'` is the formula GPT-2 uses.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { gelu } from 'gradus/nn'
 *
 * await gelu(tensor([0, 3]), { approximate: 'tanh' }).array() // → [0, 2.9963627]
 * ```
 */
export const gelu = (x: Tensor, options: { readonly approximate?: 'none' | 'tanh' } = {}): Tensor => {
  const f = float('gelu', x)
  if (optionsOf('gelu', options).approximate !== 'tanh') return f.mul(f.mul(Math.SQRT1_2).erf().add(1)).mul(0.5)
  const inner = f.add(f.mul(f).mul(f).mul(0.044715)).mul(Math.sqrt(2 / Math.PI))
  return f.mul(inner.tanh().add(1)).mul(0.5)
}
/**
 * x·σ(x), also called swish.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { silu } from 'gradus/nn'
 *
 * await silu(tensor([0, 1])).array() // → [0, 0.7310586]
 * ```
 */
export const silu = (x: Tensor): Tensor => {
  const f = float('silu', x)
  return f.mul(f.sigmoid())
}
/**
 * eˣ / Σ eˣ along an axis: probabilities, stable for any finite x.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { softmax } from 'gradus/nn'
 *
 * await softmax(tensor([1000, 1000])).array() // → [0.5, 0.5]
 * ```
 */
export const softmax = (x: Tensor, axis = -1): Tensor => tensorOf('softmax', x).softmax(axis)
/**
 * ln softmax(x), computed without the detour through small probabilities.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { logSoftmax } from 'gradus/nn'
 *
 * await logSoftmax(tensor([0, -1000])).array() // → [0, -1000]
 * ```
 */
export const logSoftmax = (x: Tensor, axis = -1): Tensor => tensorOf('logSoftmax', x).logSoftmax(axis)

/** Refuses a parameter of an activation layer that is no finite number. */
export const requireFinite = (layer: string, name: string, value: number): number => {
  requireRange(layer, name, value, -Number.MAX_VALUE, Number.MAX_VALUE)
  return value
}
