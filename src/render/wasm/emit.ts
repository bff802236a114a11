// Lowered statements → one WebAssembly function (a pointer per buffer, lo, hi). What a loop does not change is computed
// before it; what is used several times is computed once.
import { DeviceError } from '../../base/index.ts'
import type { Kernel, VType, Var } from '../../ir/index.ts'
import { Code, type FunctionBody, I32, V128, type ValType } from './assembler.ts'
import { loadInstruction, storeInstruction } from './memory-ops.ts'
import { type Lowered, lower } from './lower.ts'
import type { LowStmt, Node } from './nodes.ts'
import { type Writer, scalarOp, scalarType } from './scalar-ops.ts'
import { extractLane, foldOp, packOp, splatOp, vectorConstant, vectorOp } from './vector-ops.ts'

export function emitKernel(kernel: Kernel, relaxed: boolean): FunctionBody {
  return new Emitter(kernel, lower(kernel), relaxed).run()
}

/** What a piece of code changes: variables bound or set, buffers stored to. */
interface Effects {
  readonly vars: Set<number>
  readonly bufs: Set<number>
}

class Emitter implements Writer {
  readonly code = new Code()
  readonly relaxed: boolean
  private readonly kernel: Kernel
  private readonly lowered: Lowered
  private readonly locals: ValType[] = []
  private readonly varLocals = new Map<number, number>()
  private readonly free = new Map<ValType, number[]>()
  private readonly mutable = new Set<number>()
  private readonly uses = new Map<Node, number>()
  /** Values in locals: one map a block, inner blocks see the outer ones; and those of the current statement. */
  private readonly scopes: Map<Node, number>[] = [new Map()]
  private statement = new Map<Node, number>()
  private statementUses = new Map<Node, number>()
  private statementTemps: [ValType, number][] = []

  constructor(kernel: Kernel, lowered: Lowered, relaxed: boolean) {
    this.kernel = kernel
    this.lowered = lowered
    this.relaxed = relaxed
  }

  run(): FunctionBody {
    const params = [...this.lowered.buffers, this.kernel.lo, this.kernel.hi]
    params.forEach((v, i) => this.varLocals.set(v.id, i))
    this.count(this.lowered.body)
    this.block(this.lowered.body)
    return { params: params.map(() => I32), results: [], locals: this.locals, code: this.code }
  }

  // ---- locals

  private local(type: ValType): number {
    const reusable = this.free.get(type)?.pop()
    return reusable ?? this.kernel.params.length + 2 + this.locals.push(type) - 1
  }
  private release(type: ValType, local: number): void {
    const list = this.free.get(type)
    if (list === undefined) this.free.set(type, [local])
    else list.push(local)
  }
  private localOf(v: Var): number {
    let local = this.varLocals.get(v.id)
    if (local === undefined) this.varLocals.set(v.id, (local = this.local(this.valType(v.type))))
    return local
  }
  temp(type: ValType): number {
    const local = this.local(type)
    this.statementTemps.push([type, local])
    return local
  }
  private valType({ t, lanes }: VType): ValType {
    if (lanes === 1) return scalarType(t)
    if (lanes === 4 && t !== 'f64') return V128
    throw new DeviceError('wasm', `kernel ${this.kernel.name} uses ${t} vectors of ${lanes} lanes`, {
      expected: '1 lane, or 4 lanes of f32, i32 or bool',
    })
  }

  // ---- what is used how often, what changes where

  private count(body: readonly LowStmt[]): void {
    const visit = (node: Node): void => {
      const n = this.uses.get(node) ?? 0
      this.uses.set(node, n + 1)
      if (n === 0) for (const a of node.args) visit(a)
    }
    for (const stmt of body) {
      if (stmt.s === 'for') {
        visit(stmt.lo)
        visit(stmt.hi)
        this.count(stmt.pre)
        this.count(stmt.body)
      } else if (stmt.s === 'if') {
        visit(stmt.cond)
        this.count(stmt.then)
        this.count(stmt.else)
      } else {
        if (stmt.s === 'store') visit(stmt.addr)
        else if (stmt.s === 'set') this.mutable.add(stmt.v.id)
        visit(stmt.value)
      }
    }
  }
  /** The same value wherever its variables are visible. */
  private isPure(node: Node): boolean {
    if (node.bufs.size > 0) return false
    for (const id of node.vars) if (this.mutable.has(id)) return false
    return true
  }

