// Kernel → statements over interned nodes with byte addresses. Every access that is affine in its loop's variable goes
// through a pointer stepped by the loop; accesses that differ by a constant share one.
import { DeviceError, byteSize } from '../../base/index.ts'
import { type Kernel, type Stmt, type Var, newVar } from '../../ir/index.ts'
import { type Affine, MAX_OFFSET, affine, build, constantOf, scaled, sum, termsKey } from './address.ts'
import { Graph, type LowStmt, type Node } from './nodes.ts'

/** A pointer: where it starts (in elements, the loop variable replaced by its first value) and how it steps (bytes). */
interface Pointer {
  readonly v: Var
  readonly buf: number
  readonly start: Affine
  readonly first: number
  readonly last: number
  readonly step: number
}
interface Loop {
  readonly v: Var
  /** Variables that change from one iteration to the next. */
  readonly variant: ReadonlySet<number>
  readonly pointers: Map<string, Pointer[]>
  readonly lowered: Map<Node, Node>
}
type ForStmt = Extract<Stmt, { s: 'for' }>

export interface Lowered {
  readonly graph: Graph
  /** The parameters: a byte address per buffer. */
  readonly buffers: readonly Var[]
  readonly body: readonly LowStmt[]
}

export function lower(kernel: Kernel): Lowered {
  return new Lowering(kernel).run()
}

class Lowering {
  private readonly kernel: Kernel
  private readonly graph = new Graph()
  private readonly buffers: Var[]
  private readonly mutable = new Set<number>()
  /** What an immutable scalar was bound to, when that can be computed again anywhere. */
  private readonly definitions = new Map<number, Node>()
  private readonly depths = new Map<number, number>()
  private readonly loops = new Map<ForStmt, Loop>()
  private readonly outside: Loop

  constructor(kernel: Kernel) {
    this.kernel = kernel
    this.buffers = kernel.params.map((_, i) => newVar(`p${i}`, 'i32'))
    this.outside = { v: kernel.lo, variant: new Set(), pointers: new Map(), lowered: new Map() }
  }

  run(): Lowered {
    this.scan(this.kernel.body, 0)
    this.analyse(this.kernel.body, null)
    return { graph: this.graph, buffers: this.buffers, body: this.lowerAll(this.kernel.body, this.outside) }
  }

  // ---- facts about variables

  private scan(body: readonly Stmt[], depth: number): void {
    for (const stmt of body) {
      if (stmt.s === 'set') this.mutable.add(stmt.v.id)
      else if (stmt.s === 'if') {
        this.scan(stmt.then, depth)
        this.scan(stmt.else, depth)
      } else if (stmt.s === 'let') this.depths.set(stmt.v.id, depth)
      else if (stmt.s === 'for') {
        this.depths.set(stmt.v.id, depth + 1)
        this.scan(stmt.body, depth + 1)
      }
    }
  }
  private readonly depthOf = (node: Node): number => {
    let depth = 0
    for (const id of node.vars) depth = Math.max(depth, this.depths.get(id) ?? 0)
    return depth
  }
  private readonly definition = (node: Node): Node | undefined => this.definitions.get(node.v!.id)
  private readonly isMutable = (id: number): boolean => this.mutable.has(id)

  private define(v: Var, value: Node): void {
    if (v.type.t !== 'i32' || v.type.lanes !== 1 || value.bufs.size > 0 || this.mutable.has(v.id)) return
    if (![...value.vars].some(this.isMutable)) this.definitions.set(v.id, value)
  }

  // ---- pointers, inner loops first

