// The transforms on closed sub-graphs (bodies of loops and branches). Made from the
// walkers, which are handed them back: rules call walkers and walkers call rules.
import { isFloat } from '../base/index.ts'
import { type GraphTransforms, type Node, type SubGraph, emit as e, placeholder, substitute } from '../ir/index.ts'

export interface Walkers {
  readonly vjp: (roots: readonly Node[], cotangents: readonly (Node | null)[], variables: readonly Node[]) => (Node | null)[]
  readonly jvp: (roots: readonly Node[], variables: readonly Node[], tangents: readonly (Node | null)[]) => (Node | null)[]
  readonly vmap: (roots: readonly Node[], variables: readonly Node[], batch: readonly Node[], size: number) => { node: Node; batched: boolean }[]
}
export const graphTransforms = (walkers: Walkers): GraphTransforms => ({
  vmap(graph, batched, size, force = []) {
    const params = graph.params.map((p, i) => (batched[i] ? e.make('input', [], { name: 'batched', shape: [size, ...p.shape], dtype: p.dtype }) : p))
    const inner = graph.params.filter((_, i) => batched[i])
    const outer = params.filter((_, i) => batched[i])
    const lifted = walkers.vmap(graph.results, inner, outer, size)
    const flags = lifted.map((r, i) => r.batched || force[i] === true)
    const results = lifted.map((r, i) => (r.batched || !flags[i] ? r.node : e.broadcastTo(r.node, [size, ...r.node.shape])))
    return { graph: refresh({ params, results }), batched: flags }
  },
  jvp(graph, active) {
    const tangents = graph.params.map((p, i) => (active[i] ? placeholder(e, p, 'tangent') : null))
    const moved = walkers.jvp(graph.results, graph.params, tangents)
    const extra = graph.results.map((r, i) => (isFloat(r.dtype) ? (moved[i] ?? e.zerosLike(r)) : null)).filter((x) => x !== null)
    return refresh({ params: [...graph.params, ...tangents.filter((t) => t !== null)], results: [...graph.results, ...extra] })
  },
  vjp(graph, wanted) {
    const cotangents = graph.results.map((r) => (isFloat(r.dtype) ? placeholder(e, r, 'cotangent') : null))
    const targets = graph.params.filter((_, i) => wanted[i])
    const grads = walkers.vjp(graph.results, cotangents, targets)
    return refresh({
      params: [...graph.params, ...cotangents.filter((c) => c !== null)],
      results: targets.map((p, i) => grads[i] ?? e.zerosLike(p)),
    })
  },
})

/** Fresh placeholders, so that a body used twice (nested transforms) never shares variables. */
function refresh(graph: SubGraph): SubGraph {
  const params = graph.params.map((p) => placeholder(e, p))
  return { params, results: substitute(e, graph.results, new Map(graph.params.map((p, i) => [p, params[i]!]))) }
}
