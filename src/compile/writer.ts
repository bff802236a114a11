// Writes one kernel: evaluates graph nodes at symbolic coordinates into kernel-IR expressions. Nodes that live in
// buffers become loads; everything between them is inlined, movement ops as index arithmetic.
import { GradusError, coerce } from '../base/index.ts'
import {
  type BufferParam, type Expr, type Guard, type Index, type Node, type Stmt, type Var, constant, defOf, guardExpression, i32,
  ixExpr, ixExpression, ixFlatten, ixKey, ixOffset, ixRange, load, newVar, op, regType, use,
} from '../ir/index.ts'
import { sizeOf } from '../base/index.ts'
import { type Buffers, addressOf } from './layout.ts'

export class Writer {
  readonly params: BufferParam[] = []
  /** The node (or constant table, or null for scratch) behind each parameter. */
  readonly buffers: (Node | Uint8Array | null)[] = []
  /** Index forms met on the way: addresses and guards. What loop structure is chosen from. */
  readonly forms: Index[] = []
  /** Values given from outside: the result of a product inside its epilogue, a reduction just computed. */
  readonly bound = new Map<Node, Expr>()
  /** Statements that must run before the expression being built. */
  sink: Stmt[] = []
  /** Loop variables, outermost first. */
  order: Var[] = []
  readonly isBuffer: Buffers
  /** Emits an inlined reduction; set by the reduction lowering. */
  reduceInline: ((node: Node, coords: readonly Index[]) => Expr) | null = null
  private memos: Map<string, Expr>[] = [new Map()]
  private guards: { guard: Guard[]; code: Expr; vars: Set<Var> }[] = []
  private readonly roots = new Set<Node>()

  constructor(isBuffer: Buffers, roots: readonly Node[] = []) {
    this.isBuffer = isBuffer
    for (const r of roots) this.roots.add(r)
  }

  parameter(of: Node | Uint8Array, access: BufferParam['access'], dtype?: BufferParam['dtype'], length?: number): number {
    const at = this.buffers.indexOf(of)
    if (at >= 0) {
      const old = this.params[at]!
      if (old.access !== access && old.access !== 'readwrite') this.params[at] = { ...old, access: 'readwrite' }
      return at
    }
    this.buffers.push(of)
    this.params.push({ dtype: dtype ?? (of as Node).dtype, length: length ?? sizeOf((of as Node).shape), access, scope: 'global' })
    return this.params.length - 1
  }

  /** Scratch memory of each thread. */
  scratch(length: number, dtype: BufferParam['dtype'] = 'float32'): number {
    this.buffers.push(null)
    return this.params.push({ dtype, length, access: 'readwrite', scope: 'thread' }) - 1
  }

  private readonly rows = new Map<Node, { buf: number; rank: number }>()
  /** From now on only one row of `node` exists, in scratch: its first `rank` coordinates are always those of the row at work. */
  keepRow(node: Node, rank: number): void {
    this.rows.set(node, { buf: this.scratch(sizeOf(node.shape.slice(rank)), node.dtype), rank })
  }
  /** Where an element lies. */
  private place(node: Node, coords: readonly Index[], access: 'read' | 'write'): { buf: number; address: Index } {
    const row = this.rows.get(node)
    return row === undefined
      ? { buf: this.parameter(node, access), address: addressOf(this.isBuffer, node, coords) }
      : { buf: row.buf, address: ixFlatten(coords.slice(row.rank), node.shape.slice(row.rank)) }
  }

  /** The element of `node` at `coords`. */
  at(node: Node, coords: readonly Index[]): Expr {
    const given = this.bound.get(node)
    if (given !== undefined) return given
    const key = this.key(node, coords)
    for (const memo of this.memos) {
      const known = memo.get(key)
      if (known !== undefined) return known
    }
    const e = this.compute(node, coords)
    this.memos[this.memos.length - 1]!.set(key, e)
    return e
  }

  /** From now on the element of `node` at `coords` is `value`. */
  remember(node: Node, coords: readonly Index[], value: Expr): void {
    this.memos[this.memos.length - 1]!.set(this.key(node, coords), value)
  }
  private key(node: Node, coords: readonly Index[]): string {
    const guards = this.guards.map((g) => g.guard.map((x) => `${ixKey(x.index)}<${x.lo},${x.hi},${x.multiple}`).join()).join('&')
    return `${node.id}@${coords.map(ixKey).join(',')}#${guards}`
  }

  /** Runs `build` with statements going to a block of their own, such as the body of an inner loop. */
  block<T>(build: () => T): { result: T; body: Stmt[] } {
    const outer = this.sink
    this.sink = []
    this.memos.push(new Map())
    const result = build()
    this.memos.pop()
    const body = this.sink
    this.sink = outer
    return { result, body }
  }

  /** The value a kernel computes for one of its roots, buffer or not. */
  root(node: Node, coords: readonly Index[]): Expr {
    return this.isBuffer(node) && !this.roots.has(node) ? this.compute(node, coords, true) : this.at(node, coords)
  }

