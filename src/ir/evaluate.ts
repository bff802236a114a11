// The reference evaluation of a graph: node by node, plain arrays, nothing clever. The oracle of every device.
import { GradusError, type NDArray } from '../base/index.ts'
import { topological } from './emit.ts'
import type { Node, SubGraph } from './node.ts'
import { defOf } from './table.ts'

/** Learns when the evaluation of a node began and ended, in ms of performance.now(). */
export type Observe = (node: Node, start: number, end: number) => void

/** Values of `roots`; `known` gives the values of leaves. */
export function evaluateGraph(roots: readonly Node[], known: (node: Node) => NDArray | null, observe: Observe | null = null): NDArray[] {
  const values = new Map<Node, NDArray | NDArray[]>()
  const leaf = new Map<Node, NDArray>()
  const stop = (node: Node): boolean => {
    const v = known(node)
    if (v !== null) leaf.set(node, v)
    return v !== null
  }
  for (const node of topological(roots, stop)) {
    const ready = leaf.get(node)
    if (ready !== undefined) {
      values.set(node, ready)
      continue
    }
    if (node.op === 'pick') {
      values.set(node, (values.get(node.inputs[0]!) as NDArray[])[(node as Node<'pick'>).params.index]!)
      continue
    }
    const inputs = node.inputs.map((x) => values.get(x) as NDArray)
    const start = observe === null ? 0 : performance.now()
    values.set(node, defOf(node.op).evaluate(inputs, node, runSubGraph))
    observe?.(node, start, performance.now())
  }
  return roots.map((r) => {
    const v = values.get(r)!
    if (Array.isArray(v)) throw new GradusError('evaluate', 'an op with several outputs was read as one')
    return v
  })
}

/** A sub-graph on arrays. */
export const runSubGraph = (graph: SubGraph, inputs: readonly NDArray[]): NDArray[] => observeSubGraph(graph, inputs, null)

/** The same, observed; ops inside loops and branches count as part of these. */
export function observeSubGraph(graph: SubGraph, inputs: readonly NDArray[], observe: Observe | null): NDArray[] {
  const bound = new Map<Node, NDArray>(graph.params.map((p, i) => [p, inputs[i]!]))
  return evaluateGraph(graph.results, (node) => bound.get(node) ?? null, observe)
}
