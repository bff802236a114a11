// What follows a product in its kernel: the nodes up to the one that is stored.
import { type Index, type Node, type Stmt, defOf, ixFlatten, ixUnflatten, ixVar, newVar, use } from '../../ir/index.ts'
import { type Buffers, addressOf } from '../layout.ts'
import { Writer } from '../writer.ts'

/** What kind of product an op is, if it is one. */
export function productOf(n: Node): 'matrix' | 'convolution' | undefined {
  const { lower } = defOf(n.op)
  return lower.kind === 'opaque' ? lower.product : undefined
}

/** The nodes from a product up to its root: each a view or elementwise use of the one before. */
export interface Chain {
  readonly dot: Node
  readonly links: readonly Node[]
  readonly root: Node
  /**
   * What the kernel stores: the root, or elementwise values of its shape that alone read it, as an optimiser's update of a
   * parameter reads the gradient.
   */
  readonly roots: readonly Node[]
  /** What only moves the root's elements on their way to its readers; no part of the kernel. */
  readonly views: readonly Node[]
}

/** A product with nothing after it. */
export const alone = (dot: Node): Chain => ({ dot, links: [], root: dot, roots: [dot], views: [] })

type Let = Extract<Stmt, { s: 'let' }>
type Store = Extract<Stmt, { s: 'store' }>

/** A writer that computes what a chain ends in rather than read it. */
export const chainWriter = (chain: Chain, isBuffer: Buffers): Writer => new Writer(isBuffer, [chain.root, ...chain.links, ...chain.roots])

/** The roots at the root's `coords`: all values before all stores, for a root may be written over what another one reads. */
export function finishAt(writer: Writer, { roots }: Chain, coords: readonly Index[]): { readonly body: readonly Let[]; readonly stores: readonly Store[] } {
  const { result: values, body } = writer.block(() => roots.map((root) => {
    const value = writer.at(root, coords)
    if (roots.length === 1) return value
    const v = newVar('value', value.type.t)
    writer.sink.push({ s: 'let', v, value })
    writer.remember(root, coords, use(v))
    return use(v)
  }))
  return { body: body as Let[], stores: roots.map((root, i) => writer.store(root, coords, values[i]!) as Store) }
}

/** Coordinates of the root in terms of the product's: views on the way are undone one after another. */
export function rootCoords(chain: Chain, coords: readonly Index[]): Index[] {
  let current = [...coords]
  let shape = chain.dot.shape
  for (const link of chain.links) {
    if (link.op === 'reshape') current = ixUnflatten(ixFlatten(current, shape), link.shape)
    else if (link.op === 'permute') current = (link as Node<'permute'>).params.axes.map((a) => current[a]!)
    shape = link.shape
  }
  return current
}

/** Whether neighbouring columns of the tile are neighbours in the result. */
export function storesRuns(chain: Chain, swapped: boolean, isBuffer: Buffers): boolean {
  const vars = chain.dot.shape.map((_, i) => newVar(`c${i}`, 'i32'))
  const { terms } = addressOf(isBuffer, chain.roots[0]!, rootCoords(chain, vars.map((v, i) => ixVar(v, chain.dot.shape[i]!))))
  return terms.some(({ atom, by }) => atom.k === 'var' && by === 1 && atom.v === vars[swapped ? 1 : 2])
}
