// State of the lab: a truth table of up to four variables, and the corners of a polygon; which of the two is looked at.
import { type Point, clipHalfPlane, corners as boxCorners } from '../../core/geometry.ts'
import { type Form, type Formed, ShapeFault, boolean, integer, list, narrowed, number, oneOf, record } from '../../core/shape.ts'

export const MOST_VARIABLES = 4
export const LIMIT = 3
export const MOST_CORNERS = 10
const fields = record({
  part: oneOf('boolean', 'polygon'),
  n: integer(1, MOST_VARIABLES),
  /** 2ⁿ bits, row 00…0 first. */
  table: list(integer(0, 1), 2, 2 ** MOST_VARIABLES),
  /** The fewest products, or one for every row that is 1. */
  minimise: boolean,
  /** The row on the diagram. */
  row: integer(0, 2 ** MOST_VARIABLES - 1),
  corners: list(list(number(-LIMIT, LIMIT), 2), 3, MOST_CORNERS),
  /** A point to try. */
  point: list(number(-LIMIT, LIMIT), 2),
})
export type State = Formed<typeof fields>
export const form: Form<State> = narrowed(fields, (value, path = '') => {
  const s = fields(value, path)
  if (s.table.length !== 2 ** s.n) throw new ShapeFault('table', { kind: 'list', min: 2 ** s.n, max: 2 ** s.n }, s.table)
  if (s.row >= s.table.length) throw new ShapeFault('row', { kind: 'whole', min: 0, max: s.table.length - 1 }, s.row)
  return s
})
export const initial: State = {
  part: 'boolean',
  n: 3,
  table: [0, 0, 0, 1, 0, 1, 1, 1],
  minimise: true,
  row: 3,
  corners: [[-2, -1], [1, -2], [2, 0.5], [0, 2]],
  point: [0.5, 0.5],
}

/** All rows of n bits, counting up. */
export const rows = (n: number): readonly (readonly number[])[] => Array.from({ length: 2 ** n }, (_, r) => Array.from({ length: n }, (__, i) => (r >> (n - 1 - i)) & 1))
export const flip = (s: State, row: number): State => ({ ...s, row, table: s.table.map((v, r) => (r === row ? 1 - v : v)) })
export const withTable = (s: State, table: readonly number[]): State => ({ ...s, n: Math.log2(table.length), table, row: Math.min(s.row, table.length - 1) })
/** Another number of variables: the table is repeated or cut, so that the function stays where it can. */
export const withVariables = (s: State, n: number): State => withTable(s, Array.from({ length: 2 ** n }, (_, r) => s.table[n >= s.n ? r >> (n - s.n) : r << (s.n - n)]!))
export type Preset = 'and' | 'xor' | 'majority' | 'parity'
export const PRESETS: Readonly<Record<Preset, readonly number[]>> = {
  and: [0, 0, 0, 1],
  xor: [0, 1, 1, 0],
  majority: [0, 0, 0, 1, 0, 1, 1, 1],
  parity: rows(4).map((x) => x.reduce((a, b) => a ^ b, 0)),
}

/** The fewest products (1 on no row where f is 0) that together give f: all unions of them, the smaller first. */
export function fewestProducts(table: readonly number[]): number {
  const n = Math.log2(table.length)
  const inputs = table.map((_, r) => Array.from({ length: n }, (__, i) => (r >> (n - 1 - i)) & 1))
  const products = Array.from({ length: 3 ** n }, (_, code) => Array.from({ length: n }, (__, i) => [null, 0, 1][Math.floor(code / 3 ** i) % 3]!))
  const rowsOf = products.map((product) => inputs.reduce((mask, x, r) => (holds(product, x) ? mask | (1 << r) : mask), 0))
  const wanted = table.reduce((mask, y, r) => (y === 1 ? mask | (1 << r) : mask), 0)
  const able = rowsOf.filter((mask) => (mask & ~wanted) === 0)
  let reached = new Set([0])
  for (let count = 0; ; count++) {
    if (reached.has(wanted)) return count
    reached = new Set([...reached].flatMap((mask) => able.map((more) => mask | more)))
  }
}
/** Whether a product of literals (1: xᵢ, 0: not xᵢ, null: either) is true of a row: the independent check. */
export const holds = (product: readonly (number | null)[], x: readonly number[]): boolean => product.every((v, i) => v === null || v === x[i])

