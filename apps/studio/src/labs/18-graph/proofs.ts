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

// ---- a network -------------------------------------------------------------------------------------------------------

interface Numbers { readonly norm: number; readonly min: number; readonly max: number; readonly mean: number; readonly first: readonly number[] }
type Node = { readonly value: Numbers | null; readonly gradient: Numbers | null }
export interface Engine {
  readonly againInside: (s: State) => Promise<number>
  readonly countWeightsInside: (s: State) => Promise<number>
  readonly differenceInside: (s: State, id: number) => Promise<number>
  readonly insideNode: (s: State, id: number) => Promise<Node>
  readonly nodeAgainInside: (s: State, id: number) => Promise<Node>
}
/** A length of a gradient: f moved by 0.01 both ways, in 32 bits. */
export const lengthCheck = (engine: Engine, s: State, i: number): Check => ({ check: () => engine.differenceInside(s, i), tolerance: 2e-2, floor: 1e-2 })
export const sizeCheck = (engine: Engine, s: State, i: number): Check => ({ check: async () => (await engine.insideNode(s, i)).value?.norm ?? Number.NaN, tolerance: 1e-5, floor: 1e-3 })
/** A number of a node: the same of all it is made from, on the reference device. */
export const partCheck = (engine: Engine, s: State, i: number, of: 'value' | 'gradient', pick: (again: Numbers) => number): Check => ({
  check: async () => { const again = (await engine.nodeAgainInside(s, i))[of]; return again === null ? Number.NaN : pick(again) },
  tolerance: 1e-4, floor: 1e-2,
})
export const outcomeCheck = (engine: Engine, s: State): Check => ({ check: () => engine.againInside(s), tolerance: 1e-4, floor: 1e-2 })
export const countCheck = (engine: Engine, s: State): Check => ({ check: () => engine.countWeightsInside(s), tolerance: 0 })
