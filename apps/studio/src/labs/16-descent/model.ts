// State of the lab: a surface (given or typed), a start, a method and its rates, a number of steps.
import { type Expression, evaluate, parseExpression, plain } from '../../core/expression.ts'
import { type Formed, integer, list, number, oneOf, record, text } from '../../core/shape.ts'

export const SURFACES = {
  bowl: 'x^2 + y^2',
  ravine: '0.1*x^2 + 2*y^2',
  rosenbrock: '(1 - x)^2 + 10*(y - x^2)^2',
  himmelblau: '(x^2 + y - 11)^2 + (x + y^2 - 7)^2',
} as const
export type Surface = keyof typeof SURFACES
export const METHODS = ['plain', 'momentum', 'adam'] as const
export const R = 5
export const form = record({
  formula: text(200),
  start: list(number(-R, R), 2),
  method: oneOf(...METHODS),
  eta: number(0.0001, 2),
  steps: integer(0, 300),
})
export type State = Formed<typeof form>
export const initial: State = { formula: SURFACES.ravine, start: [-4, 2.5], method: 'plain', eta: 0.2, steps: 20 }

export const parse = (formula: string): Expression => parseExpression(formula, ['x', 'y'])
export const heightAt = (e: Expression, x: number, y: number): number => evaluate(e, { x, y }, plain)
/** Places spread over the picture, on no grid: by golden fractions. */
const PLACES = Array.from({ length: 64 }, (_, i) => [0.7548776662466927, 0.5698402909980532].map((by) => R * (2 * (((i + 1) * by) % 1) - 1)) as [number, number])
/** Whether two formulas are one function, however they are written. */
export function isSame(formula: string, other: string): boolean {
  const [e, o] = [parse(formula), parse(other)]
  return PLACES.every((place) => Math.abs(heightAt(e, ...place) - heightAt(o, ...place)) <= 1e-9 * (1 + Math.abs(heightAt(o, ...place))))
}
/** ∇f by central differences: the independent check. */
export function slopeAt(e: Expression, x: number, y: number, h = 1e-5): readonly [number, number] {
  return [(heightAt(e, x + h, y) - heightAt(e, x - h, y)) / (2 * h), (heightAt(e, x, y + h) - heightAt(e, x, y - h)) / (2 * h)]
}
/** Where step k of a walk leads, from its points before with slopes by central differences: the independent check. */
export function plainPlace({ formula, method, eta }: Pick<State, 'formula' | 'method' | 'eta'>, path: readonly { readonly x: number; readonly y: number }[], k: number): readonly [number, number] {
  const e = parse(formula)
  let [mx, my, vx, vy] = [0, 0, 0, 0]
  for (const { x, y } of path.slice(0, k)) {
    const [gx, gy] = slopeAt(e, x, y)
    const [keep, share] = method === 'adam' ? [0.9, 0.1] : [method === 'momentum' ? 0.9 : 0, 1]
    ;[mx, my] = [keep * mx + share * gx, keep * my + share * gy]
    ;[vx, vy] = [0.999 * vx + 0.001 * gx ** 2, 0.999 * vy + 0.001 * gy ** 2]
  }
  const { x, y } = path[k - 1]!
  if (method !== 'adam') return [x - eta * mx, y - eta * my]
  const by = (m: number, v: number): number => (eta * m) / (1 - 0.9 ** k) / (Math.sqrt(v / (1 - 0.999 ** k)) + 1e-8)
  return [x - by(mx, vx), y - by(my, vy)]
}
/** ∂²f/∂x², ∂²f/∂x∂y, ∂²f/∂y² by second differences: the independent check. */
export function bendAt(e: Expression, x: number, y: number, h = 1e-4): readonly [number, number, number] {
  const f = (a: number, b: number): number => heightAt(e, a, b)
  return [(f(x + h, y) - 2 * f(x, y) + f(x - h, y)) / h ** 2, (f(x + h, y + h) - f(x + h, y - h) - f(x - h, y + h) + f(x - h, y - h)) / (4 * h ** 2), (f(x, y + h) - 2 * f(x, y) + f(x, y - h)) / h ** 2]
}
/** The eigenvalues of a symmetric 2×2 matrix, the smaller first. */
export const bendsOf = (a: number, b: number, d: number): readonly [number, number] => [(a + d) / 2 - Math.hypot((a - d) / 2, b), (a + d) / 2 + Math.hypot((a - d) / 2, b)]
export const largestEigenvalue = (a: number, b: number, d: number): number => bendsOf(a, b, d)[1]
export const GRID = 61
export const axis = (): readonly number[] => Array.from({ length: GRID }, (_, i) => -R + (2 * R * i) / (GRID - 1))

