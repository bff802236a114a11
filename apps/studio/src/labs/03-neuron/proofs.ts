// The second way to the lab's numbers: the sum term by term.
import type { Check } from '../../core/proof.ts'
import { type State, potential } from './model.ts'

type Row = readonly number[]
type Neuron = Pick<State, 'w' | 'b' | 'n'>
export const potentialCheck = (s: Neuron, x: Row): Check => ({ check: () => potential(x, s.w, s.b, s.n), tolerance: 1e-12 })
export const answerCheck = (s: Neuron, x: Row): Check => ({ check: () => (potential(x, s.w, s.b, s.n) > 0 ? 1 : 0), tolerance: 0 })
