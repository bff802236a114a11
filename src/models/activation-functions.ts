// Activation functions of one number, with their slopes: what the labs show step by step. (A4, D1)
import { ValueError } from '../base/index.ts'
import type { Tensor } from '../tensor/index.ts'

export interface ActivationFunction {
  readonly formula: string
  /** a = φ(z) */
  readonly value: (z: number) => number
  /** φ′(z); at a kink or a jump, where there is none, 0 */
  readonly slope: (z: number) => number
  /** φ on tensors of any shape */
  readonly apply: (z: Tensor) => Tensor
}

const sigmoid = (z: number): number => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)))

/**
 * The activations by name. The slides change the rule at 0 from page to page; here every rule has a name of its own:
 * `step` is 0 at 0 (McCulloch and Pitts, Rosenblatt), `stepInclusive` is 1 at 0 (class C₁ of the half-planes), `sign`
 * gives −1, 0, 1.
 */
export const activationFunctions = {
  identity: { formula: 'a = z', value: (z) => z, slope: () => 1, apply: (z) => z },
  step: { formula: 'a = 1 if z > 0, else 0', value: (z) => (z > 0 ? 1 : 0), slope: () => 0, apply: (z) => z.gt(0).to(z.dtype) },
  stepInclusive: { formula: 'a = 1 if z ≥ 0, else 0', value: (z) => (z >= 0 ? 1 : 0), slope: () => 0, apply: (z) => z.ge(0).to(z.dtype) },
  sign: { formula: 'a = −1 if z < 0, 0 if z = 0, 1 if z > 0', value: (z) => (z > 0 ? 1 : z < 0 ? -1 : 0), slope: () => 0, apply: (z) => z.sign() },
  sigmoid: { formula: 'a = 1 / (1 + e^−z)', value: sigmoid, slope: (z) => sigmoid(z) * sigmoid(-z), apply: (z) => z.sigmoid() },
  tanh: { formula: 'a = tanh z', value: Math.tanh, slope: (z) => 1 / Math.cosh(z) ** 2, apply: (z) => z.tanh() },
  relu: { formula: 'a = max(0, z)', value: (z) => Math.max(0, z), slope: (z) => (z > 0 ? 1 : 0), apply: (z) => z.relu() },
  softplus: {
    formula: 'a = ln(1 + e^z)',
    value: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))),
    slope: sigmoid,
    apply: (z) => z.softplus(),
  },
} as const satisfies Record<string, ActivationFunction>

export type ActivationName = keyof typeof activationFunctions
export const activationNames = Object.keys(activationFunctions) as readonly ActivationName[]

/** The activation of a name; a `ValueError` names the known ones. */
export function activationFunction(name: ActivationName): ActivationFunction {
  if (!Object.hasOwn(activationFunctions, name)) {
    throw new ValueError('activation', 'no such function', { expected: activationNames.join(', '), received: String(name) })
  }
  return activationFunctions[name]
}

/** Steps and signs: the slope is 0 wherever there is one, so gradient descent cannot move the weights before them. */
export const isFlat = (name: ActivationName): boolean => name === 'step' || name === 'stepInclusive' || name === 'sign'
