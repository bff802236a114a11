// Where elements of a buffer lie: row by row, or with the first axis (the batch) innermost. Neighbours in the batch are
// then neighbours in memory: every loop over images, filters or windows is a vector loop without borders or shuffles.
import { type Index, type Node, defOf, ixFlatten, ixKey, ixVar, newVar } from '../ir/index.ts'

/** Which nodes have a buffer; `last` are those whose first axis lies innermost. */
export interface Buffers {
  (node: Node): boolean
  readonly last?: ReadonlySet<Node>
}

export const isLast = (buffers: Buffers, node: Node): boolean => buffers.last?.has(node) === true

/** The first one behind all others. */
export const rotate = <T>([first, ...rest]: readonly T[]): T[] => (first === undefined ? [] : [...rest, first])
/** The last one before all others. */
export const rotateBack = <T>(list: readonly T[]): T[] => (list.length === 0 ? [] : [list[list.length - 1]!, ...list.slice(0, -1)])

/** The place of an element in the memory of its node. */
export const addressOf = (buffers: Buffers, node: Node, coords: readonly Index[]): Index =>
  isLast(buffers, node) ? ixFlatten(rotate(coords), rotate(node.shape)) : ixFlatten(coords, node.shape)

/** The node below views when `axis` of the node is the first axis of that one, and moves nothing else; else null. */
export function batchBase(node: Node, axis: number): Node | null {
  const vars = node.shape.map((_, i) => newVar(`a${i}`, 'i32'))
  const key = ixKey(ixVar(vars[axis]!, node.shape[axis]!))
  let coords: readonly Index[] = vars.map((v, i) => ixVar(v, node.shape[i]!))
  let base = node
  for (;;) {
    const { lower } = defOf(base.op)
    if (lower.kind === 'view' && lower.fill === undefined) {
      const source = lower.source(coords, base)
      if (source.guard !== undefined) return null
      coords = source.coords
    } else if (lower.kind !== 'identity' || lower.kept === true) break
    base = base.inputs[0]!
  }
  const mine = (index: Index): boolean => index.terms.some(({ atom }) => atom.k !== 'var' || atom.v === vars[axis])
  return base.shape.length > 1 && base.shape[0] === node.shape[axis] && ixKey(coords[0]!) === key && !coords.slice(1).some(mine) ? base : null
}
