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
/** The larger eigenvalue of a symmetric 2×2 matrix. */
export const largestEigenvalue = (a: number, b: number, d: number): number => (a + d) / 2 + Math.hypot((a - d) / 2, b)
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
