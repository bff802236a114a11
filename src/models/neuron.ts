// A neuron is a linear model (A3): linear regression a = z, linear classification a = th(z), logistic regression a = σ(z).
// Each with its loss and gradient written out, and linear regression also by least squares in closed form.
import { ShapeError, ValueError, objectOf } from '../base/index.ts'
import { type ActivationName, activationFunction } from './activation-functions.ts'
import { checkCount, checkMatrix, checkNeuron, checkNumber, checkPositive, checkVector } from './checks.ts'
import type { LayeredNetwork } from './layered-network.ts'

export interface Neuron {
  readonly weights: readonly number[]
  readonly bias: number
  readonly activation: ActivationName
}
export const linearNeuron = (weights: readonly number[], bias: number): Neuron => made('linearNeuron', weights, bias, 'identity')
export const thresholdNeuron = (weights: readonly number[], bias: number): Neuron => made('thresholdNeuron', weights, bias, 'step')
/** th(z) as −1 or 1 (0 on the line itself). */
export const signNeuron = (weights: readonly number[], bias: number): Neuron => made('signNeuron', weights, bias, 'sign')
export const logisticNeuron = (weights: readonly number[], bias: number): Neuron => made('logisticNeuron', weights, bias, 'sigmoid')

function made(operation: string, weights: readonly number[], bias: number, activation: ActivationName): Neuron {
  checkVector(operation, 'weights', weights)
  checkNumber(operation, 'bias', bias)
  return { weights: [...weights], bias, activation }
}

/** z = b + Σ wᵢxᵢ and a = φ(z). */
export function activate(neuron: Neuron, x: readonly number[]): { readonly products: readonly number[]; readonly z: number; readonly a: number } {
  objectOf('activate', 'neuron', neuron, 'a neuron { weights, bias, activation }', 'weights')
  checkVector('activate', 'x', x, neuron.weights.length)
  const products = neuron.weights.map((w, i) => w * x[i]!)
  const z = neuron.bias + products.reduce((sum, p) => sum + p, 0)
  return { products, z, a: activationFunction(neuron.activation).value(z) }
}

/**
 * The line where z = 0 of a neuron with two inputs (B1, B2): slope −w₁/w₂ and intercept −b/w₂ on the x₂ axis. Mind the
 * letters: the slides call the intercept b on one page; here b is the bias everywhere. A vertical line has no slope:
 * its `x1` is given instead.
 *
 * @example
 * ```ts
 * import { decisionLine } from 'gradus/models'
 *
 * decisionLine({ weights: [1, 2], bias: -2 }) // → { slope: -0.5, intercept: 1 }
 * ```
 */
export function decisionLine(neuron: Pick<Neuron, 'weights' | 'bias'>): { readonly slope: number; readonly intercept: number } | { readonly x1: number } {
  objectOf('decisionLine', 'neuron', neuron, 'a neuron { weights, bias, activation }', 'weights')
  checkVector('decisionLine', 'weights', neuron.weights, 2)
  const [w1, w2] = neuron.weights as readonly [number, number]
  if (w2 !== 0) return { slope: -w1 / w2, intercept: -neuron.bias / w2 }
  if (w1 !== 0) return { x1: -neuron.bias / w1 }
  throw new ValueError('decisionLine', 'both weights are 0', { expected: 'a weight other than 0', received: '[0, 0]', remedy: 'Such a neuron gives every point the same answer.' })
}

export interface FittedLine {
  readonly neuron: Neuron
  /** Mean of (y − a)² */
  readonly mse: number
}

/**
 * Linear regression in closed form: the weights and bias with the least mean square error, by Householder reflections
 * (no XᵀX, whose condition is squared). Dependent columns are refused: the weights would not be determined.
 *
 * @example
 * ```ts
 * import { leastSquares } from 'gradus/models'
 *
 * leastSquares([[0], [1], [2]], [1, 3, 5]).neuron.weights // → [2]
 * ```
 */
export function leastSquares(points: readonly (readonly number[])[], targets: readonly number[]): FittedLine {
  checkData('leastSquares', points, targets)
  const n = points[0]!.length + 1
  const rows = points.map((x, i) => [1, ...x, targets[i]!])
  if (rows.length < n) throw tooFew('leastSquares', n, rows.length)
  const scale = Array.from({ length: n }, (_, c) => Math.hypot(...rows.map((r) => r[c]!)))
  for (let c = 0; c < n; c++) {
    const norm = Math.hypot(...rows.slice(c).map((r) => r[c]!))
    if (!(norm > 1e-12 * scale[c]!)) {
      throw new ValueError('leastSquares', `input ${c} depends on the inputs before it`, { expected: 'independent inputs (a constant is one already)', received: 'dependent ones', remedy: 'Leave the input out.' })
    }
    const alpha = rows[c]![c]! > 0 ? -norm : norm
    const v = rows.slice(c).map((r) => r[c]!)
    v[0]! -= alpha
    const squared = v.reduce((s, x) => s + x * x, 0)
    for (let j = c; j <= n; j++) {
      const t = (2 * v.reduce((s, x, i) => s + x * rows[c + i]![j]!, 0)) / squared
      v.forEach((x, i) => (rows[c + i]![j]! -= t * x))
    }
  }
  const solution = Array.from({ length: n }, () => 0)
  for (let c = n - 1; c >= 0; c--) {
    let value = rows[c]![n]!
    for (let j = c + 1; j < n; j++) value -= rows[c]![j]! * solution[j]!
    solution[c] = value / rows[c]![c]!
  }
  const neuron = linearNeuron(solution.slice(1), solution[0]!)
  return { neuron, mse: neuronLoss(neuron, points, targets) }
}

