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
}
/** The rule once more, in plain arithmetic: what the engine's weights are compared with. */
export function weightsAfter({ points, eta, steps }: State): Weights {
  let [w1, w2, b] = [0, 0, 0]
  for (let k = 0; k < steps; k++) {
    const p = points[k % points.length]!
    const error = p.c - (b + w1 * p.x + w2 * p.y > 0 ? 1 : 0)
    w1 += eta * error * p.x
    w2 += eta * error * p.y
    b += eta * error
  }
  return { w: [w1, w2], b }
}
