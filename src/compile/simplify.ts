// Graph → smaller equal graph: identities dropped, equal nodes merged, constants folded, composite ops taken apart.
import { type Shape, sameShape, sizeOf } from '../base/index.ts'
import { type Emit, type Node, type SubGraph, defOf, emit as e, paramsKey, topological } from '../ir/index.ts'

/** Full reductions longer than this are cut into pieces of this length: more parallel, and more exact. */
const REDUCE_PIECE = 4096

/** One step of improvement of a node; the node itself when there is none. */
export type Rule = (emit: Emit, node: Node) => Node

/**
 * `keep` says which ops have a kernel of their own and are not taken apart (`original`: the node of the graph as given);
 * `rule` is the device's own.
 */
export function simplify(graph: SubGraph, keep: (node: Node, original: Node) => boolean = () => false, rule: Rule = (_, node) => node): SubGraph {
  const isParam = new Set(graph.params)
  const done = new Map<Node, Node>()
  const known = new Map<string, Node>()
  const parts = new Map<Node, readonly Node[]>()
  /** An output of an op with several that has no kernel of its own. */
  const part = (pick: Node<'pick'>): Node => {
    const [from] = pick.inputs as [Node]
    const { parts: split } = defOf(from.op)
    if (split === undefined || keep(from, from)) return pick
    let list = parts.get(from)
    if (list === undefined) parts.set(from, (list = split(e, from)))
    return list[pick.params.index]!
  }
  const merge = (node: Node): Node => {
    if (node.op === 'input' || node.op === 'data' || isParam.has(node)) return node
    const { lower } = defOf(node.op)
    if (lower.kind === 'identity' && lower.kept === true) return node
    const key = keyOf(node)
    const same = known.get(key)
    if (same !== undefined) return same
    known.set(key, node)
    return node
  }
  const finish = (node: Node): Node => {
    if (done.has(node)) return done.get(node)!
    // Nodes a rule made on the way are themselves simplified.
    let current = node
    for (let round = 0; round < 20; round++) {
      const inputs = current.inputs.map((x) => (isParam.has(x) ? x : (done.get(x) ?? finishDeep(x))))
      const rebuilt = inputs.some((x, i) => x !== current.inputs[i]) ? e.make(current.op, inputs, current.params) : current
      const usual = isParam.has(rebuilt) ? rebuilt : rebuilt.op === 'pick' ? part(rebuilt as Node<'pick'>) : rewrite(e, rebuilt, (n) => keep(n, node))
      const better = usual === rebuilt ? rule(e, rebuilt) : usual
      if (better === rebuilt) {
        const out = merge(rebuilt)
        done.set(node, out)
        done.set(out, out)
        return out
      }
      current = better
      if (isParam.has(current) || done.get(current) === current) {
        done.set(node, current)
        return current
      }
    }
    done.set(node, current)
    return current
  }
  const finishDeep = (root: Node): Node => {
    for (const n of topological([root], (x) => isParam.has(x) || done.has(x))) if (!isParam.has(n) && !done.has(n)) finish(n)
    return isParam.has(root) ? root : done.get(root)!
  }
  for (const p of graph.params) done.set(p, p)
  return { params: graph.params, results: graph.results.map(finishDeep) }
}

function keyOf(node: Node): string {
  return `${node.op}(${node.inputs.map((x) => x.id).join()})${node.dtype}${node.shape}${paramsKey(node.params)}`
}

const isFull = (x: Node | undefined): x is Node<'full'> => x !== undefined && x.op === 'full'
const isConst = (x: Node | undefined, value: number): boolean => isFull(x) && x.params.value === value

