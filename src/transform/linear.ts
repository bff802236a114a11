// What the walkers share: which inputs an op is linear in, sums of contributions.
import type { Emit, Node, OpName } from '../ir/index.ts'
import { type OpDef, defOf, topological } from '../ir/index.ts'

export const entry = (node: Node): OpDef<OpName> => defOf(node.op)

/** The nodes between `variables` and `roots` (variables included), inputs first. */
export function dependents(roots: readonly Node[], variables: readonly Node[]): { order: Node[]; touched: Set<Node> } {
  const isVariable = new Set(variables)
  const touched = new Set<Node>(variables)
  const order = topological(roots, (n) => isVariable.has(n))
  for (const node of order) if (!isVariable.has(node) && node.inputs.some((x) => touched.has(x))) touched.add(node)
  return { order: order.filter((n) => touched.has(n)), touched }
}

export const addTo = (e: Emit, old: Node | null | undefined, more: Node): Node => (old ? e.add(old, more) : more)

export const linearIn = (of: 'all' | readonly number[], input: number): boolean => of === 'all' || of.includes(input)
