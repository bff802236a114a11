// Universal approximation by training (B5): the same two-layer network as the bumps, its weights found by gradient descent.
// Cybenko's theorem promises that good weights exist on a compact set; it does not promise that training finds them.
import { Adam, Linear, Module, type OptimizerState, cosine, mse, withTensors } from '../nn/index.ts'
import { type Tensor, bernoulli, jit, key, linspace, split, tensor, uniform, valueAndGrad } from '../tensor/index.ts'
import { type ActivationName, activationFunction, isFlat } from './activation-functions.ts'
import { type Interval, type SupError, checkInterval, checkedValue, supError } from './bump-approximator.ts'
import { checkCount, checkPositive } from './checks.ts'
import { ValueError, optionsOf } from '../base/index.ts'
import type { LayeredNetwork } from './layered-network.ts'

/** One input, one hidden layer, a linear output: (B,1) → (B,hidden) → (B,1). */
export class Approximator extends Module {
  readonly activation: ActivationName
  inner: Linear
  outer: Linear
  constructor(hidden: number, activation: ActivationName = 'sigmoid', seed = 0) {
    super()
    const [places, slopes, signs, outer] = split(key(seed), 4) as [Tensor, Tensor, Tensor, Tensor]
    // Every neuron bends at a place of its own in [−1, 1], about as sharply as the places are apart: w = ± hidden/2 … hidden.
    const size = uniform([hidden, 1], { key: slopes, low: hidden / 2, high: hidden })
    const weight = size.mul(bernoulli(0.5, [hidden, 1], { key: signs }).to('float32').mul(2).sub(1))
    const bias = weight.reshape(hidden).mul(uniform([hidden], { key: places, low: -1, high: 1 })).neg()
    this.activation = activation
    this.inner = new Linear(1, hidden, { weight: () => weight, bias: () => bias })
    const bound = 1 / Math.sqrt(hidden)
    this.outer = new Linear(hidden, 1, { weight: (s) => uniform(s, { key: outer, low: -bound, high: bound }), bias: () => tensor([0]) })
  }
  forward(x: Tensor): Tensor {
    return this.outer.call(activationFunction(this.activation).apply(this.inner.call(x))) // (B,1) → (B,1)
  }
}

export interface TrainedApproximation {
  readonly network: LayeredNetwork
  /** [step, mean square error] along the way, the last one at the end. */
  readonly losses: readonly (readonly [number, number])[]
  /** sup |f − network| on [a, b] */
  readonly supError: SupError
}

/**
 * Trains a network of `hidden` neurons on even samples of f over [a, b] (Adam, mean square error, the rate falling to 0).
 * The same seed gives the same network.
 * @example
 * ```ts
 * import { trainApproximator } from 'gradus/models'
 *
 * const { network, supError } = await trainApproximator(Math.sin, [0, 2 * Math.PI], { hidden: 16 })
 * supError.error < 0.05 // → true
 * network.layers.length // → 2
 * ```
 */
export async function trainApproximator(
  f: (x: number) => number,
  interval: Interval,
  options: {
    readonly hidden?: number
    readonly steps?: number
    readonly learningRate?: number
    readonly samples?: number
    readonly seed?: number
    readonly activation?: ActivationName
    /** Called a hundred times on the way. */
    readonly onProgress?: (step: number, loss: number) => void
  } = {},
): Promise<TrainedApproximation> {
  optionsOf('trainApproximator', options)
  const { hidden = 16, steps = 2000, learningRate = 0.1, samples = 256, seed = 0, activation = 'sigmoid', onProgress } = options
  checkInterval('trainApproximator', interval)
  checkCount('trainApproximator', 'hidden', hidden, 1, 10_000)
  checkCount('trainApproximator', 'steps', steps, 1, 10_000_000)
  checkCount('trainApproximator', 'samples', samples, 2, 1_000_000)
  checkPositive('trainApproximator', 'learningRate', learningRate)
  activationFunction(activation)
  if (isFlat(activation)) {
    throw new ValueError('trainApproximator', 'this activation cannot be trained by gradients', { expected: 'sigmoid, tanh, relu, softplus or identity', received: activation, remedy: 'Its slope is 0: use approximateByBumps, which does not train.' })
  }
  const [a, b] = interval
  const [middle, half] = [(a + b) / 2, (b - a) / 2]
  const u = linspace(-1, 1, samples, 'float64')
  const values = [...(await u.data())].map((t) => checkedValue('trainApproximator', f, middle + half * t))
  const mean = values.reduce((s, v) => s + v, 0) / samples
  const spread = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / samples) || 1
  const x = u.to('float32').reshape(samples, 1)
  const y = tensor(values.map((v) => (v - mean) / spread)).reshape(samples, 1)

  const model = new Approximator(hidden, activation, seed)
  const names = model.namedParameters().map(([name]) => name)
  const adam = new Adam(cosine(learningRate, steps))
  const loss = (values: readonly Tensor[]): Tensor => mse(withTensors(model, Object.fromEntries(names.map((n, i) => [n, values[i]!]))).call(x), y)
  const step = jit((now: readonly Tensor[], state: OptimizerState, rate: Tensor) => {
    const [value, grads] = valueAndGrad(loss)(now)
    return { ...adam.update(now, grads, state, rate), loss: value }
  })
  let params: readonly Tensor[] = model.parameters()
  let state: OptimizerState = adam.init(params)
  const losses: [number, number][] = []
  const every = Math.max(1, Math.floor(steps / 100))
  for (let t = 0; t < steps; t++) {
    const next = step(params, state, tensor(adam.rate(t)))
    if (t % every === 0) {
      const now = (await next.loss.item()) * spread ** 2
      if (!Number.isFinite(now)) throw new ValueError('trainApproximator', `the loss is no number at step ${t}`, { received: String(now), remedy: 'Use a smaller learning rate.' })
      losses.push([t, now])
      onProgress?.(t, now)
    }
    params = next.params
    state = next.state
  }
  losses.push([steps, (await loss(params).item()) * spread ** 2])
  const trained = withTensors(model, Object.fromEntries(names.map((n, i) => [n, params[i]!])))
  const network = await unscaled(trained, { middle, half, mean, spread })
  return { network, losses, supError: supError(network, f, interval) }
}

/** The network for x itself: training saw (x − middle)/half and (y − mean)/spread. */
async function unscaled(model: Approximator, scale: { middle: number; half: number; mean: number; spread: number }): Promise<LayeredNetwork> {
  const [w, c, v, d] = await Promise.all([model.inner.weight, model.inner.bias!, model.outer.weight, model.outer.bias!].map(async (t) => [...(await t.data())]))
  return {
    layers: [
      { weights: [w!.map((k) => k / scale.half)], biases: c!.map((bias, k) => bias - (w![k]! * scale.middle) / scale.half), activation: model.activation },
      { weights: v!.map((k) => [k * scale.spread]), biases: [d![0]! * scale.spread + scale.mean], activation: 'identity' },
    ],
  }
}