/** One step of improvement; the node itself when there is none. */
function rewrite(emit: Emit, node: Node, keep: (node: Node) => boolean): Node {
  const def = defOf(node.op)
  const { lower } = def
  const [a, b] = node.inputs
  if (lower.kind === 'identity' && lower.kept !== true) return a!
  if (def.decompose !== undefined) return keep(node) ? node : def.decompose(emit, node)
  if (lower.kind === 'pointwise' && node.inputs.every(isFull)) {
    const one = { ...node, inputs: node.inputs.map((x) => emit.full((x as Node<'full'>).params.value, [], x.dtype)), shape: [] }
    const value = def.evaluate(one.inputs.map((x) => defOf('full').evaluate([], x, () => []) as never), one, () => []) as { data: ArrayLike<number> }
    return emit.full(value.data[0]!, node.shape, node.dtype)
  }
  if (lower.kind === 'view' && isFull(a) && lower.fill === undefined) return emit.full(a.params.value, node.shape, node.dtype)
  switch (node.op) {
    case 'mul':
      if (isConst(b, 1)) return a!
      if (isConst(a, 1)) return b!
      break
    case 'div':
      if (isConst(b, 1)) return a!
      break
    case 'sub':
      if (isConst(b, 0)) return a!
      break
    case 'add':
      if (node.dtype === 'int32' || node.dtype === 'uint8') {
        if (isConst(b, 0)) return a!
        if (isConst(a, 0)) return b!
      }
      break
    case 'where':
      if (isFull(a)) return node.inputs[a.params.value !== 0 ? 1 : 2]!
      if (b === node.inputs[2]) return b!
      break
    case 'cast':
      if (a!.dtype === node.dtype) return a!
      break
    case 'expand':
    case 'reshape':
      if (sameShape(a!.shape, node.shape)) return a!
      if (a!.op === node.op) return emit.make(node.op, [a!.inputs[0]!], node.params as never)
      break
    case 'permute': {
      const { axes } = (node as Node<'permute'>).params
      if (a!.op === 'permute') return emit.permute(a!.inputs[0]!, axes.map((i) => (a as Node<'permute'>).params.axes[i]!))
      if (axes.every((x, i) => x === i)) return a!
      if (onlyMovesOnes(axes, a!.shape)) return emit.reshape(a!, node.shape)
      break
    }
    case 'dot':
      return keep(node) ? node : thinDot(emit, node)
    case 'fold':
      return simpleFold(emit, node as Node<'fold'>)
    case 'sum':
      return splitSum(emit, node as Node<'sum'>)
  }
  return node
}

/** A permutation that keeps the order of the axes longer than 1 is a reshape. */
function onlyMovesOnes(axes: readonly number[], shape: Shape): boolean {
  const order = axes.filter((a) => shape[a] !== 1)
  return order.every((a, i) => i === 0 || a > order[i - 1]!)
}

/** Windows that do not overlap are folded back by moving elements alone. */
function simpleFold(emit: Emit, node: Node<'fold'>): Node {
  const { shape: tail, stride, dilation } = node.params
  const x = node.inputs[0]!
  const n = stride.length
  const lead = x.shape.length - 2 * n
  const size = x.shape.slice(lead + n)
  const positions = x.shape.slice(lead, lead + n)
  if (!stride.every((s, i) => s >= size[i]! && dilation[i] === 1) || sizeOf(x.shape) === 0) return node
  // [.., P…, K…] → pad K to the stride → [.., P0, K0, P1, K1] → [.., P0·s0, P1·s1] → crop or pad to the shape
  const zeros = x.shape.map(() => 0)
  const wide = emit.pad(x, zeros, zeros.map((_, i) => (i >= lead + n ? stride[i - lead - n]! - size[i - lead - n]! : 0)))
  const order = [...Array.from({ length: lead }, (_, i) => i), ...stride.flatMap((_, i) => [lead + i, lead + n + i])]
  const flat = emit.reshape(emit.permute(wide, order), [...x.shape.slice(0, lead), ...positions.map((p, i) => p * stride[i]!)])
  return emit.pad(flat, flat.shape.map(() => 0), flat.shape.map((d, i) => (i < lead ? 0 : tail[i - lead]! - d)))
}

/** A product with a vector is a row of inner products: a reduction along contiguous memory. */
function thinDot(emit: Emit, node: Node): Node {
  const [a, b] = node.inputs as [Node, Node]
  const [B, M, N] = node.shape as [number, number, number]
  const K = a.shape[2]!
  const real = node.dtype === 'float32'
  if (sizeOf(node.shape) === 0 || K === 0) return emit.full(0, node.shape, node.dtype)
  if (real && N !== 1 && !(M === 1 && b.op === 'permute')) return node
  // [B,M,1,K] · [B,1,N,K] summed over K
  const left = emit.expand(emit.reshape(a, [B, M, 1, K]), [B, M, N, K])
  const right = emit.expand(emit.reshape(emit.swapLast(b), [B, 1, N, K]), [B, M, N, K])
  return emit.sum(emit.mul(left, right), [3])
}

/** A long sum into few results becomes two shorter ones; the pieces are fixed, so the bits do not depend on threads. */
function splitSum(emit: Emit, node: Node<'sum'>): Node {
  const x = node.inputs[0]!
  const results = sizeOf(node.shape)
  const length = results === 0 ? 0 : sizeOf(x.shape) / results
  if (length <= 2 * REDUCE_PIECE || results > 16) return node
  if (results === 1) {
    const flat = emit.reshape(x, [length])
    const whole = Math.floor(length / REDUCE_PIECE)
    const pieces = emit.sum(emit.reshape(emit.slice(flat, [0], [whole * REDUCE_PIECE]), [whole, REDUCE_PIECE]), [1])
    const main = emit.sum(pieces, [0])
    const rest = length - whole * REDUCE_PIECE
    return emit.reshape(rest === 0 ? main : emit.add(main, emit.sum(emit.slice(flat, [whole * REDUCE_PIECE], [rest]), [0])), node.shape)
  }
  return node
}
