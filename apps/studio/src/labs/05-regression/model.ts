// State of the lab: one neuron with one input, its function, points to fit.
import { type Formed, list, number, oneOf, record } from '../../core/shape.ts'

export const KINDS = ['linear', 'threshold', 'logistic'] as const
export type Kind = (typeof KINDS)[number]
export const [XMAX, YMIN, YMAX] = [5, -1.5, 2.5]
export const form = record({ kind: oneOf(...KINDS), w: number(-20, 20), b: number(-40, 40), points: list(record({ x: number(-XMAX, XMAX), y: number(YMIN, YMAX) }), 2, 40) })
export type State = Formed<typeof form>
const of = (pairs: readonly (readonly [number, number])[]): State['points'] => pairs.map(([x, y]) => ({ x, y }))
export const LINE = of([[-4, -0.7], [-3.1, -0.2], [-2.2, -0.3], [-1.2, 0.3], [-0.3, 0.2], [0.6, 0.7], [1.7, 0.8], [2.6, 1.4], [3.4, 1.3], [4.3, 1.9]])
export const CLASSES = of([[-4.2, 0], [-3.3, 0], [-2.4, 0], [-1.6, 0], [-0.9, 0], [0.4, 0], [-0.2, 1], [0.9, 1], [1.6, 1], [2.5, 1], [3.4, 1], [4.4, 1]])
export const initial: State = { kind: 'linear', w: 0, b: 0, points: LINE }

const PHI: Readonly<Record<Kind, (z: number) => number>> = { linear: (z) => z, threshold: (z) => (z > 0 ? 1 : 0), logistic: (z) => 1 / (1 + Math.exp(-z)) }
export const answer = (s: Pick<State, 'kind' | 'w' | 'b'>, x: number): number => PHI[s.kind](s.w * x + s.b)
/** The mean squared error by a plain loop: the independent check. */
export const plainMse = (s: State): number => s.points.reduce((sum, p) => sum + (answer(s, p.x) - p.y) ** 2, 0) / s.points.length
export const grid = (): readonly number[] => Array.from({ length: 201 }, (_, i) => -XMAX + i / 20)
