// Random kernels, loops and all, for comparing renderers with the interpreter bit for bit.
import { type DType, type TypedArray, allocate } from '../../src/base/index.ts'
import {
  type BufferParam, type Expr, type Kernel, type RegType, type ScalarOp, type Stmt, type Var, SIGNATURES, constant, i32, load, newVar, op, regType,
  splat, use, vtype,
} from '../../src/ir/index.ts'

/** mulberry32 */
function randomSource(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const DTYPES: readonly DType[] = ['float32', 'float32', 'int32', 'uint8', 'bool', 'float64']
type Scalar = 'f32' | 'i32' | 'bool' | 'f64'
const LENGTH = 512
const OUT = 3

/** Writes random kernels; vectors have `width` lanes. */
export class KernelFuzzer {
  readonly next: () => number
  readonly params: BufferParam[] = []
  /** Scalar loop variables with their largest value. */
  private ranges: { v: Var; max: number }[] = []
  private vars: Var[] = []
  private mutable: Var[] = []
  private pool: Expr[] = []

  private readonly width: number
  private readonly without: readonly ScalarOp[]

  private readonly double: boolean

  constructor(seed: number, { width = 4, without = [], double = true }: { readonly width?: number; readonly without?: readonly ScalarOp[]; readonly double?: boolean } = {}) {
    this.double = double
    this.width = width
    this.without = without
    this.next = randomSource(seed)
    for (let k = 0; k < 5; k++) {
      this.params.push({ dtype: DTYPES[this.int(DTYPES.length - (double ? 0 : 1))]!, length: LENGTH, access: k < OUT ? 'read' : 'readwrite', scope: 'global' })
    }
  }
  int(n: number): number {
    return Math.floor(this.next() * n)
  }
  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)]!
  }

  /** A type, without f64 where there is none. */
  private type(types: readonly Scalar[]): Scalar {
    return this.pick(this.double ? types : types.filter((t) => t !== 'f64'))
  }

  /** An index with room for `lanes` elements. */
  index(lanes: number): Expr {
    let total: Expr | null = null
    let min = 0
    let max = 0
    for (const { v, max: top } of this.ranges) {
      if (this.next() < 0.4) continue
      const by = this.pick([1, 1, 4, -1, 3, 16, -4])
      if (max - min + Math.abs(by) * top > LENGTH - 2 * this.width) continue
      const term = by === 1 ? use(v) : by === 4 && this.next() < 0.5 ? op('shl', use(v), i32(2)) : op('mul', use(v), i32(by))
      total = total === null ? term : this.next() < 0.5 ? op('add', total, term) : op('add', term, total)
      if (by > 0) max += by * top
      else min += by * top
    }
    if (this.next() < 0.1) return op('and', this.expr('i32', 1, 1), i32(255)) // a computed index
    const computed = this.next() < 0.15 && max - min < LENGTH - 48 - this.width ? op('and', this.expr('i32', 1, 1), i32(31)) : null
    if (computed !== null) {
      total = total === null ? computed : op('add', total, computed)
      max += 31
    }
    const at = -min + this.int(LENGTH - lanes - (max - min) + 1)
    return total === null ? i32(at) : this.next() < 0.2 ? op('sub', total, i32(-at)) : op('add', total, i32(at))
  }

  leaf(t: RegType, lanes: number): Expr {
    const r = this.next()
    const known = [...this.vars, ...this.mutable].filter((v) => v.type.t === t && v.type.lanes === lanes)
    if (r < 0.35 && known.length > 0) return use(this.pick(known))
    const shared = this.pool.filter((e) => e.type.t === t && e.type.lanes === lanes)
    if (r < 0.5 && shared.length > 0) return this.pick(shared)
    const bufs = this.params.flatMap((p, i) => (regType(p.dtype) === t ? [i] : []))
    if (r < 0.8 && bufs.length > 0) return load(this.pick(bufs), this.index(lanes), t, lanes)
    if (lanes > 1 && r < 0.9) return t === 'i32' && this.next() < 0.3 ? { k: 'ramp', type: vtype('i32', lanes) } : splat(this.expr(t, 1, 1), lanes)
    if (lanes > 1 && r < 0.93) return { k: 'pack', type: vtype(t, lanes), args: Array.from({ length: lanes }, () => this.leaf(t, 1)) }
    if (lanes === 1 && t !== 'f64' && r < 0.9) {
      const v = this.expr(t, this.width, 1)
      if (this.next() < 0.6) return { k: 'extract', type: vtype(t), arg: v, lane: this.int(this.width) }
      return { k: 'fold', type: vtype(t), op: t === 'bool' ? this.pick(['and', 'or', 'xor'] as const) : this.pick(['add', 'min', 'max'] as const), arg: v }
    }
    if (t === 'i32' && lanes === 1 && this.ranges.length > 0) return use(this.pick(this.ranges).v)
    if (t === 'bool') return constant('bool', this.int(2), lanes)
    return constant(t, t === 'i32' ? this.pick([0, 1, -1, 5, 2147483647, this.int(1000)]) : this.pick([0, -0, 1, -2.5, 1e9, Infinity, this.next()]), lanes)
  }

  expr(t: RegType, lanes: number, depth: number): Expr {
    if (depth <= 0 || this.next() < 0.15) return this.leaf(t, lanes)
    const arg = (type: RegType) => this.expr(type, lanes, depth - 1)
    let made: Expr
    const same: ScalarOp[] = (Object.keys(SIGNATURES) as ScalarOp[]).filter(
      (name) => SIGNATURES[name].of.includes(t) && !this.without.includes(name) && !['eq', 'ne', 'lt', 'le', 'select', 'hi32', 'setHi32'].includes(name) && !/^(to|as)/.test(name),
    )
    const r = this.next()
    if (r < 0.15) made = op('select', arg('bool'), arg(t), arg(t))
    else if (r < 0.3 && t !== 'f64') {
      const from = this.type(lanes === 1 ? ['f32', 'i32', 'bool', 'f64'] : ['f32', 'i32', 'bool'])
      made = op(t === 'f32' ? 'toF32' : t === 'i32' ? 'toI32' : 'toBool', arg(from))
    } else if (t === 'bool' && r < 0.7) {
      const from = this.type(lanes === 1 ? ['f32', 'i32', 'f64'] : ['f32', 'i32'])
      made = op(this.pick(['eq', 'ne', 'lt', 'le'] as const), arg(from), arg(from))
    } else if (t === 'f64' && r < 0.4) made = op('toF64', arg(this.pick(['f32', 'i32', 'bool'] as const)))
    else {
      const name = this.pick(same)
      made = op(name, ...Array.from({ length: SIGNATURES[name].arity }, () => arg(t)))
    }
    if (this.next() < 0.2) this.pool.push(made)
    return made
  }

  block(depth: number, statements: number): Stmt[] {
    const out: Stmt[] = []
    const saved = { vars: [...this.vars], mutable: [...this.mutable], pool: [...this.pool] }
    // Shared expressions must not outlive the variables in them.
    this.pool = []
    for (let i = 0; i < statements; i++) {
      const r = this.next()
      const lanes = this.next() < 0.5 ? 1 : this.width
      const t = this.type(lanes === 1 ? ['f32', 'i32', 'bool', 'f64'] : ['f32', 'i32', 'bool'])
      if (r < 0.3) {
        const v = newVar('t', t, lanes)
        out.push({ s: 'let', v, value: this.expr(t, lanes, 3) })
        ;(this.next() < 0.4 ? this.mutable : this.vars).push(v)
      } else if (r < 0.45 && this.mutable.length > 0) {
        const v = this.pick(this.mutable)
        out.push({ s: 'set', v, value: this.expr(v.type.t, v.type.lanes, 3) })
        this.pool = []
      } else if (r < 0.7) {
        const buf = OUT + this.int(this.params.length - OUT)
        const type = regType(this.params[buf]!.dtype)
        const width = type === 'f64' ? 1 : lanes
        out.push({ s: 'store', buf, index: this.index(width), value: this.expr(type, width, 3) })
      } else if (depth > 0 && r < 0.85) {
        out.push({ s: 'if', cond: this.expr('bool', 1, 2), then: this.block(depth - 1, 1 + this.int(3)), else: this.block(depth - 1, this.int(3)) })
        this.pool = []
      } else if (depth > 0) {
        const v = newVar('k', 'i32')
        const step = this.pick([1, 1, 1, 2, 4])
        const lo = this.pick([0, 0, 1, 3])
        const hi = this.pick([0, 1, 2, 5, 9])
        const hiExpr = this.next() < 0.3 && this.ranges.length > 0 && this.ranges[0]!.max <= 12 ? use(this.ranges[0]!.v) : i32(hi)
        const max = hiExpr.k === 'var' ? this.ranges[0]!.max : Math.max(hi, lo)
        const before = this.pool
        this.pool = []
        this.ranges.push({ v, max })
        const body = this.block(depth - 1, 1 + this.int(4))
        this.ranges.pop()
        this.pool = before
        out.push({ s: 'for', v, lo: i32(lo), hi: hiExpr, step, body })
        this.pool = []
      }
    }
    this.vars = saved.vars
    this.mutable = saved.mutable
    this.pool = []
    return out
  }

  kernel(): Kernel {
    const [lo, hi, u] = [newVar('lo', 'i32'), newVar('hi', 'i32'), newVar('u', 'i32')]
    this.ranges.push({ v: u, max: 5 })
    const body = this.block(3, 6)
    return {
      name: 'fuzz', params: this.params, extent: 5, lo, hi, flops: 0, bytes: 0,
      body: [{ s: 'for', v: u, lo: use(lo), hi: use(hi), step: 1, body }],
    }
  }
  data(dtype: DType): TypedArray {
    const out = allocate(dtype, LENGTH)
    for (let i = 0; i < LENGTH; i++) {
      if (dtype === 'bool') out[i] = this.int(2)
      else if (dtype === 'uint8') out[i] = this.int(256)
      else if (dtype === 'int32') out[i] = this.next() < 0.1 ? this.pick([0, -1, 2147483647, -2147483648]) : this.int(2001) - 1000
      else out[i] = this.next() < 0.1 ? this.pick([0, -0, Infinity, -Infinity, NaN, 1e30]) : (this.next() - 0.5) * 100
    }
    return out
  }
}
