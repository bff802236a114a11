// The lecture's losses (D2) on plain numbers, each with its gradient by the outputs, for working an example by hand.
// For training on tensors use the losses of `gradus/nn`.
import { ValueError } from '../base/index.ts'
import { checkVector } from './checks.ts'

export interface HandLoss {
  readonly loss: number
  /** ∂C/∂ŷᵢ */
  readonly gradient: readonly number[]
  /** What each component adds to the loss. */
  readonly terms: readonly number[]
}

/**
 * MSE: mean of (y − ŷ)²; gradient 2(ŷ − y)/n.
 *
 * @example
 * ```ts
 * import { handMse } from 'gradus/models'
 *
 * handMse([2, 0], [1, 0]) // → { loss: 0.5, gradient: [1, 0], terms: [0.5, 0] }
 * ```
 */
export function handMse(predicted: readonly number[], wanted: readonly number[]): HandLoss {
  checkPair('handMse', predicted, wanted)
  const n = wanted.length
  return total(wanted.map((y, i) => (y - predicted[i]!) ** 2 / n), predicted.map((p, i) => (2 * (p - wanted[i]!)) / n))
}

/** C = ‖a − y‖²/2, the cost of the lecture's backpropagation; gradient a − y. */
export function handQuadratic(predicted: readonly number[], wanted: readonly number[]): HandLoss {
  checkPair('handQuadratic', predicted, wanted)
  return total(wanted.map((y, i) => (y - predicted[i]!) ** 2 / 2), predicted.map((p, i) => p - wanted[i]!))
}

/** LogLoss: mean of −(y ln ŷ + (1 − y) ln(1 − ŷ)), ŷ strictly between 0 and 1; gradient (ŷ − y)/(ŷ(1 − ŷ))/n. */
export function handLogLoss(predicted: readonly number[], wanted: readonly number[]): HandLoss {
  checkPair('handLogLoss', predicted, wanted)
  const n = wanted.length
  checkRange('handLogLoss', 'label', wanted, (y) => y >= 0 && y <= 1, '0 to 1')
  checkRange('handLogLoss', 'prediction', predicted, (p) => p > 0 && p < 1, 'strictly between 0 and 1')
  const part = (weight: number, p: number): number => (weight === 0 ? 0 : -weight * Math.log(p))
  return total(
    wanted.map((y, i) => (part(y, predicted[i]!) + part(1 - y, 1 - predicted[i]!)) / n),
    predicted.map((p, i) => (p - wanted[i]!) / (p * (1 - p)) / n),
  )
}

/** Cross-entropy −Σ yᵢ ln ŷᵢ of one distribution over classes; gradient −yᵢ/ŷᵢ. */
export function handCrossEntropy(predicted: readonly number[], wanted: readonly number[]): HandLoss {
  checkPair('handCrossEntropy', predicted, wanted)
  checkRange('handCrossEntropy', 'label', wanted, (y) => y >= 0, 'numbers ≥ 0')
  checkRange('handCrossEntropy', 'prediction', predicted, (p) => p >= 0 && p <= 1, '0 to 1')
  wanted.forEach((y, i) => {
    if (y > 0 && predicted[i] === 0) throw new ValueError('handCrossEntropy', `class ${i} has probability 0 but is wanted`, { expected: 'a probability above 0', received: '0', remedy: 'A softmax never gives 0; the loss would be infinite.' })
  })
  return total(wanted.map((y, i) => (y === 0 ? 0 : -y * Math.log(predicted[i]!))), predicted.map((p, i) => (wanted[i] === 0 ? 0 : -wanted[i]! / p)))
}

export interface SoftmaxCrossEntropy extends HandLoss {
  readonly probabilities: readonly number[]
}
/** Softmax and cross-entropy in one: the gradient by the potentials is ŷ − y (for labels that add up to 1). */
export function handSoftmaxCrossEntropy(potentials: readonly number[], wanted: readonly number[]): SoftmaxCrossEntropy {
  checkPair('handSoftmaxCrossEntropy', potentials, wanted)
  checkRange('handSoftmaxCrossEntropy', 'label', wanted, (y) => y >= 0, 'numbers ≥ 0')
  const top = Math.max(...potentials)
  const exps = potentials.map((z) => Math.exp(z - top))
  const sum = exps.reduce((s, e) => s + e, 0)
  const mass = wanted.reduce((s, y) => s + y, 0)
  const probabilities = exps.map((e) => e / sum)
  const terms = wanted.map((y, i) => (y === 0 ? 0 : -y * (potentials[i]! - top - Math.log(sum))))
  return { ...total(terms, probabilities.map((p, i) => mass * p - wanted[i]!)), probabilities }
}

const total = (terms: readonly number[], gradient: readonly number[]): HandLoss => ({ loss: terms.reduce((s, t) => s + t, 0), gradient, terms })

function checkPair(operation: string, predicted: readonly number[], wanted: readonly number[]): void {
  checkVector(operation, 'wanted', wanted)
  if (wanted.length === 0) throw new ValueError(operation, 'no data', { expected: 'at least one number', received: '0' })
  checkVector(operation, 'predicted', predicted, wanted.length)
}
function checkRange(operation: string, name: string, values: readonly number[], good: (v: number) => boolean, expected: string): void {
  const bad = values.find((v) => !good(v))
  if (bad !== undefined) throw new ValueError(operation, `bad ${name}`, { expected, received: String(bad) })
}
