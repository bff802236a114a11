// The second way to the lab's numbers: sums by hand, row by row.
import type { Check } from '../../core/proof.ts'
import { ROWS, type State, plain, plainRight, potential, step } from './model.ts'

export const signalCheck = (s: State, row: number): Check => ({ check: () => plain(s, row), tolerance: 1e-12 })
export const answerCheck = (s: State, row: number): Check => ({ check: () => step(plain(s, row)), tolerance: 0 })
/** Which side of its line the point of a row lies on. */
const side = (s: State, row: number, k: 0 | 1): 0 | 1 => step(potential(k === 0 ? s.h1 : s.h2, ROWS[row]!)) as 0 | 1
export const hiddenCheck = (s: State, row: number, k: 0 | 1): Check => ({ check: () => side(s, row, k), tolerance: 0 })
export const rightCheck = (s: State): Check => ({ check: () => plainRight(s), tolerance: 0 })
/** How many places the four rows take in the plane of the hidden signals. */
export const spotsCheck = (s: State): Check => ({ check: () => new Set(ROWS.map((_, row) => `${side(s, row, 0)}${side(s, row, 1)}`)).size, tolerance: 0 })
