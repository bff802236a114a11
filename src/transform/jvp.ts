// Forward mode: tangents of the variables → tangents of the roots, node by node.
import { type Emit, type GraphTransforms, type Node, emit as e } from '../ir/index.ts'
import { addTo, dependents, entry, linearIn } from './linear.ts'

/** Directional derivatives of the roots; null where a root does not move. */
export function jvpWith(graphs: GraphTransforms | null, roots: readonly Node[], variables: readonly Node[], tangents: readonly (Node | null)[]): (Node | null)[] {
  const { order } = dependents(roots, variables)
  const moved = new Map<Node, Node>()
  const several = new Map<Node, readonly (Node | null)[]>()
  variables.forEach((v, i) => {
    const t = tangents[i]
    if (t) moved.set(v, addTo(e, moved.get(v), t))
  })
  const isVariable = new Set(variables)
  for (const node of order) {
    if (isVariable.has(node)) continue
    if (node.op === 'pick') {
      const t = several.get(node.inputs[0]!)?.[(node as Node<'pick'>).params.index]
      if (t) moved.set(node, t)
      continue
    }
    const t = node.inputs.map((x) => moved.get(x) ?? null)
    if (t.every((x) => x === null)) continue
    if (node.outs !== null) {
      several.set(node, generalTangents(e, node, t, graphs))
      continue
    }
    const out = tangentOf(e, node, t, graphs)
    if (out !== null) moved.set(node, out)
  }
  return roots.map((r) => moved.get(r) ?? null)
}

function tangentOf(emit: Emit, node: Node, t: readonly (Node | null)[], graphs: GraphTransforms | null): Node | null {
  const { derivative } = entry(node)
  switch (derivative.kind) {
    case 'none':
      return null
    case 'pointwise': {
      let sum: Node | null = null
      t.forEach((ti, i) => {
        const part = ti === null ? null : derivative.partial(emit, ti, node, i)
        if (part !== null) sum = addTo(emit, sum, part)
      })
      return sum
    }
    case 'linear': {
      if (derivative.jointly) {
        if (!t.some((ti, i) => ti !== null && linearIn(derivative.of, i))) return null
        return emit.make(node.op, node.inputs.map((x, i) => (linearIn(derivative.of, i) ? (t[i] ?? emit.zerosLike(x)) : x)), node.params)
      }
      let sum: Node | null = null
      t.forEach((ti, i) => {
        if (ti === null || !linearIn(derivative.of, i)) return
        sum = addTo(emit, sum, emit.make(node.op, node.inputs.map((x, j) => (j === i ? ti : x)), node.params))
      })
      return sum
    }
    case 'general':
      return derivative.jvp(emit, t, node, graphs!)[0] ?? null
  }
}

function generalTangents(emit: Emit, node: Node, t: readonly (Node | null)[], graphs: GraphTransforms | null): readonly (Node | null)[] {
  const { derivative } = entry(node)
  return derivative.kind === 'general' ? derivative.jvp(emit, t, node, graphs!) : node.outs!.map(() => null)
}
