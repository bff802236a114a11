// Widens innermost loops marked `vector`: W elements a step, then one at a time for the rest. Works on the kernel IR
// alone: contiguous loads become vector loads, invariants are splatted, everything else is gathered lane by lane.
import { type Expr, type ScalarOp, type Stmt, type Var, constant, i32, load, newVar, op, splat, use, vtype } from '../ir/index.ts'

export interface VectorTarget {
  /** Elements of 32 bits in a vector register. */
  readonly lanes: number
}

/** Vectors a step in reductions and plain loops: hides the latency of a chain of additions. */
const UNROLL = 4
/** The narrowest vector. */
const NARROW = 4

export function vectorize(body: readonly Stmt[], target: VectorTarget): Stmt[] {
  return body.flatMap((s): Stmt[] => {
    switch (s.s) {
      case 'for': {
        if (s.hint?.vector === true && target.lanes > 1 && fits(s.body)) return widenLoop(s, target.lanes)
        return [{ ...s, body: vectorize(s.body, target) }]
      }
      case 'if': return [{ ...s, then: vectorize(s.then, target), else: vectorize(s.else, target) }]
      default: return [s]
    }
  })
}

/** 64-bit elements stay scalar. */
function fits(body: readonly Stmt[]): boolean {
  let ok = true
  const seen = new Set<Expr>()
  const visit = (x: Expr): void => {
    if (seen.has(x)) return
    seen.add(x)
    if (x.type.t === 'f64' || x.type.lanes > 1) ok = false
    children(x).forEach(visit)
  }
  const walk = (list: readonly Stmt[]): void => {
    for (const s of list) {
      if (s.s === 'for') {
        visit(s.lo)
        visit(s.hi)
        walk(s.body)
      } else if (s.s === 'if' || s.s === 'barrier' || s.s === 'fold') ok = false
      else if (s.s === 'store') {
        visit(s.index)
        visit(s.value)
      } else visit(s.value)
    }
  }
  walk(body)
  return ok
}

export function children(x: Expr): readonly Expr[] {
  switch (x.k) {
    case 'load': return [x.index]
    case 'op':
    case 'pack': return x.args
    case 'splat':
    case 'extract':
    case 'fold': return [x.arg]
    default: return []
  }
}

type ForStmt = Extract<Stmt, { s: 'for' }>

function widenLoop(loop: ForStmt, W: number): Stmt[] {
  const assigned = assignedOutside(loop.body)
  const folds = new Map<Var, ScalarOp>()
  for (const v of assigned) {
    const combine = foldOf(loop.body, v)
    if (combine === null) return [loop]
    folds.set(v, combine)
  }
  const nested = loop.body.some((s) => s.s === 'for')
  const unroll = folds.size > 0 || nested ? UNROLL : 1
  const out: Stmt[] = []
  // One partial result per unrolled copy.
  const partialsOf = (copies: number, width: number): Partials => [...folds].map(([v, combine]) => {
    const parts = Array.from({ length: copies }, (_, u) => newVar(`${v.name}_${u}`, v.type.t, width))
    for (const p of parts) out.push({ s: 'let', v: p, value: constant(v.type.t, neutral(combine, v.type.t), width) })
    return { v, combine, parts }
  })
  const stage = (copies: number, from: Expr, width: number, partials: Partials): Expr => {
    const v = newVar(loop.v.name, 'i32')
    const step = width * copies
    const whole = op('mul', op('div', op('sub', loop.hi, from), i32(step)), i32(step))
    const end = newVar('end', 'i32')
    out.push({ s: 'let', v: end, value: fold(op('add', from, whole)) })
    out.push({ s: 'for', v, lo: from, hi: use(end), step, body: jam(loop.body, loop.v, v, width, copies, partials) })
    return use(end)
  }
  const finish = (partials: Partials): void => {
    for (const { v, combine, parts } of partials) {
      let total: Expr = use(parts[0]!)
      for (const p of parts.slice(1)) total = op(combine, total, use(p))
      out.push({ s: 'set', v, value: op(combine, use(v), { k: 'fold', type: vtype(v.type.t), op: combine, arg: total }) })
    }
  }
  const partials = partialsOf(unroll, W)
  let from = loop.lo
  for (const copies of unroll > 1 ? [unroll, 1] : [1]) if (!constantBelow(loop, W * copies)) from = stage(copies, from, W, partials)
  finish(partials)
  // Of wide vectors the rest may be most of the loop: it is done in halves and quarters of their width.
  const left = restOf(loop, W)
  for (let width = W / 2; width >= NARROW; width /= 2) {
    if ((left & width) === 0) continue
    const narrow = partialsOf(1, width)
    from = stage(1, from, width, narrow)
    finish(narrow)
  }
  if (!divides(loop, Math.min(W, NARROW))) out.push({ ...loop, lo: from, hint: {} })
  return out
}
type Partials = readonly { readonly v: Var; readonly combine: ScalarOp; readonly parts: readonly Var[] }[]

