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
/** ∂a/∂w by the formula, in plain arithmetic. */
export const slopeAt = (s: State, w: number): number => s.k * outputAt(s, w) * (1 - outputAt(s, w)) * s.x
/** By how much the tangent at w misses the output at w + Δw, in plain arithmetic. */
export const missAt = (s: State, dw: number): number => outputAt(s, s.w + dw) - outputAt(s, s.w) - slopeAt(s, s.w) * dw
/** The weight at which the step jumps; null when the input is 0 and no weight does it. */
export const jumpAt = ({ b, x }: State): number | null => (x === 0 ? null : -b / x)
/** No nudge of w reaches the output: the input is 0, or the sigmoid is flat here (its slope below a hundredth of its largest, kx/4). */
export type Trouble = 'deaf' | 'saturated'
export function troubleOf(s: State): Trouble | null {
  if (s.x === 0) return 'deaf'
  const a = outputAt(s, s.w)
  return 4 * a * (1 - a) < 1e-2 ? 'saturated' : null
}
/** An input; or z brought to 0, where the sigmoid is steepest. */
export function repaired(s: State, trouble: Trouble): State {
  if (trouble === 'deaf') return { ...s, x: 1 }
  const w = Math.max(-4 / Math.abs(s.x), Math.min(4 / Math.abs(s.x), s.w))
  return { ...s, w, b: Number((-w * s.x).toFixed(6)) }
}
/** The weights of the curve on the plot. */
export const grid = (): readonly number[] => Array.from({ length: 161 }, (_, i) => -6 + i * 0.075)
/** Δw, halved again and again. */
export const halvings = (dw: number): readonly number[] => Array.from({ length: 6 }, (_, i) => dw / 2 ** i)
