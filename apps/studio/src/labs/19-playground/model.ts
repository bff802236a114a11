// State of the lab: data, network, training. Everything that was learned follows from it: the same state, the same numbers.
// `seen` counts the training points that were shown; the weights change where a batch is full (schedule.ts).
import { type Form, type Formed, ShapeFault, integer, list, narrowed, number, oneOf, record } from '../../core/shape.ts'
import { random } from '../../core/random.ts'

export const SETS = ['blobs', 'ring', 'xor', 'spirals', 'own'] as const
export const PHI = ['tanh', 'relu', 'sigmoid', 'softplus', 'linear'] as const
export const LOSSES = ['log', 'square'] as const
export const OPTIMIZERS = ['sgd', 'momentum', 'adam'] as const
export const PENALTIES = ['none', 'l1', 'l2'] as const
export const FEATURES = ['x1', 'x2', 'x1x2', 'x1^2', 'x2^2', 'sin x1', 'sin x2'] as const
export type Feature = (typeof FEATURES)[number]
/** The picture shows the square from −R to R. */
export const R = 5
export const [OWN_MAX, WIDEST, DEEPEST, MOST_EPOCHS] = [400, 8, 3, 3000]

const layer = record({ w: list(list(number(-1e6, 1e6), 1, WIDEST), 1, WIDEST), b: list(number(-1e6, 1e6), 1, WIDEST) })
/** w[j][k] from j to k. */
export type Layer = Formed<typeof layer>
const point = record({ x: number(-R, R), y: number(-R, R), c: oneOf(0, 1) })
export type Sample = Formed<typeof point>
const layers = list(layer, 1, DEEPEST + 1)
const startForm: Form<readonly Layer[] | null> = narrowed(layers, (value, path) => (value === null ? null : layers(value, path)))

const fields = record({
  set: oneOf(...SETS),
  /** Points of one's own: used when `set` is 'own'. */
  own: list(point, 0, OWN_MAX),
  noise: number(0, 1),
  /** Share of the points that train; the others test. */
  share: number(0.1, 0.9),
  features: list(oneOf(...FEATURES), 1, 7),
  hidden: list(integer(1, WIDEST), 0, DEEPEST),
  activation: oneOf(...PHI),
  loss: oneOf(...LOSSES),
  optimizer: oneOf(...OPTIMIZERS),
  eta: number(0.0001, 10),
  batch: integer(1, 400),
  penalty: oneOf(...PENALTIES),
  decay: number(0, 0.1),
  dropout: number(0, 0.8),
  seed: integer(1, 9999),
  /** The weights before training; null: drawn from the seed. */
  start: startForm,
  seen: integer(0, MOST_EPOCHS * 400),
})
export type State = Formed<typeof fields>
export const sizesOf = (s: Pick<State, 'features' | 'hidden'>): readonly number[] => [s.features.length, ...s.hidden, 1]

/** Weights to begin with must have the network's sizes. */
export const form: Form<State> = narrowed(fields, (value, path = '') => {
  const s = fields(value, path)
  if (!trainable(s)) throw new ShapeFault('own', { kind: 'classes' }, s.own.length)
  if (s.start === null) return s
  const sizes = sizesOf(s)
  if (s.start.length !== sizes.length - 1) throw new ShapeFault('start', { kind: 'layers', min: sizes.length - 1, max: sizes.length - 1 }, s.start.length)
  s.start.forEach(({ w, b }, l) => {
    if (w.length !== sizes[l] || b.length !== sizes[l + 1] || w.some((row) => row.length !== b.length)) throw new ShapeFault(`start[${l}]`, { kind: 'matrix', rows: sizes[l]!, columns: sizes[l + 1]! }, [w.length, b.length])
  })
  return s
})

export const initial: State = {
  set: 'ring', own: [], noise: 0.1, share: 0.5, features: ['x1', 'x2'], hidden: [4], activation: 'tanh', loss: 'log', optimizer: 'adam', eta: 0.05,
  batch: 20, penalty: 'none', decay: 0.003, dropout: 0, seed: 7, start: null, seen: 0,
}
/** For a link that would be too long: the points of one's own are left out. */
export const light = (s: State): State => ({ ...s, set: s.set === 'own' ? initial.set : s.set, own: [] })
/** What training depends on, but for how long. */
export const keyOf = ({ seen: _, ...rest }: State): string => JSON.stringify(rest)

