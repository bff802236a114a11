// The second way to the lab's numbers: the formula in plain numbers, central differences; of a network, what `compute.ts` finds by
// plain loops, by moving a node along its gradient, or by counting.
import type { Check } from '../../core/proof.ts'
import { type Name, type State, differenceAt, differenceOf, plainNodes, valueAt } from './model.ts'

/** Differences are good to about 10⁻¹⁰ of what the formula is worth. */
const SLOPE = { tolerance: 1e-5, floor: 1e-3 } as const
export const nodeCheck = (s: State, i: number): Check => ({ check: () => plainNodes(s)[i]!, tolerance: 1e-9, floor: 1e-3 })
export const valueCheck = (s: State): Check => ({ check: () => valueAt(s), tolerance: 1e-9, floor: 1e-3 })
export const gradientCheck = (s: State, i: number): Check => ({ check: () => differenceAt(s, i), ...SLOPE })
export const variableCheck = (s: State, name: Name): Check => ({ check: () => differenceOf(s, name), ...SLOPE })
