// The widest margin of two classes, for the perceptron's bound: the point of the convex hull of ±(1, x) nearest to the
// origin (P. Wolfe. Finding the nearest point in a polytope. Math. Programming 11, 1976). Its length is the margin.

/** The nearest point to the origin of the convex hull of `points` (not empty), and the weights that make it. */
export function nearestPoint(points: readonly (readonly number[])[], tolerance = 1e-12): { point: number[]; weights: Map<number, number> } {
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0)
  const scale = Math.max(...points.map((p) => dot(p, p)), Number.MIN_VALUE)
  let start = 0
  points.forEach((p, i) => dot(p, p) < dot(points[start]!, points[start]!) && (start = i))
  let corral = [start]
  let weights = [1]
  let x = [...points[start]!]
  const combine = (): number[] => x.map((_, d) => corral.reduce((sum, i, c) => sum + weights[c]! * points[i]![d]!, 0))
  for (let round = 0; round < 1000 + 20 * points.length; round++) {
    let next = 0
    let least = Infinity
    points.forEach((p, i) => {
      const value = dot(x, p)
      if (value < least) [least, next] = [value, i]
    })
    if (least > dot(x, x) - tolerance * scale || corral.includes(next)) break
    corral.push(next)
    weights.push(0)
    for (;;) {
      const affine = nearestAffine(corral.map((i) => points[i]!), dot)
      if (affine === null) {
        // affinely dependent up to rounding: no progress is left to make
        corral.pop()
        weights.pop()
        break
      }
      if (affine.every((w) => w > 1e-14)) {
        weights = affine
        break
      }
      // walk towards the affine minimiser until the first weight vanishes
      let theta = 1
      affine.forEach((w, c) => w <= 1e-14 && weights[c]! - w > 0 && (theta = Math.min(theta, weights[c]! / (weights[c]! - w))))
      const moved = weights.map((w, c) => w + theta * (affine[c]! - w))
      const gone = moved.indexOf(Math.min(...moved))
      const keep = corral.map((_, c) => c !== gone && moved[c]! > 1e-14)
      corral = corral.filter((_, c) => keep[c])
      weights = moved.filter((_, c) => keep[c])
      const total = weights.reduce((a, b) => a + b, 0)
      weights = weights.map((w) => w / total)
    }
    x = combine()
  }
  return { point: x, weights: new Map(corral.map((i, c) => [i, weights[c]!])) }
}

/** Weights with sum 1 of the point of the affine hull nearest to the origin; null if the points are dependent. */
function nearestAffine(points: readonly (readonly number[])[], dot: (a: readonly number[], b: readonly number[]) => number): number[] | null {
  // [0 1ᵀ; 1 G] [μ; w] = [1; 0], G the Gram matrix
  const n = points.length
  const system = Array.from({ length: n + 1 }, (_, i) =>
    Array.from({ length: n + 2 }, (__, j) => (i === 0 ? (j === 0 ? 0 : 1) : j === 0 ? 1 : j === n + 1 ? 0 : dot(points[i - 1]!, points[j - 1]!))))
  const solution = solveLinear(system)
  return solution === null ? null : solution.slice(1)
}

/** Solves an augmented system in place by elimination with partial pivoting; null if it is singular. */
export function solveLinear(system: number[][]): number[] | null {
  const n = system.length
  const size = Math.max(...system.flat().map(Math.abs), Number.MIN_VALUE)
  for (let c = 0; c < n; c++) {
    let best = c
    for (let r = c + 1; r < n; r++) if (Math.abs(system[r]![c]!) > Math.abs(system[best]![c]!)) best = r
    if (Math.abs(system[best]![c]!) <= 1e-14 * size) return null
    ;[system[c], system[best]] = [system[best]!, system[c]!]
    for (let r = 0; r < n; r++) {
      if (r === c) continue
      const factor = system[r]![c]! / system[c]![c]!
      if (factor !== 0) for (let j = c; j <= n; j++) system[r]![j]! -= factor * system[c]![j]!
    }
  }
  return system.map((row, i) => row[n]! / row[i]!)
}
