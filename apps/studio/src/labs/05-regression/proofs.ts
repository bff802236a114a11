// The second way to the lab's numbers: a plain loop over the points, differences instead of gradients; what the page computes
// itself is asked of the engine.
import type { Check } from '../../core/proof.ts'
import { type State, measuredRate, plainMse } from './model.ts'

interface Engine {
  readonly fit: (s: State, grid: readonly number[]) => Promise<{ readonly curve: readonly number[] }>
  readonly surface: (s: Pick<State, 'kind' | 'points'>, places: readonly (readonly [number, number])[]) => Promise<ArrayLike<number>>
}
export const answerCheck = (engine: Engine, s: State, x: number): Check => ({ check: async () => (await engine.fit(s, [x])).curve[0]!, tolerance: 1e-9, floor: 1e-3 })
export const errorCheck = (engine: Engine, s: State, { x, y }: State['points'][number]): Check => ({ check: async () => (await engine.fit(s, [x])).curve[0]! - y, tolerance: 1e-9 })
export const placeCheck = (engine: Engine, s: State, w: number, b: number): Check => ({ check: async () => (await engine.surface(s, [[w, b]]))[0]!, tolerance: 1e-9, floor: 1e-3 })

export const mseCheck = (s: State): Check => ({ check: () => plainMse(s), tolerance: 1e-9, floor: 1e-3 })
/** ∂E/∂w or ∂E/∂b by a central difference. */
export const slopeOf = (s: State, part: 'w' | 'b', h = 1e-5): number => (plainMse({ ...s, [part]: s[part] + h }) - plainMse({ ...s, [part]: s[part] - h })) / (2 * h)
export const slopeCheck = (s: State, part: 'w' | 'b'): Check => ({ check: () => slopeOf(s, part), floor: 1e-3 })
/** A step of the descent from a place. */
export const stepCheck = (before: State, part: 'w' | 'b'): Check => ({ check: () => before[part] - before.eta * slopeOf(before, part) })
export const rateCheck = ({ points }: Pick<State, 'points'>): Check => ({ check: () => measuredRate(points), floor: 1e-3 })