/**
 * The loss that belongs to a neuron: MSE, mean of (y − a)², for `identity`; LogLoss, mean of −(y ln a + (1 − y) ln(1 − a)),
 * for `sigmoid` with labels 0 and 1. The others have none to follow downhill: their gradient is 0.
 */
export function neuronLoss(neuron: Neuron, points: readonly (readonly number[])[], targets: readonly number[]): number {
  objectOf('neuronLoss', 'neuron', neuron, 'a neuron { weights, bias, activation }', 'weights')
  return neuronGradient(neuron, points, targets).loss
}
export interface NeuronGradient {
  readonly loss: number
  /** ∂C/∂wᵢ */
  readonly weights: readonly number[]
  /** ∂C/∂b */
  readonly bias: number
  /** ∂C/∂z of each example */
  readonly delta: readonly number[]
}
/** The loss and its gradient. MSE: δ = 2(a − y)/N; LogLoss: δ = (a − y)/N; ∂C/∂wᵢ = Σ δxᵢ, ∂C/∂b = Σ δ. */
export function neuronGradient(neuron: Neuron, points: readonly (readonly number[])[], targets: readonly number[]): NeuronGradient {
  objectOf('neuronGradient', 'neuron', neuron, 'a neuron { weights, bias, activation }', 'weights')
  checkData('neuronGradient', points, targets, neuron.weights.length)
  const count = points.length
  const signals = points.map((x) => activate(neuron, x))
  let loss: number
  let delta: number[]
  if (neuron.activation === 'identity') {
    loss = signals.reduce((s, { a }, i) => s + (targets[i]! - a) ** 2, 0) / count
    delta = signals.map(({ a }, i) => (2 * (a - targets[i]!)) / count)
  } else if (neuron.activation === 'sigmoid') {
    if (targets.some((y) => !(y >= 0 && y <= 1))) throw new ValueError('neuronGradient', 'bad label', { expected: 'labels from 0 to 1', received: 'others' })
    // ln(1 + e^z) − yz: LogLoss from the potential, which neither overflows nor takes the logarithm of 0
    loss = signals.reduce((s, { z }, i) => s + Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - targets[i]! * z, 0) / count
    delta = signals.map(({ a }, i) => (a - targets[i]!) / count)
  } else {
    throw new ValueError('neuronGradient', 'no loss to follow downhill', { expected: 'a linear (identity) or logistic (sigmoid) neuron', received: neuron.activation, remedy: 'A step has slope 0; use the perceptron rule, or a sigmoid.' })
  }
  const weights = neuron.weights.map((_, i) => points.reduce((s, x, row) => s + delta[row]! * x[i]!, 0))
  return { loss, weights, bias: delta.reduce((s, d) => s + d, 0), delta }
}

/** Gradient descent on a neuron's loss; `losses[t]` is the loss before step t, and one more after the last. */
export function descendNeuron(
  start: Neuron,
  points: readonly (readonly number[])[],
  targets: readonly number[],
  options: { readonly learningRate: number; readonly steps: number },
): { readonly neuron: Neuron; readonly losses: readonly number[]; readonly diverged: boolean } {
  objectOf('descendNeuron', 'neuron', start, 'a neuron { weights, bias, activation }', 'weights')
  checkPositive('descendNeuron', 'learningRate', options.learningRate)
  checkCount('descendNeuron', 'steps', options.steps, 0, 1e7)
  let neuron = start
  const losses: number[] = []
  for (let t = 0; t <= options.steps; t++) {
    const g = neuronGradient(neuron, points, targets)
    losses.push(g.loss)
    if (t === options.steps) break
    const weights = neuron.weights.map((w, i) => w - options.learningRate * g.weights[i]!)
    const bias = neuron.bias - options.learningRate * g.bias
    if (![...weights, bias].every(Number.isFinite)) return { neuron, losses, diverged: true }
    neuron = { ...neuron, weights, bias }
  }
  return { neuron, losses, diverged: false }
}

/** The neuron as a network of one layer, for `applyNetwork` on tensors. */
export function asNetwork(neuron: Neuron): LayeredNetwork {
  checkNeuron('asNetwork', neuron)
  return { layers: [{ weights: neuron.weights.map((w) => [w]), biases: [neuron.bias], activation: neuron.activation }] }
}

function checkData(operation: string, points: readonly (readonly number[])[], targets: readonly number[], inputs?: number): void {
  if (!Array.isArray(points) || points.length === 0) throw new ValueError(operation, 'no data', { expected: 'at least one example', received: '0' })
  checkMatrix(operation, 'points', points, inputs)
  checkVector(operation, 'targets', targets, points.length)
}
const tooFew = (operation: string, wanted: number, got: number): ShapeError =>
  new ShapeError(operation, 'too few examples', { expected: `at least ${wanted}, one per weight and bias`, received: String(got) })
