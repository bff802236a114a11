// Pending tensors as a graph with its values: what a backend compiles and runs.
import { type Node, type SubGraph, topological } from '../../src/ir/index.ts'
import { type Storage, storageOf } from '../../src/tensor/storage.ts'
import type { Tensor } from '../../src/tensor/index.ts'

export function graphOf(results: readonly Tensor[]): { readonly graph: SubGraph; readonly values: readonly Storage[] } {
  const roots = results.map((t) => t.node)
  const leaves: Node[] = topological(roots, (n) => n.storage !== null).filter((n) => n.storage !== null)
  return { graph: { params: leaves, results: roots }, values: leaves.map((n) => storageOf(n)!) }
}
