// Ops of several outputs taken apart, for whoever has no form for them.
import type { Node, SubGraph } from './node.ts'
import { type Emit, topological } from './emit.ts'
import { defOf } from './table.ts'

/** The same graph without the ops of several outputs that other ops can say (`parts`). */
export function takeApart(e: Emit, graph: SubGraph): SubGraph {
  const done = new Map<Node, Node>(graph.params.map((p) => [p, p]))
  const apart = new Map<Node, readonly Node[]>()
  for (const node of topological(graph.results, (n) => done.has(n))) {
    const inputs = node.inputs.map((x) => done.get(x)!)
    const [from] = inputs
    const { parts } = from === undefined || from.outs === null ? {} : defOf(from.op)
    if (from !== undefined && parts !== undefined) {
      if (!apart.has(from)) apart.set(from, parts(e, from))
      done.set(node, apart.get(from)![(node as Node<'pick'>).params.index]!)
    } else done.set(node, inputs.some((x, i) => x !== node.inputs[i]) ? e.make(node.op, inputs, node.params) : node)
  }
  return { params: graph.params, results: graph.results.map((r) => done.get(r)!) }
}
