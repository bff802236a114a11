// The McCulloch–Pitts neuron (1943; with weights and bias, 1958). Inputs are 0 or 1, z = b + Σ wᵢxᵢ, the output is 0 if
// z ≤ 0 and 1 otherwise. (A1)
// W. S. McCulloch, W. Pitts. A logical calculus of the ideas immanent in nervous activity. Bull. Math. Biophys. 5, 1943.
import { objectOf } from '../base/index.ts'
import { type Bit, checkBits, checkCount, checkNeuron, checkNumber, checkVector } from './checks.ts'
import type { LayeredNetwork } from './layered-network.ts'

export interface ThresholdNeuron {
  readonly weights: readonly number[]
  readonly bias: number
}
export interface FiringTrace {
  readonly x: readonly number[]
  /** wᵢxᵢ */
  readonly products: readonly number[]
  /** z = b + Σ wᵢxᵢ, the activation potential */
  readonly z: number
  readonly a: Bit
}

/** A neuron of given weights and bias; refuses NaN and infinities. */
export function mccullochPitts(weights: readonly number[], bias: number): ThresholdNeuron {
  checkVector('mccullochPitts', 'weights', weights)
  checkNumber('mccullochPitts', 'bias', bias)
  return { weights: [...weights], bias }
}

/**
 * What the neuron does with one input of bits.
 * @example
 * ```ts
 * import { fire, logicNeurons } from 'gradus/models'
 *
 * fire(logicNeurons.and(2), [1, 1]) // → { x: [1, 1], products: [1, 1], z: 1, a: 1 }
 * ```
 */
export function fire(neuron: ThresholdNeuron, x: readonly number[]): FiringTrace {
  objectOf('fire', 'neuron', neuron, 'a neuron, as mccullochPitts makes it', 'weights')
  const { weights, bias } = mccullochPitts(neuron.weights, neuron.bias)
  checkBits('fire', 'x', x, weights.length)
  const products = weights.map((w, i) => w * x[i]!)
  const z = bias + products.reduce((sum, p) => sum + p, 0)
  return { x: [...x], products, z, a: z > 0 ? 1 : 0 }
}

/** All 2ⁿ inputs in the order of a truth table: 00, 01, 10, 11 (the first input changes last). */
export function allInputs(n: number): Bit[][] {
  checkCount('allInputs', 'n', n, 0, 20)
  return Array.from({ length: 2 ** n }, (_, row) => Array.from({ length: n }, (__, i) => ((row >> (n - 1 - i)) & 1) as Bit))
}

/** The neuron on all 2ⁿ inputs. */
export function truthTable(neuron: ThresholdNeuron): FiringTrace[] {
  checkNeuron('truthTable', neuron)
  return allInputs(neuron.weights.length).map((x) => fire(neuron, x))
}

const same = (n: number, w: number): number[] => {
  checkCount('logicNeurons', 'n', n, 0, 1e6)
  return Array.from({ length: n }, () => w)
}
const atLeast = (n: number, k: number): ThresholdNeuron => ({ weights: same(n, 1), bias: 1 - k })

/** Logic by one neuron. z is a whole number, so that "above 0" means "at least 1". */
export const logicNeurons = {
  /** 1 if all n inputs are 1: Σx − (n − 1) > 0 */
  and: (n = 2): ThresholdNeuron => atLeast(n, n),
  /** 1 if any input is 1 */
  or: (n = 2): ThresholdNeuron => atLeast(n, 1),
  not: (): ThresholdNeuron => ({ weights: [-1], bias: 1 }),
  nand: (n = 2): ThresholdNeuron => ({ weights: same(n, -1), bias: n }),
  nor: (n = 2): ThresholdNeuron => ({ weights: same(n, -1), bias: 1 }),
  /** 1 if more than half of the inputs are 1 */
  majority: (n = 3): ThresholdNeuron => atLeast(n, Math.floor(n / 2) + 1),
  /** 1 if k or more of n inputs are 1 */
  atLeast,
  /** 1 if x₁ implies x₂: not x₁, or x₂ */
  implies: (): ThresholdNeuron => ({ weights: [-1, 1], bias: 1 }),
} as const

/** The neuron as a network of one layer, for `applyNetwork` and drawing. */
export function neuronNetwork(neuron: ThresholdNeuron): LayeredNetwork {
  checkNeuron('neuronNetwork', neuron)
  return { layers: [{ weights: neuron.weights.map((w) => [w]), biases: [neuron.bias], activation: 'step' }] }
}