  /** Finds the pointers of every loop in `body`; reports to `visit` the accesses made directly in `body`. */
  private analyse(body: readonly Stmt[], visit: ((buf: number, index: Affine) => void) | null): void {
    const seen = new Set<Node>()
    const expression = (node: Node): void => {
      if (visit === null || node.bufs.size === 0 || seen.has(node)) return
      seen.add(node)
      if (node.k === 'load') visit(node.buf, affine(node.args[0]!, this.definition))
      for (const a of node.args) expression(a)
    }
    for (const stmt of body) {
      switch (stmt.s) {
        case 'let':
        case 'set': {
          const value = this.graph.intern(stmt.value)
          expression(value)
          if (stmt.s === 'let') this.define(stmt.v, value)
          break
        }
        case 'store': {
          const index = this.graph.intern(stmt.index)
          expression(index)
          expression(this.graph.intern(stmt.value))
          visit?.(stmt.buf, affine(index, this.definition))
          break
        }
        case 'if':
          expression(this.graph.intern(stmt.cond))
          this.analyse(stmt.then, visit)
          this.analyse(stmt.else, visit)
          break
        case 'for':
          expression(this.graph.intern(stmt.lo))
          expression(this.graph.intern(stmt.hi))
          if (trips(stmt) === 1) {
            this.define(stmt.v, this.graph.intern(stmt.lo))
            this.analyse(stmt.body, visit)
          } else for (const p of this.findPointers(stmt)) visit?.(p.buf, p.start)
      }
    }
  }

  private findPointers(stmt: ForStmt): Pointer[] {
    const variant = new Set<number>([stmt.v.id])
    collectBound(stmt.body, variant)
    const v = this.graph.use(stmt.v)
    const invariant = (node: Node): boolean => node.bufs.size === 0 && ![...node.vars].some((id) => variant.has(id))
    const lo = this.graph.intern(stmt.lo)
    const first = lo.bufs.size === 0 ? affine(lo, this.definition) : null
    const groups = new Map<string, { buf: number; by: number; rest: Affine; constants: Set<number> }>()
    this.analyse(stmt.body, (buf, index) => {
      const by = index.terms.get(v) ?? 0
      if (by === 0) return
      const rest = new Map(index.terms)
      rest.delete(v)
      for (const node of rest.keys()) if (!invariant(node)) return
      const key = this.pointerKey(buf, index)
      let group = groups.get(key)
      if (group === undefined) groups.set(key, (group = { buf, by, rest: { terms: rest, constant: 0 }, constants: new Set() }))
      group.constants.add(index.constant)
    })
    const pointers = new Map<string, Pointer[]>()
    const all: Pointer[] = []
    for (const [key, { buf, by, rest, constants }] of groups) {
      const size = this.size(buf)
      const list: Pointer[] = []
      pointers.set(key, list)
      const start = sum(rest, first === null ? { terms: new Map([[v, by]]), constant: 0 } : scaled(first, by))
      let open: { first: number; last: number } | null = null
      const close = () => {
        if (open === null) return
        const p = { v: newVar('ptr', 'i32'), buf, start: sum(start, constantOf(open.first)), ...open, step: Math.imul(by * stmt.step, size) }
        this.mutable.add(p.v.id)
        list.push(p)
        all.push(p)
      }
      for (const c of [...constants].sort((x, y) => x - y)) {
        if (open !== null && (c - open.first) * size < MAX_OFFSET) open.last = c
        else {
          close()
          open = { first: c, last: c }
        }
      }
      close()
    }
    this.loops.set(stmt, { v: stmt.v, variant, pointers, lowered: new Map() })
    return all
  }
  private pointerKey(buf: number, index: Affine): string {
    return `${buf}:${termsKey(index)}`
  }
  private size(buf: number): number {
    return byteSize(this.kernel.params[buf]!.dtype)
  }

  // ---- lowering

  /** The address of an element: a node and an offset in bytes. */
  private address(buf: number, index: Affine, plain: Affine, loop: Loop): { addr: Node; offset: number } {
    const size = this.size(buf)
    for (const p of loop.pointers.get(this.pointerKey(buf, index)) ?? []) {
      if (index.constant >= p.first && index.constant <= p.last) {
        return { addr: this.graph.use(p.v), offset: (index.constant - p.first) * size }
      }
    }
    const bytes = Math.imul(plain.constant, size)
    const fold = bytes >= 0 && bytes < MAX_OFFSET
    const terms = scaled({ terms: plain.terms, constant: fold ? 0 : plain.constant }, size)
    const base = this.graph.use(this.buffers[buf]!)
    return { addr: this.node(build(this.graph, base, terms, this.depthOf), loop), offset: fold ? bytes : 0 }
  }
  private access(buf: number, index: Node, loop: Loop): { addr: Node; offset: number } {
    return this.address(buf, affine(index, this.definition), affine(index, () => undefined), loop)
  }

