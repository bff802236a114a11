// The second way to the lab's numbers: the line found where z is 0, without dividing by a weight; signals term by term.
import type { Point } from '../../core/geometry.ts'
import type { Check } from '../../core/proof.ts'
import { type State, along, classOf, signal } from './model.ts'

/** x₂ of the line at x₁, from z = 0 by bisection: no division by w₂. */
function solve(s: State, x1: number): number {
  let [lo, hi] = [-1e6, 1e6]
  if (signal(s, x1, lo) > signal(s, x1, hi)) [lo, hi] = [hi, lo]
  for (let i = 0; i < 200; i++) {
    const mid = (lo + hi) / 2
    if (signal(s, x1, mid) < 0) lo = mid
    else hi = mid
  }
  return (lo + hi) / 2
}
/** The shortest way from the origin to the line: places along it, closer and closer around the nearest. */
function shortest(s: State): number {
  const [dx, dy] = along(s)
  const start: Point = s.w2 === 0 ? [-s.b / s.w1, 0] : [0, solve(s, 0)]
  const far = (t: number): number => Math.hypot(start[0] + dx * t, start[1] + dy * t)
  let [best, reach] = [0, 2 * Math.hypot(...start) + 1]
  for (let round = 0; round < 12; round++) {
    const middle = best
    for (let i = -50; i <= 50; i++) if (far(middle + (i * reach) / 50) < far(best)) best = middle + (i * reach) / 50
    reach /= 20
  }
  return far(best)
}

export const signalCheck = (s: State, x: number, y: number): Check => ({ check: () => signal(s, x, y), tolerance: 1e-9 })
/** What is plain on the page is asked of the engine. */
export const engineCheck = (engine: { readonly line: (points: readonly Point[], w: Point, b: number) => Promise<{ readonly z: readonly number[] }> }, s: State, x: number, y: number): Check => ({ check: async () => (await engine.line([[x, y]], [s.w1, s.w2], s.b)).z[0]!, tolerance: 1e-9 })
export const slopeCheck = (s: State): Check => ({ check: () => (solve(s, 1) - solve(s, -1)) / 2, floor: 1e-3 })
export const interceptCheck = (s: State): Check => ({ check: () => solve(s, 0), floor: 1e-3 })
export const distanceCheck = (s: State): Check => ({ check: () => shortest(s), floor: 1e-3 })
export const normCheck = (s: State): Check => ({ check: () => { const size = Math.hypot(s.w1, s.w2); return signal(s, s.w1 / size, s.w2 / size) - s.b } })
export const wrongCheck = (s: State): Check => ({ check: () => s.points.filter((p) => classOf(signal(s, p.x, p.y)) !== p.c).length, tolerance: 0 })
