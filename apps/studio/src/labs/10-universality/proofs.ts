// The second way to the lab's numbers: steps added one by one, trained weights in plain loops, and searches along all places.
import type { Check } from '../../core/proof.ts'
import { type PlainBump, type PlainNetwork, POINTS, type State, curveAt, networkAt, plainBumps, sumOfSteps } from './model.ts'

/** The network in plain arithmetic. */
export type Plain = (x: number) => number
export const builtAt = (s: Pick<State, 'form'>, bumps: readonly PlainBump[], steepness: number, shown: number): Plain => (x) => sumOfSteps(bumps, steepness, s.form, shown, x)
export const trainedAt = (network: PlainNetwork): Plain => (x) => networkAt(network, x)

/** The middle between two points of the curve; k counts halves. */
export const betweenCheck = (heights: readonly number[], k: number): Check => ({ check: () => (heights[(k - 1) / 2]! + heights[(k + 1) / 2]!) / 2, tolerance: 1e-9 })
export const networkCheck = (plain: Plain, x: number): Check => ({ check: () => plain(x), tolerance: 1e-5 })
export const gapCheck = (plain: Plain, heights: readonly number[], x: number): Check => ({ check: () => plain(x) - curveAt(heights, x), tolerance: 1e-5 })

/** The places at which the engine looks: even ones, then finer ones around the worst of them. */
const [PLACES, FINER] = [2001, 101]
function largest(plain: Plain, heights: readonly number[]): { readonly gap: number; readonly x: number } {
  let found = { gap: -1, x: 0 }
  const look = (from: number, to: number, n: number): void => {
    for (let i = 0; i < n; i++) {
      const x = from + ((to - from) * i) / (n - 1)
      const gap = Math.abs(plain(x) - curveAt(heights, x))
      if (gap > found.gap) found = { gap, x }
    }
  }
  look(0, 1, PLACES)
  const step = 1 / (PLACES - 1)
  look(Math.max(0, found.x - step), Math.min(1, found.x + step), FINER)
  return found
}
export const supCheck = (plain: Plain, heights: readonly number[]): Check => ({ check: () => largest(plain, heights).gap, tolerance: 1e-5 })
/** The same of a network of so many bumps. */
export const supOfCheck = (s: Pick<State, 'heights' | 'sharpness'>, count: number): Check => {
  const bumps = plainBumps(s.heights, count)
  return supCheck((x) => sumOfSteps(bumps, s.sharpness * count, 'shared', count - 1, x), s.heights)
}
/** Where the difference is largest: of several places as good any is right. */
export const placeCheck = (plain: Plain, heights: readonly number[], at: number): Check => ({
  check: () => {
    const { gap, x } = largest(plain, heights)
    return Math.abs(plain(at) - curveAt(heights, at)) > gap - 1e-5 ? at : x
  },
  tolerance: 1e-9,
})
/** Steps counted one by one: each bump goes up and down; shared ones lie between two bumps. */
export const neuronsCheck = (s: Pick<State, 'form'>, bumps: readonly PlainBump[]): Check => ({
  check: () => {
    const edges = bumps.flatMap(({ from, to }) => [from, to])
    return s.form === 'pairs' ? edges.length : new Set(edges.filter((e) => e > 0 && e < 1).map((e) => e.toFixed(9))).size
  },
  tolerance: 0,
})
/** Four times the slope of a step in its middle (there σ′ is a quarter). */
export const steepnessCheck = (bumps: readonly PlainBump[], steepness: number): Check => ({
  check: () => {
    const [at, h] = [bumps[0]!.from, 1e-6]
    const step = (x: number): number => sumOfSteps([{ ...bumps[0]!, height: 1 }], steepness, 'pairs', 1, x)
    return (4 * (step(at + h) - step(at - h))) / (2 * h)
  },
  tolerance: 1e-5,
})
/** Places of the table: the points of the curve and the middles between them. */
export const halfOf = (x: number): number => Math.round(x * (POINTS - 1) * 2)
