// Long sums into few results, alone or in products, leave most of a card idle: they become many short ones and a sum of those.
// Where they are cut depends on shapes alone, so the bits are the same on every card.
import { sizeOf } from '../../base/index.ts'
import { type Emit, type Node, defOf } from '../../ir/index.ts'
import { baseOf, operandOf } from '../operand.ts'
import { FEW, isThinProduct } from './thin.ts'

/** Threads that are wanted at once, and members that share a row (cooperate.ts). */
const AT_ONCE = 65536
const MEMBERS = 64
/** What a thread may sum alone, and the shortest stretch where that is cut. */
const ALONE = 256
const SHORTEST = 32
/** Workgroups of products that are wanted at once, with tiles of so many rows and columns; the shortest stretch of k. */
const GROUPS = 256
const TILE = 64
const SHORTEST_K = 64

const REDUCTIONS: readonly string[] = ['sum', 'prod', 'reduceMax', 'reduceMin']

/** The op in pieces, and what puts them together; the node itself where there is enough to do at once. */
export function split(emit: Emit, node: Node): Node {
  if (node.dtype !== node.inputs[0]?.dtype) return node
  if (node.op === 'dot') return node.dtype === 'float32' && !isThinProduct(node) ? splitProduct(emit, node) : node
  return REDUCTIONS.includes(node.op) ? splitReduction(emit, node as Node<'sum'>) : node
}

function splitReduction(emit: Emit, node: Node<'sum'>): Node {
  const { lower } = defOf(node.op)
  const [x] = node.inputs as [Node]
  const { axes } = node.params
  const results = sizeOf(node.shape)
  const length = results === 0 ? 0 : sizeOf(x.shape) / results
  const members = axes.includes(x.shape.length - 1) ? MEMBERS : 1
  const pieces = Math.min(Math.floor(AT_ONCE / (results * members)), Math.floor(length / members / SHORTEST))
  if (lower.kind !== 'reduce' || length < ALONE * members || pieces < 4) return node
  const outer = axes.find((a) => x.shape[a]! > 1)!
  const n = x.shape[outer]!
  /** Where the pieces lie among what is left of the axes. */
  const left = [outer - axes.indexOf(outer)]
  const reduce = (of: Node, over: readonly number[]): Node => emit.make(node.op, [of], { axes: over })
  if (n <= pieces) return reduce(reduce(x, axes.filter((a) => a !== outer)), left)
  const count = pieceCount(n, pieces)
  const stretch = Math.ceil(n / count)
  const at = (value: number): number[] => x.shape.map((_, i) => (i === outer ? value : 0))
  const even = emit.pad(x, at(0), at(count * stretch - n), undefined, lower.init(node.dtype))
  const cut = emit.reshape(even, x.shape.flatMap((d, i) => (i === outer ? [count, stretch] : [d])))
  return reduce(reduce(cut, axes.map((a) => (a >= outer ? a + 1 : a))), left)
}

/** About so many pieces: a divisor of the length where one is near. */
function pieceCount(n: number, wanted: number): number {
  for (let d = 0; d < wanted / 2; d++) for (const count of [wanted - d, wanted + d]) if (n % count === 0) return count
  return wanted
}

/** Of every stretch of k a product of its own; the stretches of operands that are read through tables begin where a table does. */
function splitProduct(emit: Emit, node: Node): Node {
  const [a, b] = node.inputs as [Node, Node]
  const [batches, M, N] = node.shape as [number, number, number]
  const K = a.shape[2]!
  const groups = batches * Math.ceil(M / TILE) * Math.ceil(N / TILE)
  const [wanted, most] = [Math.ceil(GROUPS / groups), Math.floor(K / SHORTEST_K)]
  if (groups === 0 || wanted < 3 || most < 4) return node
  const buffer = (x: Node): boolean => baseOf(x) === x
  for (const count of nearest(Math.min(wanted, most), most)) {
    if (K % count !== 0) continue
    const left = emit.reshape(emit.permute(emit.reshape(a, [batches, M, count, K / count]), [0, 2, 1, 3]), [batches * count, M, K / count])
    const right = emit.reshape(b, [batches * count, K / count, N])
    const [A, B] = [operandOf(left, 2, buffer), operandOf(right, 1, buffer)]
    if (A === null || B === null) continue
    if (Math.min(M, N) <= FEW && A.k.stride === 1 && B.k.stride === 1) return node // members share its sums (thin.ts)
    const products = emit.make('dot', [left, right], {})
    return emit.sum(emit.reshape(products, [batches, count, M, N]), [1])
  }
  return node
}

/** Counts to try, the wanted one first: up to four times as many, then fewer. */
function* nearest(wanted: number, most: number): Generator<number> {
  for (let n = wanted; n <= Math.min(most, 4 * wanted); n++) yield n
  for (let n = wanted - 1; n >= Math.max(4, wanted / 8); n--) yield n
}
