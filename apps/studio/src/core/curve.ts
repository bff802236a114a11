// The arithmetic of a long curve: which part of it is shown, which points are read and put into a table, how high it goes; ticks; the
// same picture as SVG.
import { scaleLinear, scaleLog } from 'd3-scale'
import { line } from 'd3-shape'
import { families } from './picture.ts'

export type Range = readonly [from: number, to: number]

/** A range around `about` that is `factor` times as wide, within the whole; null when it would be all of it. */
export function zoomed(shown: Range, whole: Range, about: number, factor: number, least: number): Range | null {
  const width = Math.max(least, (shown[1] - shown[0]) * factor)
  if (width >= whole[1] - whole[0]) return null
  const share = (Math.min(shown[1], Math.max(shown[0], about)) - shown[0]) / (shown[1] - shown[0])
  return within([about - share * width, about + (1 - share) * width], whole)
}
/** Moved to where it fits into the whole; null when it is all of it. */
export function within([from, to]: Range, whole: Range): Range | null {
  const width = to - from
  if (width >= whole[1] - whole[0]) return null
  const start = Math.min(whole[1] - width, Math.max(whole[0], from))
  return [start, start + width]
}

/** The first point not left of `x`. */
function firstFrom(xs: readonly number[], x: number): number {
  let [low, high] = [0, xs.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (xs[middle]! < x) low = middle + 1
    else high = middle
  }
  return low
}
/** The points of a range: from the first to the one after the last. */
export const pointsIn = (xs: readonly number[], [from, to]: Range): Range => {
  const first = firstFrom(xs, from)
  let end = firstFrom(xs, to)
  if (xs[end] === to) end++
  return [first, end]
}
/** At most about so many points of some, evenly, with the first and the last. */
export function spread([first, end]: Range, most: number): readonly number[] {
  const every = Math.max(1, Math.ceil((end - first) / most))
  const found: number[] = []
  for (let i = first; i < end; i += every) found.push(i)
  if (end > first && found.at(-1) !== end - 1) found.push(end - 1)
  return found
}
/** From the lowest to the highest of what is shown, with some air; null where there is nothing to show. */
export function heightOf(values: Iterable<number>, log: boolean): Range | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const v of values) {
    if (!Number.isFinite(v) || (log && v <= 0)) continue
    low = Math.min(low, v)
    high = Math.max(high, v)
  }
  if (low > high) return null
  if (log) return [low / 1.3, high * 1.3]
  const air = 0.08 * (high - low) || 0.05 * Math.abs(high) || 0.05
  return [low - air, high + air]
}

/** Even numbers for an axis of so many px; of a long logarithmic one only the powers of ten. */
export function ticksOf([from, to]: Range, size: number, log: boolean): readonly number[] {
  const all = (log ? scaleLog() : scaleLinear()).domain([from, to]).ticks(Math.max(2, Math.floor(size / 64)))
  return log && all.length > 9 ? all.filter((v) => Number.isInteger(Math.log10(Math.abs(v)))) : all
}

/** Between the picture's edge and its axes, px. */
export const MARGIN = { top: 14, right: 14, bottom: 40, left: 50 } as const

export interface Curve {
  readonly label: string
  /** One for every x; what is not finite is left out. */
  readonly values: readonly number[]
  readonly colour: string
  /** Never by its colour alone: lengths of dashes and gaps; none for the first. */
  readonly dash?: readonly number[]
}
export interface CurvePicture {
  readonly width: number
  readonly height: number
  readonly xs: readonly number[]
  readonly x: Range
  readonly y: Range
  readonly log: boolean
  readonly curves: readonly Curve[]
  /** Squares, for what is measured now and then. */
  readonly marks: readonly (readonly [x: number, y: number])[]
  readonly markColour: string
  readonly xLabel: string
  readonly yLabel: string
  readonly tick: (v: number) => string
  readonly paper: string
  readonly grid: string
  readonly soft: string
  readonly ink: string
  readonly font: string
  readonly mathFont: string
}
/** The shown part as SVG, in the colours given. */
export function svgOfCurve(p: CurvePicture): string {
  const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', "'")
  const [wide, high] = [p.width - MARGIN.left - MARGIN.right, p.height - MARGIN.top - MARGIN.bottom]
  const x = scaleLinear([...p.x], [0, wide])
  const y = (p.log ? scaleLog() : scaleLinear()).domain([...p.y]).range([high, 0])
  const drawn = (v: number | undefined): v is number => v !== undefined && Number.isFinite(v) && (!p.log || v > 0)
  const at = (v: number): string => String(Number(v.toFixed(1)))
  const words = (text: string, px: number, py: number, anchor: string, colour: string, more = 'font-size="13"'): string => `<text x="${at(px)}" y="${at(py)}" text-anchor="${anchor}" ${more} fill="${colour}">${escaped(text)}</text>`
  const letter = `font-size="15" font-style="italic" font-family="${families(p.mathFont)}"`
  const [first, end] = pointsIn(p.xs, p.x)
  const some = Array.from({ length: Math.min(p.xs.length, end + 1) - Math.max(0, first - 1) }, (_, i) => Math.max(0, first - 1) + i) // with the neighbours of its ends
  const out = [
    ...ticksOf(p.x, wide, false).map((v) => `<path d="M${at(x(v))} 0V${at(high)}" stroke="${p.grid}"/>${words(p.tick(v), x(v), high + 18, 'middle', p.soft)}`),
    ...ticksOf(p.y, high, p.log).map((v) => `<path d="M0 ${at(y(v))}H${at(wide)}" stroke="${p.grid}"/>${words(p.tick(v), -8, y(v) + 4, 'end', p.soft)}`),
    ...(p.xLabel === '' ? [] : [words(p.xLabel, wide, high + 36, 'end', p.ink, letter)]), ...(p.yLabel === '' ? [] : [words(p.yLabel, 6, -3, 'start', p.ink, letter)]),
    '<g clip-path="url(#inside)">',
    ...p.curves.map(({ values, colour, dash }) => `<path fill="none" stroke="${colour}" stroke-width="2.5"${dash === undefined ? '' : ` stroke-dasharray="${dash.join(' ')}"`} d="${line<number>((i) => x(p.xs[i]!), (i) => y(values[i]!)).digits(1)(some.filter((i) => drawn(values[i]))) ?? ''}"/>`),
    ...p.marks.filter((m) => m[0] >= p.x[0] && m[0] <= p.x[1] && drawn(m[1])).map((m) => `<rect x="${at(x(m[0]) - 4)}" y="${at(y(m[1]) - 4)}" width="8" height="8" fill="${p.markColour}"/>`),
    '</g>',
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${p.width}" height="${p.height}" font-family="${families(p.font)}"><rect width="100%" height="100%" fill="${p.paper}"/><defs><clipPath id="inside"><rect width="${wide}" height="${high}"/></clipPath></defs><g transform="translate(${MARGIN.left},${MARGIN.top})">${out.join('')}</g></svg>`
}
