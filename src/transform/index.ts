// Transforms: walkers over the op table. Graph in, graph out.
import type { GraphTransforms, Node } from '../ir/index.ts'
import { graphTransforms } from './graphs.ts'
import { jvpWith } from './jvp.ts'
import { vjpWith } from './vjp.ts'
import { vmapWith } from './vmap.ts'

let graphs: GraphTransforms | null = null

/** For what makes nodes with sub-graphs: their rules transform these. */
export function withGraphs(): void {
  graphs ??= graphTransforms({ vjp: vjpNodes, jvp: jvpNodes, vmap: vmapNodes })
}

/** Gradients of Σ ⟨root, cotangent⟩ by each variable; null where nothing flows. */
export function vjpNodes(roots: readonly Node[], cotangents: readonly (Node | null)[], variables: readonly Node[]): (Node | null)[] {
  return vjpWith(graphs, roots, cotangents, variables)
}
/** Directional derivatives of the roots; null where a root does not move. */
export function jvpNodes(roots: readonly Node[], variables: readonly Node[], tangents: readonly (Node | null)[]): (Node | null)[] {
  return jvpWith(graphs, roots, variables, tangents)
}
/** The roots with an extra first axis, each variable standing for its batch; roots that do not depend on them unchanged. */
export function vmapNodes(roots: readonly Node[], variables: readonly Node[], batch: readonly Node[], size: number): { node: Node; batched: boolean }[] {
  return vmapWith(graphs, roots, variables, batch, size)
}
