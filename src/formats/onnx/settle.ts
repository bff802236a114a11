// Where a model that runs eagerly is computed: before a product whose operands wait for other products. So a program holds
// one product and what follows it; layers of equal sizes share one, and a sequence that grows makes anew only the few in
// which its length occurs. Inside jit, grad and vmap nothing is cut: there the whole is one graph.
import { activeScope, type Node } from '../../ir/index.ts'
import { realize } from '../../tensor/index.ts'
import type { ArrayValue, Value } from './value.ts'

/** Tensors that matrix products, convolutions and loops over time gave. */
const products = new WeakSet<Node>()

export function isPending(v: Value | null): v is ArrayValue {
  return v !== null && v.kind === 'array' && v.tensor !== null && v.tensor.node.storage === null && activeScope(v.tensor.node) === null
}
export function realizeValues(values: Iterable<ArrayValue>): void {
  const tensors = [...values].flatMap((v) => (v.high === null ? [v.tensor!] : [v.tensor!, v.high]))
  if (tensors.length > 0) realize(tensors)
}
export function markProducts(values: readonly (Value | null)[]): void {
  for (const v of values) if (isPending(v)) products.add(v.tensor!.node)
}
/** Whether values hang on a product that is not computed yet. */
export function waitsForProduct(values: readonly (Value | null)[]): boolean {
  const stack = values.filter(isPending).map((v) => v.tensor!.node)
  const seen = new Set<Node>(stack)
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (products.has(node)) return true
    for (const x of node.inputs) {
      if (x.storage !== null || seen.has(x)) continue
      seen.add(x)
      stack.push(x)
    }
  }
  return false
}
