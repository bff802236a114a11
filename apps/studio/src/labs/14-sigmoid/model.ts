// State of the lab: one neuron with one input; its weight is nudged by Δw.
import { type Formed, number, record } from '../../core/shape.ts'

export const form = record({
  w: number(-4, 4),
  b: number(-4, 4),
  x: number(-3, 3),
  dw: number(-2, 2),
  /** σ(k·z): how steep the sigmoid is. */
  k: number(0.5, 20),
})
export type State = Formed<typeof form>
export const initial: State = { w: 0.3, b: -0.5, x: 1, dw: 0.4, k: 1 }

export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))
export const step = (z: number): 0 | 1 => (z > 0 ? 1 : 0)
export const outputAt = (s: State, w: number): number => sigmoid(s.k * (s.b + w * s.x))
/** The weight at which the step jumps; null when the input is 0 and no weight does it. */
export const jumpAt = ({ b, x }: State): number | null => (x === 0 ? null : -b / x)
/** The weights of the curve on the plot. */
export const grid = (): readonly number[] => Array.from({ length: 161 }, (_, i) => -6 + i * 0.075)
/** Δw, halved again and again. */
export const halvings = (dw: number): readonly number[] => Array.from({ length: 6 }, (_, i) => dw / 2 ** i)
