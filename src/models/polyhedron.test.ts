import { describe, expect, it } from 'vitest'
import { key, normal, tensor, uniform } from '../tensor/index.ts'
import { type HalfSpace, type Point2, applyNetwork, contains, convexHull, convexPolygon, orientation, polyhedron, polyhedronNetwork } from './index.ts'

const numbers = async (count: number, seed: number): Promise<number[]> => [...(await uniform([count], { key: key(seed), low: -1, high: 1, dtype: 'float64' }).data())]
const inAll = (faces: readonly HalfSpace[], x: readonly number[]): boolean => faces.every((f) => f.bias + f.weights.reduce((s, w, i) => s + w * x[i]!, 0) >= 0)
/** Even-odd ray casting: knows nothing of half-planes. */
function inPolygon(corners: readonly Point2[], [px, py]: Point2): boolean {
  let inside = false
  corners.forEach(([ax, ay], i) => {
    const [bx, by] = corners[(i + 1) % corners.length]!
    if (ay > py !== by > py && px < ax + ((py - ay) / (by - ay)) * (bx - ax)) inside = !inside
  })
  return inside
}
const cube = (n: number): HalfSpace[] =>
  Array.from({ length: n }, (_, i) => [1, -1].map((s) => ({ weights: Array.from({ length: n }, (__, d) => (d === i ? s : 0)), bias: 1 }))).flat()

describe('polyhedron', () => {
  it('is one neuron per face and an AND: the cube, with its boundary, in 1 to 5 dimensions', () => {
    for (let n = 1; n <= 5; n++) {
      const shape = polyhedron(cube(n))
      expect(shape).toMatchObject({ dimension: n, redundant: [], bounded: true })
      expect(shape.faces.length).toBe(2 * n)
      const closed = polyhedronNetwork(shape)
      const open = polyhedronNetwork(shape, { boundary: 'open' })
      expect(closed.layers[0]!.biases.length).toBe(2 * n)
      const corner = Array.from({ length: n }, () => 1)
      expect([contains(closed, corner), contains(open, corner)]).toEqual([true, false])
      expect(contains(open, shape.interior)).toBe(true)
      corner[n - 1] = 1 + 1e-15
      expect(contains(closed, corner)).toBe(false)
    }
  })
  it('agrees with the half-spaces on random points, in numbers and on tensors', async () => {
    for (const [n, count, seed] of [[2, 6, 1], [3, 9, 2], [4, 12, 3]] as const) {
      // planes tangent to the unit sphere at random directions: the ball is inside
      const raw = [...(await normal([count, n], { key: key(seed), dtype: 'float64' }).data())]
      const faces = Array.from({ length: count }, (_, f) => {
        const w = raw.slice(f * n, f * n + n)
        return { weights: w, bias: Math.hypot(...w) }
      })
      const net = polyhedronNetwork(polyhedron(faces))
      const points = (await uniform([400, n], { key: key(seed + 50), low: -2.5, high: 2.5, dtype: 'float64' }).array()) as number[][]
      const wanted = points.map((x) => inAll(faces, x))
      expect(points.map((x) => contains(net, x))).toEqual(wanted)
      expect(new Set(wanted).size).toBe(2)
      const out = await applyNetwork(net, tensor(points, { dtype: 'float64' })).data()
      expect([...out].map(Boolean)).toEqual(wanted)
    }
  })
  it('leaves out faces that cut nothing off', () => {
    const extra: HalfSpace[] = [{ weights: [1, 1], bias: 5 }, ...cube(2), { weights: [2, 0], bias: 2 }, { weights: [-1, -1], bias: 2 }]
    const shape = polyhedron(extra)
    // x + y ≥ −5 is far away, one of two equal planes goes, x + y ≤ 2 touches the corner (1, 1) only
    expect(shape.redundant).toEqual([0, 1, 6])
    expect(shape.faces.length).toBe(4)
  })
  it('keeps the faces with an edge of their own, as enumerating the corners finds', async () => {
    for (let seed = 200; seed < 230; seed++) {
      const raw = await numbers(36, seed)
      const faces = [...cube(2), ...Array.from({ length: 12 }, (_, i) => ({ weights: [raw[3 * i]!, raw[3 * i + 1]!], bias: 0.2 + Math.abs(raw[3 * i + 2]!) }))]
      const corners: { x: number; y: number; on: number[] }[] = []
      faces.forEach((f, i) => faces.forEach((g, j) => {
        if (j <= i) return
        const det = f.weights[0]! * g.weights[1]! - f.weights[1]! * g.weights[0]!
        const x = (f.weights[1]! * g.bias - g.weights[1]! * f.bias) / det
        const y = (g.weights[0]! * f.bias - f.weights[0]! * g.bias) / det
        if (faces.every((h) => h.bias + h.weights[0]! * x + h.weights[1]! * y >= -1e-9)) corners.push({ x, y, on: [i, j] })
      }))
      const idle = faces.flatMap((_, i) => (corners.filter((c) => c.on.includes(i)).length < 2 ? [i] : []))
      expect(polyhedron(faces).redundant).toEqual(idle)
    }
  })
  it('knows whether it is bounded', () => {
    expect(polyhedron([{ weights: [1, 0], bias: 0 }, { weights: [0, 1], bias: 0 }]).bounded).toBe(false)
    expect(polyhedron([{ weights: [1, 0], bias: 0 }, { weights: [0, 1], bias: 0 }, { weights: [-1, -1], bias: 1 }]).bounded).toBe(true)
    expect(polyhedron([{ weights: [1], bias: 0 }]).bounded).toBe(false)
  })
  it('refuses empty and flat ones, with the faces that contradict each other', () => {
    expect(() => polyhedron([{ weights: [1], bias: -2 }, { weights: [-1], bias: 1 }])).toThrow(/1 × face 0 \+ 1 × face 1/)
    expect(() => polyhedron([{ weights: [1, 2], bias: -2 }, { weights: [-1, -2], bias: 2 }])).toThrow(/strictly inside/)
    expect(() => polyhedron([])).toThrow(/no faces/)
    expect(() => polyhedron([null as unknown as HalfSpace])).toThrow(/face 0/)
    expect(() => polyhedron([{ weights: [1] } as unknown as HalfSpace])).toThrow(/biases/)
    expect(() => polyhedron([{ weights: [0, 0], bias: 1 }])).toThrow(/no plane/)
    expect(() => polyhedron([{ weights: [1, Number.NaN], bias: 1 }])).toThrow(/finite/)
    expect(() => polyhedron([{ weights: [1], bias: 1 }, { weights: [1, 2], bias: 1 }])).toThrow(/length/)
    expect(() => polyhedron([{ weights: [], bias: 1 }])).toThrow(/dimensions/)
  })
})

