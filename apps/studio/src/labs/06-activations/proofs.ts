// The second way to the lab's numbers: plain arithmetic, and differences instead of derivatives.
import type { Check } from '../../core/proof.ts'
import { type Kind, type State, VALUE } from './model.ts'

const h = 1e-5
/** A slope by a difference that does not reach over the kink of ReLU; at the kink from the left: there the engine says 0. */
function around(kind: Kind, f: (z: number) => number, z: number): number {
  const step = kind === 'relu' && z !== 0 ? Math.min(h, Math.abs(z) / 2) : h
  return kind === 'relu' && z === 0 ? (f(z) - f(z - h)) / h : (f(z + step) - f(z - step)) / (2 * step)
}

export const valueCheck = (kind: Kind, z: number): Check => ({ check: () => VALUE[kind](z), tolerance: 1e-9, floor: 1e-200 })
export const slopeCheck = (kind: Kind, z: number): Check => ({ check: () => around(kind, VALUE[kind], z), floor: 1e-4 })

/** What goes into layer l of the chain, counted from 0. */
export const inner = (s: State, l: number): number => (l === 0 ? s.z : s.w * outer(s, l - 1))
const outer = (s: State, l: number): number => VALUE[s.kind](inner(s, l))
export const layerCheck = (s: State, l: number): Check => ({ check: () => outer(s, l), tolerance: 1e-9, floor: 1e-200 })
const factor = (s: State, l: number): number => (l === 0 ? 1 : s.w) * around(s.kind, VALUE[s.kind], inner(s, l))
export const factorCheck = (s: State, l: number): Check => ({ check: () => factor(s, l), floor: 1e-4 })
/** The factors of all layers up to l, each by its difference: a product however small is compared with itself. */
export const productCheck = (s: State, l: number): Check => ({
  check: () => {
    let product = 1
    for (let k = 0; k <= l; k++) product *= factor(s, k)
    return product
  },
  tolerance: 1e-5, floor: 1e-200,
})
/** `gradient`: by the engine through the whole chain at once. */
export const wholeCheck = (gradient: () => number): Check => ({ check: gradient, tolerance: 1e-9, floor: 1e-200 })
