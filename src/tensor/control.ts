// scan and cond: loops and branches that compile.
import { type Shape, ShapeError, TransformError, ValueError, argumentOf, describeValue, functionOf, optionsOf, sameShape, showShape } from '../base/index.ts'
import { type Node, type SubGraph, emit as e, substitute, topological } from '../ir/index.ts'
import { withControl } from './families.ts'
import { withScope } from './scopes.ts'
import { Tensor, tensorOf } from './tensor.ts'
import { leavesOf, resultOf, wrapTree } from './trees.ts'

interface Body {
  readonly graph: SubGraph
  readonly constants: Node[]
  readonly outDef: { build(leaves: readonly unknown[]): unknown; readonly paths: readonly string[] }
}

/** Traces a body on placeholders; what it closes over becomes extra parameters in front. */
function traceBody(operation: string, likes: readonly { shape: Shape; dtype: Node['dtype'] }[], call: (tensors: Tensor[]) => unknown): Body {
  return withScope((scope) => {
    const params = likes.map((l) => e.scoped(e.make('input', [], { name: operation, shape: l.shape, dtype: l.dtype }), scope))
    const { nodes, def } = resultOf(operation, call(params.map((p) => new Tensor(p))))
    return { ...close(nodes, params), outDef: def }
  })
}
/** Finds the outer values a traced body uses and turns them into parameters. */
function close(results: readonly Node[], params: readonly Node[]): { graph: SubGraph; constants: Node[] } {
  const own = new Set(params)
  const inside = new Set<Node>(params)
  const order = topological(results, (n) => own.has(n) || n.storage !== null)
  for (const node of order) if (node.inputs.some((x) => inside.has(x))) inside.add(node)
  const constants: Node[] = []
  const outer = (x: Node): boolean => !inside.has(x) && (x.storage !== null || x.inputs.length > 0 || x.op === 'input')
  const collect = (x: Node): void => {
    if (outer(x) && !constants.includes(x)) constants.push(x)
  }
  for (const node of order) if (inside.has(node)) node.inputs.forEach(collect)
  results.forEach(collect)
  const stand = constants.map((c) => e.make('input', [], { name: 'constant', shape: c.shape, dtype: c.dtype }))
  const map = new Map<Node, Node>([...constants.map((c, i): [Node, Node] => [c, stand[i]!])])
  const fresh = params.map((p) => e.make('input', [], { name: 'body', shape: p.shape, dtype: p.dtype }))
  params.forEach((p, i) => map.set(p, fresh[i]!))
  return { graph: { params: [...stand, ...fresh], results: substitute(e, results, map) }, constants }
}

export interface ScanOptions {
  /** Number of steps; needed when there are no xs. */
  readonly length?: number
  /** From the last row to the first; ys keep their places. */
  readonly reverse?: boolean
}

/**
 * A loop: `f(carry, x)` returns [carry, y]; x runs over the first axis of every tensor in `xs`, the ys are stacked.
 * Traced once, whatever the length; its derivative keeps only the carries and recomputes the steps.
 */
export function scan<C, X, Y>(f: (carry: C, x: X) => [C, Y], init: C, xs: X, options: ScanOptions = {}): [C, Y] {
  functionOf('scan', f)
  const c = leavesOf(init)
  const x = leavesOf(xs)
  const length = optionsOf('scan', options).length ?? x.leaves[0]?.shape[0]
  if (length === undefined) throw new ValueError('scan', 'the number of steps is not known', { expected: 'xs with a first axis, or length', received: 'neither' })
  argumentOf('scan', Number.isInteger(length) && length >= 0, 'number of steps', 'a non-negative integer', length)
  for (const t of x.leaves) if (t.shape[0] !== length) throw new ShapeError('scan', 'xs differ in length', { expected: `[${length}, …]`, received: showShape(t.shape) })
  const likes = [...c.leaves.map((t) => ({ shape: t.shape, dtype: t.dtype })), ...x.leaves.map((t) => ({ shape: t.shape.slice(1), dtype: t.dtype }))]
  let carryCount = -1
  const body = traceBody('scan', likes, (args) => {
    const out = f(c.def.build(args.slice(0, c.leaves.length)) as C, x.def.build(args.slice(c.leaves.length)) as X)
    if (!Array.isArray(out) || out.length !== 2) throw new TransformError('scan', 'the body returned something else', { expected: '[carry, y]', received: describeValue(out) })
    const next = leavesOf(out[0])
    carryCount = next.leaves.length
    if (next.def.paths.join() !== c.def.paths.join() || next.leaves.some((t, i) => !sameShape(t.shape, c.leaves[i]!.shape) || t.dtype !== c.leaves[i]!.dtype)) {
      throw new ShapeError('scan', 'the carry changes its form', { expected: c.leaves.map(String).join(', '), received: next.leaves.map(String).join(', ') })
    }
    return out
  })
  withControl()
  const nodes = e.picks(e.make('scan', [...body.constants, ...c.leaves.map((t) => t.node), ...x.leaves.map((t) => t.node)], {
    body: body.graph, constants: body.constants.length, carries: carryCount, length, reverse: options.reverse === true,
  }))
  return body.outDef.build(nodes.map((n) => new Tensor(n))) as [C, Y]
}

/** One of two functions of the same operands, chosen by a bool scalar; only the chosen one runs (both do inside vmap over the flag). */
export function cond<A extends readonly unknown[], R>(flag: Tensor, then: (...args: A) => R, otherwise: (...args: A) => R, ...operands: A): R {
  functionOf('cond', then, 'first branch')
  functionOf('cond', otherwise, 'second branch')
  if (tensorOf('cond', flag).dtype !== 'bool' || flag.size !== 1) throw new ShapeError('cond', 'bad condition', { expected: 'a bool scalar', received: String(flag) })
  const parts = operands.map((o) => leavesOf(o))
  const leaves = parts.flatMap((p) => p.leaves)
  const trace = (f: (...args: A) => R): Body =>
    traceBody('cond', leaves, (args) => {
      let at = 0
      return f(...(parts.map((p) => p.def.build(args.slice(at, (at += p.leaves.length)))) as unknown as A))
    })
  const a = trace(then)
  const b = trace(otherwise)
  const fits = a.graph.results.length === b.graph.results.length && a.graph.results.every((r, i) => sameShape(r.shape, b.graph.results[i]!.shape) && r.dtype === b.graph.results[i]!.dtype)
  if (!fits || a.outDef.paths.join() !== b.outDef.paths.join()) throw new ShapeError('cond', 'the branches return different forms', { expected: a.graph.results.map(form).join(', '), received: b.graph.results.map(form).join(', ') })
  // Both graphs take all constants, each ignoring the other's.
  const pad = (graph: SubGraph, mine: number, before: readonly Node[], after: readonly Node[]): SubGraph => {
    const blank = (n: Node): Node => e.make('input', [], { name: 'unused', shape: n.shape, dtype: n.dtype })
    return { params: [...before.map(blank), ...graph.params.slice(0, mine), ...after.map(blank), ...graph.params.slice(mine)], results: graph.results }
  }
  withControl()
  const nodes = e.picks(e.make('cond', [e.reshape(flag.node, []), ...a.constants, ...b.constants, ...leaves.map((t) => t.node)], {
    then: pad(a.graph, a.constants.length, [], b.constants), else: pad(b.graph, b.constants.length, a.constants, []),
  }))
  return wrapTree(a.outDef as never, nodes) as R
}
const form = (n: Node): string => `${n.dtype}${showShape(n.shape)}`