  private compute(node: Node, coords: readonly Index[], here = false): Expr {
    if (!here && this.isBuffer(node) && !this.roots.has(node)) return this.load(node, coords)
    const { lower } = defOf(node.op)
    switch (lower.kind) {
      case 'leaf': return this.load(node, coords)
      case 'generate': {
        coords.forEach((c) => this.forms.push(c))
        return lower.at(coords, node, (i, cs) => this.at(node.inputs[i]!, cs))
      }
      case 'pointwise': return lower.scalar(node.inputs.map((x) => this.at(x, coords)), node)
      case 'identity': return this.at(node.inputs[0]!, coords)
      case 'view': {
        const source = lower.source(coords, node)
        if (source.guard === undefined) return this.at(node.inputs[0]!, source.coords)
        return this.guarded(source.guard, () => this.at(node.inputs[0]!, source.coords), constant(regType(node.dtype), lower.fill === undefined ? 0 : coerce(node.dtype, lower.fill(node))))
      }
      case 'join': {
        const axis = lower.axis(node)
        let start = 0
        let out: Expr | null = null
        for (const x of node.inputs) {
          const n = x.shape[axis]!
          if (n > 0) {
            const shifted = coords.map((c, i) => (i === axis ? ixOffset(c, -start) : c))
            const last: Expr | null = out
            out = this.guarded([{ index: shifted[axis]!, lo: 0, hi: n }], () => this.at(x, shifted), last ?? constant(regType(node.dtype), 0))
          }
          start += n
        }
        return out!
      }
      case 'index': return this.gather(node, coords)
      case 'reduce':
      case 'argreduce':
        if (this.reduceInline !== null) return this.reduceInline(node, coords)
    }
    throw new GradusError('compile', `${node.op} cannot be inlined here`)
  }

  private gather(node: Node, [b, i, r]: readonly Index[]): Expr {
    const [x, index] = node.inputs
    const last = x!.shape[1]! - 1
    const raw = this.at(index!, [b!, i!])
    const clamped = op('min', op('max', raw, i32(0)), i32(last))
    const v = newVar('at', 'i32')
    this.sink.push({ s: 'let', v, value: clamped })
    const vars = [...new Set([...varsOf(b!), ...varsOf(i!)])]
    return this.at(x!, [b!, ixExpr(use(v), last, vars), r!])
  }

  /** `value` where the guards hold, else `otherwise`; loads inside are kept in bounds. */
  guarded(guard: readonly Guard[], value: () => Expr, otherwise: Expr): Expr {
    for (const g of guard) {
      this.forms.push(g.index)
      const [lo, hi] = ixRange(g.index)
      if (hi < g.lo || lo >= g.hi) return otherwise
    }
    const code = guardExpression(guard, this.order)
    if (code === null) return value()
    this.noteBreaks(guard)
    const live = guard.filter((g) => guardExpression([g]) !== null)
    this.guards.push({ guard: [...live], code, vars: new Set(live.flatMap((g) => varsOf(g.index))) })
    const inner = value()
    this.guards.pop()
    return op('select', code, inner, otherwise)
  }

  /** Places of the innermost loop where a guard begins or ends to hold, whatever the outer loops do. */
  readonly breaks = new Set<number>()
  private noteBreaks(guard: readonly Guard[]): void {
    const inner = this.order[this.order.length - 1]
    for (const g of guard) {
      const [t] = g.index.terms
      if (g.index.terms.length !== 1 || t!.atom.k !== 'var' || t!.atom.v !== inner || t!.by !== 1) continue
      for (const edge of [g.lo - g.index.constant, g.hi - g.index.constant]) if (edge > 0 && edge <= t!.atom.max) this.breaks.add(edge)
    }
  }

  /** Learns of every load. */
  onLoad: ((node: Node, coords: readonly Index[]) => void) | null = null
  private load(node: Node, coords: readonly Index[]): Expr {
    this.onLoad?.(node, coords)
    const { buf, address } = this.place(node, coords, 'read')
    this.forms.push(address)
    return load(buf, this.safe(address), regType(node.dtype))
  }

  /** The address as code; under guards, an address outside the buffer is replaced by a harmless one. */
  safe(address: Index): Expr {
    if (this.guards.length === 0) return ixExpression(address, this.order)
    const inner = this.order[this.order.length - 1]
    const code = this.guards.map((g) => g.code).reduce((a, b) => op('and', a, b))
    const innerGuard = inner !== undefined && this.guards.some((g) => g.vars.has(inner))
    const lanePart = address.terms.filter((t) => t.atom.k === 'var' && t.atom.v === inner && t.by > 0)
    if (!innerGuard && lanePart.length > 0) {
      // The condition is the same for a whole inner loop: keep the run contiguous.
      const rest: Index = { constant: address.constant, terms: address.terms.filter((t) => !lanePart.includes(t)) }
      return op('add', op('select', code, ixExpression(rest, this.order), i32(0)), ixExpression({ constant: 0, terms: lanePart }, this.order))
    }
    return op('select', code, ixExpression(address, this.order), i32(0))
  }

  store(node: Node, coords: readonly Index[], value: Expr): Stmt {
    const { buf, address } = this.place(node, coords, 'write')
    this.forms.push(address)
    return { s: 'store', buf, index: ixExpression(address, this.order), value }
  }
}

export function varsOf(index: Index): Var[] {
  return index.terms.flatMap(({ atom }) => (atom.k === 'var' ? [atom.v] : atom.k === 'expr' ? [...atom.vars] : varsOf(atom.of)))
}
