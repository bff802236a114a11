// Closed sub-graphs: placeholders in, results out. Made for scan, cond and the transforms of their bodies.
import type { Aval, Node, SubGraph } from './node.ts'
import { type Emit, topological } from './emit.ts'

export const placeholder = (e: Emit, like: Aval, name = 'body'): Node => e.make('input', [], { name, shape: like.shape, dtype: like.dtype })

/** A sub-graph from a function of fresh placeholders shaped like `params`. */
export function makeGraph(e: Emit, params: readonly Aval[], build: (args: readonly Node[]) => readonly Node[]): SubGraph {
  const args = params.map((p) => placeholder(e, p))
  return { params: args, results: build(args) }
}

/** The results of a sub-graph with its placeholders replaced by `args`. */
export function inline(e: Emit, graph: SubGraph, args: readonly Node[]): Node[] {
  return substitute(e, graph.results, new Map(graph.params.map((p, i) => [p, args[i]!])))
}

/** Rebuilds `roots` with the nodes of `map` replaced; what does not depend on them is shared, not copied. */
export function substitute(e: Emit, roots: readonly Node[], map: Map<Node, Node>): Node[] {
  const done = new Map(map)
  for (const node of topological(roots, (n) => map.has(n))) {
    if (done.has(node)) continue
    let changed = false
    const inputs = node.inputs.map((x) => {
      const y = done.get(x)!
      if (y !== x) changed = true
      return y
    })
    done.set(node, changed ? e.make(node.op, inputs, node.params) : node)
  }
  return roots.map((r) => done.get(r)!)
}
