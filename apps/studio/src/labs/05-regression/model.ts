// State of the lab: one neuron with one input, its function, points to fit.
import { type Formed, list, number, oneOf, record } from '../../core/shape.ts'

export const KINDS = ['linear', 'threshold', 'logistic'] as const
export type Kind = (typeof KINDS)[number]
export const [XMAX, YMIN, YMAX] = [5, -1.5, 2.5]
export const [WMAX, BMAX, MOST] = [20, 40, 200]
export const form = record({ kind: oneOf(...KINDS), w: number(-WMAX, WMAX), b: number(-BMAX, BMAX), eta: number(0.0001, 20), points: list(record({ x: number(-XMAX, XMAX), y: number(YMIN, YMAX) }), 2, MOST) })
export type State = Formed<typeof form>
const of = (pairs: readonly (readonly [number, number])[]): State['points'] => pairs.map(([x, y]) => ({ x, y }))
export const LINE = of([[-4, -0.7], [-3.1, -0.2], [-2.2, -0.3], [-1.2, 0.3], [-0.3, 0.2], [0.6, 0.7], [1.7, 0.8], [2.6, 1.4], [3.4, 1.3], [4.3, 1.9]])
export const CLASSES = of([[-4.2, 0], [-3.3, 0], [-2.4, 0], [-1.6, 0], [-0.9, 0], [0.4, 0], [-0.2, 1], [0.9, 1], [1.6, 1], [2.5, 1], [3.4, 1], [4.4, 1]])
export const initial: State = { kind: 'linear', w: 0, b: 0, eta: 0.05, points: LINE }
/** For a link that would be too long: the points of one's own are left out. */
export const light = (s: State): State => ({ ...s, points: LINE })

const PHI: Readonly<Record<Kind, (z: number) => number>> = { linear: (z) => z, threshold: (z) => (z > 0 ? 1 : 0), logistic: (z) => 1 / (1 + Math.exp(-z)) }
export const answer = (s: Pick<State, 'kind' | 'w' | 'b'>, x: number): number => PHI[s.kind](s.w * x + s.b)
/** The mean squared error by a plain loop: the independent check. */
export const plainMse = (s: State): number => s.points.reduce((sum, p) => sum + (answer(s, p.x) - p.y) ** 2, 0) / s.points.length
export const grid = (): readonly number[] => Array.from({ length: 201 }, (_, i) => -XMAX + i / 20)

// ---- the error as a surface over w and b -----------------------------------------------------------------------------

export const SURFACE = 41
/** Half the side of the window over w and b: the smallest of a few that holds the places that matter. */
export const windowOf = (places: readonly (readonly [number, number])[]): number => {
  const most = Math.max(1, ...places.flat().map(Math.abs).filter(Number.isFinite))
  return [2, 4, 8, 16, 40].find((r) => most <= 0.9 * r) ?? 40
}
/** Places (w, b) of the window, row by row from the top. */
export const placesOf = (r: number): readonly (readonly [number, number])[] =>
  Array.from({ length: SURFACE * SURFACE }, (_, i) => [-r + ((i % SURFACE) * 2 * r) / (SURFACE - 1), r - (Math.floor(i / SURFACE) * 2 * r) / (SURFACE - 1)] as const)

/** The largest rate at which descent on a line's error still comes nearer: 2/λ of the Hessian 2/n·[Σx² Σx; Σx n]. */
export function safeRate({ points }: Pick<State, 'points'>): number {
  const n = points.length
  const [xx, x] = [points.reduce((sum, p) => sum + p.x * p.x, 0) / n, points.reduce((sum, p) => sum + p.x, 0) / n]
  const largest = 2 * ((xx + 1) / 2 + Math.sqrt(((xx - 1) / 2) ** 2 + x * x))
  return 2 / largest
}

/** The same by measuring: the bend of the error by differences, the direction that bends most by going its way again and again. */
export function measuredRate(points: State['points']): number {
  const error = (w: number, b: number): number => plainMse({ kind: 'linear', w, b, eta: 1, points })
  const bend = (u: readonly [number, number], v: readonly [number, number]): number => (error(u[0] + v[0], u[1] + v[1]) - error(u[0] - v[0], u[1] - v[1]) - error(v[0] - u[0], v[1] - u[1]) + error(-u[0] - v[0], -u[1] - v[1])) / 4
  const [ww, wb, bb] = [bend([1, 0], [1, 0]), bend([1, 0], [0, 1]), bend([0, 1], [0, 1])]
  let [w, b, size] = [0.6, 0.8, 1]
  for (let k = 0; k < 2000; k++) {
    const [toW, toB] = [ww * w + wb * b, wb * w + bb * b]
    size = Math.hypot(toW, toB)
    ;[w, b] = [toW / size, toB / size]
  }
  return 2 / size
}

// ---- what goes wrong -------------------------------------------------------------------------------------------------

export type Trouble = 'diverged' | 'jumps' | 'saturated' | 'flat' | 'wrongModel'
/** From where a descent came to: out of bounds, or above where it began. */
export function descentTrouble(s: State, path: readonly (readonly [number, number])[]): Trouble | null {
  if (s.kind === 'threshold') return 'flat'
  const [w, b] = path.at(-1)!
  if (!Number.isFinite(w) || !Number.isFinite(b) || Math.abs(w) > WMAX || Math.abs(b) > BMAX) return 'diverged'
  return plainMse({ ...s, w, b }) > plainMse(s) + 1e-12 ? 'jumps' : null
}
/** From the state alone: the sigmoid flat at the points while the answers are wrong; values of classes that mean nothing. */
export function stateTrouble(s: State, gradient: readonly number[]): Trouble | null {
  if (s.kind === 'logistic' && Math.hypot(...gradient) < 2e-3 && plainMse(s) > 0.15) return 'saturated'
  const classes = s.points.every((p) => p.y === 0 || p.y === 1)
  return s.kind === 'linear' && classes && s.points.some((p) => answer(s, p.x) < -0.2 || answer(s, p.x) > 1.2) ? 'wrongModel' : null
}
export function repaired(s: State, trouble: Trouble): Partial<State> {
  if (trouble === 'diverged' || trouble === 'jumps') return { w: 0, b: 0, eta: s.kind === 'linear' ? Number((safeRate(s) / 2).toPrecision(2)) : Math.max(0.0001, Math.min(1, s.eta / 10)) }
  if (trouble === 'saturated') return { w: 0, b: 0 }
  return { kind: 'logistic', ...(trouble === 'flat' ? { w: 0, b: 0, eta: 1 } : {}) }
}
