// Addresses: an index as a sum of constant × term + constant. What varies with a loop becomes a pointer that the loop
// steps; what does not is left outside; constants become offsets inside the load instruction.
import type { Graph, Node } from './nodes.ts'

/** Sum of by × node, plus a constant; in elements or bytes. */
export interface Affine {
  readonly terms: ReadonlyMap<Node, number>
  readonly constant: number
}

/**
 * Offsets below this may be folded into an instruction whatever the sign of the rest: an address is then at least
 * offset − 64 KiB + heap base, and the runtime keeps the first 64 KiB of memory for itself.
 */
export const MAX_OFFSET = 65536

const combine = (a: Affine, b: Affine, by: number): Affine => {
  const terms = new Map(a.terms)
  for (const [node, c] of b.terms) {
    const sum = ((terms.get(node) ?? 0) + Math.imul(c, by)) | 0
    if (sum === 0) terms.delete(node)
    else terms.set(node, sum)
  }
  return { terms, constant: (a.constant + Math.imul(b.constant, by)) | 0 }
}
export const scaled = (a: Affine, by: number): Affine => combine({ terms: new Map(), constant: 0 }, a, by)
export const sum = (a: Affine, b: Affine): Affine => combine(a, b, 1)
export const constantOf = (constant: number): Affine => ({ terms: new Map(), constant })

/** i32 scalars as affine sums; `definition` gives what an immutable variable was bound to. */
export function affine(node: Node, definition: (node: Node) => Node | undefined): Affine {
  const of = (n: Node): Affine => {
    if (n.k === 'const') return constantOf(n.value)
    if (n.k === 'var') {
      const bound = definition(n)
      const inner = bound === undefined ? undefined : of(bound)
      // What is no sum is better used by its name than computed again.
      return inner === undefined || inner.terms.get(bound!) === 1 ? { terms: new Map([[n, 1]]), constant: 0 } : inner
    }
    if (n.k === 'op') {
      const [a, b] = n.args as readonly [Node, Node]
      if (n.op === 'add') return combine(of(a), of(b), 1)
      if (n.op === 'sub') return combine(of(a), of(b), -1)
      if (n.op === 'mul') {
        const x = of(a)
        const y = of(b)
        if (x.terms.size === 0) return scaled(y, x.constant)
        if (y.terms.size === 0) return scaled(x, y.constant)
      }
      if (n.op === 'shl' && b.k === 'const') return scaled(of(a), 1 << (b.value & 31))
    }
    return { terms: new Map([[n, 1]]), constant: 0 }
  }
  return of(node)
}

const I32 = { t: 'i32', lanes: 1 } as const

/** term × by as a node. */
function times(graph: Graph, node: Node, by: number): Node {
  if (by === 1) return node
  const shift = Math.log2(by)
  if (Number.isInteger(shift) && shift > 0) return graph.op('shl', I32, [node, graph.i32(shift)])
  return graph.op('mul', I32, [node, graph.i32(by)])
}

/** The sum as a node, outermost terms first so that every prefix can leave the loops it does not depend on. */
export function build(graph: Graph, start: Node | null, a: Affine, depth: (node: Node) => number): Node {
  const terms = [...a.terms].sort(([x], [y]) => depth(x) - depth(y) || x.id - y.id)
  let total = start
  let constant = a.constant
  for (const [node, by] of terms) {
    // The constant goes with the part that changes least.
    if (constant !== 0 && total !== null && depth(node) > 0) {
      total = graph.op('add', I32, [total, graph.i32(constant)])
      constant = 0
    }
    const term = times(graph, node, by)
    total = total === null ? term : graph.op('add', I32, [total, term])
  }
  if (total === null) return graph.i32(constant)
  return constant === 0 ? total : graph.op('add', I32, [total, graph.i32(constant)])
}

/** Identity of a sum without its constant. */
export function termsKey(a: Affine): string {
  return [...a.terms].map(([node, by]) => `${node.id}*${by}`).sort().join('+')
}