const SIZE = 100
/** Points of a set made by its rule: classes in turn. */
function made(s: Pick<State, 'set' | 'noise' | 'seed'>): readonly Sample[] {
  const next = random(s.seed)
  const even = (): number => 2 * next() - 1
  const wobble = (): number => s.noise * 2 * (next() + next() + next() - 1.5)
  const inside = (v: number): number => Math.max(-R, Math.min(R, v))
  return Array.from({ length: 2 * SIZE }, (_, i): Sample => {
    const c = (i % 2) as 0 | 1
    const at = (x: number, y: number): Sample => ({ x: inside(x + wobble()), y: inside(y + wobble()), c })
    if (s.set === 'blobs') return at((c === 1 ? 2 : -2) + 1.2 * even(), (c === 1 ? 2 : -2) + 1.2 * even())
    if (s.set === 'xor') {
      const [u, v] = [0.4 + 3.6 * next(), (0.4 + 3.6 * next()) * (c === 1 ? 1 : -1)]
      const flip = next() < 0.5 ? -1 : 1
      return at(flip * u, flip * v)
    }
    if (s.set === 'ring') {
      const [r, a] = [c === 1 ? 1.6 * Math.sqrt(next()) : 2.9 + 1.3 * next(), 2 * Math.PI * next()]
      return at(r * Math.cos(a), r * Math.sin(a))
    }
    const t = Math.sqrt(next())
    const a = 2.4 * Math.PI * t + (c === 1 ? Math.PI : 0)
    return at(4.4 * t * Math.cos(a), 4.4 * t * Math.sin(a))
  })
}
/** Whether there is something to train on: a point of each class at least. */
export const trainable = ({ set, own }: Pick<State, 'set' | 'own'>): boolean => set !== 'own' || new Set(own.map((p) => p.c)).size === 2
export type DataState = Pick<State, 'set' | 'own' | 'noise' | 'share' | 'seed'>
export const pointsOf = (s: DataState): readonly Sample[] => (s.set === 'own' ? s.own : made(s))

/** All points with their part: of every class the same share trains, spread evenly; the first of a class trains. */
export function split(s: DataState): readonly { readonly point: Sample; readonly trains: boolean }[] {
  const seen = [0, 0]
  return pointsOf(s).map((point) => {
    const k = seen[point.c]!++
    return { point, trains: Math.ceil((k + 1) * s.share - 1e-9) > Math.ceil(k * s.share - 1e-9) }
  })
}
export function samples(s: DataState): { readonly train: readonly Sample[]; readonly test: readonly Sample[] } {
  const all = split(s)
  const train = all.filter((p) => p.trains).map((p) => p.point)
  const test = all.filter((p) => !p.trains).map((p) => p.point)
  return { train, test: test.length > 0 ? test : train }
}
const VALUE: Readonly<Record<Feature, (x: number, y: number) => number>> = {
  x1: (x) => x, x2: (_, y) => y, x1x2: (x, y) => x * y, 'x1^2': (x) => x * x, 'x2^2': (_, y) => y * y, 'sin x1': (x) => Math.sin(x), 'sin x2': (_, y) => Math.sin(y),
}
export const featuresOf = (s: Pick<State, 'features'>, x: number, y: number): readonly number[] => s.features.map((f) => VALUE[f](x, y))

/** The weights before training: given, or even numbers scaled by the size of the layers (Glorot and Bengio, 2010). */
export function begin(s: State): readonly Layer[] {
  if (s.start !== null) return s.start
  const next = random(s.seed * 31 + 1)
  const sizes = sizesOf(s)
  return sizes.slice(1).map((n, l) => {
    const reach = Math.sqrt(6 / (sizes[l]! + n))
    return { w: Array.from({ length: sizes[l]! }, () => Array.from({ length: n }, () => Number(((2 * next() - 1) * reach).toFixed(6)))), b: Array.from({ length: n }, () => 0) }
  })
}

// ---- changes of state ------------------------------------------------------------------------------------------------