  private node(n: Node, loop: Loop): Node {
    if (n.bufs.size === 0) return n
    let out = loop.lowered.get(n)
    if (out === undefined) {
      if (n.k === 'load') {
        const { addr, offset } = this.access(n.buf, n.args[0]!, loop)
        out = this.graph.mem(n.type, n.buf, this.kernel.params[n.buf]!.dtype, addr, offset)
      } else out = this.graph.withArgs(n, n.args.map((a) => this.node(a, loop)))
      loop.lowered.set(n, out)
    }
    return out
  }

  private lowerAll(body: readonly Stmt[], loop: Loop): LowStmt[] {
    return body.flatMap((stmt) => this.stmt(stmt, loop))
  }
  private stmt(stmt: Stmt, loop: Loop): LowStmt[] {
    const of = (e: Parameters<Graph['intern']>[0]) => this.node(this.graph.intern(e), loop)
    switch (stmt.s) {
      case 'let':
      case 'set': return [{ s: stmt.s, v: stmt.v, value: of(stmt.value) }]
      case 'store': {
        const { addr, offset } = this.access(stmt.buf, this.graph.intern(stmt.index), loop)
        return [{ s: 'store', buf: stmt.buf, dtype: this.kernel.params[stmt.buf]!.dtype, addr, offset, value: of(stmt.value) }]
      }
      case 'barrier':
      case 'fold': throw new DeviceError('wasm', 'kernels for groups of members do not run on processors')
      case 'if': return [{ s: 'if', cond: of(stmt.cond), then: this.lowerAll(stmt.then, loop), else: this.lowerAll(stmt.else, loop) }]
      case 'for': {
        const count = trips(stmt)
        if (count === 0) return []
        if (count === 1) return [{ s: 'let', v: stmt.v, value: of(stmt.lo) }, ...this.lowerAll(stmt.body, loop)]
        return [this.loop(stmt, of(stmt.lo), of(stmt.hi), loop)]
      }
    }
  }
  private loop(stmt: ForStmt, lo: Node, hi: Node, outer: Loop): LowStmt {
    const inner = this.loops.get(stmt)!
    const pre: LowStmt[] = []
    const steps: LowStmt[] = []
    const I32 = stmt.v.type
    for (const p of [...inner.pointers.values()].flat()) {
      const { addr, offset } = this.address(p.buf, p.start, p.start, outer)
      const value = offset === 0 ? addr : this.graph.op('add', I32, [addr, this.graph.i32(offset)])
      pre.push({ s: 'let', v: p.v, value })
      steps.push({ s: 'set', v: p.v, value: this.graph.op('add', I32, [this.graph.use(p.v), this.graph.i32(p.step)]) })
    }
    const body = [...this.lowerAll(stmt.body, inner), ...steps]
    return { s: 'for', v: stmt.v, lo, hi, step: stmt.step, pre, body }
  }
}

/** The number of iterations where it is known, and 0 or 1; otherwise 2. */
function trips({ lo, hi, step }: ForStmt): number {
  if (lo.k !== 'const' || hi.k !== 'const') return 2
  return Math.min(2, Math.max(0, Math.ceil((hi.value - lo.value) / step)))
}

/** Every variable bound or set inside. */
function collectBound(body: readonly Stmt[], into: Set<number>): void {
  for (const stmt of body) {
    if (stmt.s === 'if') {
      collectBound(stmt.then, into)
      collectBound(stmt.else, into)
    } else if (stmt.s !== 'store' && stmt.s !== 'barrier' && stmt.s !== 'fold') {
      into.add(stmt.v.id)
      if (stmt.s === 'for') collectBound(stmt.body, into)
    }
  }
}
