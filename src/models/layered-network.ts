// The fully connected network with every signal in the open (B4). A network is plain data: it can be saved as JSON,
// sent to a page, edited by hand. Notation: weights[j][k] = w_jk leads FROM neuron j of the layer before TO neuron k.
import { ShapeError, ValueError, objectOf, showShape } from '../base/index.ts'
import { Tensor, type DType, tensor } from '../tensor/index.ts'
import { type ActivationName, activationFunction } from './activation-functions.ts'
import { checkMatrix, checkPositive, checkVector } from './checks.ts'

export interface NetworkLayer {
  /** weights[j][k] = w_jk, from neuron j to neuron k: one row per neuron of the layer before. */
  readonly weights: readonly (readonly number[])[]
  /** biases[k] = b_k, one per neuron of this layer. */
  readonly biases: readonly number[]
  readonly activation: ActivationName
}
export interface LayeredNetwork {
  /** Layers 2 … L; layer 1 is the input itself. */
  readonly layers: readonly NetworkLayer[]
}

/** The signals of one layer. */
export interface LayerSignals {
  /** 2 … L, as in z^(2). */
  readonly layer: number
  readonly activation: ActivationName
  /** products[j][k] = w_jk · a_j */
  readonly products: readonly (readonly number[])[]
  /** z_k = Σ_j w_jk a_j + b_k */
  readonly z: readonly number[]
  /** a_k = φ(z_k) */
  readonly a: readonly number[]
}
export interface ForwardTrace {
  /** a^(1) = x */
  readonly input: readonly number[]
  readonly layers: readonly LayerSignals[]
  /** a^(L) */
  readonly output: readonly number[]
}

/** Numbers of neurons by layer, the input first, such as [4, 2, 1]. */
export function networkSizes(network: LayeredNetwork): number[] {
  objectOf('networkSizes', 'network', network, 'a network { layers }', 'layers')
  return [network.layers[0]?.weights.length ?? 0, ...network.layers.map((l) => l.biases.length)]
}

/** Returns the network if its layers fit together and its numbers are finite; else throws. */
export function checkNetwork(network: LayeredNetwork): LayeredNetwork {
  if (!Array.isArray(network?.layers) || network.layers.length === 0) {
    throw new ValueError('network', 'no layers', { expected: '{ layers: [{ weights, biases, activation }, …] }', received: 'none' })
  }
  let width = -1
  network.layers.forEach((layer, i) => {
    const name = `layer ${i + 2}`
    activationFunction(layer.activation)
    checkVector('network', `${name} biases`, layer.biases)
    checkMatrix('network', `${name} weights`, layer.weights, layer.biases.length)
    if (width >= 0 && layer.weights.length !== width) {
      throw new ShapeError('network', `${name} does not fit the layer before`, { expected: `${width} rows of weights`, received: String(layer.weights.length) })
    }
    width = layer.biases.length
  })
  return network
}

/**
 * A network of given sizes with given or zero weights.
 * @example
 * ```ts
 * import { network } from 'gradus/models'
 *
 * const net = network([4, 2, 1], { activation: 'sigmoid', weight: (layer, j, k) => (j === k ? 1 : 0) })
 * net.layers[0]!.weights // → [[1, 0], [0, 1], [0, 0], [0, 0]]
 * ```
 */
export function network(
  sizes: readonly number[],
  options: {
    /** One activation for all layers, or one a layer. */
    readonly activation?: ActivationName | readonly ActivationName[]
    /** w_jk of layer 2 … L, from j to k, both counted from 0. */
    readonly weight?: (layer: number, j: number, k: number) => number
    readonly bias?: (layer: number, k: number) => number
  } = {},
): LayeredNetwork {
  if (!Array.isArray(sizes) || sizes.length < 2 || sizes.some((n) => !Number.isInteger(n) || n < 0)) {
    throw new ValueError('network', 'bad sizes', { expected: 'two or more whole numbers ≥ 0', received: JSON.stringify(sizes) })
  }
  const { activation = 'sigmoid', weight = () => 0, bias = () => 0 } = options
  if (typeof activation !== 'string' && activation.length !== sizes.length - 1) {
    throw new ShapeError('network', 'activations do not fit the layers', { expected: String(sizes.length - 1), received: String(activation.length) })
  }
  const layers = sizes.slice(1).map((to, i): NetworkLayer => ({
    weights: Array.from({ length: sizes[i]! }, (_, j) => Array.from({ length: to }, (__, k) => weight(i + 2, j, k))),
    biases: Array.from({ length: to }, (_, k) => bias(i + 2, k)),
    activation: typeof activation === 'string' ? activation : activation[i]!,
  }))
  return checkNetwork({ layers })
}

