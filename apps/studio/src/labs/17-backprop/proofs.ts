// The second way to the lab's numbers: the cost in plain arithmetic, and its central differences.
import type { Check } from '../../core/proof.ts'
import { type State, type Weight, differenceDelta, differenceGradient, plainCost } from './model.ts'

/** Small ones matter here: behind a flat sigmoid every δ is small. Differences are good to 10⁻¹⁰. */
const SMALL = { tolerance: 1e-7, floor: 1e-3 } as const
export const deltaCheck = (s: State, i: 0 | 1 | 2): Check => ({ check: () => differenceDelta(s, i), ...SMALL })
export const gradientCheck = (s: State, name: Weight): Check => ({ check: () => differenceGradient(s, name), ...SMALL })
export const costCheck = (s: State): Check => ({ check: () => plainCost(s), tolerance: 1e-12 })
