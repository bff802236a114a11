// State of the lab: one neuron, a 2-2-1 network of threshold neurons, and a neuron with the extra input x₁x₂.
import type { Point } from '../../core/geometry.ts'
import { type Formed, list, number, oneOf, record } from '../../core/shape.ts'

export const LIMIT = 5
const weight = number(-LIMIT, LIMIT)
/** [w₁, w₂, b] */
const neuron = list(weight, 3)
export const form = record({
  way: oneOf('one', 'layers', 'lift'),
  one: neuron,
  h1: neuron,
  h2: neuron,
  out: neuron,
  /** [w₁, w₂, w₃, b] with x₃ = x₁x₂ */
  lift: list(weight, 4),
})
export type State = Formed<typeof form>
export const initial: State = { way: 'one', one: [1, 1, -0.5], h1: [1, 1, -0.5], h2: [1, 1, -0.5], out: [1, -1, -0.5], lift: [1, 1, -1, -0.5] }

export const ROWS: readonly Point[] = [[0, 0], [0, 1], [1, 0], [1, 1]]
export const XOR: readonly (0 | 1)[] = [0, 1, 1, 0]
export type Key = 'one' | 'h1' | 'h2' | 'out' | 'lift'

/** What the numbers of each are called. */
export const NAMES = { one: ['w₁', 'w₂', 'b'], h1: ['w₁₁', 'w₂₁', 'b₁'], h2: ['w₁₂', 'w₂₂', 'b₂'], out: ['v₁', 'v₂', 'c'], lift: ['w₁', 'w₂', 'w₃', 'b'] } as const satisfies Readonly<Record<Key, readonly string[]>>

export const setAt = (s: State, key: Key, i: number, value: number): State => ({ ...s, [key]: s[key].map((v, k) => (k === i ? value : v)) })
/** b + w₁x₁ + w₂x₂, by hand. */
export const potential = ([w1, w2, b]: readonly number[], [x1, x2]: Point): number => b! + w1! * x1 + w2! * x2
export const step = (z: number): 0 | 1 => (z > 0 ? 1 : 0)
/** z of a row by plain arithmetic, for the way that is looked at: what the engine's number is compared with. */
export function plain(s: State, row: number): number {
  const x = ROWS[row]!
  if (s.way === 'one') return potential(s.one, x)
  if (s.way === 'lift') return s.lift[3]! + s.lift[0]! * x[0] + s.lift[1]! * x[1] + s.lift[2]! * x[0] * x[1]
  return potential(s.out, [step(potential(s.h1, x)), step(potential(s.h2, x))])
}
/** How many rows of XOR are right, by plain arithmetic. */
export const plainRight = (s: State): number => XOR.filter((want, row) => step(plain(s, row)) === want).length

/**
 * What XOR asks of one neuron: four inequalities. The sums of the outer and of the inner pair are the same number,
 * 2b + w₁ + w₂, once ≤ 0 and once > 0: the certificate that no weights exist.
 */
export function demands([w1, w2, b]: readonly number[]): readonly { readonly row: number; readonly left: number; readonly sign: '≤' | '>'; readonly holds: boolean }[] {
  return ROWS.map((x, row) => {
    const left = potential([w1!, w2!, b!], x)
    const wanted = XOR[row] === 1
    return { row, left, sign: wanted ? '>' : '≤', holds: wanted ? left > 0 : left <= 0 }
  })
}

/** Every table one threshold neuron can give on the four corners, found by trying a grid of weights: as bit masks. */
export function reachable(): ReadonlySet<number> {
  const tables = new Set<number>()
  for (let w1 = -2; w1 <= 2; w1 += 0.5) {
    for (let w2 = -2; w2 <= 2; w2 += 0.5) {
      for (let b = -3.25; b <= 3.25; b += 0.25) {
        tables.add(ROWS.reduce((mask, x, i) => mask | (step(potential([w1, w2, b], x)) << i), 0))
      }
    }
  }
  return tables
}
/** The most rows of XOR that any reachable table has right. */
export const bestOfOne = (): number =>
  Math.max(...[...reachable()].map((mask) => XOR.filter((want, i) => ((mask >> i) & 1) === want).length))

/** A hidden neuron that says the same to all rows; rows of different classes on one place; the extra input not used. */
export type Trouble = { readonly kind: 'dead'; readonly neuron: 1 | 2 } | { readonly kind: 'merged'; readonly rows: readonly [number, number] } | { readonly kind: 'noLift' }
export function troubleOf(s: State): Trouble | null {
  if (s.way === 'lift') return s.lift[2] === 0 ? { kind: 'noLift' } : null
  if (s.way !== 'layers') return null
  const signals = ROWS.map((x) => [step(potential(s.h1, x)), step(potential(s.h2, x))] as const)
  for (const k of [0, 1] as const) if (signals.every((h) => h[k] === signals[0]![k])) return { kind: 'dead', neuron: k === 0 ? 1 : 2 }
  for (const [i, a] of signals.entries()) {
    const j = signals.findIndex((b, k) => XOR[k] !== XOR[i] && a[0] === b[0] && a[1] === b[1])
    if (j !== -1) return { kind: 'merged', rows: [i, j] }
  }
  return null
}

/** A solution of each way, for the reader who gives up. */
export const SOLVED: Pick<State, 'h1' | 'h2' | 'out' | 'lift'> = { h1: [1, 1, -0.5], h2: [1, 1, -1.5], out: [1, -1, -0.5], lift: [1, 1, -2, -0.5] }

/** The hidden lines of the solution (the output is left to the reader), or the extra input with a weight. */
export const repaired = (s: State, { kind }: Trouble): State => (kind === 'noLift' ? { ...s, lift: [s.lift[0]!, s.lift[1]!, -2, s.lift[3]!] } : { ...s, h1: SOLVED.h1, h2: SOLVED.h2 })
