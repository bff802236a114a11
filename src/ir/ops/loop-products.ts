// What of a loop's reverse need not be done step by step: products of what is stored of all steps (one wide product before the
// loop), and sums over the steps of products, the gradients of weights (one deep product after it).
import { byteSize, sizeOf } from '../../base/index.ts'
import { type Emit, topological } from '../emit.ts'
import type { Node, SubGraph } from '../node.ts'
import { substitute } from '../subgraph.ts'
import { sumOfDots } from './contract.ts'
import { movement } from './movement.ts'

/** Room that may be taken for a step, in multiples of what its stored carries and xs take. */
const ROOM = 3

/** Moved elements, and zeros beside them at most. */
const isView = (n: Node): boolean => Object.hasOwn(movement, n.op) && movement[n.op as keyof typeof movement].lower.kind === 'view' && !((n.params as { value?: number }).value ?? 0)
const isProduct = (n: Node): boolean => n.op === 'dot'
/** What a value is a view of. */
const under = (n: Node): Node => (isView(n) ? under(n.inputs[0]!) : n)
const differing = (graph: SubGraph, batched: readonly boolean[]): Node[] => graph.params.filter((_, i) => batched[i] === true)
const bytesOf = (n: Node): number => sizeOf(n.shape) * byteSize(n.dtype)
const roomOf = (steps: readonly Node[]): number => ROOM * steps.reduce((sum, p) => sum + bytesOf(p), 0)

/**
 * Products in a reversed body between something that stays the same in all steps and a view of something stored. The first
 * `known` params are what is known of all steps; `batched` says which of them differ from step to step.
 */
export function ahead(graph: SubGraph, known: number, batched: readonly boolean[]): Node[] {
  const fixed = new Set(graph.params.filter((_, i) => i < known && !batched[i]))
  const steps = new Set(differing(graph, batched))
  const room = roomOf([...steps])
  return topological(graph.results).filter((n) => {
    if (!isProduct(n) || bytesOf(n) > room) return false
    const [a, b] = n.inputs.map(under) as [Node, Node]
    return (steps.has(a) && fixed.has(b)) || (fixed.has(a) && steps.has(b))
  })
}

/** A result that is a view of a product: its operands, of which `cuts` must be stored of every step, and how the sum over all steps is made of them. */
export interface Gathered {
  readonly operands: readonly Node[]
  readonly cuts: readonly Node[]
  readonly finish: (e: Emit, stacked: readonly Node[]) => Node
}
export function gathered(graph: SubGraph, result: Node, known: number, batched: readonly boolean[]): Gathered | null {
  const product = under(result)
  if (!isProduct(product)) return null
  const given = new Set(graph.params.slice(0, known))
  const cuts = [...new Set(product.inputs.map(under))].filter((n) => !given.has(n))
  const room = roomOf(differing(graph, batched))
  if (cuts.some((n) => bytesOf(n) > room)) return null
  return { operands: product.inputs, cuts, finish: (e, stacked) => substitute(e, [result], new Map([[product, sumOfDots(e, stacked)]]))[0]! }
}
