// Builds graph nodes. Derivative and batching rules write their results with it; so does the tensor room.
import { type DType, GradusError, type Shape, sameShape, showShape } from '../base/index.ts'
import type { Aval, Node, OpName, OpParams, Scope } from './node.ts'

/** The shape and type rules of all ops. */
export type Infer = <K extends OpName>(op: K, inputs: readonly Aval[], params: OpParams[K]) => Aval | readonly Aval[]

let nextId = 0

export class Emit {
  private readonly infer: Infer
  constructor(infer: Infer) {
    this.infer = infer
  }

  /** Makes a node, its shape and type inferred by the table. */
  make<K extends OpName>(op: K, inputs: readonly Node[], params: OpParams[K]): Node {
    const inferred = this.infer(op, inputs, params)
    const outs = Array.isArray(inferred) ? (inferred as readonly Aval[]) : null
    const { shape, dtype } = outs === null ? (inferred as Aval) : (outs[0] ?? { shape: [], dtype: 'float32' as const })
    let depth = 0
    for (const x of inputs) if (x.storage === null && x.depth > depth) depth = x.depth
    return { id: nextId++, op, inputs, params, shape, dtype, outs, scope: scopeOf(inputs), depth: depth + 1, storage: null }
  }
  /** A leaf that belongs to a running transform. */
  scoped(node: Node, scope: Scope): Node {
    return { ...node, id: nextId++, scope }
  }
  /** All outputs of a node with several. */
  picks(node: Node): Node[] {
    return node.outs === null ? [node] : node.outs.map((_, index) => this.make('pick', [node], { index }))
  }

  full(value: number, shape: Shape, dtype: DType): Node {
    return this.make('full', [], { value, shape, dtype })
  }
  zerosLike(x: Aval): Node {
    return this.full(0, x.shape, x.dtype)
  }
  /** A constant of x's shape and type. */
  like(x: Aval, value: number): Node {
    return this.full(value, x.shape, x.dtype)
  }
  iota(length: number, dtype: DType): Node {
    return this.make('iota', [], { length, dtype })
  }
  unary(op: UnaryName, x: Node): Node {
    return this.make(op, [x], {})
  }
  binary(op: BinaryName, a: Node, b: Node): Node {
    return this.make(op, [a, b], {})
  }
  neg(x: Node): Node {
    return this.unary('neg', x)
  }
  add(a: Node, b: Node): Node {
    return this.binary('add', a, b)
  }
  sub(a: Node, b: Node): Node {
    return this.binary('sub', a, b)
  }
  mul(a: Node, b: Node): Node {
    return this.binary('mul', a, b)
  }
  div(a: Node, b: Node): Node {
    return this.binary('div', a, b)
  }
  /** x times a plain number. */
  scale(x: Node, by: number): Node {
    return by === 1 ? x : this.mul(x, this.like(x, by))
  }
  /** x plus a plain number. */
  shift(x: Node, by: number): Node {
    return this.add(x, this.like(x, by))
  }
  eq(a: Node, b: Node): Node {
    return this.binary('eq', a, b)
  }
  lt(a: Node, b: Node): Node {
    return this.binary('lt', a, b)
  }
  where(condition: Node, a: Node, b: Node): Node {
    return this.make('where', [condition, a, b], {})
  }
  cast(x: Node, dtype: DType): Node {
    return x.dtype === dtype ? x : this.make('cast', [x], { dtype })
  }
  reshape(x: Node, shape: Shape): Node {
    if (sameShape(x.shape, shape)) return x
    const source = x.op === 'reshape' ? x.inputs[0]! : x
    return sameShape(source.shape, shape) ? source : this.make('reshape', [source], { shape })
  }
  permute(x: Node, axes: readonly number[]): Node {
    return axes.every((a, i) => a === i) ? x : this.make('permute', [x], { axes })
  }
  /** Sizes of 1 repeated up to `shape` (equal ranks). */
  expand(x: Node, shape: Shape): Node {
    return sameShape(x.shape, shape) ? x : this.make('expand', [x], { shape })
  }
  /** NumPy broadcasting: leading axes added, sizes of 1 repeated. */
  broadcastTo(x: Node, shape: Shape): Node {
    if (sameShape(x.shape, shape)) return x
    return this.expand(this.reshape(x, [...new Array<number>(shape.length - x.shape.length).fill(1), ...x.shape]), shape)
  }
  /** The transpose of broadcastTo: sums the repeated axes. */
  sumTo(x: Node, shape: Shape): Node {
    if (sameShape(x.shape, shape)) return x
    const lead = x.shape.length - shape.length
    const axes: number[] = []
    for (let i = 0; i < x.shape.length; i++) if (i < lead || (shape[i - lead] === 1 && x.shape[i] !== 1)) axes.push(i)
    return this.reshape(this.sum(x, axes), shape)
  }
  sum(x: Node, axes: readonly number[]): Node {
    return axes.length === 0 ? x : this.make('sum', [x], { axes })
  }
  /** Puts reduced axes back as size 1 and repeats them to `shape`. */
  unreduce(x: Node, axes: readonly number[], shape: Shape): Node {
    return this.expand(this.reshape(x, shape.map((d, i) => (axes.includes(i) ? 1 : d))), shape)
  }
  slice(x: Node, start: readonly number[], size: readonly number[], step?: readonly number[]): Node {
    const by = step ?? start.map(() => 1)
    if (start.every((s, i) => s === 0 && by[i] === 1 && size[i] === x.shape[i])) return x
    return this.make('slice', [x], { start, size, step: by })
  }
  /** One axis only: `size` elements from `start`. */
  narrow(x: Node, axis: number, start: number, size: number): Node {
    return this.slice(x, x.shape.map((_, i) => (i === axis ? start : 0)), x.shape.map((d, i) => (i === axis ? size : d)))
  }
  flip(x: Node, axes: readonly number[]): Node {
    return this.slice(x, x.shape.map((d, i) => (axes.includes(i) ? Math.max(0, d - 1) : 0)), x.shape, x.shape.map((_, i) => (axes.includes(i) ? -1 : 1)))
  }
  pad(x: Node, before: readonly number[], after: readonly number[], inner?: readonly number[], value = 0): Node {
    const gaps = inner ?? before.map(() => 0)
    if ([before, after, gaps].every((list) => list.every((d) => d === 0))) return x
    return this.make('pad', [x], { before, after, inner: gaps, value })
  }
  concat(xs: readonly Node[], axis: number): Node {
    return xs.length === 1 ? xs[0]! : this.make('concat', xs, { axis })
  }
  /** [B,M,K] × [B,K,N] → [B,M,N] */
  dot(a: Node, b: Node): Node {
    return this.make('dot', [a, b], {})
  }
  /** Swaps the last two axes. */
  swapLast(x: Node): Node {
    const r = x.shape.length
    return this.permute(x, x.shape.map((_, i) => (i === r - 1 ? r - 2 : i === r - 2 ? r - 1 : i)))
  }
  gather(x: Node, index: Node): Node {
    return this.make('gather', [x, index], {})
  }
  scatter(base: Node, index: Node, update: Node, mode: 'add' | 'set'): Node {
    return this.make('scatter', [base, index, update], { mode })
  }
  /** 0, 1, … along one axis of `shape`. */
  positions(shape: Shape, axis: number, dtype: DType): Node {
    return this.expand(this.reshape(this.iota(shape[axis]!, dtype), shape.map((d, i) => (i === axis ? d : 1))), shape)
  }
  moveAxis(x: Node, from: number, to: number): Node {
    const axes = x.shape.map((_, i) => i).filter((i) => i !== from)
    axes.splice(to, 0, from)
    return this.permute(x, axes)
  }
}