/** The lecture's network: 4 inputs, 2 hidden neurons, 1 output, all of them steps. Its output is 1 if x₁x₂ or x₃x₄. */
export const fourTwoOne = (): LayeredNetwork => ({
  layers: [
    { weights: [[1, 0], [1, 0], [0, 1], [0, 1]], biases: [-1.5, -1.5], activation: 'step' },
    { weights: [[1], [1]], biases: [-0.5], activation: 'step' },
  ],
})

/**
 * Feeds one input forward and keeps every product, potential and output.
 *
 * @example
 * ```ts
 * import { forwardTrace, fourTwoOne } from 'gradus/models'
 *
 * forwardTrace(fourTwoOne(), [1, 1, 0, 0]).layers[0]!.z // → [0.5, -1.5]
 * ```
 */
export function forwardTrace(network: LayeredNetwork, x: readonly number[]): ForwardTrace {
  checkNetwork(network)
  checkVector('forwardTrace', 'x', x, network.layers[0]!.weights.length)
  let a: readonly number[] = [...x]
  const layers = network.layers.map(({ weights, biases, activation }, i): LayerSignals => {
    const { value } = activationFunction(activation)
    const products = weights.map((row, j) => row.map((w) => w * a[j]!))
    const z = biases.map((b, k) => products.reduce((sum, row) => sum + row[k]!, 0) + b)
    a = z.map(value)
    return { layer: i + 2, activation, products, z, a }
  })
  return { input: [...x], layers, output: a }
}

/** The output alone. */
export const networkOutput = (network: LayeredNetwork, x: readonly number[]): readonly number[] => forwardTrace(network, x).output

/** The same weights with other activations: one for all layers, or one a layer. */
export function withActivation(net: LayeredNetwork, activation: ActivationName | readonly ActivationName[]): LayeredNetwork {
  objectOf('withActivation', 'network', net, 'a network { layers }', 'layers')
  if (typeof activation !== 'string' && activation.length !== net.layers.length) {
    throw new ShapeError('withActivation', 'activations do not fit the layers', { expected: String(net.layers.length), received: String(activation.length) })
  }
  return checkNetwork({ layers: net.layers.map((layer, i) => ({ ...layer, activation: typeof activation === 'string' ? activation : activation[i]! })) })
}

/**
 * All weights and biases times k (D1). A network of steps does not notice; with `sigmoid` in place of `step` it comes as
 * close to the steps as one likes when k grows, wherever no potential is 0, and for small k it can be trained.
 */
export function steepened(net: LayeredNetwork, k: number): LayeredNetwork {
  objectOf('steepened', 'network', net, 'a network { layers }', 'layers')
  checkPositive('steepened', 'k', k)
  return checkNetwork({ layers: net.layers.map((layer) => ({ ...layer, weights: layer.weights.map((row) => row.map((w) => w * k)), biases: layer.biases.map((b) => b * k) })) })
}

/** Weights (from, to) and biases (to) of every layer as tensors. */
export function networkTensors(network: LayeredNetwork, dtype: DType = 'float32'): { weight: Tensor; bias: Tensor }[] {
  checkNetwork(network)
  return network.layers.map(({ weights, biases }) => ({
    weight: tensor(weights.flat(), { shape: [weights.length, biases.length], dtype }),
    bias: tensor([...biases], { shape: [biases.length], dtype }),
  }))
}

/**
 * The network on a whole batch: (B, inputs) → (B, outputs), in the type of x.
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { applyNetwork, fourTwoOne } from 'gradus/models'
 *
 * await applyNetwork(fourTwoOne(), tensor([[1, 1, 0, 0], [1, 0, 1, 0]])).array() // → [[1], [0]]
 * ```
 */
export function applyNetwork(network: LayeredNetwork, x: Tensor): Tensor {
  objectOf('applyNetwork', 'network', network, 'a network { layers }', 'layers')
  const inputs = network.layers[0]?.weights.length
  if (!(x instanceof Tensor) || x.ndim !== 2 || x.shape[1] !== inputs) {
    throw new ShapeError('applyNetwork', 'the batch does not fit', { expected: `(B, ${inputs})`, received: x instanceof Tensor ? showShape(x.shape) : typeof x })
  }
  const parameters = networkTensors(network, x.dtype)
  return network.layers.reduce((a, { activation }, i) => activationFunction(activation).apply(a.matmul(parameters[i]!.weight).add(parameters[i]!.bias)), x)
}
