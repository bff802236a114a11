// One graph traced at several batch sizes, node beside node: what differs between them depends on the batch.
import { ValueError, sameShape } from '../../../base/index.ts'
import { type Node, type OpName, type SubGraph, topological } from '../../../ir/index.ts'
import { Tensor, readNow } from '../../../tensor/index.ts'
import { type Dim, dimOf } from './dim.ts'

/** A node as it was at every batch size. */
export interface Step<K extends OpName = OpName> {
  readonly op: K
  readonly nodes: readonly Node<K>[]
  readonly inputs: readonly Step[]
  /** Numbers start, start + by, …, as many as the batch asks for: what `arange` makes. */
  readonly counting?: { readonly start: number; readonly by: number }
}
/** The same sub-graph at every batch size. */
export interface StepGraph {
  readonly params: readonly Step[]
  readonly results: readonly Step[]
  /** In an order where inputs come first; without the parameters. */
  readonly order: readonly Step[]
}

const differs = (problem: string): ValueError =>
  new ValueError('exportOnnx', `the function does other things at another batch size: ${problem}`, { remedy: 'Export for one size with { batch: false }.' })

/** Puts graphs of one function beside each other; refuses when they differ by more than sizes. */
export function align(graphs: readonly SubGraph[]): StepGraph {
  const orders = graphs.map((g) => {
    const params = new Set(g.params)
    return topological(g.results, (n) => params.has(n) || n.storage !== null)
  })
  const [first] = orders
  if (orders.some((o) => o.length !== first!.length)) throw differs(`it has ${[...new Set(orders.map((o) => o.length))].join(' or ')} operations`)
  const steps = new Map<Node, Step>()
  const params = graphs[0]!.params.map((p, i) => {
    const step: Step = { op: p.op, nodes: graphs.map((g) => g.params[i]!), inputs: [] }
    steps.set(p, step)
    return step
  })
  const position = orders.map((o) => new Map(o.map((n, i) => [n, i])))
  const order: Step[] = []
  first!.forEach((node, i) => {
    const nodes = orders.map((o) => o[i]!)
    if (steps.has(node)) {
      if (nodes.some((n, j) => n !== steps.get(node)!.nodes[j])) throw differs('it uses its inputs in another order')
      return
    }
    for (const [j, other] of nodes.entries()) {
      const same = other.op === node.op && other.dtype === node.dtype && other.shape.length === node.shape.length && (other.storage === null) === (node.storage === null) && other.inputs.length === node.inputs.length
        && (node.storage !== null || other.inputs.every((x, at) => position[j]!.get(x) === position[0]!.get(node.inputs[at]!)))
      if (!same) throw differs(`${node.op} [${node.shape}] became ${other.op} [${other.shape}]`)
    }
    const counting = node.storage !== null ? sameNumbers(nodes) : null
    const step: Step = { op: node.op, nodes, inputs: node.storage !== null ? [] : node.inputs.map((x) => steps.get(x)!), ...(counting === null ? {} : { counting }) }
    steps.set(node, step)
    order.push(step)
  })
  return { params, results: graphs[0]!.results.map((r) => steps.get(r)!), order }
}

/** Constants must be the same at every batch size, or count as far as it says. */
function sameNumbers(nodes: readonly Node[]): Step['counting'] | null {
  const first = nodes[0]!
  if (nodes.every((n) => n === first)) return null
  const lists = nodes.map((n) => readNow(new Tensor(n)))
  if (nodes.some((n) => !sameShape(first.shape, n.shape))) {
    const [a, b] = lists[0]!
    const by = b! - a!
    if (first.shape.length === 1 && Number.isInteger(a) && Number.isInteger(by) && lists.every((list) => list.every((v, i) => v === a! + i * by))) return { start: a!, by }
    throw differs(`a constant has the sizes ${nodes.map((n) => `[${n.shape}]`).join(', ')}; make it with zeros, ones or arange, which ONNX can do for any size`)
  }
  if (lists.some((list) => list.some((v, i) => !Object.is(v, lists[0]![i])))) throw differs(`a constant of shape [${first.shape}] has other numbers`)
  return null
}

/** The sizes of a step's value. */
export const shapeOf = (step: Step, batches: readonly number[]): Dim[] => dimsOf(step.nodes.map((n) => n.shape), batches, `a size of ${step.op}`)

/** Numbers that were `lists[i]` at batch i. */
export function dimsOf(lists: readonly (readonly number[])[], batches: readonly number[], what: string): Dim[] {
  if (lists.some((l) => l.length !== lists[0]!.length)) throw differs(`${what} has another number of axes`)
  return lists[0]!.map((_, i) => dimOf(lists.map((l) => l[i]!), batches, what))
}