const constantOf = (e: Expr): number | null => (e.k === 'const' ? e.value : null)
function constantBelow(loop: ForStmt, step: number): boolean {
  const lo = constantOf(loop.lo)
  const hi = constantOf(loop.hi)
  return lo !== null && hi !== null && hi - lo < step
}
function divides(loop: ForStmt, W: number): boolean {
  const lo = constantOf(loop.lo)
  const hi = constantOf(loop.hi)
  return lo !== null && hi !== null && hi > lo && (hi - lo) % W === 0
}
/** Iterations left of a loop with constant bounds when it goes in steps of W. */
function restOf(loop: ForStmt, W: number): number {
  const lo = constantOf(loop.lo)
  const hi = constantOf(loop.hi)
  return lo !== null && hi !== null && hi > lo ? (hi - lo) % W : 0
}
/** Folds integer arithmetic on constants. */
function fold(e: Expr): Expr {
  if (e.k !== 'op') return e
  const args = e.args.map(fold)
  const values = args.map(constantOf)
  if (e.type.t === 'i32' && values.every((v) => v !== null)) {
    const [a, b] = values as number[]
    if (e.op === 'add') return i32(a! + b!)
    if (e.op === 'sub') return i32(a! - b!)
    if (e.op === 'mul') return i32(a! * b!)
    if (e.op === 'div') return i32(Math.trunc(a! / b!))
  }
  if (e.op === 'add' && constantOf(args[0]!) === 0) return args[1]!
  if (e.op === 'sub' && constantOf(args[1]!) === 0) return args[0]!
  return { ...e, args }
}

/** Variables a loop body sets but does not declare. */
export function assignedOutside(body: readonly Stmt[]): Set<Var> {
  const declared = new Set<Var>()
  const out = new Set<Var>()
  const walk = (list: readonly Stmt[]): void => {
    for (const s of list) {
      if (s.s === 'let') declared.add(s.v)
      else if (s.s === 'set' && !declared.has(s.v)) out.add(s.v)
      else if (s.s === 'for') walk(s.body)
    }
  }
  walk(body)
  return out
}
function assignedIn(body: readonly Stmt[], out = new Set<Var>()): Set<Var> {
  for (const s of body) {
    if (s.s === 'set') out.add(s.v)
    else if (s.s === 'for') assignedIn(s.body, out)
  }
  return out
}
const FOLDS = new Set<ScalarOp>(['add', 'mul', 'min', 'max', 'and', 'or'])
/** v = v ⊕ x with an associative ⊕ as the only use of v. */
export function foldOf(body: readonly Stmt[], v: Var): ScalarOp | null {
  let found: ScalarOp | null = null
  for (const s of body) {
    if (s.s === 'set' && s.v === v) {
      const e = s.value
      if (found !== null || e.k !== 'op' || !FOLDS.has(e.op) || e.args[0]!.k !== 'var' || (e.args[0] as { v: Var }).v !== v || mentions(e.args[1]!, v)) return null
      found = e.op
    } else if (s.s === 'for' || s.s === 'barrier' || s.s === 'fold') return null
    else if (s.s === 'store' ? mentions(s.value, v) || mentions(s.index, v) : s.s !== 'if' && mentions(s.value, v)) return null
  }
  return found
}
function mentions(e: Expr, v: Var): boolean {
  return (e.k === 'var' && e.v === v) || children(e).some((c) => mentions(c, v))
}
export function neutral(combine: ScalarOp, t: 'f32' | 'f64' | 'i32' | 'bool'): number {
  switch (combine) {
    case 'mul': return 1
    case 'max': return t === 'i32' ? -2147483648 : -Infinity
    case 'min': return t === 'i32' ? 2147483647 : Infinity
    case 'and': return t === 'bool' ? 1 : -1
    default: return 0
  }
}

