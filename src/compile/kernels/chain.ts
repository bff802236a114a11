// What follows a product in its kernel: the nodes up to the one that is stored.
import { type Index, type Node, ixFlatten, ixUnflatten, ixVar, newVar } from '../../ir/index.ts'
import { type Buffers, addressOf } from '../layout.ts'

/** The nodes from a product up to the root its kernel stores: each a view or elementwise use of the one before. */
export interface Chain {
  readonly dot: Node
  readonly links: readonly Node[]
  readonly root: Node
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
  const { terms } = addressOf(isBuffer, chain.root, rootCoords(chain, vars.map((v, i) => ixVar(v, chain.dot.shape[i]!))))
  return terms.some(({ atom, by }) => atom.k === 'var' && by === 1 && atom.v === vars[swapped ? 1 : 2])
}
