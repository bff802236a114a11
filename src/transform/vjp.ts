// Reverse mode: cotangents of the roots → cotangents of the variables, by walking the graph backwards.
import { GradusError, isFloat } from '../base/index.ts'
import { type Emit, type GraphTransforms, type Node, emit as e } from '../ir/index.ts'
import { addTo, dependents, entry, linearIn } from './linear.ts'

/** Gradients of Σ ⟨root, cotangent⟩ by each variable; null where nothing flows. */
export function vjpWith(graphs: GraphTransforms | null, roots: readonly Node[], cotangents: readonly (Node | null)[], variables: readonly Node[]): (Node | null)[] {
  const { order, touched } = dependents(roots, variables)
  const isVariable = new Set(variables)
  const grads = new Map<Node, Node>()
  /** Cotangents of the outputs of ops with several. */
  const several = new Map<Node, (Node | null)[]>()
  roots.forEach((r, i) => {
    const c = cotangents[i]
    if (c && touched.has(r)) grads.set(r, addTo(e, grads.get(r), c))
  })
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!
    if (isVariable.has(node)) continue
    if (node.op === 'pick') {
      const g = grads.get(node)
      if (g) {
        const source = node.inputs[0]!
        const list = several.get(source) ?? source.outs!.map(() => null)
        const index = (node as Node<'pick'>).params.index
        list[index] = addTo(e, list[index], g)
        several.set(source, list)
      }
      grads.delete(node)
      continue
    }
    const g = several.get(node) ?? (grads.has(node) ? [grads.get(node)!] : null)
    if (g === null) continue
    grads.delete(node)
    several.delete(node)
    const wanted = node.inputs.map((x) => touched.has(x) && (x.outs !== null || isFloat(x.dtype)))
    if (!wanted.some(Boolean)) continue
    const contributions = inputCotangents(e, node, g, wanted, graphs)
    contributions.forEach((c, j) => {
      if (c === null || !wanted[j]) return
      const x = node.inputs[j]!
      if (c.shape.length !== x.shape.length || c.dtype !== x.dtype) {
        throw new GradusError(node.op, 'a derivative rule gave another shape or type than its input', { expected: `${x.dtype}[${x.shape}]`, received: `${c.dtype}[${c.shape}]` })
      }
      grads.set(x, addTo(e, grads.get(x), c))
    })
  }
  return variables.map((v) => grads.get(v) ?? null)
}

function inputCotangents(emit: Emit, node: Node, g: readonly (Node | null)[], wanted: readonly boolean[], graphs: GraphTransforms | null): readonly (Node | null)[] {
  const { derivative } = entry(node)
  switch (derivative.kind) {
    case 'none':
      return wanted.map(() => null)
    case 'pointwise':
      return wanted.map((w, i) => (w ? derivative.partial(emit, g[0]!, node, i) : null))
    case 'linear':
      return wanted.map((w, i) => (w && linearIn(derivative.of, i) ? derivative.transpose(emit, g[0]!, node, i) : null))
    case 'general':
      return derivative.vjp(emit, g, node, wanted, graphs!)
  }
}
