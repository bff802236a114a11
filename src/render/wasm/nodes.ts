// The kernel IR made ready for printing: expressions interned into a DAG (equal means identical), memory accesses
// as byte address + constant offset. `lower.ts` builds it, `emit.ts` prints it.
import type { DType } from '../../base/index.ts'
import { type Expr, type ScalarOp, type VType, type Var, vtype } from '../../ir/index.ts'

export interface Node {
  readonly id: number
  /** `load` has an element index as argument, `mem` a byte address; only `mem` is left when lowering is done. */
  readonly k: 'const' | 'ramp' | 'var' | 'load' | 'mem' | 'op' | 'splat' | 'pack' | 'extract' | 'fold'
  readonly type: VType
  readonly args: readonly Node[]
  /** const: the value; load, mem: the buffer; mem: the byte offset; extract: the lane. */
  readonly value: number
  readonly buf: number
  readonly v: Var | null
  readonly op: ScalarOp | null
  readonly dtype: DType | null
  /** Ids of the variables it depends on, and the buffers it reads. */
  readonly vars: ReadonlySet<number>
  readonly bufs: ReadonlySet<number>
}

/** Statements over nodes. `pre` runs once, before the first iteration, when there is one. */
export type LowStmt =
  | {
      readonly s: 'for'
      readonly v: Var
      readonly lo: Node
      readonly hi: Node
      readonly step: number
      readonly pre: readonly LowStmt[]
      readonly body: readonly LowStmt[]
    }
  | { readonly s: 'let' | 'set'; readonly v: Var; readonly value: Node }
  | { readonly s: 'store'; readonly buf: number; readonly dtype: DType; readonly addr: Node; readonly offset: number; readonly value: Node }
  | { readonly s: 'if'; readonly cond: Node; readonly then: readonly LowStmt[]; readonly else: readonly LowStmt[] }

const NOTHING: ReadonlySet<number> = new Set()

function union(sets: readonly ReadonlySet<number>[], extra?: number): ReadonlySet<number> {
  let out: ReadonlySet<number> = NOTHING
  let own: Set<number> | null = null
  for (const s of sets) {
    if (s.size === 0 || s === out) continue
    if (out.size === 0) out = s
    else {
      own ??= new Set(out)
      for (const x of s) own.add(x)
      out = own
    }
  }
  if (extra === undefined || out.has(extra)) return out
  return new Set([...out, extra])
}

interface Parts {
  readonly args?: readonly Node[]
  readonly value?: number
  readonly buf?: number
  readonly v?: Var
  readonly op?: ScalarOp
  readonly dtype?: DType
}

/** The interner of one kernel. */
export class Graph {
  private readonly table = new Map<string, Node>()
  private readonly fromExpr = new Map<Expr, Node>()

  private make(k: Node['k'], type: VType, { args = [], value = 0, buf = -1, v, op, dtype }: Parts): Node {
    let key = `${k}${type.t}${type.lanes},${Object.is(value, -0) ? '-0' : value},${buf},${v?.id ?? ''},${op ?? ''}`
    for (const a of args) key += `,${a.id}`
    let node = this.table.get(key)
    if (node === undefined) {
      const vars = union(args.map((a) => a.vars), v?.id)
      const bufs = union(args.map((a) => a.bufs), buf < 0 ? undefined : buf)
      node = { id: this.table.size, k, type, args, value, buf, v: v ?? null, op: op ?? null, dtype: dtype ?? null, vars, bufs }
      this.table.set(key, node)
    }
    return node
  }

  constant(type: VType, value: number): Node {
    return this.make('const', type, { value })
  }
  i32(value: number): Node {
    return this.make('const', vtype('i32'), { value: value | 0 })
  }
  use(v: Var): Node {
    return this.make('var', v.type, { v })
  }
  op(op: ScalarOp, type: VType, args: readonly Node[]): Node {
    return this.make('op', type, { op, args })
  }
  mem(type: VType, buf: number, dtype: DType, addr: Node, offset: number): Node {
    return this.make('mem', type, { args: [addr], buf, dtype, value: offset })
  }
  /** The same node over other arguments. */
  withArgs(n: Node, args: readonly Node[]): Node {
    if (args.every((a, i) => a === n.args[i])) return n
    return this.make(n.k, n.type, {
      args, value: n.value, buf: n.buf,
      ...(n.v && { v: n.v }), ...(n.op && { op: n.op }), ...(n.dtype && { dtype: n.dtype }),
    })
  }

  intern(e: Expr): Node {
    let node = this.fromExpr.get(e)
    if (node === undefined) this.fromExpr.set(e, (node = this.convert(e)))
    return node
  }
  private convert(e: Expr): Node {
    switch (e.k) {
      case 'const': return this.make('const', e.type, { value: e.value })
      case 'ramp': return this.make('ramp', e.type, {})
      case 'var': return this.use(e.v)
      case 'load': return this.make('load', e.type, { buf: e.buf, args: [this.intern(e.index)] })
      case 'op': return this.op(e.op, e.type, e.args.map((a) => this.intern(a)))
      case 'splat': {
        const arg = this.intern(e.arg)
        if (e.type.lanes === 1) return arg
        return arg.k === 'const' ? this.make('const', e.type, { value: arg.value }) : this.make('splat', e.type, { args: [arg] })
      }
      case 'pack': return this.make('pack', e.type, { args: e.args.map((a) => this.intern(a)) })
      case 'extract': {
        const arg = this.intern(e.arg)
        return arg.type.lanes === 1 ? arg : this.make('extract', e.type, { args: [arg], value: e.lane })
      }
      case 'fold': {
        const arg = this.intern(e.arg)
        return arg.type.lanes === 1 ? arg : this.make('fold', e.type, { op: e.op, args: [arg] })
      }
    }
  }
}
