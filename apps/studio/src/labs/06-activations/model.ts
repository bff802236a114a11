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

/** ∂a/∂z of the chain in plain arithmetic. */
export function plainProduct({ kind, z, depth, w }: State): number {
  let [a, product] = [z, 1]
  for (let l = 0; l < depth; l++) {
    const into = l === 0 ? z : w * a
    a = VALUE[kind](into)
    product *= (l === 0 ? 1 : w) * (kind === 'sigmoid' ? a * (1 - a) : kind === 'tanh' ? 1 - a * a : kind === 'relu' ? Number(into > 0) : VALUE.sigmoid(into))
  }
  return product
}
/** A ReLU of the chain that lets nothing through; a product of slopes that is as good as nothing, or far too large. */
export type Trouble = 'dead' | 'fading' | 'exploding'
export function troubleOf({ kind }: State, product: number): Trouble | null {
  if (kind === 'relu' && product === 0) return 'dead'
  return Math.abs(product) > 1e3 ? 'exploding' : Math.abs(product) < 1e-3 ? 'fading' : null
}
export function repaired(s: State, trouble: Trouble): State {
  if (trouble === 'dead') return { ...s, z: 1, w: 1 }
  const calm = { ...s, w: 1 }
  return trouble === 'exploding' && troubleOf(calm, plainProduct(calm)) === null ? calm : { ...calm, kind: 'relu', z: Math.abs(s.z) || 1 }
}