/** How many of a product's literals are not true of a row; z is 1 less so many. */
export const mismatches = (product: readonly (number | null)[], x: readonly number[]): number => product.filter((v, i) => v !== null && v !== x[i]).length
/** A sum of products as one types it: x1 & !x2 | x3. */
export const typed = (products: readonly (readonly (number | null)[])[]): string =>
  products.length === 0 ? '0' : products.map((p) => p.flatMap((v, i) => (v === null ? [] : [`${v === 0 ? '!' : ''}x${i + 1}`])).join(' & ') || '1').join(' | ')

const round = (v: number): number => Math.max(-LIMIT, Math.min(LIMIT, Math.round(v * 100) / 100))
export const moveCorner = (s: State, i: number, x: number, y: number): State => ({ ...s, corners: s.corners.map((c, k) => (k === i ? [round(x), round(y)] : c)) })
export const dropCorner = (s: State, i: number): State => (s.corners.length <= 3 ? s : { ...s, corners: s.corners.filter((_, k) => k !== i) })
/** A new corner goes into the edge it is nearest to. */
export function addCorner(s: State, x: number, y: number): State {
  if (s.corners.length >= MOST_CORNERS) return s
  const distance = (i: number): number => {
    const [ax, ay] = s.corners[i] as [number, number]
    const [bx, by] = s.corners[(i + 1) % s.corners.length] as [number, number]
    const length = (bx - ax) ** 2 + (by - ay) ** 2
    const f = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length))
    return Math.hypot(x - ax - f * (bx - ax), y - ay - f * (by - ay))
  }
  const best = s.corners.reduce((found, _, i) => (distance(i) < distance(found) ? i : found), 0)
  return { ...s, corners: [...s.corners.slice(0, best + 1), [round(x), round(y)], ...s.corners.slice(best + 1)] }
}

/** Inside or on the edge, by the crossing rule and the edges themselves: knows nothing of half-planes. */
export function insidePolygon(corners: readonly (readonly number[])[], [x, y]: readonly number[]): boolean {
  let inside = false
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
    const [ax, ay] = corners[i] as [number, number]
    const [bx, by] = corners[j] as [number, number]
    const cross = (bx - ax) * (y! - ay) - (by - ay) * (x! - ax)
    if (cross === 0 && Math.min(ax, bx) <= x! && x! <= Math.max(ax, bx) && Math.min(ay, by) <= y! && y! <= Math.max(ay, by)) return true
    if (ay > y! !== by > y! && x! < ((bx - ax) * (y! - ay)) / (by - ay) + ax) inside = !inside
  }
  return inside
}
/** The potential of an edge's neuron at a point, from the corners alone: |w| times the signed distance to the line through them (corners counter-clockwise). */
export function edgePotential([a, b]: readonly (readonly [number, number])[], { weights }: Face, [x, y]: readonly number[]): number {
  const [dx, dy] = [b![0] - a![0], b![1] - a![1]]
  return (Math.hypot(...weights) * (dx * (y! - a![1]) - dy * (x! - a![0]))) / Math.hypot(dx, dy)
}
/** Points to compare network and polygon on: an even grid, its step no round number. */
export const GRID = 41
export const testPoints = (): readonly (readonly [number, number])[] =>
  Array.from({ length: GRID * GRID }, (_, i) => [-LIMIT + ((i % GRID) * 2 * LIMIT) / (GRID - 1) + 0.0013, -LIMIT + (Math.floor(i / GRID) * 2 * LIMIT) / (GRID - 1) + 0.0007] as const)

export interface Face { readonly weights: readonly number[]; readonly bias: number }
/** The side of a face on which its neuron fires, within the picture. */
export const firingSide = (face: Face): readonly Point[] => clipHalfPlane(boxCorners([-LIMIT, LIMIT, -LIMIT, LIMIT]), [face.weights[0]!, face.weights[1]!], face.bias)

/** What a polygon must contain (1) or leave out (0) in the task. */
export const TASK: readonly { readonly at: readonly [number, number]; readonly inside: 0 | 1 }[] = [
  { at: [0, 0], inside: 1 }, { at: [1.5, -1.2], inside: 1 }, { at: [-1.5, -1.2], inside: 1 }, { at: [0, 1.5], inside: 1 },
  { at: [1.8, 1.2], inside: 0 }, { at: [-1.8, 1.2], inside: 0 }, { at: [0, -2.6], inside: 0 },
]
