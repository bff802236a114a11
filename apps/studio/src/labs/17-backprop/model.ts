// State of the lab: a 2-2-1 network of sigmoids, one example, the learning rate, and the step one has come to.
import { type Formed, integer, list, number, record } from '../../core/shape.ts'

const value = number(-20, 20)
export const form = record({
  /** w[j][k] from input j to hidden k; v[k] from hidden k to the output. */
  w: list(list(value, 2), 2),
  b: list(value, 2),
  v: list(value, 2),
  c: value,
  x: list(number(-3, 3), 2),
  y: number(0, 1),
  eta: number(0.01, 20),
  step: integer(0, 4),
  updates: integer(0, 100000),
})
export type State = Formed<typeof form>
export const initial: State = { w: [[0.8, -0.6], [0.4, 1]], b: [-0.3, 0.2], v: [1.2, -0.7], c: 0.1, x: [1, 0.5], y: 1, eta: 1, step: 0, updates: 0 }

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))
/** C by plain arithmetic, with something added to a potential: `shift` = [δz₁, δz₂, δz_out]. */
export function plainCost(s: State, shift: readonly number[] = [0, 0, 0]): number {
  const h = [0, 1].map((k) => sigmoid(s.b[k]! + s.x[0]! * s.w[0]![k]! + s.x[1]! * s.w[1]![k]! + shift[k]!))
  const a = sigmoid(s.c + h[0]! * s.v[0]! + h[1]! * s.v[1]! + shift[2]!)
  return (a - s.y) ** 2 / 2
}
/** δ as the slope of C when only this potential is moved. */
export function differenceDelta(s: State, neuron: 0 | 1 | 2, h = 1e-5): number {
  const shift = (by: number): number[] => [0, 1, 2].map((i) => (i === neuron ? by : 0))
  return (plainCost(s, shift(h)) - plainCost(s, shift(-h))) / (2 * h)
}
export type Weight = 'w00' | 'w01' | 'w10' | 'w11' | 'b0' | 'b1' | 'v0' | 'v1' | 'c'
export const WEIGHTS: readonly Weight[] = ['w00', 'w10', 'b0', 'w01', 'w11', 'b1', 'v0', 'v1', 'c']
export function weightOf(s: State, name: Weight): number {
  if (name === 'c') return s.c
  const [i, j] = [Number(name[1]), Number(name[2])]
  return name[0] === 'w' ? s.w[i]![j]! : name[0] === 'b' ? s.b[i]! : s.v[i]!
}
export function withWeight(s: State, name: Weight, value: number): State {
  const put = (list: readonly number[], at: number): number[] => list.map((old, i) => (i === at ? value : old))
  if (name === 'c') return { ...s, c: value }
  const [i, j] = [Number(name[1]), Number(name[2])]
  if (name[0] === 'w') return { ...s, w: s.w.map((row, r) => (r === i ? put(row, j) : row)) }
  return name[0] === 'b' ? { ...s, b: put(s.b, i) } : { ...s, v: put(s.v, i) }
}
export const differenceGradient = (s: State, name: Weight, h = 1e-5): number =>
  (plainCost(withWeight(s, name, weightOf(s, name) + h)) - plainCost(withWeight(s, name, weightOf(s, name) - h))) / (2 * h)

/** The weights after the update, the step counter back at the beginning. */
export function update(s: State, gradient: Readonly<Record<Weight, number>>): State {
  const moved = WEIGHTS.reduce((now, name) => withWeight(now, name, Math.max(-20, Math.min(20, weightOf(now, name) - s.eta * gradient[name]))), s)
  return { ...moved, step: 0, updates: s.updates + 1 }
}
