// How much arithmetic nodes ask for, by their shapes alone: what a caller who does not trust a graph can know before it is computed.
import { sizeOf } from '../base/index.ts'
import type { Node, SubGraph } from './node.ts'
import { defOf } from './table.ts'

/** Elementary operations of one node; a multiply-add counts as one. */
export function workOf(node: Node): number {
  const def = defOf(node.op)
  if (def.work !== undefined) return def.work(node, graphWork)
  const out = node.outs === null ? sizeOf(node.shape) : node.outs.reduce((n, o) => n + sizeOf(o.shape), 0)
  if (def.lower.kind === 'reduce') return def.lower.extents(node).reduce((n, d) => n * d, Math.max(1, out))
  if (def.lower.kind === 'pointwise') return out * Math.max(1, def.lower.cost)
  return node.inputs.reduce((n, x) => n + sizeOf(x.shape), out)
}

function graphWork({ results }: SubGraph): number {
  const seen = new Set<Node>(results)
  const stack = [...seen]
  let total = 0
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    total += workOf(node)
    for (const x of node.inputs) if (!seen.has(x)) {
      seen.add(x)
      stack.push(x)
    }
  }
  return total
}
