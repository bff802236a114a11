// Lets values around direct convolutions lie with the batch innermost (layout.ts): which convolutions get such kernels,
// copies of what lies otherwise, and which further buffers follow.
import { type Node, type SubGraph, defOf, emit as e, ixKey, ixVar, newVar, topological } from '../ir/index.ts'
import { type Chain, productOf, rootCoords } from './kernels/chain.ts'
import { directKind } from './kernels/direct.ts'
import { winogradKind } from './kernels/winograd.ts'
import { type Buffers, batchBase, isLast } from './layout.ts'
import { type Group, type Schedule, reads, rootsOf } from './schedule.ts'

/**
 * The convolutions of a graph that get kernels for batches. Not those whose result leaves the graph: turning it would
 * cost what the kernel gains. Where Winograd's algorithm takes part, only on vectors so `wide` that its transforms
 * across an image are mostly shuffles.
 */
export function directConvs(graph: SubGraph, wide: boolean): ReadonlySet<Node> {
  const convs = topological(graph.results, (n) => graph.params.includes(n)).filter((n) => isConvolution(n) && !graph.params.includes(n))
  const leaving = new Set<Node>()
  const visit = (n: Node): void => {
    if (leaving.has(n) || graph.params.includes(n)) return
    leaving.add(n)
    const { kind } = defOf(n.op).lower
    if (kind === 'pointwise' || kind === 'view' || kind === 'identity') n.inputs.forEach(visit)
  }
  if (convs.length === 0 || (!wide && convs.some((n) => winogradKind(n) !== null))) return new Set()
  graph.results.forEach(visit)
  const chosen = convs.filter((n) => directKind(n) === 'weights' || (directKind(n) === 'filter' && !leaving.has(n)))
  // Beside such kernels those of Winograd for single images would find nothing as they want it.
  if (chosen.length > 0) for (const n of convs) if (leaving.has(n) && winogradKind(n) === 'filter' && directKind(n) === 'filter') chosen.push(n)
  return new Set(chosen)
}

const isConvolution = (n: Node): boolean => productOf(n) === 'convolution'

/** Ops that address their operands themselves, row by row. */
const rowwise = (n: Node, batch: ReadonlySet<Node>): boolean => defOf(n.op).lower.kind === 'opaque' && productOf(n) !== 'matrix' && !batch.has(n)

/** Whether the images of a convolution lie with the batch innermost. */
export const ofBatch = (conv: Node, isBuffer: Buffers): boolean => directKind(conv) !== null && imagesOf(conv).every(([x, axis]) => isLast(isBuffer, batchBase(x, axis)!))

/** The operands of a convolution that hold the batch, and the axis it is there. */
const imagesOf = (conv: Node): readonly (readonly [Node, number])[] =>
  directKind(conv) === 'filter' ? [[conv.inputs[0]!, 0]] : conv.inputs.map((x) => [x, 1] as const)

/**
 * Puts copies between direct convolutions and images that must lie row by row (parameters, results, operands of other
 * ops) or would not lie in memory at all; they are added to `force`, the nodes that become buffers.
 */