/** `copies` widened copies of a body; inner loops are shared, their bodies jammed together. */
function jam(body: readonly Stmt[], old: Var, v: Var, W: number, copies: number, partials: readonly { v: Var; parts: readonly Var[] }[]): Stmt[] {
  const assigned = assignedIn(body)
  const wideners = Array.from({ length: copies }, (_, u) => {
    const w = new Widener(old, u === 0 ? use(v) : op('add', use(v), i32(u * W)), W, assigned)
    for (const p of partials) w.bind(p.v, use(p.parts[u]!), p.parts[u]!)
    return w
  })
  const widen = (list: readonly Stmt[]): Stmt[] =>
    list.flatMap((s): Stmt[] => {
      switch (s.s) {
        case 'for': {
          if (wideners.some((w) => w.depends(s.lo) || w.depends(s.hi))) throw new Error('a vector loop with inner bounds that depend on it')
          return [{ ...s, lo: wideners[0]!.scalar(s.lo), hi: wideners[0]!.scalar(s.hi), body: widen(s.body), hint: {} }]
        }
        case 'let': return wideners.map((w) => w.let(s))
        case 'set': return wideners.map((w) => ({ s: 'set' as const, v: w.target(s.v), value: w.wide(s.value) }))
        case 'store': return wideners.flatMap((w) => w.store(s))
        case 'if':
        case 'barrier':
        case 'fold': throw new Error(`${s.s} is not widened`)
      }
    })
  return widen(body)
}