export type UnaryName =
  | 'neg' | 'abs' | 'sign' | 'not' | 'exp' | 'expm1' | 'log' | 'log1p' | 'sqrt' | 'rsqrt' | 'sin' | 'cos' | 'tan' | 'asin'
  | 'acos' | 'atan' | 'sinh' | 'cosh' | 'tanh' | 'asinh' | 'acosh' | 'atanh' | 'erf' | 'sigmoid' | 'softplus' | 'relu'
  | 'floor' | 'ceil' | 'trunc' | 'round' | 'alias' | 'stopGradient' | 'barrier'
export type BinaryName =
  | 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'atan2' | 'max' | 'min' | 'floorDiv' | 'remainder' | 'and' | 'or' | 'xor'
  | 'shl' | 'shr' | 'ushr' | 'eq' | 'ne' | 'lt' | 'le'

/** The innermost transform still running among the inputs' scopes. */
function scopeOf(inputs: readonly Node[]): Scope | null {
  let best: Scope | null = null
  for (const x of inputs) {
    const s = activeScope(x)
    if (s !== null && (best === null || s.depth > best.depth)) best = s
  }
  return best
}
/** The running transform a node belongs to, if any. */
export function activeScope(x: Node): Scope | null {
  let s = x.scope
  while (s !== null && !s.active) s = s.parent
  return s
}

/** Nodes in an order where inputs come before their users. Iterative: chains may be long. */
export function topological(roots: readonly Node[], stop?: (node: Node) => boolean): Node[] {
  const order: Node[] = []
  const state = new Map<Node, 1 | 2>()
  const stack: Node[] = []
  for (const root of roots) {
    stack.push(root)
    while (stack.length > 0) {
      const node = stack[stack.length - 1]!
      const s = state.get(node)
      if (s === 2) {
        stack.pop()
        continue
      }
      if (s === 1 || stop?.(node) === true || node.inputs.length === 0) {
        state.set(node, 2)
        order.push(node)
        stack.pop()
        continue
      }
      state.set(node, 1)
      for (let i = node.inputs.length - 1; i >= 0; i--) if (!state.has(node.inputs[i]!)) stack.push(node.inputs[i]!)
    }
  }
  return order
}

/** For infer rules: refuses what a correct caller never sends. */
export function demand(ok: boolean, op: string, expected: string, inputs: readonly Aval[]): void {
  if (!ok) {
    throw new GradusError(op, 'inputs do not fit', { expected, received: inputs.map((x) => `${x.dtype}${showShape(x.shape)}`).join(', ') })
  }
}
