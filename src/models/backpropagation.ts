// Backpropagation in the lecture's five steps (D4), on plain numbers: every signal, slope, δ and gradient is returned.
import { listOf, optionsOf } from '../base/index.ts'
import { checkPositive, checkVector } from './checks.ts'
import { activationFunction, isFlat } from './activation-functions.ts'
import { type ForwardTrace, type LayeredNetwork, type NetworkLayer, checkNetwork, forwardTrace } from './layered-network.ts'

/** δ of one layer and the gradients that follow from it. */
export interface LayerInfluence {
  /** 2 … L */
  readonly layer: number
  /** φ′(z_k) */
  readonly slopes: readonly number[]
  /** ∂C/∂a_k */
  readonly incoming: readonly number[]
  /** δ_k = ∂C/∂z_k = ∂C/∂a_k · φ′(z_k) */
  readonly delta: readonly number[]
  /** ∂C/∂w_jk = a_j δ_k, indexed [j][k] */
  readonly weightGradients: readonly (readonly number[])[]
  /** ∂C/∂b_k = δ_k */
  readonly biasGradients: readonly number[]
}
export interface BackpropagationTrace {
  /** Steps 1 and 2: the input and the signals of every layer. */
  readonly forward: ForwardTrace
  /** C = ‖a^(L) − y‖² / 2 */
  readonly cost: number
  /** Step 3: ∂C/∂a^(L) = a^(L) − y */
  readonly outputInfluence: readonly number[]
  /** Steps 3 and 4: layers 2 … L in this order (they are computed from L down to 2). */
  readonly layers: readonly LayerInfluence[]
  /** True if every gradient is 0 because the activations are steps: such a network cannot be trained this way. */
  readonly flat: boolean
  /** Step 5: the network after w ← w − η ∂C/∂w, b ← b − η ∂C/∂b. */
  readonly updated: LayeredNetwork
  /** η */
  readonly learningRate: number
}

/** C = ‖a − y‖² / 2 */
export function quadraticCost(a: readonly number[], y: readonly number[]): number {
  listOf('quadraticCost', 'a', a)
  listOf('quadraticCost', 'y', y)
  return a.reduce((sum, v, i) => sum + (v - y[i]!) ** 2, 0) / 2
}

/**
 * One example through all five steps.
 * @example
 * ```ts
 * import { backpropagate, network } from 'gradus/models'
 *
 * const trace = backpropagate(network([2, 1], { activation: 'identity', weight: () => 0.5 }), [1, 2], [1], { learningRate: 0.1 })
 * trace.forward.output // → [1.5]
 * trace.layers[0]!.delta // → [0.5]
 * trace.layers[0]!.weightGradients // → [[0.5], [1]]
 * ```
 */
export function backpropagate(
  network: LayeredNetwork,
  x: readonly number[],
  y: readonly number[],
  options: { readonly learningRate?: number } = {},
): BackpropagationTrace {
  optionsOf('backpropagate', options)
  const { learningRate = 0.1 } = options
  checkPositive('backpropagate', 'learningRate', learningRate)
  const forward = forwardTrace(network, x)
  checkVector('backpropagate', 'y', y, forward.output.length)
  const outputInfluence = forward.output.map((a, k) => a - y[k]!)
  const layers: LayerInfluence[] = []
  let incoming: readonly number[] = outputInfluence
  for (let i = network.layers.length - 1; i >= 0; i--) {
    const { weights, activation } = network.layers[i]!
    const { slope } = activationFunction(activation)
    const slopes = forward.layers[i]!.z.map(slope)
    const delta = incoming.map((g, k) => g * slopes[k]!)
    const before = i === 0 ? forward.input : forward.layers[i - 1]!.a
    const weightGradients = before.map((a) => delta.map((d) => a * d))
    layers.unshift({ layer: i + 2, slopes, incoming, delta, weightGradients, biasGradients: [...delta] })
    // ∂C/∂a_j = Σ_k w_jk δ_k: back along the same weights
    incoming = weights.map((row) => row.reduce((sum, w, k) => sum + w * delta[k]!, 0))
  }
  const flat = network.layers.some((l) => isFlat(l.activation)) && layers.every((l) => l.delta.every((d) => d === 0) && l.weightGradients.flat().every((g) => g === 0))
  const updated = moved(network, layers, learningRate)
  return { forward, cost: quadraticCost(forward.output, y), outputInfluence, layers, flat, updated, learningRate }
}