/** A change of what is trained: training begins anew; weights of one's own stay where they still fit. */
export function changed(s: State, part: Partial<State>): State {
  const next = { ...s, ...part, seen: 0 }
  const same = next.features === s.features && next.hidden === s.hidden
  return same || part.start !== undefined ? next : { ...next, start: null }
}
/** The points as one's own: what is on the screen, rounded. */
export const asOwn = (s: State): readonly Sample[] => pointsOf(s).slice(0, OWN_MAX).map(({ x, y, c }) => ({ x: Number(x.toFixed(2)), y: Number(y.toFixed(2)), c }))
export const withOwn = (s: State, own: readonly Sample[]): State => changed(s, { set: 'own', own })
export const withPoint = (s: State, i: number, part: Partial<Sample>): State => withOwn(s, asOwn(s).map((p, k) => (k === i ? { ...p, ...part } : p)))
/** Training starts from these weights with one of them changed; from = −1 is the bias. */
export function withWeight(s: State, layers: readonly Layer[], [l, from, to]: readonly [number, number, number], value: number): State {
  const start = layers.map((old, i): Layer => (i !== l ? old : {
    w: old.w.map((row, j) => (j === from ? row.map((v, k) => (k === to ? value : v)) : row)),
    b: from === -1 ? old.b.map((v, k) => (k === to ? value : v)) : old.b,
  }))
  return { ...s, start, seen: 0 }
}

// ---- the network once more, in plain loops ---------------------------------------------------------------------------

export const ACT: Readonly<Record<State['activation'], (z: number) => number>> = {
  tanh: Math.tanh, relu: (z) => Math.max(0, z), sigmoid: (z) => 1 / (1 + Math.exp(-z)), softplus: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))), linear: (z) => z,
}
/** What every layer answers to a point, by plain loops: the independent check. */
export function plainSignals(s: State, layers: readonly Layer[], x: number, y: number): readonly (readonly number[])[] {
  const all = [featuresOf(s, x, y)]
  for (const [l, { w, b }] of layers.entries()) {
    const z = b.map((bias, k) => all.at(-1)!.reduce((sum, v, j) => sum + v * w[j]![k]!, bias))
    all.push(l === layers.length - 1 ? z.map(ACT.sigmoid) : z.map(ACT[s.activation]))
  }
  return all.slice(1)
}
export const plainAnswer = (s: State, layers: readonly Layer[], x: number, y: number): number => plainSignals(s, layers, x, y).at(-1)![0]!
export const plainLossAt = (s: State, layers: readonly Layer[], p: Sample): number => {
  if (s.loss === 'square') return (plainAnswer(s, layers, p.x, p.y) - p.c) ** 2
  // from the potential: near 0 and 1 the answer itself has lost the digits that −ln a needs
  const { w, b } = layers.at(-1)!
  const before = plainSignals(s, layers, p.x, p.y).at(-2) ?? featuresOf(s, p.x, p.y)
  const z = before.reduce((sum, v, j) => sum + v * w[j]![0]!, b[0]!)
  return ACT.softplus(p.c === 1 ? -z : z)
}
export const plainLoss = (s: State, layers: readonly Layer[], points: readonly Sample[]): number => points.reduce((sum, p) => sum + plainLossAt(s, layers, p), 0) / points.length
/** The length of the mean loss' gradient by all weights and biases: each a little up and down, by plain loops. */
export function plainSlope(s: State, layers: readonly Layer[], points: readonly Sample[], h = 1e-5): number {
  const moved = layers.map(({ w, b }) => ({ w: w.map((row) => [...row]), b: [...b] }))
  let squares = 0
  for (const { w, b } of moved) {
    for (const numbers of [...w, b]) {
      for (const [i, at] of numbers.entries()) {
        numbers[i] = at + h
        const above = plainLoss(s, moved, points)
        numbers[i] = at - h
        squares += ((above - plainLoss(s, moved, points)) / (2 * h)) ** 2
        numbers[i] = at
      }
    }
  }
  return Math.sqrt(squares)
}
/** The share of points on whose side of ½ the answer is right, in plain loops. */
export const plainAccuracy = (s: State, layers: readonly Layer[], points: readonly Sample[]): number => points.filter((p) => plainAnswer(s, layers, p.x, p.y) > 0.5 === (p.c === 1)).length / points.length
/** The loss of always answering ½. */
export const guessing = (s: Pick<State, 'loss'>): number => (s.loss === 'log' ? Math.LN2 : 0.25)

export const GRID = 41
export const gridPoints = (): readonly (readonly [number, number])[] =>
  Array.from({ length: GRID * GRID }, (_, i) => [-R + ((i % GRID) + 0.5) * ((2 * R) / GRID), R - (Math.floor(i / GRID) + 0.5) * ((2 * R) / GRID)] as const)
