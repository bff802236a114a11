// State of the lab: one logit with its target, a batch of them, three logits for the cross-entropy.
import { type Formed, integer, list, number, oneOf, record } from '../../core/shape.ts'

export const LIMIT = 8
const logit = number(-LIMIT, LIMIT)
export const form = record({
  loss: oneOf('mse', 'logloss'),
  z: logit,
  y: integer(0, 1),
  batch: list(record({ z: logit, y: integer(0, 1) }), 1, 8),
  logits: list(logit, 3),
  correct: integer(0, 2),
})
export type State = Formed<typeof form>
export const initial: State = { loss: 'mse', z: -3, y: 1, batch: [{ z: 2, y: 1 }, { z: -1, y: 0 }, { z: 0.5, y: 1 }, { z: -4, y: 1 }], logits: [2, 0.5, -1], correct: 0 }
/** The true class once class i is said to be so, or not to be: then the next one is. */
export const chosen = (correct: number, i: number, yes: boolean): number => (yes ? i : i === correct ? (i + 1) % 3 : correct)
export const grid = (): readonly number[] => Array.from({ length: 161 }, (_, i) => -LIMIT + i / 10)

export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))
/** The losses in plain arithmetic, stable for large |z|. */
export const plainLoss = (kind: State['loss'], z: number, y: number): number =>
  kind === 'mse' ? (sigmoid(z) - y) ** 2 : Math.max(0, z) - z * y + Math.log1p(Math.exp(-Math.abs(z)))
export const plainSlope = (kind: State['loss'], z: number, y: number, h = 1e-5): number => (plainLoss(kind, z + h, y) - plainLoss(kind, z - h, y)) / (2 * h)
/** ŷ of every class, in plain arithmetic. */
export function plainShares(logits: readonly number[]): readonly number[] {
  const powers = logits.map((z) => Math.exp(z - Math.max(...logits)))
  const total = powers.reduce((sum, p) => sum + p, 0)
  return powers.map((p) => p / total)
}
/** ∂L/∂z of one class: a central difference. */
export const plainCrossSlope = (logits: readonly number[], correct: number, i: number, h = 1e-5): number => {
  const moved = (by: number): number => plainCrossEntropy(logits.map((z, k) => (k === i ? z + by : z)), correct)
  return (moved(h) - moved(-h)) / (2 * h)
}
export function plainCrossEntropy(logits: readonly number[], correct: number): number {
  const top = Math.max(...logits)
  return top + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - top), 0)) - logits[correct]!
}

/** Confidently wrong under MSE: the sigmoid is flat there, and the loss no longer teaches. */
export const troubleOf = (s: State): 'stuck' | null => (s.loss === 'mse' && Math.abs(sigmoid(s.z) - s.y) > 0.98 ? 'stuck' : null)
export const repaired = (s: State): State => ({ ...s, loss: 'logloss' })
