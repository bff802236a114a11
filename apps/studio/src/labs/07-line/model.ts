// State of the lab: one neuron with two real inputs, and a cloud of labelled points. Geometry of its line.
import type { Point } from '../../core/geometry.ts'
import { type Formed, boolean, integer, list, number, record } from '../../core/shape.ts'

export const LIMIT = 4
const point = record({ x: number(-LIMIT, LIMIT), y: number(-LIMIT, LIMIT), c: integer(0, 1) })
export const form = record({
  w1: number(-LIMIT, LIMIT),
  w2: number(-LIMIT, LIMIT),
  b: number(-20, 20),
  /** b held at 0. */
  locked: boolean,
  points: list(point, 0, 60),
})
export type State = Formed<typeof form>
export type Labelled = State['points'][number]

const cloud = (ones: readonly Point[], zeros: readonly Point[]): readonly Labelled[] => [
  ...ones.map(([x, y]) => ({ x, y, c: 1 })),
  ...zeros.map(([x, y]) => ({ x, y, c: 0 })),
]
/** A line through the origin is enough for this one. */
export const CENTRED = cloud(
  [[1.6, 1.2], [2.4, 0.5], [0.6, 2.1], [2.8, 2.2], [1.4, 2.9], [0.4, 1.1], [3.1, -0.6]],
  [[-1.2, -0.9], [-2.4, 0.4], [-0.5, -2.3], [-2.7, -1.9], [-1.6, 0.8], [0.7, -2.8], [-3.2, -0.4]],
)
/** Both classes lie on the same side of the origin, one behind the other: only a line with an intercept separates them. */
export const SHIFTED = cloud(
  [[2.2, 2.4], [3.1, 1.4], [1.5, 3.2], [3.4, 2.9], [2.7, 3.4], [1.2, 2.6], [3.6, 0.9]],
  [[0.4, 0.6], [1.3, 0.3], [0.2, 1.5], [-0.6, 0.9], [1.1, 1.1], [0.9, -0.7], [-0.9, 2.1]],
)
export const initial: State = { w1: 1, w2: 1.5, b: -1.5, locked: false, points: CENTRED }

/** z at a point, term by term. */
export const signal = (s: State, x: number, y: number): number => s.b + s.w1 * x + s.w2 * y
/** The lecture's rule for two classes: C₁ where z ≥ 0. The lab uses it throughout. */
export const classOf = (z: number): 0 | 1 => (z >= 0 ? 1 : 0)

/** The point of the line nearest to the origin; null when there is no line. */
export function foot({ w1, w2, b }: State): Point | null {
  const square = w1 * w1 + w2 * w2
  return square === 0 ? null : [(-b * w1) / square, (-b * w2) / square]
}
/** A unit vector along the line. */
export function along({ w1, w2 }: State): Point {
  const norm = Math.hypot(w1, w2)
  return norm === 0 ? [1, 0] : [-w2 / norm, w1 / norm]
}

const tidy = (v: number): number => Number(v.toFixed(4))
const limit = (v: number): number => Math.max(-LIMIT, Math.min(LIMIT, tidy(v)))

/** The line moved in parallel so that it goes through a point. */
export const moveThrough = (s: State, [x, y]: Point): State => (s.locked ? s : { ...s, b: tidy(-(s.w1 * x + s.w2 * y)) })
/** The line turned about its foot so that it goes through a point; the weights keep their length. */
export function turnThrough(s: State, [x, y]: Point): State {
  const [fx, fy] = foot(s) ?? [0, 0]
  const [dx, dy] = [x - fx, y - fy]
  const size = Math.hypot(dx, dy)
  if (size < 0.05) return s
  const norm = Math.hypot(s.w1, s.w2) || 1
  // of the two normals the one nearer to the present weights
  const sign = -dy * s.w1 + dx * s.w2 >= 0 ? 1 : -1
  const w1 = limit((sign * -dy * norm) / size)
  const w2 = limit((sign * dx * norm) / size)
  return { ...s, w1, w2, b: s.locked ? 0 : tidy(-(w1 * fx + w2 * fy)) }
}
/** The weights set to the vector from the foot to a point. */
export function pointNormal(s: State, [x, y]: Point): State {
  const [fx, fy] = foot(s) ?? [0, 0]
  const [w1, w2] = [limit(x - fx), limit(y - fy)]
  if (Math.hypot(w1, w2) < 0.05) return s
  return { ...s, w1, w2, b: s.locked ? 0 : tidy(-(w1 * fx + w2 * fy)) }
}
export const lock = (s: State, locked: boolean): State => ({ ...s, locked, b: locked ? 0 : s.b })

/** No weights: no line. Held at 0, the line cannot part these points, and every point on one side: each has its cause. */
export type Trouble = 'noLine' | 'needsBias' | 'outside'
export function troubleOf(s: State): Trouble | null {
  if (s.w1 === 0 && s.w2 === 0) return 'noLine'
  const sides = s.points.map((p) => classOf(signal(s, p.x, p.y)))
  if (s.locked && s.points.length > 0 && throughOrigin(s.points) === null && sides.some((c, i) => c !== s.points[i]!.c)) return 'needsBias'
  const both = new Set(s.points.map((p) => p.c)).size === 2
  return both && new Set(sides).size === 1 ? 'outside' : null
}
export function repaired(s: State, trouble: Trouble): State {
  if (trouble === 'noLine') return { ...s, w1: 1, w2: 1 }
  if (trouble === 'needsBias') return lock(s, false)
  // between the middles of the classes, across the line that joins them
  const middle = (c: number): Point => {
    const all = s.points.filter((p) => p.c === c)
    return [all.reduce((sum, p) => sum + p.x, 0) / all.length, all.reduce((sum, p) => sum + p.y, 0) / all.length]
  }
  const [one, zero] = [middle(1), middle(0)]
  const [w1, w2] = [limit(one[0] - zero[0]), limit(one[1] - zero[1])]
  if (w1 === 0 && w2 === 0) return { ...s, w1: 1, w2: 1, b: 0 }
  return { ...s, w1, w2, b: s.locked ? 0 : tidy(-(w1 * (one[0] + zero[0]) + w2 * (one[1] + zero[1])) / 2) }
}

/**
 * Can a line through the origin separate the points? Every way such a line can split them is tried: the directions
 * just beside each point's own. Returns a separating normal or null.
 */
export function throughOrigin(points: readonly Labelled[]): Point | null {
  const angles = points.flatMap(({ x, y }) => [Math.atan2(y, x) + Math.PI / 2, Math.atan2(y, x) - Math.PI / 2])
  for (const angle of angles) {
    for (const turn of [-1e-6, 0, 1e-6]) {
      const w: Point = [Math.cos(angle + turn), Math.sin(angle + turn)]
      if (points.every(({ x, y, c }) => classOf(w[0] * x + w[1] * y) === c)) return w
    }
  }
  return null
}