export interface Arrow { readonly from: readonly [number, number]; readonly to: readonly [number, number] }
/** −η∇f at the first points of a walk and at its last one: what the plain method would do from there. Points: x, y, and the gradient g. */
export function arrowsOf(path: readonly { readonly x: number; readonly y: number; readonly g: readonly [number, number] }[], eta: number, first = 8): readonly Arrow[] {
  return path.filter((_, k) => k < first || k === path.length - 1).map(({ x, y, g }) => ({ from: [x, y], to: [x - eta * g[0], y - eta * g[1]] }))
}
/** An arrow on the screen, in pixels: its shaft and head; nothing when it is shorter than its head. */
export function arrowPath([ax, ay]: readonly [number, number], [bx, by]: readonly [number, number], head = 8): string {
  const length = Math.hypot(bx - ax, by - ay)
  if (!(length > head) || length > 1e5) return ''
  const [ux, uy] = [(bx - ax) / length, (by - ay) / length]
  const wing = (side: number): string => `${(bx - head * ux + side * 0.45 * head * uy).toFixed(1)},${(by - head * uy - side * 0.45 * head * ux).toFixed(1)}`
  return `M${ax.toFixed(1)},${ay.toFixed(1)}L${bx.toFixed(1)},${by.toFixed(1)}M${wing(1)}L${bx.toFixed(1)},${by.toFixed(1)}L${wing(-1)}`
}

// ---- what goes wrong -------------------------------------------------------------------------------------------------

/** How a walk ended. A saddle: no slope, but it falls away to some side; undefined: f has no value where it stands. */
export type Outcome = 'converged' | 'saddle' | 'descending' | 'rising' | 'diverged' | 'undefined'
/** The start, or a later place, without a value; no slope but no valley; too large a rate; a surface without a bottom. */
export type Trouble = 'noStart' | 'left' | 'saddle' | 'tooFast' | 'bottomless'
export function troubleOf({ path, outcome }: { readonly path: readonly { readonly f: number }[]; readonly outcome: Outcome }): Trouble | null {
  if (outcome === 'undefined') return path.length === 0 ? 'noStart' : 'left'
  if (outcome === 'saddle') return 'saddle'
  // lost upwards it jumped too far; lost downwards there was nothing to hold it
  if (outcome === 'diverged') return path.at(-1)!.f < path[0]!.f ? 'bottomless' : 'tooFast'
  return outcome === 'rising' ? 'tooFast' : null
}

/** Where the walk ends in plain numbers; null where it is lost on the way. */
function plainEnd(s: State): readonly [number, number] | null {
  const path = [{ x: s.start[0]!, y: s.start[1]! }]
  const e = parse(s.formula)
  for (let k = 1; k <= s.steps; k++) {
    const [x, y] = plainPlace(s, path, k)
    if (!(Math.abs(heightAt(e, x, y)) < 1e12)) return null
    path.push({ x, y })
  }
  return [path.at(-1)!.x, path.at(-1)!.y]
}
/** The rate halved until these steps end in the picture, no higher than they began. */
function calmRate(s: State): number {
  const e = parse(s.formula)
  const first = heightAt(e, s.start[0]!, s.start[1]!)
  for (let eta = s.eta / 2; eta >= 0.0001; eta /= 2) {
    const tried = { ...s, eta: Number(eta.toPrecision(2)), steps: Math.min(s.steps, 40) }
    const end = plainEnd(tried)
    // 40 steps that leave the picture go on leaving it
    if (end !== null && Math.max(Math.abs(end[0]), Math.abs(end[1])) <= R && heightAt(e, ...end) <= first) return tried.eta
  }
  return 0.0001
}
/** The place of the picture nearest to the start where f has a value and a slope. */
function nearestStart(s: State): readonly [number, number] | null {
  const e = parse(s.formula)
  const [x0, y0] = s.start as [number, number]
  let best: readonly [number, number] | null = null
  const far = ([x, y]: readonly [number, number]): number => (x - x0) ** 2 + (y - y0) ** 2
  for (const x of axis()) {
    for (const y of axis()) {
      const place = [Number(x.toFixed(2)), Number(y.toFixed(2))] as const
      if (![heightAt(e, ...place), ...slopeAt(e, ...place)].every(Number.isFinite)) continue
      if (best === null || far(place) < far(best)) best = place
    }
  }
  return best
}
export function repaired(s: State, trouble: Trouble, { path }: { readonly path: readonly { readonly x: number; readonly y: number }[] }): State {
  if (trouble === 'left') return { ...s, steps: path.length - 1 }
  if (trouble === 'tooFast') return { ...s, eta: calmRate(s) }
  if (trouble === 'saddle') {
    // a little to the side, and not along an axis: from there it goes down
    const [x, y] = [path.at(-1)!.x, path.at(-1)!.y]
    const inside = (v: number): number => Math.max(-R, Math.min(R, Number(v.toFixed(2))))
    return { ...s, start: [inside(x + 0.3), inside(y + 0.2)] }
  }
  const start = trouble === 'noStart' ? nearestStart(s) : null
  return start === null ? { ...s, formula: SURFACES.bowl, eta: Math.min(s.eta, 0.2), method: 'plain' } : { ...s, start }
}
