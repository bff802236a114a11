// State of the lab: data, network, training. Everything that was learned follows from it: the same state, the same numbers.
import { random } from '../../core/random.ts'
import { type Formed, integer, list, number, oneOf, record } from '../../core/shape.ts'

export const SETS = ['blobs', 'ring', 'xor', 'spirals'] as const
export const PHI = ['tanh', 'relu', 'sigmoid'] as const
export const FEATURES = ['x1', 'x2', 'x1x2', 'x1^2', 'x2^2', 'sin x1', 'sin x2'] as const
export type Feature = (typeof FEATURES)[number]
export const form = record({
  set: oneOf(...SETS),
  noise: number(0, 1),
  features: list(oneOf(...FEATURES), 1, 7),
  hidden: list(integer(1, 8), 0, 3),
  activation: oneOf(...PHI),
  optimizer: oneOf('sgd', 'adam'),
  eta: number(0.001, 3),
  decay: number(0, 0.1),
  seed: integer(1, 9999),
  epochs: integer(0, 3000),
})
export type State = Formed<typeof form>
export const initial: State = { set: 'ring', noise: 0.1, features: ['x1', 'x2'], hidden: [4], activation: 'tanh', optimizer: 'adam', eta: 0.05, decay: 0, seed: 7, epochs: 0 }
/** What training depends on, but for how long. */
export const keyOf = ({ epochs: _, ...rest }: State): string => JSON.stringify(rest)

export interface Sample {
  readonly x: number
  readonly y: number
  readonly c: 0 | 1
}
const SIZE = 100
/** Half for training, half for the test. */
export function samples(s: Pick<State, 'set' | 'noise' | 'seed'>): { readonly train: readonly Sample[]; readonly test: readonly Sample[] } {
  const next = random(s.seed)
  const even = (): number => 2 * next() - 1
  const wobble = (): number => s.noise * 2 * (next() + next() + next() - 1.5)
  const all = Array.from({ length: 2 * SIZE }, (_, i): Sample => {
    const c = (i % 2) as 0 | 1
    if (s.set === 'blobs') return { x: (c === 1 ? 2 : -2) + 1.2 * even() + wobble(), y: (c === 1 ? 2 : -2) + 1.2 * even() + wobble(), c }
    if (s.set === 'xor') {
      const [u, v] = [0.4 + 3.6 * next(), (0.4 + 3.6 * next()) * (c === 1 ? 1 : -1)]
      const flip = next() < 0.5 ? -1 : 1
      return { x: flip * u + wobble(), y: flip * v + wobble(), c }
    }
    if (s.set === 'ring') {
      const [r, a] = [c === 1 ? 1.6 * Math.sqrt(next()) : 2.9 + 1.3 * next(), 2 * Math.PI * next()]
      return { x: r * Math.cos(a) + wobble(), y: r * Math.sin(a) + wobble(), c }
    }
    const t = Math.sqrt(next())
    const a = 2.4 * Math.PI * t + (c === 1 ? Math.PI : 0)
    return { x: 4.4 * t * Math.cos(a) + wobble(), y: 4.4 * t * Math.sin(a) + wobble(), c }
  })
  return { train: all.filter((_, i) => i % 4 < 2), test: all.filter((_, i) => i % 4 >= 2) }
}
const VALUE: Readonly<Record<Feature, (x: number, y: number) => number>> = {
  x1: (x) => x, x2: (_, y) => y, x1x2: (x, y) => x * y, 'x1^2': (x) => x * x, 'x2^2': (_, y) => y * y, 'sin x1': (x) => Math.sin(x), 'sin x2': (_, y) => Math.sin(y),
}
export const featuresOf = (s: Pick<State, 'features'>, x: number, y: number): readonly number[] => s.features.map((f) => VALUE[f](x, y))

export interface Layer {
  /** w[j][k] from j to k. */
  readonly w: readonly (readonly number[])[]
  readonly b: readonly number[]
}
/** The weights before training: even numbers scaled by the size of the layer before (Glorot and Bengio, 2010). */
export function begin(s: State): readonly Layer[] {
  const next = random(s.seed * 31 + 1)
  const sizes = [s.features.length, ...s.hidden, 1]
  return sizes.slice(1).map((n, l) => {
    const reach = Math.sqrt(6 / (sizes[l]! + n))
    return { w: Array.from({ length: sizes[l]! }, () => Array.from({ length: n }, () => Number(((2 * next() - 1) * reach).toFixed(6)))), b: Array.from({ length: n }, () => 0) }
  })
}
const ACT = { tanh: Math.tanh, relu: (z: number) => Math.max(0, z), sigmoid: (z: number) => 1 / (1 + Math.exp(-z)) }
/** The answer by plain loops: the independent check. */
export function plainAnswer(s: State, layers: readonly Layer[], x: number, y: number): number {
  let a: readonly number[] = featuresOf(s, x, y)
  for (const [l, { w, b }] of layers.entries()) {
    const z = b.map((bias, k) => a.reduce((sum, v, j) => sum + v * w[j]![k]!, bias))
    a = l === layers.length - 1 ? z.map(ACT.sigmoid) : z.map(ACT[s.activation])
  }
  return a[0]!
}
export const plainLoss = (s: State, layers: readonly Layer[], points: readonly Sample[]): number =>
  points.reduce((sum, p) => {
    const a = Math.min(1 - 1e-15, Math.max(1e-15, plainAnswer(s, layers, p.x, p.y)))
    return sum - (p.c === 1 ? Math.log(a) : Math.log(1 - a))
  }, 0) / points.length
export const R = 5
export const GRID = 41
export const gridPoints = (): readonly (readonly [number, number])[] =>
  Array.from({ length: GRID * GRID }, (_, i) => [-R + ((i % GRID) + 0.5) * ((2 * R) / GRID), R - (Math.floor(i / GRID) + 0.5) * ((2 * R) / GRID)] as const)
