// The layout of graphs: nothing overlaps, edges go forward past all other nodes, operands keep their order; the same each time.
import { expect, test } from 'vitest'
import { lookInside } from './compute.ts'
import { BESIDE, HALF, LINE, partAt, partOf } from './graph-part.ts'
import { type Laid, type Layout, layoutOf } from './layout.ts'
import { EXAMPLES, NETWORKS, graphOf, initial, parse } from './model.ts'

const PHONE = 328
const DESK = 1100
const of = (formula: string): readonly Laid[] => graphOf(parse(formula)).map(({ id, inputs }) => ({ id, inputs, half: HALF }))
const chain = (depth: number): string => 'x-(y-('.repeat(depth / 2) + 'w' + '))'.repeat(depth / 2)
const FORMULAS = [...EXAMPLES, '7', '(x+y)*w', 'x*y - y*x', '(x+y)*(x-y)/(w+b)', 'relu(x - 2*y) + softplus(w) / (1 + b^2)', '((x+y)*(w+b)+(x-y)*(w-b))/((x+w)*(y+b)+(x-w)*(y-b))', `x${'*x'.repeat(7)}`, chain(10), `1${'+sin(2*exp(3))'.repeat(4)}`]

/** The box of a node with its two numbers. */
const boxOf = ({ down, places }: Layout, { id, half }: Laid): readonly [number, number, number, number] => {
  const [x, y] = places.get(id)!
  return down ? [x - half, y - HALF, x + half + BESIDE, y + HALF] : [x - half, y - HALF - LINE, x + half, y + HALF + LINE]
}
function verify(nodes: readonly Laid[], room: number): Layout {
  const layout = layoutOf(nodes, room)
  const along = layout.down ? 1 : 0
  const boxes = nodes.map((node) => boxOf(layout, node))
  for (const [i, [left, top, right, bottom]] of boxes.entries()) {
    expect(Math.min(left, top, layout.width - right, layout.height - bottom), `node ${i} within the picture`).toBeGreaterThanOrEqual(0)
    for (const [k, [l, t, r, b]] of boxes.entries()) if (k > i) expect(r <= left || l >= right || b <= top || t >= bottom, `nodes ${i} and ${k} overlap`).toBe(true)
  }
  expect(layout.edges.length).toBe(nodes.reduce((n, { inputs }) => n + inputs.filter((i) => layout.places.has(i)).length, 0))
  for (const { from, to, points } of layout.edges) {
    expect(layout.places.get(from)![along], `${from} → ${to}`).toBeLessThan(layout.places.get(to)![along])
    for (const [i, point] of points.entries()) {
      expect(point[along], `${from} → ${to}`).toBeGreaterThanOrEqual(points[i - 1]?.[along] ?? 0)
      expect(Math.min(point[0], point[1], layout.width - point[0], layout.height - point[1])).toBeGreaterThanOrEqual(0)
    }
    // its ends are on the borders of its nodes, its points in no other node and on no number
    for (const [end, point] of [[from, points[0]!], [to, points.at(-1)!]] as const) {
      const { half } = nodes.find(({ id }) => id === end)!
      const [x, y] = layout.places.get(end)!
      const past = Math.max(0, Math.abs(point[0] - x) - (half - HALF)) // a rounded end
      expect(Math.hypot(past, point[1] - y), `${from} → ${to} at ${end}`).toBeCloseTo(past === 0 ? Math.abs(point[1] - y) : HALF, 6)
      if (past === 0) expect(Math.abs(point[1] - y)).toBeCloseTo(HALF, 6)
    }
    for (const [x, y] of points.slice(1, -1)) for (const [i, [left, top, right, bottom]] of boxes.entries()) expect(x >= left && x <= right && y > top && y < bottom, `${from} → ${to} crosses node ${i}`).toBe(false)
  }
  return layout
}

test.each(FORMULAS)('%s: on a phone and on a desk', (formula) => {
  for (const room of [PHONE, DESK]) {
    const layout = verify(of(formula), room)
    if (layout.down) expect(layout.width).toBeLessThanOrEqual(room)
    // where nothing is used twice, the operand on the left is over the one on the right (when the graph goes down: left of it)
    const users = of(formula).flatMap(({ inputs }) => inputs)
    if (new Set(users).size === users.length) for (const { inputs: [left, right] } of of(formula)) if (right !== undefined) expect(layout.places.get(left!)![layout.down ? 0 : 1], formula).toBeLessThan(layout.places.get(right)![layout.down ? 0 : 1])
  }
})
test('operands keep their order: a difference of two terms, either way round', () => {
  for (const formula of ['x - sin(y)', 'sin(y) - x', 'x - y', 'y - x', '(x - y) / (w - b)', '(w - b) / (x - y)']) {
    const nodes = of(formula)
    const { places } = verify(nodes, DESK)
    for (const { inputs: [left, right] } of nodes) if (right !== undefined) expect(places.get(left!)![1], formula).toBeLessThan(places.get(right)![1])
  }
})
test('x·x has two edges, one over the other; an example fits a phone, going down; wide names have room', () => {
  const { edges } = verify(of('x*x'), DESK)
  expect(layoutOf(of('x*x'), DESK).edges).toEqual(edges)
  expect(edges.map(({ points }) => points.at(-1)![1])).toEqual([edges[1]!.points.at(-1)![1] - 16, edges[1]!.points.at(-1)![1]])
  expect(layoutOf(of(EXAMPLES[0]), PHONE)).toMatchObject({ down: true })
  expect(layoutOf(of(EXAMPLES[0]), DESK)).toMatchObject({ down: false })
  verify(of(EXAMPLES[0]).map((node) => ({ ...node, half: node.inputs.length === 0 ? 22 : 70 })), DESK)
  verify(of(EXAMPLES[0]).map((node) => ({ ...node, half: node.inputs.length === 0 ? 22 : 40 })), PHONE)
})
test.each(NETWORKS)('%s: the chain of its layers is a straight line', async (network) => {
  const got = await lookInside({ ...initial, mode: 'network', network })
  if (!got.ok) throw new Error(got.why)
  const nodes = got.nodes.map(({ id, inputs, op }) => ({ id, inputs, half: op === 'weight' ? 30 : 44 }))
  const { places } = verify(nodes, DESK)
  const chained = got.nodes.filter(({ op }) => op !== 'weight').map(({ id }) => places.get(id)!)
  expect(new Set(chained.map(([, y]) => Math.round(y))).size).toBe(1)
  expect(chained.map(([x]) => x)).toEqual(chained.map(([x]) => x).sort((a, b) => a - b))
  verify(nodes, PHONE)
})
test('a long graph comes in parts: every node with all that it is computed from', () => {
  const nodes = of(`x${'*y+sin(w)'.repeat(20)}`)
  expect(nodes.length).toBeGreaterThan(60)
  for (const active of nodes.keys()) {
    const [from, to] = partAt(nodes.length, active)
    expect(active >= from && active < to).toBe(true)
    const part = partOf(nodes, from, to)
    expect(part.length).toBeLessThan(48)
    for (const needed of [active, ...nodes[active]!.inputs]) expect(part.map(({ id }) => id)).toContain(needed)
  }
  verify(partOf(nodes, ...partAt(nodes.length, 40)), DESK)
  expect(partAt(48, 47)).toEqual([0, 48])
  expect(partAt(49, -1)).toEqual([0, 32])
  expect(partAt(49, 48)).toEqual([32, 49])
})
