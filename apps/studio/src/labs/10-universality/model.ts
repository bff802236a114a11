// State of the lab: a curve drawn by its heights over [0, 1], and the network that is to repeat it.
import { type Formed, boolean, integer, list, number, oneOf, record } from '../../core/shape.ts'

/** Points that are drawn; straight pieces lie between them, so the curve is continuous. */
export const POINTS = 13
export const HEIGHT = 2
export const MOST_BUMPS = 64
export const form = record({
  heights: list(number(-HEIGHT, HEIGHT), POINTS),
  way: oneOf('bumps', 'training'),
  /** N bumps */
  count: integer(1, MOST_BUMPS),
  /** How many hidden neurons are put in already; a pair makes a bump. */
  shown: integer(0, 2 * MOST_BUMPS),
  /** Steepness of a step in widths of a bump. */
  sharpness: number(2, 200),
  form: oneOf('pairs', 'shared'),
  /** Hidden neurons of the trained network. */
  hidden: integer(1, 64),
  seed: integer(0, 99),
  /** Training has been asked for: a link trains the same network again from its seed. */
  trained: boolean,
})
export type State = Formed<typeof form>

export const xAt = (i: number): number => i / (POINTS - 1)
const sampled = (f: (x: number) => number): readonly number[] => Array.from({ length: POINTS }, (_, i) => Math.round(f(xAt(i)) * 100) / 100 + 0)
export type Preset = 'wave' | 'hill' | 'zigzag' | 'cliff'
export const PRESETS: Readonly<Record<Preset, readonly number[]>> = {
  wave: sampled((x) => 1.3 * Math.sin(2 * Math.PI * x) + 0.4 * Math.sin(6 * Math.PI * x)),
  hill: sampled((x) => 1.5 * Math.exp(-((x - 0.5) ** 2) / 0.03)),
  zigzag: sampled((x) => (Math.round(x * (POINTS - 1)) % 2 === 0 ? -1 : 1)),
  cliff: sampled((x) => (x < 0.5 ? -1.5 : 1.5)),
}
export const initial: State = { heights: PRESETS.wave, way: 'bumps', count: 10, shown: 20, sharpness: 30, form: 'pairs', hidden: 16, seed: 0, trained: false }

/** The drawn curve at x: straight between its points. */
export function curveAt(heights: readonly number[], x: number): number {
  const place = Math.min(POINTS - 1, Math.max(0, x * (POINTS - 1)))
  const i = Math.min(POINTS - 2, Math.floor(place))
  return heights[i]! + (place - i) * (heights[i + 1]! - heights[i]!)
}
export const setHeight = (s: State, i: number, y: number): State => ({ ...s, trained: false, heights: s.heights.map((h, k) => (k === i ? Math.max(-HEIGHT, Math.min(HEIGHT, Number(y.toFixed(2)))) : h)) })
/** A stroke draws: points it passes go onto it, the one nearest to its end goes there. */
export function draw(s: State, [x0, y0]: readonly [number, number], [x1, y1]: readonly [number, number]): State {
  const end = Math.round(x1 * (POINTS - 1))
  return s.heights.reduce((now, _, i) => {
    const part = (xAt(i) - x0) / (x1 - x0)
    return i === end ? setHeight(now, i, y1) : part >= 0 && part < 1 ? setHeight(now, i, y0 + part * (y1 - y0)) : now
  }, s)
}
export const withCount = (s: State, count: number): State => ({ ...s, count, shown: hiddenOf({ ...s, count }) })
export const withForm = (s: State, kind: State['form']): State => ({ ...s, form: kind, shown: hiddenOf({ ...s, form: kind }) })
/** Hidden neurons of the built network. */
export const hiddenOf = (s: Pick<State, 'count' | 'form'>): number => (s.form === 'pairs' ? 2 * s.count : s.count - 1)
/** The largest slope of the curve, per unit of x. */
export const steepest = (heights: readonly number[]): number => Math.max(...heights.slice(1).map((h, i) => Math.abs(h - heights[i]!) * (POINTS - 1)))

/** σ without overflow. */
const sigmoid = (z: number): number => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)))
export interface PlainBump { readonly from: number; readonly to: number; readonly height: number }
/** What the first `shown` hidden neurons add up to at x, step by step: the independent check of the network. */
export function sumOfSteps(bumps: readonly PlainBump[], k: number, kind: State['form'], shown: number, x: number): number {
  const step = (at: number): number => sigmoid(k * (x - at))
  let sum = kind === 'pairs' ? 0 : bumps[0]!.height
  for (let j = 0; j < shown; j++) {
    const b = bumps[kind === 'pairs' ? Math.floor(j / 2) : j + 1]!
    sum += kind === 'shared' ? (b.height - bumps[j]!.height) * step(b.from) : j % 2 === 0 ? b.height * step(b.from) : -b.height * step(b.to)
  }
  return sum
}
/** What these neurons look like as steep steps: whole bumps, and the last one still without its end. */
export function stairs(bumps: readonly PlainBump[], kind: State['form'], shown: number): readonly PlainBump[] {
  const some = bumps.slice(0, kind === 'pairs' ? Math.ceil(shown / 2) : shown + 1)
  const open = kind === 'pairs' ? shown % 2 === 1 : some.length < bumps.length
  return some.map((b, i) => (open && i === some.length - 1 ? { ...b, to: 1 } : b))
}
/** The bumps of N even pieces as they are built: each as high as the curve in its middle. */
export const plainBumps = (heights: readonly number[], n: number): readonly PlainBump[] => Array.from({ length: n }, (_, j) => ({ from: j / n, to: (j + 1) / n, height: curveAt(heights, (j + 0.5) / n) }))
/** A trained network 1-H-1: v·σ(wx + b) + c. */
export interface PlainNetwork { readonly w: readonly number[]; readonly b: readonly number[]; readonly v: readonly number[]; readonly c: number }
export const networkAt = ({ w, b, v, c }: PlainNetwork, x: number): number => w.reduce((sum, wj, j) => sum + v[j]! * sigmoid(wj * x + b[j]!), c)