export function withCopies(graph: SubGraph, force: Set<Node>, wide: boolean): SubGraph {
  const params = new Set(graph.params)
  const order = topological(graph.results, (n) => params.has(n))
  const batch = directConvs(graph, wide)
  if (batch.size === 0) return graph
  const fixed = new Set<Node>([...graph.params, ...graph.results])
  for (const n of order) {
    const { lower } = defOf(n.op)
    if (lower.kind === 'leaf' || lower.kind === 'generate' || (lower.kind === 'identity' && lower.kept === true) || rowwise(n, batch)) fixed.add(n)
    if (rowwise(n, batch)) for (const x of n.inputs) fixed.add(batchBase(x, 0) ?? x)
  }
  const made = new Map<Node, Node>()
  const copies = new Map<Node, Node>()
  const rebuilt = (n: Node): Node => made.get(n) ?? n
  const remake = (n: Node, inputs: readonly Node[]): Node => (inputs.some((x, i) => x !== n.inputs[i]) ? e.make(n.op, inputs, n.params) : n)
  const image = (x: Node, base: Node): Node => {
    if (x !== base) return remake(x, [image(x.inputs[0]!, base)])
    if (!fixed.has(base)) return rebuilt(base)
    if (!copies.has(base)) copies.set(base, e.make('barrier', [rebuilt(base)], {}))
    return copies.get(base)!
  }
  for (const n of order) {
    if (params.has(n)) continue
    const images = batch.has(n) ? imagesOf(n as Node<'conv'>) : []
    made.set(n, remake(n, n.inputs.map((x) => {
      const axis = images.find(([y]) => y === x)?.[1]
      return axis === undefined ? rebuilt(x) : image(x, batchBase(x, axis)!)
    })))
  }
  for (const copy of copies.values()) force.add(copy)
  return { params: graph.params, results: graph.results.map(rebuilt) }
}

/** The buffers that lie with the batch innermost: what direct convolutions read and write, and what is computed with it. */
export function batchLast({ groups, results, isBuffer }: Schedule, graph: SubGraph, wide: boolean): ReadonlySet<Node> | undefined {
  const batch = directConvs(graph, wide)
  if (batch.size === 0) return undefined
  const last = new Set<Node>()
  const fixed = new Set<Node>([...graph.params, ...results])
  const read = groups.map((g) => reads(g, isBuffer))
  groups.forEach((g, i) => {
    if (g.kind === 'control' || (g.kind === 'opaque' && !batch.has(g.node)) || (g.kind === 'product' && isConvolution(g.chain.dot) && !batch.has(g.chain.dot))) for (const n of [...read[i]!, ...rootsOf(g)]) fixed.add(n)
  })
  const can = (n: Node): boolean => isBuffer(n) && !fixed.has(n) && n.shape.length > 1 && !rowwise(n, batch)
  for (const g of groups) {
    if (g.kind !== 'product' && g.kind !== 'opaque') continue
    const { dot, root } = g.kind === 'product' ? g.chain : { dot: g.node, root: g.node }
    if (!batch.has(dot)) continue
    for (const [x, axis] of imagesOf(dot)) last.add(batchBase(x, axis)!)
    if (g.kind === 'product' && directKind(dot) === 'filter' && can(root) && root.shape[0] === dot.shape[0] && keepsBatch(g.chain)) last.add(root)
  }
  if (last.size === 0) return undefined
  const take = (g: Group): void => rootsOf(g).forEach((n) => last.add(n))
  groups.forEach((g, i) => {
    if (g.kind === 'loops' && g.roots.every(can) && [...read[i]!].some((n) => last.has(n) && n.shape[0] === g.roots[0]!.shape[0])) take(g)
  })
  // Backwards: what only such loops and convolutions read.
  const sizes = new Set([...last].map((n) => n.shape[0]))
  for (let i = groups.length - 1; i >= 0; i--) {
    const g = groups[i]!
    if ((g.kind !== 'loops' && (g.kind !== 'product' || isConvolution(g.chain.dot))) || !rootsOf(g).every((n) => can(n) && sizes.has(n.shape[0]!))) continue
    const readers = groups.filter((_, j) => rootsOf(g).some((n) => read[j]!.has(n)))
    if (readers.length > 0 && readers.every((r) => r.kind === 'loops' && r.roots.some((n) => last.has(n)))) take(g)
  }
  return last
}

/** Whether the batch is still the first axis where the kernel of a convolution stores. */
function keepsBatch(chain: Chain): boolean {
  const coords = chain.dot.shape.map((d, i) => ixVar(newVar(`c${i}`, 'i32'), d))
  return ixKey(rootCoords(chain, coords)[0]!) === ixKey(coords[0]!)
}