/** Rewrites expressions of a scalar loop variable as W of them at once. */
export class Widener {
  private readonly old: Var
  private readonly base: Expr
  private readonly W: number
  private readonly vars = new Map<Var, { use: Expr; v: Var }>()
  private readonly memo = new Map<Expr, Expr>()
  private readonly dependsMemo = new Map<Expr, boolean>()
  private readonly assigned: ReadonlySet<Var>
  private readonly atMemo = new Map<Expr, Expr>()
  constructor(old: Var, base: Expr, W: number, assigned: ReadonlySet<Var> = new Set()) {
    this.old = old
    this.base = base
    this.W = W
    this.assigned = assigned
  }
  bind(v: Var, as: Expr, target: Var): void {
    this.vars.set(v, { use: as, v: target })
  }
  target(v: Var): Var {
    return this.vars.get(v)?.v ?? v
  }
  /** Whether an expression varies over the lanes. */
  depends(e: Expr): boolean {
    let d = this.dependsMemo.get(e)
    if (d === undefined) {
      d = e.k === 'var' ? e.v === this.old || (this.vars.get(e.v)?.use.type.lanes ?? 1) > 1 : children(e).some((c) => this.depends(c))
      this.dependsMemo.set(e, d)
    }
    return d
  }
  let(s: Extract<Stmt, { s: 'let' }>): Stmt {
    // Accumulators start as constants and become vectors later: declare them wide.
    const vary = this.W > 1 && (this.depends(s.value) || this.assigned.has(s.v))
    const v = newVar(s.v.name, s.v.type.t, vary ? this.W : 1)
    const value = vary ? this.wide(s.value) : this.scalar(s.value)
    this.vars.set(s.v, { use: use(v), v })
    return { s: 'let', v, value }
  }
  /** The expression at the first lane. */
  scalar(e: Expr): Expr {
    if (e.k === 'var') return e.v === this.old ? this.base : (this.vars.get(e.v)?.use ?? e)
    if (children(e).length === 0) return e
    let out = this.atMemo.get(e)
    if (out === undefined) this.atMemo.set(e, (out = rebuild(e, (c) => this.scalar(c))))
    return out
  }
  /** The expression of one lane; vectors already made are taken apart. */
  private lane(e: Expr, lane: number): Expr {
    if (e.k === 'var') {
      if (e.v === this.old) return lane === 0 ? this.base : op('add', this.base, i32(lane))
      const bound = this.vars.get(e.v)?.use ?? e
      return bound.type.lanes > 1 ? { k: 'extract', type: vtype(bound.type.t), arg: bound, lane } : bound
    }
    return rebuild(e, (c) => this.lane(c, lane))
  }
  wide(e: Expr): Expr {
    const known = this.memo.get(e)
    if (known !== undefined) return known
    const out = this.widen(e)
    this.memo.set(e, out)
    return out
  }
  private widen(e: Expr): Expr {
    const W = this.W
    if (!this.depends(e)) {
      const s = this.scalar(e)
      return s.type.lanes === W ? s : splat(s, W)
    }
    switch (e.k) {
      case 'var': {
        if (e.v === this.old) return op('add', splat(this.base, W), { k: 'ramp', type: vtype('i32', W) })
        return this.vars.get(e.v)!.use
      }
      case 'load': {
        const stride = this.stride(e.index)
        if (stride === 1) return load(e.buf, this.scalar(e.index), e.type.t, W)
        return { k: 'pack', type: vtype(e.type.t, W), args: Array.from({ length: W }, (_, l) => load(e.buf, this.lane(e.index, l), e.type.t)) }
      }
      case 'op': return op(e.op, ...e.args.map((a) => this.wide(a)))
      default: throw new Error(`cannot widen ${e.k}`)
    }
  }
  store(s: Extract<Stmt, { s: 'store' }>): Stmt[] {
    const stride = this.stride(s.index)
    if (stride === 1) return [{ s: 'store', buf: s.buf, index: this.scalar(s.index), value: this.wide(s.value) }]
    const value = this.wide(s.value)
    const held = newVar('lanes', value.type.t, this.W)
    return [
      { s: 'let', v: held, value },
      ...Array.from({ length: this.W }, (_, l): Stmt => ({ s: 'store', buf: s.buf, index: this.lane(s.index, l), value: { k: 'extract', type: vtype(value.type.t), arg: use(held), lane: l } })),
    ]
  }
  /** How much an integer expression grows from lane to lane; null when not by a constant. */
  private stride(e: Expr): number | null {
    if (!this.depends(e)) return 0
    if (e.k === 'var') return e.v === this.old ? 1 : null
    if (e.k !== 'op') return null
    const [a, b] = e.args
    if (e.op === 'add' || e.op === 'sub') {
      const p = this.stride(a!)
      const q = this.stride(b!)
      return p === null || q === null ? null : e.op === 'add' ? p + q : p - q
    }
    if (e.op === 'mul') {
      const p = this.stride(a!)
      if (b!.k === 'const' && p !== null) return p * b!.value
      const q = this.stride(b!)
      if (a!.k === 'const' && q !== null) return q * a!.value
    }
    return null
  }
}

/** The same expression over rewritten children. */
export function rebuild(e: Expr, f: (c: Expr) => Expr): Expr {
  switch (e.k) {
    case 'load': return { ...e, index: f(e.index) }
    case 'op': return { ...e, args: e.args.map(f) }
    case 'pack': return { ...e, args: e.args.map(f) }
    case 'splat':
    case 'extract':
    case 'fold': return { ...e, arg: f(e.arg) }
    default: return e
  }
}
