// State of the lab: one threshold neuron with up to four binary inputs. Plain arithmetic; the engine is asked elsewhere.
import { type Formed, integer, list, number, record } from '../../core/shape.ts'

export const MOST = 4
export const LIMIT = 5
export const form = record({
  /** How many inputs are in use. */
  n: integer(1, MOST),
  x: list(integer(0, 1), MOST),
  w: list(number(-LIMIT, LIMIT), MOST),
  b: number(-LIMIT, LIMIT),
})
export type State = Formed<typeof form>
export const initial: State = { n: 2, x: [1, 0, 0, 0], w: [1, 1, 1, 1], b: -0.5 }

export const toggle = (s: State, i: number): State => ({ ...s, x: s.x.map((v, k) => (k === i ? 1 - v : v)) })
/** The inputs of a row of the table; the ones not in use stay. */
export const withInputs = (s: State, row: readonly number[]): State => (row.every((v, i) => v === s.x[i]) ? s : { ...s, x: s.x.map((v, i) => row[i] ?? v) })
export const setWeight = (s: State, i: number, value: number): State => ({ ...s, w: s.w.map((v, k) => (k === i ? value : v)) })

/** All 2ⁿ rows of inputs, counting up: 00, 01, 10, 11. */
export const rows = (n: number): readonly (readonly number[])[] =>
  Array.from({ length: 2 ** n }, (_, r) => Array.from({ length: n }, (_, i) => (r >> (n - 1 - i)) & 1))

/** z = b + Σ wᵢxᵢ, term by term: the independent check of what the engine computes. */
export function potential(x: readonly number[], w: readonly number[], b: number, n: number): number {
  let z = b
  for (let i = 0; i < n; i++) z += w[i]! * x[i]!
  return z
}

/** A neuron that says the same to every input tells nothing: always silent, always firing, or without weights. */
export type Trouble = 'blank' | 'silent' | 'firing'
export function troubleOf(s: State): Trouble | null {
  const answers = rows(s.n).map((x) => potential(x, s.w, s.b, s.n) > 0)
  if (answers.some((a) => a !== answers[0])) return null
  return s.w.slice(0, s.n).every((v) => v === 0) ? 'blank' : answers[0] ? 'firing' : 'silent'
}
/** The bias in the middle of what the weights can add up to; weights of 1 where there are none. */
export function repaired(s: State): State {
  const w = troubleOf(s) === 'blank' ? s.w.map((v, i) => (i < s.n ? 1 : v)) : s.w
  const used = w.slice(0, s.n)
  const total = (sign: number): number => used.reduce((sum, v) => sum + (v * sign > 0 ? v : 0), 0)
  return { ...s, w, b: Math.max(-LIMIT, Math.min(LIMIT, Number((-(total(1) + total(-1)) / 2).toFixed(4)))) }
}

export type Target = 'and' | 'or' | 'not' | 'majority'
/** What the truth table should say. */
export const TARGETS: Readonly<Record<Target, { readonly n: number; readonly of: (x: readonly number[]) => number }>> = {
  and: { n: 2, of: ([p, q]) => p! & q! },
  or: { n: 2, of: ([p, q]) => p! | q! },
  not: { n: 1, of: ([p]) => 1 - p! },
  majority: { n: 3, of: ([p, q, r]) => (p! + q! + r! >= 2 ? 1 : 0) },
}