/** The network moved against the gradients. */
function moved(network: LayeredNetwork, gradients: readonly Pick<LayerInfluence, 'weightGradients' | 'biasGradients'>[], rate: number): LayeredNetwork {
  return {
    layers: network.layers.map((layer, i): NetworkLayer => ({
      ...layer,
      weights: layer.weights.map((row, j) => row.map((w, k) => w - rate * gradients[i]!.weightGradients[j]![k]!)),
      biases: layer.biases.map((b, k) => b - rate * gradients[i]!.biasGradients[k]!),
    })),
  }
}

/** One step of gradient descent on the mean cost of several examples; `cost` is the mean before the step. */
export function descendBatch(
  network: LayeredNetwork,
  examples: readonly { readonly x: readonly number[]; readonly y: readonly number[] }[],
  learningRate: number,
): { readonly network: LayeredNetwork; readonly cost: number } {
  listOf('descendBatch', 'examples', examples)
  checkPositive('descendBatch', 'learningRate', learningRate)
  const traces = examples.map(({ x, y }) => backpropagate(network, x, y))
  const count = Math.max(1, traces.length)
  const mean = network.layers.map((layer, i) => ({
    weightGradients: layer.weights.map((row, j) => row.map((_, k) => traces.reduce((s, t) => s + t.layers[i]!.weightGradients[j]![k]!, 0) / count)),
    biasGradients: layer.biases.map((_, k) => traces.reduce((s, t) => s + t.layers[i]!.biasGradients[k]!, 0) / count),
  }))
  return { network: moved(network, mean, learningRate), cost: traces.reduce((s, t) => s + t.cost, 0) / count }
}

export interface GradientCheck {
  /** Finite differences (C(w + h) − C(w − h)) / 2h, layers 2 … L. */
  readonly layers: readonly { readonly weightGradients: number[][]; readonly biasGradients: number[]; readonly delta: number[] }[]
  /** Largest |backpropagation − difference| over every weight, bias and δ. */
  readonly largestError: number
}

/**
 * The same derivatives without backpropagation, by moving every weight, bias and potential a little. At a kink or a jump
 * the two may differ: there is no derivative there.
 */
export function checkBackpropagation(network: LayeredNetwork, x: readonly number[], y: readonly number[], options: { readonly step?: number } = {}): GradientCheck {
  optionsOf('checkBackpropagation', options)
  const { step: h = 1e-5 } = options
  checkPositive('checkBackpropagation', 'step', h)
  checkNetwork(network)
  const trace = backpropagate(network, x, y)
  const cost = (changed: LayeredNetwork): number => quadraticCost(forwardTrace(changed, x).output, y)
  const difference = (change: (by: number) => LayeredNetwork): number => (cost(change(h)) - cost(change(-h))) / (2 * h)
  const withLayer = (i: number, layer: NetworkLayer): LayeredNetwork => ({ layers: network.layers.map((l, at) => (at === i ? layer : l)) })
  let largestError = 0
  const note = (found: number, expected: number): number => {
    largestError = Math.max(largestError, Math.abs(found - expected))
    return expected
  }
  const layers = network.layers.map((layer, i) => {
    const got = trace.layers[i]!
    const weightGradients = layer.weights.map((row, j) => row.map((_, k) =>
      note(got.weightGradients[j]![k]!, difference((by) => withLayer(i, { ...layer, weights: layer.weights.map((r, jj) => (jj === j ? r.map((w, kk) => (kk === k ? w + by : w)) : r)) })))))
    const biasGradients = layer.biases.map((_, k) => note(got.biasGradients[k]!, difference((by) => withLayer(i, { ...layer, biases: layer.biases.map((b, kk) => (kk === k ? b + by : b)) }))))
    // δ_k = ∂C/∂z_k: the potential itself is moved, and the rest of the network fed from there
    const delta = layer.biases.map((_, k) => note(got.delta[k]!, (fromPotential(network, trace.forward, i, k, h, y) - fromPotential(network, trace.forward, i, k, -h, y)) / (2 * h)))
    return { weightGradients, biasGradients, delta }
  })
  return { layers, largestError }
}

function fromPotential(network: LayeredNetwork, forward: ForwardTrace, i: number, k: number, by: number, y: readonly number[]): number {
  const { value } = activationFunction(network.layers[i]!.activation)
  const a = forward.layers[i]!.z.map((z, at) => value(at === k ? z + by : z))
  const rest = network.layers.slice(i + 1)
  return quadraticCost(rest.length === 0 ? a : forwardTrace({ layers: rest }, a).output, y)
}
