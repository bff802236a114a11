// State of the lab: a 2-2-1 network of sigmoids, one example, the learning rate, the step one has come to, and what was
// typed into the covered cells of its tables.
import { type Form, type Formed, boolean, integer, list, narrowed, number, oneOf, record } from '../../core/shape.ts'

export const WEIGHTS = ['w00', 'w10', 'b0', 'w01', 'w11', 'b1', 'v0', 'v1', 'c'] as const
export type Weight = (typeof WEIGHTS)[number]
/** δ of the output (d2), of the hidden neurons (d0, d1); gradients by their weights. */
export const DELTAS = ['d2', 'd0', 'd1'] as const
export type Delta = (typeof DELTAS)[number]
export type Cell = Delta | Weight
export const NAMES: Readonly<Record<Cell, string>> = { d2: 'δ', d0: 'δ₁', d1: 'δ₂', w00: 'w₁₁', w10: 'w₂₁', b0: 'b₁', w01: 'w₁₂', w11: 'w₂₂', b1: 'b₂', v0: 'v₁', v1: 'v₂', c: 'c' }

const value = number(-20, 20)
const fields = record({
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
  /** δ and gradients are hidden until they are typed; a cell is typed once. */
  covered: boolean,
  typed: list(record({ cell: oneOf(...DELTAS, ...WEIGHTS), value: number() }), 0, DELTAS.length + WEIGHTS.length),
})
export type State = Formed<typeof fields>
/** A state without these two has nothing covered. */
export const form: Form<State> = narrowed(fields, (value, path = '') => fields(typeof value === 'object' && value !== null && !Array.isArray(value) ? { covered: false, typed: [], ...value } : value, path))
export const initial: State = { w: [[0.8, -0.6], [0.4, 1]], b: [-0.3, 0.2], v: [1.2, -0.7], c: 0.1, x: [1, 0.5], y: 1, eta: 1, step: 0, updates: 0, covered: false, typed: [] }

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
export function weightOf(s: State, name: Weight): number {
  if (name === 'c') return s.c
  const [i, j] = [Number(name[1]), Number(name[2])]
  return name[0] === 'w' ? s.w[i]![j]! : name[0] === 'b' ? s.b[i]! : s.v[i]!
}
export function withWeight(s: State, name: Weight, value: number): State {
  const put = (list: readonly number[], at: number): number[] => list.map((old, i) => (i === at ? value : old))
  const now: State = { ...s, typed: [] } // what was typed belongs to the numbers it was typed for
  if (name === 'c') return { ...now, c: value }
  const [i, j] = [Number(name[1]), Number(name[2])]
  if (name[0] === 'w') return { ...now, w: s.w.map((row, r) => (r === i ? put(row, j) : row)) }
  return name[0] === 'b' ? { ...now, b: put(s.b, i) } : { ...now, v: put(s.v, i) }
}
/** Another example: its inputs, its target. */
export const withExample = (s: State, part: Partial<Pick<State, 'x' | 'y'>>): State => ({ ...s, ...part, typed: [] })
export const differenceGradient = (s: State, name: Weight, h = 1e-5): number =>
  (plainCost(withWeight(s, name, weightOf(s, name) + h)) - plainCost(withWeight(s, name, weightOf(s, name) - h))) / (2 * h)

/** The weights after the update, the step counter back at the beginning. */
export function update(s: State, gradient: Readonly<Record<Weight, number>>): State {
  const moved = WEIGHTS.reduce((now, name) => withWeight(now, name, Math.max(-20, Math.min(20, weightOf(now, name) - s.eta * gradient[name]))), s)
  return { ...moved, typed: [], step: 0, updates: s.updates + 1 }
}

// ---- one's own turn: a cell is typed and judged -----------------------------------------------------------------------

export const typedIn = (s: State, cell: Cell): number | undefined => s.typed.find((t) => t.cell === cell)?.value
export const withTyped = (s: State, cell: Cell, value: number): State => ({ ...s, typed: [...s.typed.filter((t) => t.cell !== cell), { cell, value }] })
export const isDelta = (cell: Cell): cell is Delta => cell[0] === 'd'

/** δ₁, or ∂C/∂w₁₁. */
export const titleOf = (cell: Cell): string => (isDelta(cell) ? NAMES[cell] : `∂C/∂${NAMES[cell]}`)

