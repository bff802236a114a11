// State of the lab: an activation, a point, a depth. Plain formulas of f and f′ as the independent check.
import { type Formed, integer, number, oneOf, record } from '../../core/shape.ts'

export const KINDS = ['sigmoid', 'tanh', 'relu', 'softplus'] as const
export type Kind = (typeof KINDS)[number]
export const form = record({
  kind: oneOf(...KINDS),
  z: number(-6, 6),
  /** Layers in the chain a ← f(w·a). */
  depth: integer(1, 40),
  w: number(-3, 3),
})
export type State = Formed<typeof form>
export const initial: State = { kind: 'sigmoid', z: 1, depth: 6, w: 1 }

export const VALUE: Readonly<Record<Kind, (z: number) => number>> = {
  sigmoid: (z) => 1 / (1 + Math.exp(-z)),
  tanh: (z) => Math.tanh(z),
  relu: (z) => Math.max(0, z),
  softplus: (z) => Math.max(0, z) + Math.log1p(Math.exp(-Math.abs(z))),
}
export const grid = (): readonly number[] => Array.from({ length: 121 }, (_, i) => -6 + i / 10)
