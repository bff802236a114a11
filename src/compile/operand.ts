// How a product reads an operand: a buffer and an address that is a sum of one part per loop (batch, row/column, k).
import { defOf, type Expr, type Index, type Node, type Var, dependsOn, ixAdd, ixExpression, ixVar, newVar } from '../ir/index.ts'
import { type Buffers, addressOf } from './layout.ts'

export interface Operand {
  readonly node: Node
  readonly batch: Index
  readonly batchVar: Var
  /** Offsets along the free axis (rows of A, columns of B) and along k. */
  readonly free: Offsets
  readonly k: Offsets
}
/** i·stride, or a table of offsets. */
export interface Offsets {
  readonly stride: number | null
  readonly table: readonly number[]
}

/** The buffer behind views, with the coordinates it is read at; null when a view needs guards. */
export function behindViews(node: Node, coords: readonly Index[], isBuffer: Buffers): { node: Node; address: Index } | null {
  if (isBuffer(node)) return { node, address: addressOf(isBuffer, node, coords) }
  const { lower } = defOf(node.op)
  if (lower.kind === 'identity') return behindViews(node.inputs[0]!, coords, isBuffer)
  if (lower.kind !== 'view') return null
  const source = lower.source(coords, node)
  return source.guard === undefined ? behindViews(node.inputs[0]!, source.coords, isBuffer) : null
}
/** The node below any views. */
export function baseOf(node: Node): Node {
  const { lower } = defOf(node.op)
  return (lower.kind === 'view' && lower.fill === undefined) || lower.kind === 'identity' ? baseOf(node.inputs[0]!) : node
}

/** Takes a [B, X, Y] operand apart; `kAxis` says which of X, Y is summed over. null: it must be copied first. */
export function operandOf(node: Node, kAxis: 1 | 2, isBuffer: Buffers): Operand | null {
  const [b, x, y] = [newVar('b', 'i32'), newVar('x', 'i32'), newVar('y', 'i32')]
  const [B, X, Y] = node.shape as [number, number, number]
  const found = behindViews(node, [ixVar(b, B), ixVar(x, X), ixVar(y, Y)], isBuffer)
  if (found === null) return null
  const parts = new Map<Var, Index>([b, x, y].map((v) => [v, { constant: 0, terms: [] }]))
  for (const t of found.address.terms) {
    const owners = [b, x, y].filter((v) => dependsOn({ constant: 0, terms: [t] }, v))
    if (owners.length !== 1) return null
    parts.set(owners[0]!, ixAdd(parts.get(owners[0]!)!, { constant: 0, terms: [t] }))
  }
  const batch = ixAdd(parts.get(b)!, { constant: found.address.constant, terms: [] })
  const [freeVar, kVar] = kAxis === 2 ? [x, y] : [y, x]
  const [freeSize, kSize] = kAxis === 2 ? [X, Y] : [Y, X]
  return { node: found.node, batch, batchVar: b, free: offsets(parts.get(freeVar)!, freeVar, freeSize), k: offsets(parts.get(kVar)!, kVar, kSize) }
}

function offsets(part: Index, v: Var, n: number): Offsets {
  const table = Array.from({ length: n }, (_, i) => valueAt(part, v, i))
  const stride = n < 2 ? 0 : table[1]! - table[0]!
  return { stride: table.every((t, i) => t === i * stride) ? stride : null, table }
}

/** The value of an index whose only variable is `v`. */
function valueAt(index: Index, v: Var, at: number): number {
  let sum = index.constant
  for (const { atom, by } of index.terms) {
    const x = atom.k === 'var' ? at : atom.k === 'expr' ? 0 : atom.k === 'div' ? Math.floor(valueAt(atom.of, v, at) / atom.by) : valueAt(atom.of, v, at) % atom.by
    sum += by * x
  }
  return sum
}

/** The batch part as code for a given batch variable. */
export const batchExpr = (o: Operand, b: Var): Expr => ixExpression(renameVar(o.batch, o.batchVar, b))
export const ignoresBatch = (o: Operand): boolean => o.batch.terms.length === 0

function renameVar(index: Index, from: Var, to: Var): Index {
  return {
    constant: index.constant,
    terms: index.terms.map(({ atom, by }) => {
      if (atom.k === 'var') return { by, atom: atom.v === from ? { ...atom, id: `v${to.id}`, v: to } : atom }
      if (atom.k === 'expr') return { by, atom }
      const of = renameVar(atom.of, from, to)
      return { by, atom: { ...atom, of, id: `${atom.id}~${to.id}` } }
    }),
  }
}
