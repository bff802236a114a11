// Points of a picture as cells of its table: coordinates and class are fields that move the point.
import { inLanguage } from '../core/language.svelte.ts'
import { pointsTexts } from '../core/points-texts.ts'
import type { Edit } from './edit.ts'

interface Point { readonly x: number; readonly y: number; readonly c?: number }
interface Options<P extends Point> {
  /** Names of the columns, as shown. */
  readonly names: readonly [string, string]
  readonly x: readonly [number, number]
  readonly y: readonly [number, number]
  readonly digits?: number
  /** The points with one of them changed; `key` joins quick changes to one step of undo. */
  readonly onpoints: (points: readonly P[], key: string) => void
}

/** The cells of point i: x, y and, where points have one, the class. */
export function pointCells<P extends Point>(points: readonly P[], i: number, { names, x, y, digits = 3, onpoints }: Options<P>): readonly Edit[] {
  const t = inLanguage(pointsTexts)
  const p = points[i]!
  const put = (part: Partial<Point>, key: string): void => onpoints(points.map((q, k) => (k === i ? { ...q, ...part } : q)), key)
  const of = (name: string, value: number, [min, max]: readonly [number, number], set: (v: number) => void): Edit => ({ label: t.cell(name, i + 1), value, min, max, digits, onchange: set })
  return [
    of(names[0], p.x, x, (v) => put({ x: v }, `x${i}`)),
    of(names[1], p.y, y, (v) => put({ y: v }, `y${i}`)),
    ...(p.c === undefined ? [] : [{ ...of(t.className, p.c, [0, 1], (v) => put({ c: Math.round(v) }, `c${i}`)), step: 1, digits: 0 }]),
  ]
}