  // ---- values

  available(node: Node): boolean {
    return this.find(node) !== undefined
  }
  private find(node: Node): number | undefined {
    const now = this.statement.get(node)
    if (now !== undefined) return now
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const local = this.scopes[i]!.get(node)
      if (local !== undefined) return local
    }
    return undefined
  }
  push(node: Node): void {
    if (node.k === 'var') {
      this.code.get(this.localOf(node.v!))
      return
    }
    const known = this.find(node)
    if (known !== undefined) {
      this.code.get(known)
      return
    }
    this.compute(node)
    if (node.k === 'const' || node.k === 'ramp') return
    const type = this.valType(node.type)
    if (this.isPure(node)) {
      if (this.uses.get(node)! < 2) return
      const local = this.local(type)
      this.scopes[this.scopes.length - 1]!.set(node, local)
      this.code.tee(local)
    } else if (this.statementUses.get(node)! > 1) {
      const local = this.temp(type)
      this.statement.set(node, local)
      this.code.tee(local)
    }
  }
  private compute(node: Node): void {
    const { code } = this
    const { t, lanes } = node.type
    switch (node.k) {
      case 'const':
        this.valType(node.type)
        if (lanes > 1) vectorConstant(this, t, node.value)
        else if (t === 'f32') code.op(0x43).rawF32(node.value)
        else if (t === 'f64') code.op(0x44).rawF64(node.value)
        else code.i32Const(t === 'bool' ? Number(node.value !== 0) : node.value)
        return
      case 'ramp':
        this.valType(node.type)
        code.simd(0x0c).rawI32(0).rawI32(1).rawI32(2).rawI32(3)
        return
      case 'mem':
        this.valType(node.type)
        this.push(node.args[0]!)
        loadInstruction(code, node)
        return
      case 'op':
        this.valType(node.type)
        if (node.args[0]!.type.lanes === 1) scalarOp(this, node.op!, node.args)
        else vectorOp(this, node.op!, node.args)
        return
      case 'splat':
        this.valType(node.type)
        splatOp(this, node.args[0]!)
        return
      case 'pack':
        this.valType(node.type)
        packOp(this, node.args)
        return
      case 'extract':
        this.push(node.args[0]!)
        extractLane(this, t, node.value)
        return
      case 'fold':
        foldOp(this, node.op!, node.args[0]!)
        return
      default: throw new DeviceError('wasm', `unexpected ${node.k} in kernel ${this.kernel.name}`)
    }
  }

  // ---- statements

  private begin(...roots: Node[]): void {
    this.statementUses = new Map()
    const visit = (node: Node): void => {
      const n = this.statementUses.get(node) ?? 0
      this.statementUses.set(node, n + 1)
      if (n === 0) for (const a of node.args) visit(a)
    }
    for (const r of roots) visit(r)
  }
  private end(): void {
    this.statement = new Map()
    for (const [type, local] of this.statementTemps) this.release(type, local)
    this.statementTemps = []
  }
  private scoped(write: () => void): void {
    this.scopes.push(new Map())
    write()
    for (const [node, local] of this.scopes.pop()!) this.release(this.valType(node.type), local)
  }

  private block(body: readonly LowStmt[]): void {
    for (const stmt of body) {
      switch (stmt.s) {
        case 'let':
        case 'set':
          this.begin(stmt.value)
          this.push(stmt.value)
          this.code.set(this.localOf(stmt.v))
          this.end()
          break
        case 'store':
          this.begin(stmt.addr, stmt.value)
          this.push(stmt.addr)
          this.push(stmt.value)
          storeInstruction(this, stmt.dtype, stmt.value.type, stmt.offset)
          this.end()
          break
        case 'if':
          this.begin(stmt.cond)
          this.push(stmt.cond)
          this.end()
          this.code.op(0x04).op(0x40)
          this.scoped(() => this.block(stmt.then))
          if (stmt.else.length > 0) {
            this.code.op(0x05)
            this.scoped(() => this.block(stmt.else))
          }
          this.code.op(0x0b)
          break
        case 'for': this.loop(stmt)
      }
    }
  }

  /** v = lo; if (v < hi) { hoisted; do { … v += step } while (v < hi) } */
  private loop(stmt: Extract<LowStmt, { s: 'for' }>): void {
    const { code } = this
    const v = this.localOf(stmt.v)
    this.begin(stmt.lo)
    this.push(stmt.lo)
    code.set(v)
    this.end()
    let limit = -1
    if (stmt.hi.k !== 'const' && !(stmt.hi.k === 'var' && this.isPure(stmt.hi))) {
      this.begin(stmt.hi)
      this.push(stmt.hi)
      limit = this.local(I32)
      code.set(limit)
      this.end()
    }
    const pushLimit = () => (limit < 0 ? this.push(stmt.hi) : code.get(limit))
    const guarded = !(stmt.lo.k === 'const' && stmt.hi.k === 'const' && stmt.lo.value < stmt.hi.value)
    if (guarded) {
      code.get(v)
      pushLimit()
      code.op(0x48).op(0x04).op(0x40)
    }
    this.scoped(() => {
      this.hoist(stmt.v, stmt.body)
      this.block(stmt.pre)
      code.op(0x03).op(0x40)
      this.scoped(() => this.block(stmt.body))
      code.get(v).i32Const(stmt.step).op(0x6a).tee(v)
      pushLimit()
      code.op(0x48).op(0x0d).u32(0).op(0x0b)
    })
    if (guarded) code.op(0x0b)
    if (limit >= 0) this.release(I32, limit)
  }

  /** Computes what the body of a loop does not change into locals. */
  private hoist(v: Var, body: readonly LowStmt[]): void {
    const changed: Effects = { vars: new Set([v.id]), bufs: new Set() }
    collectEffects(body, changed)
    const seenAlways = new Set<Node>()
    const seenMaybe = new Set<Node>()
    const overlaps = (a: ReadonlySet<number>, b: ReadonlySet<number>) => {
      for (const x of a) if (b.has(x)) return true
      return false
    }
    // Loads may fault, so they leave a loop only when every iteration would have done them.
    const visit = (node: Node, always: boolean): void => {
      if (node.k === 'const' || node.k === 'ramp' || node.k === 'var') return
      if (seenAlways.has(node) || (!always && seenMaybe.has(node))) return
      const seen = always ? seenAlways : seenMaybe
      seen.add(node)
      const fixed = !overlaps(node.vars, changed.vars) && (node.bufs.size === 0 || (always && !overlaps(node.bufs, changed.bufs)))
      if (!fixed) {
        for (const a of node.args) visit(a, always)
      } else if (!this.available(node)) {
        this.begin(node)
        this.compute(node)
        const type = this.valType(node.type)
        const local = this.local(type)
        this.code.set(local)
        this.end()
        this.scopes[this.scopes.length - 1]!.set(node, local)
      }
    }
    const walk = (stmts: readonly LowStmt[], always: boolean): void => {
      for (const stmt of stmts) {
        if (stmt.s === 'for') {
          visit(stmt.lo, always)
          visit(stmt.hi, always)
          walk(stmt.pre, false)
          walk(stmt.body, false)
        } else if (stmt.s === 'if') {
          visit(stmt.cond, always)
          walk(stmt.then, false)
          walk(stmt.else, false)
        } else {
          if (stmt.s === 'store') visit(stmt.addr, always)
          visit(stmt.value, always)
        }
      }
    }
    walk(body, true)
  }
}

function collectEffects(body: readonly LowStmt[], into: Effects): void {
  for (const stmt of body) {
    if (stmt.s === 'store') into.bufs.add(stmt.buf)
    else if (stmt.s === 'if') {
      collectEffects(stmt.then, into)
      collectEffects(stmt.else, into)
    } else {
      into.vars.add(stmt.v.id)
      if (stmt.s === 'for') {
        collectEffects(stmt.pre, into)
        collectEffects(stmt.body, into)
      }
    }
  }
}