/** What a cell is made of: the answer is the product of all of them. */
export type Factor = 'error' | 'slope' | 'weight' | 'delta' | 'signal'
export type Factors = Readonly<Partial<Record<Factor, number>>>
/** The signals of the network as `compute.ts` gives them. */
export interface Signals { readonly h: readonly number[]; readonly a: number; readonly deltaOut: number; readonly delta: readonly number[] }

/** δ = (a − y)·σ′(z); δ_k = v_k·δ·σ′(z_k); ∂C/∂w_jk = a_j·δ_k; ∂C/∂b_k = δ_k. */
export function factors(s: State, cell: Cell, got: Signals): Factors {
  const [i, k] = [Number(cell[1]), Number(cell[2])]
  if (cell === 'd2') return { error: got.a - s.y, slope: got.a * (1 - got.a) }
  if (isDelta(cell)) return { weight: s.v[i]!, delta: got.deltaOut, slope: got.h[i]! * (1 - got.h[i]!) }
  if (cell === 'c') return { delta: got.deltaOut }
  if (cell[0] === 'b') return { delta: got.delta[i]! }
  return cell[0] === 'v' ? { signal: got.h[i]!, delta: got.deltaOut } : { signal: s.x[i]!, delta: got.delta[k]! }
}
export const product = (of: Factors): number => Object.values(of).reduce((all, one) => all * one, 1)

/** Factors are shown with four digits: two hundredths of the truth, or 2·10⁻⁵, are their rounding; the sign must be right. */
export const near = (typed: number, truth: number): boolean => Math.abs(typed - truth) <= 0.02 * Math.abs(truth) + 2e-5

/** How a number typed is wrong: its sign, a factor left out, the number of another cell, the step instead of the slope. */
export type Fault = { readonly kind: 'sign' | 'rate' | 'far' } | { readonly kind: 'without'; readonly factor: Factor } | { readonly kind: 'other'; readonly cell: Cell }
/** Null when it is right; else the commonest mistake that gives this very number. */
export function faultOf(s: State, cell: Cell, typed: number, got: Signals): Fault | null {
  const own = factors(s, cell, got)
  const truth = product(own)
  if (near(typed, truth)) return null
  if (near(typed, -truth)) return { kind: 'sign' }
  const parts = Object.keys(own) as Factor[]
  for (const factor of parts) {
    if (parts.length > 1 && near(typed, product({ ...own, [factor]: 1 }))) return { kind: 'without', factor }
  }
  if (!isDelta(cell) && (near(typed, s.eta * truth) || near(typed, -s.eta * truth))) return { kind: 'rate' }
  const other = (isDelta(cell) ? DELTAS : WEIGHTS).find((one) => one !== cell && near(typed, product(factors(s, one, got))))
  return other === undefined ? { kind: 'far' } : { kind: 'other', cell: other }
}

// ---- what goes wrong -------------------------------------------------------------------------------------------------

/** A neuron on the flat end of its sigmoid: hardly any δ gets past it. */
export const troubleOf = ({ h, a }: Pick<Signals, 'h' | 'a'>): 'saturated' | null => ([...h, a].some((v) => v * (1 - v) < 0.01) ? 'saturated' : null)
/** The weights into each neuron shrunk until |z| ≤ 2, from the input on. */
export function repaired(s: State): State {
  const shrink = (z: number, v: number): number => (Math.abs(z) > 2 ? Number(((2 * v) / Math.abs(z)).toFixed(4)) : v)
  const into = (k: number, { w, b }: Pick<State, 'w' | 'b'>): number => b[k]! + s.x[0]! * w[0]![k]! + s.x[1]! * w[1]![k]!
  const z = [0, 1].map((k) => into(k, s))
  const calm = { w: s.w.map((row) => row.map((v, k) => shrink(z[k]!, v))), b: s.b.map((v, k) => shrink(z[k]!, v)) }
  const out = s.c + [0, 1].reduce((sum, k) => sum + s.v[k]! * sigmoid(into(k, calm)), 0)
  return { ...s, ...calm, v: s.v.map((v) => shrink(out, v)), c: shrink(out, s.c), typed: [] }
}
