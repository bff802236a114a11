// The second way to the lab's numbers: the rule replayed in plain arithmetic; the margin by all triangles of the points.
import type { Check } from '../../core/proof.ts'
import { type State, longest, marginByTriangles, weightsAfter } from './model.ts'

/** w₁, w₂ and b. */
export const weightCheck = (s: State, i: 0 | 1 | 2): Check => ({ check: () => { const { w, b } = weightsAfter(s); return i === 2 ? b : w[i] }, tolerance: 1e-9, floor: 1e-3 })
export const mistakesCheck = (s: State, steps: number): Check => ({ check: () => weightsAfter({ ...s, steps }).mistakes, tolerance: 0 })
export const radiusCheck = ({ points }: Pick<State, 'points'>): Check => ({ check: () => longest(points), tolerance: 1e-9 })
export const marginCheck = ({ points }: Pick<State, 'points'>): Check => ({ check: () => marginByTriangles(points), floor: 1e-3 })
export const boundCheck = ({ points }: Pick<State, 'points'>): Check => ({ check: () => (longest(points) / marginByTriangles(points)) ** 2 })
/** z of a point with the weights of some steps, and the answer. */
const signal = (s: State, p: { readonly x: number; readonly y: number }, steps: number): number => { const { w, b } = weightsAfter({ ...s, steps }); return b + w[0] * p.x + w[1] * p.y }
export const signalCheck = (s: State, p: { readonly x: number; readonly y: number }, steps = s.steps): Check => ({ check: () => signal(s, p, steps), tolerance: 1e-9, floor: 1e-3 })
export const answerCheck = (s: State, p: { readonly x: number; readonly y: number }, steps = s.steps): Check => ({ check: () => (signal(s, p, steps) > 0 ? 1 : 0), tolerance: 0 })
