// Where the nodes of a graph are drawn and how its edges run: by dagre, from left to right, or downward where only that fits.
import { Graph, layout } from '@dagrejs/dagre'
import { BESIDE, HALF, LINE } from './graph-part.ts'

/** `half`: half its width. */
export interface Laid { readonly id: number; readonly inputs: readonly number[]; readonly half: number }
type Point = readonly [x: number, y: number]
/** From the border of one node to that of the other; straight beside the nodes it passes. */
export interface Edge { readonly from: number; readonly to: number; readonly points: readonly Point[] }
export interface Layout {
  readonly down: boolean
  readonly width: number
  readonly height: number
  /** The middle of every node. */
  readonly places: ReadonlyMap<number, Point>
  readonly edges: readonly Edge[]
}
/** A picture that goes down may be so high: its steps are pressed above it. */
const HIGHEST = 640
/** From column to column at most so much more than is needed. */
const LOOSEST = 46

/** Operands in their order, as far as one order of all nodes can keep them. */
function operands(nodes: readonly Laid[]): { left: string; right: string }[] {
  const after = new Map<number, number[]>()
  const leads = (from: number, to: number): boolean => from === to || (after.get(from) ?? []).some((next) => leads(next, to))
  return nodes.flatMap(({ inputs }) => inputs.slice(1).flatMap((right, i) => {
    const left = inputs[i]!
    if (leads(right, left)) return []
    after.set(left, [...(after.get(left) ?? []), right])
    return [{ left: String(left), right: String(right) }]
  }))
}

/** In columns from left to right, or in rows downward. `straight`: along the first operands, else in balance between all. */
function laid(nodes: readonly Laid[], down: boolean, straight: boolean): Layout {
  const graph = new Graph({ multigraph: true }) // x·x has two edges
  graph.setGraph({ ...(down ? { rankdir: 'TB', ranksep: 40, nodesep: BESIDE + 8, edgesep: BESIDE } : { rankdir: 'LR', ranksep: 56, nodesep: 2 * LINE + 6, edgesep: LINE }), ...(straight ? { align: 'UL' } : {}) })
  const known = new Map(nodes.map((node) => [node.id, node]))
  for (const { id, half } of nodes) graph.setNode(String(id), { width: 2 * half, height: 2 * HALF })
  for (const { id, inputs } of nodes) for (const [k, input] of inputs.entries()) if (known.has(input)) graph.setEdge(String(input), String(id), {}, String(k))
  layout(graph, { constraints: operands(nodes) })

  const along = down ? 1 : 0
  const pointOf = ({ x, y }: { readonly x: number; readonly y: number }): Point => [x, y]
  const places = new Map(nodes.map(({ id }) => [id, pointOf(graph.node(String(id)))] as const))
  /** Columns or rows, with half of how much each takes. */
  const ranks = new Map<number, number>()
  for (const { id, half } of nodes) ranks.set(places.get(id)![along], Math.max(ranks.get(places.get(id)![along]) ?? 0, down ? HALF : half))
  const edges = graph.edges().map((e): Edge => {
    const [from, to] = [known.get(Number(e.v))!, known.get(Number(e.w))!]
    const [[ax, ay], [bx, by]] = [places.get(from.id)!, places.get(to.id)!]
    const passed = (graph.edge(e).points as { readonly x: number; readonly y: number }[]).slice(1, -1).map(pointOf).flatMap((p): Point[] => {
      const half = ranks.get(p[along])
      return half === undefined ? [] : down ? [[p[0], p[1] - half], [p[0], p[1] + half]] : [[p[0] - half, p[1]], [p[0] + half, p[1]]]
    })
    // operands come in side by side
    const off = (Number(e.name) - (to.inputs.length - 1) / 2) * Math.min(16, 32 / to.inputs.length)
    const round = (v: number): number => HALF - Math.sqrt(HALF ** 2 - Math.max(0, v) ** 2)
    return { from: from.id, to: to.id, points: down ? [[ax, ay + HALF], ...passed, [bx + off, by - HALF + round(Math.abs(off) - (to.half - HALF))]] : [[ax + from.half, ay], ...passed, [bx - to.half + round(Math.abs(off)), by + off]] }
  })

  const boxes = nodes.map(({ id, half }) => { const [x, y] = places.get(id)!; return down ? [x - half, y - HALF, x + half + BESIDE, y + HALF] : [x - half - 12, y - HALF - LINE, x + half + 12, y + HALF + LINE] })
  const all = [...boxes, ...edges.flatMap(({ points }) => points.map(([x, y]) => [x, y, x, y]))]
  const [left, top] = [0, 1].map((k) => Math.min(...all.map((box) => box[k]!)) - 3) as [number, number]
  const [right, bottom] = [2, 3].map((k) => Math.max(...all.map((box) => box[k]!)) + 3) as [number, number]
  return moved({ down, width: right - left, height: bottom - top, places, edges }, ([x, y]) => [x - left, y - top])
}
const moved = (given: Layout, to: (p: Point) => Point): Layout => ({ ...given, places: new Map([...given.places].map(([id, place]) => [id, to(place)])), edges: given.edges.map((edge) => ({ ...edge, points: edge.points.map(to) })) })
/** Chains are straight where that takes no more than balance does. */
function smaller(nodes: readonly Laid[], down: boolean): Layout {
  const [even, straight] = [laid(nodes, down, false), laid(nodes, down, true)]
  return straight.width * straight.height <= even.width * even.height ? straight : even
}
/** Columns further apart, where the room has more than they need. */
function loosened(given: Layout, room: number): Layout {
  const columns = [...new Set([...given.places.values()].map(([x]) => x))].sort((a, b) => a - b)
  const more = columns.length < 2 ? 0 : Math.max(0, Math.min(LOOSEST, (room - given.width) / (columns.length - 1)))
  const nearest = (x: number): number => columns.reduce((best, column, i) => (Math.abs(column - x) < Math.abs(columns[best]! - x) ? i : best), 0)
  return moved({ ...given, width: given.width + more * (columns.length - 1) }, ([x, y]) => [x + more * nearest(x), y])
}
/** `room`: how wide the picture may be before it is scrolled. */
export function layoutOf(nodes: readonly Laid[], room: number): Layout {
  const across = smaller(nodes, false)
  if (across.width <= room) return loosened(across, room)
  const down = smaller(nodes, true)
  return down.width <= room && down.height <= HIGHEST ? down : across
}
