// Convex polygons in the plane by their corners: hull, orientation, and the faces for `polyhedron`. Orientation is exact
// for any doubles (a filter first, whole numbers if it cannot decide), so nearly collinear corners are judged rightly.
import { ValueError } from '../base/index.ts'
import { checkMatrix, checkVector } from './checks.ts'
import { toWhole } from './exact.ts'
import type { HalfSpace } from './polyhedron.ts'

export type Point2 = readonly [number, number]

/** 1 if a → b → c turns left (counter-clockwise), −1 if right, 0 if the three lie on one line. */
export function orientation(a: Point2, b: Point2, c: Point2): -1 | 0 | 1 {
  for (const point of [a, b, c]) checkVector('orientation', 'point', point, 2)
  const left = (b[0] - a[0]) * (c[1] - a[1])
  const right = (b[1] - a[1]) * (c[0] - a[0])
  const det = left - right
  // Shewchuk's error bound of this expression (1997), doubled
  if (Math.abs(det) > 8e-16 * (Math.abs(left) + Math.abs(right)) && Number.isFinite(det)) return det > 0 ? 1 : -1
  const [p, q, r] = toWhole([a, b, c]).rows as [bigint[], bigint[], bigint[]]
  const exact = (q[0]! - p[0]!) * (r[1]! - p[1]!) - (q[1]! - p[1]!) * (r[0]! - p[0]!)
  return exact > 0n ? 1 : exact < 0n ? -1 : 0
}

/** The corners of the convex hull, counter-clockwise, from the leftmost; points inside or on an edge are left out. */
export function convexHull(points: readonly Point2[]): Point2[] {
  checkMatrix('convexHull', 'points', points, 2)
  const sorted = [...points].sort((p, q) => p[0] - q[0] || p[1] - q[1]).filter((p, i, all) => i === 0 || p[0] !== all[i - 1]![0] || p[1] !== all[i - 1]![1])
  if (sorted.length < 3) throw flat('convexHull', `${sorted.length} different points`)
  const half = (list: readonly Point2[]): Point2[] => {
    const chain: Point2[] = []
    for (const p of list) {
      while (chain.length >= 2 && orientation(chain.at(-2)!, chain.at(-1)!, p) <= 0) chain.pop()
      chain.push(p)
    }
    return chain.slice(0, -1)
  }
  const hull = [...half(sorted), ...half([...sorted].reverse())]
  if (hull.length < 3) throw flat('convexHull', 'points on one line')
  return hull
}

export interface ConvexPolygon {
  /** Corners, counter-clockwise; points in the middle of an edge are left out. */
  readonly corners: readonly Point2[]
  /** One face per edge, corners[i] → corners[i + 1]. */
  readonly faces: readonly HalfSpace[]
  /** The corners were given clockwise and are turned round. */
  readonly reversed: boolean
}

/**
 * A convex polygon by its corners in order, either way round. Refused: fewer than three corners, corners on one line, a
 * corner twice, a polygon that is not convex or that crosses itself.
 * @example
 * ```ts
 * import { contains, convexPolygon, polyhedronNetwork } from 'gradus/models'
 *
 * const net = polyhedronNetwork(convexPolygon([[0, 0], [2, 0], [1, 2]]).faces) // three hidden neurons and an AND
 * contains(net, [1, 1]) // → true
 * contains(net, [2, 2]) // → false
 * ```
 */
export function convexPolygon(points: readonly Point2[]): ConvexPolygon {
  checkMatrix('convexPolygon', 'corners', points, 2)
  const seen = new Set<string>()
  for (const [x, y] of points) {
    const name = `(${x + 0}, ${y + 0})`
    if (seen.has(name)) throw new ValueError('convexPolygon', 'a corner is given twice', { expected: 'different corners', received: name })
    seen.add(name)
  }
  // The hull of a convex polygon has the same corners in the same circular order; anything else is not one.
  const hull = convexHull(points)
  const place = new Map(hull.map((p, i) => [p, i]))
  const order = points.flatMap((p) => (place.has(p) ? [place.get(p)!] : []))
  const count = hull.length
  const turns = (by: number): boolean => order.every((p, i) => order[(i + 1) % count] === (p + by + count) % count)
  const reversed = turns(-1)
  if (!turns(1) && !reversed) throw notConvex('its edges cross each other')
  // Points that are no corners of the hull must lie on the edge between their neighbours, in order.
  points.forEach((p, i) => {
    if (place.has(p)) return
    const before = points[(i + points.length - 1) % points.length]!
    const after = points[(i + 1) % points.length]!
    if (orientation(before, p, after) !== 0 || !between(before, p, after)) throw notConvex(`the corner (${p[0]}, ${p[1]}) lies inside its hull`)
  })
  const faces = hull.map((a, i): HalfSpace => {
    const b = hull[(i + 1) % count]!
    // left of a → b: (b − a) × (x − a) ≥ 0
    const weights = [a[1] - b[1], b[0] - a[0]]
    return { weights, bias: -(weights[0]! * a[0] + weights[1]! * a[1]) }
  })
  return { corners: hull, faces, reversed }
}

const between = (a: Point2, p: Point2, b: Point2): boolean =>
  Math.min(a[0], b[0]) <= p[0] && p[0] <= Math.max(a[0], b[0]) && Math.min(a[1], b[1]) <= p[1] && p[1] <= Math.max(a[1], b[1])
const flat = (operation: string, received: string): ValueError =>
  new ValueError(operation, 'the polygon has no area', { expected: 'three corners that are not on one line', received })
const notConvex = (received: string): ValueError =>
  new ValueError('convexPolygon', 'not a convex polygon', { expected: 'corners of a convex polygon in order', received, remedy: 'Take their convexHull, or cut the shape into convex pieces.' })
