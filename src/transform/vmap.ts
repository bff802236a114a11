// Vectorisation: a graph of one example → the graph of a batch, the batch always on axis 0.
import { type Emit, type GraphTransforms, type Node, emit as e } from '../ir/index.ts'
import { dependents, entry } from './linear.ts'

/**
 * Rebuilds `roots` with each variable standing for `batch[i]` (an extra first axis of `size`).
 * Returns the batched roots; a root that does not depend on the variables comes back as it is, with false.
 */
export function vmapWith(graphs: GraphTransforms | null, roots: readonly Node[], variables: readonly Node[], batch: readonly Node[], size: number): { node: Node; batched: boolean }[] {
  const { order } = dependents(roots, variables)
  const lifted = new Map<Node, Node | readonly Node[]>(variables.map((v, i) => [v, batch[i]!]))
  const isVariable = new Set(variables)
  for (const node of order) {
    if (isVariable.has(node)) continue
    if (node.op === 'pick') {
      lifted.set(node, (lifted.get(node.inputs[0]!) as readonly Node[])[(node as Node<'pick'>).params.index]!)
      continue
    }
    const batched = node.inputs.map((x) => lifted.has(x))
    const inputs = node.inputs.map((x) => (lifted.get(x) as Node | undefined) ?? x)
    lifted.set(node, liftOne(e, node, inputs, batched, size, graphs))
  }
  return roots.map((r) => {
    const node = lifted.get(r) as Node | undefined
    return node === undefined ? { node: r, batched: false } : { node, batched: true }
  })
}

function liftOne(emit: Emit, node: Node, inputs: readonly Node[], batched: readonly boolean[], size: number, graphs: GraphTransforms | null): Node | readonly Node[] {
  const def = entry(node)
  if (def.vmap !== null) return def.vmap(emit, inputs, batched, node, size, graphs!)
  // Elementwise ops and identities: bring every input to the batched shape.
  const full = inputs.map((x, i) => (batched[i] ? x : emit.broadcastTo(x, [size, ...x.shape])))
  return emit.make(node.op, full, liftParams(node, size, graphs))
}

/** The rule of a `custom` node sees one example; batched, it is applied to the batch through vmap again. */
function liftParams(node: Node, size: number, graphs: GraphTransforms | null): Node['params'] {
  if (node.op !== 'custom') return node.params
  const { name, vjp, jvp } = (node as Node<'custom'>).params
  const variable = (x: Node): Node => e.make('input', [], { name, shape: x.shape.slice(1), dtype: x.dtype })
  const over = (xs: readonly (Node | null)[], build: (one: (Node | null)[]) => readonly (Node | null)[]): (Node | null)[] => {
    const ones = xs.map((x) => (x === null ? null : variable(x)))
    const results = build(ones)
    const vars = ones.filter((x) => x !== null)
    const batches = xs.filter((x) => x !== null)
    return results.map((r) => {
      if (r === null) return null
      const out = vmapWith(graphs, [r], vars, batches, size)[0]!
      return out.batched ? out.node : e.broadcastTo(out.node, [size, ...out.node.shape])
    })
  }
  return {
    name,
    vjp: (g, out, args) => over([g, out, ...args], ([g1, out1, ...args1]) => vjp(g1!, out1!, args1 as Node[])),
    jvp: jvp && ((t, out, args) => over([...t, out, ...args], (all) => [jvp(all.slice(0, t.length), all[t.length]!, all.slice(t.length + 1) as Node[])])[0]!),
  }
}
