// Tracing: a function of trees of tensors run once on placeholders, the graph it drew as a closed sub-graph.
import { type Aval, type Node, type SubGraph, defOf, emit as e, topological } from '../ir/index.ts'
import type { TreeDef } from '../base/index.ts'
import { type DeviceName, backend } from './devices.ts'
import { withTraceKey } from './generator.ts'
import { realize } from './realize.ts'
import { withScope } from './scopes.ts'
import { Tensor } from './tensor.ts'
import { resultOf, wrapTree } from './trees.ts'

/** An argument's form, and type and shape of every tensor in it. */
export interface TracedArgument {
  readonly def: TreeDef
  readonly leaves: readonly Aval[]
}
export interface TracedGraph {
  /** Parameters: the leaves of the arguments, then the captured values, then the key if random numbers are drawn. */
  readonly graph: SubGraph
  /** How many parameters are leaves of arguments. */
  readonly leaves: number
  /** Values from outside the function: computed, in their parameters' order. */
  readonly captured: readonly Node[]
  readonly outDef: TreeDef
  readonly usesKey: boolean
}

/**
 * @internal The graph of `f` for arguments of these forms. What depends only on values it closes over is computed on
 * `device`, once; with `fold: false` it stays in the graph (but for random numbers, which were drawn).
 */
export function traceGraph(operation: string, f: (...args: never[]) => unknown, args: readonly TracedArgument[], { device, fold = true }: { readonly device: DeviceName; readonly fold?: boolean }): TracedGraph {
  return withScope((scope) => {
    const placeholder = (like: Aval): Node => e.scoped(e.make('input', [], { name: operation, shape: like.shape, dtype: like.dtype }), scope)
    const params: Node[] = []
    const opened = args.map(({ leaves, def }) => {
      const own = leaves.map(placeholder)
      params.push(...own)
      return wrapTree(def, own)
    })
    const keyNode = placeholder({ shape: [2], dtype: 'int32' })
    const { result, used } = withTraceKey(new Tensor(keyNode), () => f(...(opened as never[])))
    const { nodes, def: outDef } = resultOf(operation, result)
    const captured = closedOver(nodes, new Set([...params, keyNode]), device, fold)
    return { graph: { params: [...params, ...captured, ...(used ? [keyNode] : [])], results: nodes }, leaves: params.length, captured, outDef, usesKey: used }
  })
}

/** Values from outside the function: computed now if they still are pending, and passed as inputs at every call. */
function closedOver(results: readonly Node[], params: Set<Node>, device: DeviceName, fold: boolean): Node[] {
  const order = topological(results, (n) => params.has(n) || n.storage !== null)
  const inside = new Set<Node>()
  const valued = new Set<Node>()
  for (const node of order) {
    if (params.has(node) || node.inputs.some((x) => inside.has(x))) inside.add(node)
    else if ((fold && node.storage !== null) || node.op === 'random' || node.inputs.some((x) => valued.has(x))) valued.add(node)
  }
  // What only captured values go into is computed once, not at every call; constants and views stay as they are.
  const heavy = new Set<Node>()
  const consider = (x: Node): void => {
    if (!valued.has(x) || x.storage !== null || x.outs !== null) return
    const { kind } = defOf(x.op).lower
    if (kind === 'view' || kind === 'identity') consider(x.inputs[0]!)
    else heavy.add(x)
  }
  for (const node of order) if (inside.has(node) && !params.has(node)) node.inputs.forEach(consider)
  results.forEach((r) => {
    if (!inside.has(r)) consider(r)
  })
  if (heavy.size > 0) {
    realize(backend(device), [...heavy])
    return closedOver(results, params, device, fold)
  }
  return order.filter((n) => n.storage !== null && !params.has(n))
}
