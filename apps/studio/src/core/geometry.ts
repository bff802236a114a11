// Plane geometry for pictures: half planes, lines across a box.
export type Point = readonly [number, number]
export type Box = readonly [number, number, number, number]

/** The part of a convex polygon where w·p + b ≥ 0 (Sutherland–Hodgman, one edge). */
export function clipHalfPlane(polygon: readonly Point[], w: Point, b: number): Point[] {
  const side = (p: Point): number => w[0] * p[0] + w[1] * p[1] + b
  const out: Point[] = []
  for (const [i, p] of polygon.entries()) {
    const q = polygon[(i + 1) % polygon.length]!
    const [sp, sq] = [side(p), side(q)]
    if (sp >= 0) out.push(p)
    if (sp * sq < 0) {
      const f = sp / (sp - sq)
      out.push([p[0] + f * (q[0] - p[0]), p[1] + f * (q[1] - p[1])])
    }
  }
  return out
}

/** Corners of [x0, x1, y0, y1]. */
export const corners = ([x0, x1, y0, y1]: Box): Point[] => [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]

/** Where the line w·p + b = 0 crosses the box: two points, or null. */
export function lineInBox(w: Point, b: number, box: Box): readonly [Point, Point] | null {
  if (w[0] === 0 && w[1] === 0) return null
  const polygon = corners(box)
  const side = (p: Point): number => w[0] * p[0] + w[1] * p[1] + b
  const hits: Point[] = []
  for (const [i, p] of polygon.entries()) {
    const q = polygon[(i + 1) % polygon.length]!
    const [sp, sq] = [side(p), side(q)]
    if (sp === 0) hits.push(p)
    else if (sp * sq < 0) {
      const f = sp / (sp - sq)
      hits.push([p[0] + f * (q[0] - p[0]), p[1] + f * (q[1] - p[1])])
    }
  }
  const [first] = hits
  if (first === undefined) return null
  const far = hits.reduce((best, p) => (Math.hypot(p[0] - first[0], p[1] - first[1]) > Math.hypot(best[0] - first[0], best[1] - first[1]) ? p : best), first)
  return far === first ? null : [first, far]
}
