// Trees of tensors: flattening arguments and results of user functions.
import { TransformError, type TreeDef, ValueError, flatten, functionOf } from '../base/index.ts'
import type { Node } from '../ir/index.ts'
import { Tensor, isTensor } from './tensor.ts'

/** Anything made of tensors: a tensor, an array or an object of trees, a module. Other values are static. */
export type Tree = unknown

export const leavesOf = (tree: Tree): { leaves: Tensor[]; def: TreeDef } => flatten(tree, isTensor)
export const nodesOf = (tree: Tree): { nodes: Node[]; def: TreeDef } => {
  const { leaves, def } = leavesOf(tree)
  return { nodes: leaves.map((t) => t.node), def }
}
/** The same for what a user's function returned; refuses promises. */
export function resultOf(operation: string, tree: Tree): { nodes: Node[]; def: TreeDef } {
  if (tree instanceof Promise) {
    tree.catch(() => {})
    throw new TransformError(operation, 'the function returned a promise', { expected: 'a plain function', received: 'an async one', remedy: 'Await outside of it.' })
  }
  return nodesOf(tree)
}
/** A tree of the same form around other nodes. */
export const wrapTree = (def: TreeDef, nodes: readonly (Node | null)[]): unknown => def.build(nodes.map((n) => (n === null ? null : new Tensor(n))))

/** Applies a function to every tensor of one tree (or of several of one form). */
export function treeMap<T>(f: (...leaves: Tensor[]) => unknown, tree: T, ...others: T[]): T {
  functionOf('treeMap', f)
  const first = leavesOf(tree)
  const rest = others.map((o) => sameForm('treeMap', first.def, o))
  return first.def.build(first.leaves.map((leaf, i) => f(leaf, ...rest.map((r) => r[i]!)))) as T
}
/** All tensors of a tree. */
export const treeLeaves = (tree: Tree): Tensor[] => leavesOf(tree).leaves
/** [path, tensor] of every leaf, such as ['layers.0.weight', …]. */
export function treeEntries(tree: Tree): [string, Tensor][] {
  const { leaves, def } = leavesOf(tree)
  return leaves.map((t, i) => [def.paths[i]!, t])
}

export function sameForm(operation: string, def: TreeDef, other: Tree): Tensor[] {
  const { leaves, def: found } = leavesOf(other)
  if (leaves.length !== def.leaves || found.paths.some((p, i) => p !== def.paths[i])) {
    throw new ValueError(operation, 'trees differ in form', { expected: `tensors at ${def.paths.join(', ') || 'the root'}`, received: found.paths.join(', ') || 'none' })
  }
  return leaves
}
