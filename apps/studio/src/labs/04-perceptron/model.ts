// State of the lab: labelled points, the learning rate, and how many examples have been looked at. The weights follow.
import { type Formed, integer, list, number, record } from '../../core/shape.ts'

export const [LIMIT, MOST] = [4, 200]
const point = record({ x: number(-LIMIT, LIMIT), y: number(-LIMIT, LIMIT), c: integer(0, 1) })
export const form = record({ points: list(point, 1, MOST), eta: number(0.01, 5), steps: integer(0, 2000) })
export type State = Formed<typeof form>
export type Labelled = State['points'][number]

const of = (ones: readonly (readonly [number, number])[], zeros: readonly (readonly [number, number])[]): readonly Labelled[] =>
  ones.flatMap(([x, y], i) => [{ x, y, c: 1 }, ...(zeros[i] === undefined ? [] : [{ x: zeros[i][0], y: zeros[i][1], c: 0 }])])
export const SEPARABLE = of([[2.2, 1.4], [1.1, 2.6], [3, 0.4], [2.4, 2.8], [0.4, 1.9]], [[-1.2, 0.4], [0.6, -1.1], [-2.2, -1.4], [-0.4, -2.4], [-2.8, 1]])
export const NARROW = of([[1.4, 0.9], [2.8, 2.1], [0.3, 0.2], [-1.2, -0.6]], [[1.4, 0.1], [2.9, 1.2], [0.2, -0.5], [-1.1, -1.4]])
export const MIXED = of([[1, 1], [-1, -1]], [[1, -1], [-1, 1]])
export const initial: State = { points: SEPARABLE, eta: 1, steps: 0 }

/** For a link that would be too long: the points of one's own are left out. */
export const light = (s: State): State => ({ ...s, points: SEPARABLE })
/** The points no line separates keep the rule busy for ever: named once every point has been seen twice. */
export type Trouble = 'endless' | 'oneClass'
export const troubleOf = (s: State, bound: number | null): Trouble | null =>
  new Set(s.points.map((p) => p.c)).size < 2 ? 'oneClass' : bound === null && s.steps >= 2 * s.points.length ? 'endless' : null
/** The points without the fewest that stand against the best of the rule's own lines. */
export function withoutMisplaced(s: State): readonly Labelled[] {
  let best: readonly Labelled[] = []
  for (let steps = 0; steps <= 600; steps++) {
    const { w, b } = weightsAfter({ ...s, steps })
    const right = s.points.filter((p) => (b + w[0] * p.x + w[1] * p.y > 0 ? 1 : 0) === p.c)
    if (right.length > best.length && new Set(right.map((p) => p.c)).size === 2) best = right
  }
  return best
}

export const sameCloud = (a: readonly Labelled[], b: readonly Labelled[]): boolean => JSON.stringify(a) === JSON.stringify(b)

export interface Weights {
  readonly w: readonly [number, number]
  readonly b: number
  /** Wrong answers so far. */
  readonly mistakes: number
}
/** The rule once more, in plain arithmetic: what the engine's weights are compared with. */
export function weightsAfter({ points, eta, steps }: State): Weights {
  let [w1, w2, b, mistakes] = [0, 0, 0, 0]
  for (let k = 0; k < steps; k++) {
    const p = points[k % points.length]!
    const error = p.c - (b + w1 * p.x + w2 * p.y > 0 ? 1 : 0)
    w1 += eta * error * p.x
    w2 += eta * error * p.y
    b += eta * error
    mistakes += Math.abs(error)
  }
  return { w: [w1, w2], b, mistakes }
}

type Place = readonly [number, number, number]
const dot = (p: Place, q: Place): number => p[0] * q[0] + p[1] * q[1] + p[2] * q[2]
const mix = (p: Place, q: Place, t: number): Place => [p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1]), p[2] + t * (q[2] - p[2])]
const lengthOf = (p: Place): number => Math.sqrt(dot(p, p))
/** From the origin to the segment pq. */
function toSegment(p: Place, q: Place): number {
  const d: Place = [q[0] - p[0], q[1] - p[1], q[2] - p[2]]
  const size = dot(d, d)
  return lengthOf(size === 0 ? p : mix(p, q, Math.max(0, Math.min(1, -dot(p, d) / size))))
}
/** From the origin to the triangle pqr: to its inside, where the foot of the perpendicular lies there, else to its sides. */
function toTriangle(p: Place, q: Place, r: Place): number {
  const [u, v]: [Place, Place] = [[q[0] - p[0], q[1] - p[1], q[2] - p[2]], [r[0] - p[0], r[1] - p[1], r[2] - p[2]]]
  const [uu, uv, vv, up, vp] = [dot(u, u), dot(u, v), dot(v, v), -dot(u, p), -dot(v, p)]
  const size = uu * vv - uv * uv
  if (size > 1e-12 * uu * vv) {
    const [s, t] = [(vv * up - uv * vp) / size, (uu * vp - uv * up) / size]
    if (s >= 0 && t >= 0 && s + t <= 1) return lengthOf([p[0] + s * u[0] + t * v[0], p[1] + s * u[1] + t * v[1], p[2] + s * u[2] + t * v[2]])
  }
  return Math.min(toSegment(p, q), toSegment(q, r), toSegment(r, p))
}
/**
 * The widest margin by enumeration: the distance from the origin to the hull of ±(x₁, x₂, 1), which is the least of the distances
 * to all triangles of these points, wherever a line separates the classes.
 */
export function marginByTriangles(points: readonly Labelled[]): number {
  const at = points.map(({ x, y, c }): Place => (c === 1 ? [x, y, 1] : [-x, -y, -1]))
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < at.length; i++) for (let j = i; j < at.length; j++) for (let k = j; k < at.length; k++) least = Math.min(least, toTriangle(at[i]!, at[j]!, at[k]!))
  return least
}
export const longest = (points: readonly Labelled[]): number => Math.max(...points.map(({ x, y }) => Math.sqrt(x * x + y * y + 1)))
