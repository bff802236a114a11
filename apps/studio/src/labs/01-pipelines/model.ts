// State of the lab: how many examples, which hand-made features, which digit is looked at, the seed, what was asked for.
import { type Formed, boolean, integer, list, oneOf, record } from '../../core/shape.ts'

export const GROUPS = ['ink', 'zones', 'profiles', 'symmetry', 'holes', 'strokes'] as const
export type Group = (typeof GROUPS)[number]
/** How many numbers each gives. */
export const SIZES: Readonly<Record<Group, number>> = { ink: 1, zones: 16, profiles: 28, symmetry: 2, holes: 1, strokes: 64 }
export const COUNTS = [50, 100, 200, 500, 1000, 2000, 5000] as const
export const [LEAST, MOST] = [50, 5000]
export const STEP = 50
/** The number of examples for a place on the curve's axis. */
export const countAt = (x: number): number => Math.max(LEAST, Math.min(MOST, Math.round(x / STEP) * STEP))
/** Digits of the test set that are used, and that can be looked at. */
export const TESTS = 1000
export const form = record({
  n: integer(LEAST, MOST),
  groups: list(oneOf(...GROUPS), 1, GROUPS.length),
  digit: integer(0, TESTS - 1),
  seed: integer(1, 999),
  /** Both trained for n; and for all counts. */
  trained: boolean,
  curve: boolean,
})
export type State = Formed<typeof form>
export const initial: State = { n: 500, groups: GROUPS, digit: 0, seed: 1, trained: false, curve: false }

export const featureCount = (groups: readonly Group[]): number => groups.reduce((sum, g) => sum + SIZES[g], 0)
/** Weights and biases: logistic regression on the features; the network (5×5×8, 3×3×16, 400 → 10). */
export const logisticParameters = (groups: readonly Group[]): number => (featureCount(groups) + 1) * 10
export const NETWORK_PARAMETERS = 8 * 25 + 8 + 16 * 8 * 9 + 16 + 400 * 10 + 10
/** Multiplications for one digit: of the network's layers; and of the regression alone, features not counted. */
export const NETWORK_PRODUCTS = 24 * 24 * 8 * 25 + 10 * 10 * 16 * 8 * 9 + 400 * 10
export const logisticProducts = (groups: readonly Group[]): number => featureCount(groups) * 10
