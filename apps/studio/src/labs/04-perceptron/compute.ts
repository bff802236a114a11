// The perceptron learning by tensors, one example at a time; the bound of Novikoff for the data.
import { tensor } from 'gradus'
import { novikoffBound } from 'gradus/models'
import type { Labelled, State } from './model.ts'

const f64 = { dtype: 'float64' } as const

export interface Look {
  readonly row: number
  readonly z: number
  readonly a: number
  readonly error: number
  readonly before: readonly number[]
  readonly after: readonly number[]
}
export interface Lesson {
  /** [w₁, w₂, b] */
  readonly weights: readonly number[]
  readonly mistakes: number
  readonly errorsNow: number
  /** The look that brought us here, and the one that comes next. */
  readonly last: Look | null
  readonly next: Look
  /** Mistakes made up to each look. */
  readonly history: readonly number[]
  readonly radius: number
  readonly margin: number
  /** null: not separable. */
  readonly bound: number | null
}

const row = (p: Labelled): readonly number[] => [p.x, p.y, 1]

/** Looks at `steps` examples in turn, starting from zero: w ← w + η(y − a)x with x₃ = 1 for the bias. */
export async function learn({ points, eta, steps }: State): Promise<Lesson> {
  const x = points.map((p) => tensor(row(p), f64))
  const rate = tensor(eta, f64)
  let w = tensor([0, 0, 0], f64)
  let weights = await w.data()
  let mistakes = 0
  let last: Look | null = null
  const history = [0]
  const look = async (k: number): Promise<{ look: Look; w: typeof w }> => {
    const at = k % points.length
    const z = await w.dot(x[at]!).item()
    const a = z > 0 ? 1 : 0
    const error = points[at]!.c - a
    const moved = error === 0 ? w : w.add(x[at]!.mul(rate.mul(tensor(error, f64))))
    const after = error === 0 ? weights : await moved.data()
    return { look: { row: at, z, a, error, before: Array.from(weights), after: Array.from(after) }, w: moved }
  }
  for (let k = 0; k < steps; k++) {
    const done = await look(k)
    w = done.w
    weights = Float64Array.from(done.look.after)
    mistakes += Math.abs(done.look.error)
    history.push(mistakes)
    last = done.look
  }
  const { look: next } = await look(steps)
  const z = await tensor(points.map(row), f64).matmul(w).data() // (B,3)·(3) → (B)
  const errorsNow = points.filter((p, i) => (z[i]! > 0 ? 1 : 0) !== p.c).length
  const { radius, margin, bound } = novikoffBound({ points: points.map((p) => [p.x, p.y]), labels: points.map((p) => p.c) })
  return { weights: Array.from(weights), mistakes, errorsNow, last, next, history, radius, margin, bound: Number.isFinite(bound) ? bound : null }
}