describe('convexPolygon', () => {
  const octagon: Point2[] = [[2, 0], [4, 0], [6, 2], [6, 4], [4, 6], [2, 6], [0, 4], [0, 2]]
  it('decides every point of a grid, boundary included', () => {
    const { faces } = convexPolygon(octagon)
    const closed = polyhedronNetwork(faces)
    const open = polyhedronNetwork(faces, { boundary: 'open' })
    expect(closed.layers[0]!.biases.length).toBe(8)
    for (let x = -1; x <= 7; x += 0.5) {
      for (let y = -1; y <= 7; y += 0.5) {
        const sum = Math.abs(x - 3) + Math.abs(y - 3)
        const reach = Math.max(Math.abs(x - 3), Math.abs(y - 3))
        expect(contains(closed, [x, y])).toBe(sum <= 4 && reach <= 3)
        expect(contains(open, [x, y])).toBe(sum < 4 && reach < 3)
      }
    }
  })
  it('agrees with ray casting on hulls of random points', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const raw = await numbers(24, seed)
      const hull = convexHull(Array.from({ length: 12 }, (_, i): Point2 => [raw[2 * i]!, raw[2 * i + 1]!]))
      const net = polyhedronNetwork(convexPolygon(hull).faces)
      const probe = await numbers(400, seed + 100)
      for (let i = 0; i < 200; i++) {
        const p: Point2 = [probe[2 * i]!, probe[2 * i + 1]!]
        expect(contains(net, p)).toBe(inPolygon(hull, p))
      }
    }
  })
  it('takes either way round, any first corner, and points on edges', () => {
    const wanted = convexPolygon(octagon)
    expect(wanted.reversed).toBe(false)
    expect(convexPolygon([...octagon].reverse())).toEqual({ ...wanted, reversed: true })
    expect(convexPolygon([...octagon.slice(3), ...octagon.slice(0, 3)])).toEqual(wanted)
    expect(convexPolygon([...octagon, [1, 1]])).toEqual(wanted)
    expect(polyhedron(wanted.faces)).toMatchObject({ bounded: true, redundant: [] })
  })
  it('refuses what is not a convex polygon', () => {
    expect(() => convexPolygon([[0, 0], [1, 1], [2, 2]])).toThrow(/no area/)
    expect(() => convexPolygon([[0, 0], [1, 1]])).toThrow(/no area/)
    expect(() => convexPolygon([])).toThrow(/no area/)
    expect(() => convexPolygon([[0, 0], [4, 0], [1, 1], [0, 4]])).toThrow(/inside its hull/)
    const star = [0, 2, 4, 1, 3].map((i): Point2 => [Math.cos(1.2566 * i), Math.sin(1.2566 * i)])
    expect(() => convexPolygon(star)).toThrow(/cross/)
    expect(() => convexPolygon([[0, 0], [1, 1], [1, 0], [0, 1]])).toThrow(/cross/)
    expect(() => convexPolygon([[0, 0], [1, 0], [1, 0], [0, 1]])).toThrow(/twice/)
    expect(() => convexPolygon([[0, 0], [2, 0], [1, 0], [2, 2]])).toThrow(/convex/)
    expect(() => convexPolygon([[0, 0], [1, Number.NaN], [0, 1]])).toThrow(/finite/)
  })
})

describe('orientation', () => {
  it('is exact where doubles round', () => {
    const e = 2 ** -53
    // the classical grid around (0.5, 0.5) and a line through (12, 12) and (24, 24)
    for (let i = 0; i < 16; i++) {
      for (let j = 0; j < 16; j++) expect(orientation([0.5 + i * e, 0.5 + j * e], [12, 12], [24, 24])).toBe(Math.sign(j - i) === 0 ? 0 : j > i ? 1 : -1)
    }
  })
  it('has the hull of a grid: four corners', () => {
    const grid = Array.from({ length: 100 }, (_, i): Point2 => [i % 10, Math.floor(i / 10)])
    expect(convexHull(grid)).toEqual([[0, 0], [9, 0], [9, 9], [0, 9]])
  })
})
