// The second way to the lab's numbers: plain arithmetic, and a central difference instead of the derivative.
import type { Check } from '../../core/proof.ts'
import { type State, missAt, outputAt, step } from './model.ts'

const slope = (s: State): number => (outputAt(s, s.w + 1e-5) - outputAt(s, s.w - 1e-5)) / 2e-5

export const outputCheck = (s: State, w: number): Check => ({ check: () => outputAt(s, w), tolerance: 1e-12 })
export const slopeCheck = (s: State): Check => ({ check: () => slope(s), tolerance: 1e-7, floor: 1e-3 })
export const stepCheck = (s: State, w: number): Check => ({ check: () => step(s.b + w * s.x), tolerance: 0 })
export const stepChangeCheck = (s: State): Check => ({ check: () => step(s.b + (s.w + s.dw) * s.x) - step(s.b + s.w * s.x), tolerance: 0 })
/** What a nudge changes, what the tangent promises, and the error of that: in numbers and by Δw². */
export const changeCheck = (s: State, dw: number): Check => ({ check: () => outputAt(s, s.w + dw) - outputAt(s, s.w), tolerance: 1e-12 })
export const promiseCheck = (s: State, dw: number): Check => ({ check: () => slope(s) * dw, tolerance: 1e-7, floor: 1e-3 })
export const errorCheck = (s: State, dw: number): Check => ({ check: () => missAt(s, dw), tolerance: 1e-12 })
export const ratioCheck = (s: State, dw: number): Check => ({ check: () => missAt(s, dw) / dw ** 2, tolerance: 1e-5, floor: 1e-3 })
