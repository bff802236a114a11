// Kernels that are plain loop nests: elementwise roots (several of one shape together) and reductions with what
// follows them.
import { sizeOf } from '../../base/index.ts'
import {
  type Expr, type Index, type Kernel, type Node, type ScalarOp, type Stmt, constant, defOf, i32, ixAdd, ixConst, ixUnflatten, ixVar, newVar, op, regType, use, type Var,
} from '../../ir/index.ts'
import { COARSE, type Nest, type Segment, kernelOf, mergedNest, plainNest, rangedNest, substituteVar } from '../loops.ts'
import { type Buffers, isLast, rotate, rotateBack } from '../layout.ts'
import { Writer, varsOf } from '../writer.ts'

export interface Written {
  readonly kernel: Kernel
  /** What each parameter is: a node, a constant table, or null for a thread's scratch. */
  readonly buffers: readonly (Node | Uint8Array | null)[]
}

/** One kernel computing all `roots` (equal shapes). `isBuffer` says which nodes can be loaded. */
export function loopKernel(roots: readonly Node[], isBuffer: Buffers, grain = COARSE): Written {
  const shape = roots[0]!.shape
  // Loops go as the results lie.
  const last = roots.some((r) => isLast(isBuffer, r))
  const back = (nest: Nest): Nest => (last ? { ...nest, coords: rotateBack(nest.coords) } : nest)
  const first = plainNest(last ? rotate(shape) : shape)
  const probe = new Reducer(isBuffer, roots)
  write(probe, roots, back(first).coords)
  const nest = back(mergedNest(first, probe.writer.forms))
  const final = new Reducer(isBuffer, roots)
  final.writer.order = [...nest.vars]
  const { writer } = final
  const whole = writer.block(() => write(final, roots, nest.coords)).result
  const points = sizeOf(shape)
  // A piece of a loop makes no sense where every element is on its own.
  const body = (grain.elements === 1 ? null : cut(final, roots, nest)) ?? whole
  const ranged = rangedNest(nest.vars, nest.extents, body, { vector: !final.rows, weight: Math.max(1, final.work), grain })
  const bytes = writer.params.reduce((s, p) => s + p.length * (p.dtype === 'float64' ? 8 : p.dtype === 'bool' || p.dtype === 'uint8' ? 1 : 4), 0)
  const kernel = kernelOf(nameOf(roots), writer.params, ranged, points * Math.max(1, final.work) * cost(roots, isBuffer), bytes)
  return { kernel, buffers: writer.buffers }
}

/** Reductions over so few elements have no loop of their own. */
const MOST_WRITTEN_OUT = 9
/** Most pieces an inner loop is cut into. */
const MOST_SEGMENTS = 9

/** Cuts the innermost loop where guards (of padding, of joins) begin and end to hold: inside a piece they are no question. */
function cut(r: Reducer, roots: readonly Node[], nest: Nest): { segments: Segment[] } | null {
  const { writer } = r
  const n = nest.vars.length
  const edges = [0, ...[...writer.breaks].sort((a, b) => a - b), nest.extents[n - 1]!]
  if (n < 2 || r.work > 0 || edges.length < 3 || edges.length - 1 > MOST_SEGMENTS) return null
  const inner = nest.vars[n - 1]!
  const segments = edges.slice(0, -1).map((from, i): Segment => {
    const extent = edges[i + 1]! - from
    const v = newVar(inner.name, 'i32')
    writer.order = [...nest.vars.slice(0, -1), v]
    const place = ixAdd(ixVar(v, extent), ixConst(from))
    const coords = nest.coords.map((c) => substituteVar(c, inner, place))
    const { result } = writer.block(() => write(r, roots, coords))
    // A piece of one element has no loop variable in its indices; binding it to 0 is harmless.
    return { v, extent, body: result }
  })
  return { segments }
}

export function write(r: Reducer, roots: readonly Node[], coords: readonly Index[]): Stmt[] {
  const { writer } = r
  // All values before all stores: a root may be written over what another one reads.
  const values = roots.map((root) => {
    const value = writer.root(root, coords)
    if (roots.length === 1) return value
    const v = newVar('value', value.type.t)
    writer.sink.push({ s: 'let', v, value })
    writer.remember(root, coords, use(v))
    return use(v)
  })
  const stores = roots.map((root, i) => writer.store(root, coords, values[i]!))
  return [...writer.sink, ...stores]
}

/** A readable name: the ops of the kernel, outermost first. */
export function nameOf(roots: readonly Node[]): string {
  return roots.map((r) => r.op).slice(0, 4).join('_') + (roots.length > 4 ? `_${roots.length}` : '')
}

/** Scalar operations per element, roughly. */
export function cost(roots: readonly Node[], isBuffer: (n: Node) => boolean): number {
  const seen = new Set<Node>()
  const visit = (n: Node): number => {
    if (seen.has(n)) return 0
    seen.add(n)
    const { lower } = defOf(n.op)
    const own = lower.kind === 'pointwise' ? lower.cost : lower.kind === 'generate' && n.op === 'random' ? 80 : 0.5
    return own + n.inputs.reduce((s, x) => s + (isBuffer(x) && !roots.includes(x) ? 0.5 : visit(x)), 0)
  }
  return roots.reduce((s, r) => s + visit(r), 0)
}

/** A writer that can also write reductions met on the way, as inner loops. */
export class Reducer {
  readonly writer: Writer
  /** Reductions run along contiguous memory: the inner loops are the vector loops. */
  rows = false
  /** Elements read per point. */
  work = 0
  /** Learns of loads, in trial runs too. */
  watch: Writer['onLoad'] = null
  private readonly isBuffer: (n: Node) => boolean
  constructor(isBuffer: (n: Node) => boolean, roots: readonly Node[], writer = new Writer(isBuffer, roots)) {
    this.isBuffer = isBuffer
    this.writer = writer
    this.writer.reduceInline = (node, coords) => this.reduce(node, coords)
  }

  private reduce(node: Node, coords: readonly Index[]): Expr {
    const { lower } = defOf(node.op)
    if (lower.kind === 'reduce') return this.fold(node, coords, lower)
    if (lower.kind === 'argreduce') return this.arg(node, coords, lower.better)
    throw new Error(`${node.op} is no reduction`)
  }

  private fold(node: Node, coords: readonly Index[], lower: Extract<ReturnType<typeof defOf>['lower'], { kind: 'reduce' }>): Expr {
    const { writer } = this
    const input = node.inputs[0]!
    const extents = lower.extents(node)
    const reg = regType(node.dtype)
    const combine: ScalarOp = reg === 'bool' ? (lower.combine === 'max' ? 'or' : 'and') : lower.combine
    // Which axes of the reduction run together, and in which order.
    const first = plainNest(extents, 'r')
    const probe = new Reducer(this.isBuffer, [])
    probe.watch = probe.writer.onLoad = this.watch
    for (const [n, e] of writer.bound) probe.writer.bound.set(n, e)
    const source = lower.source(coords, first.coords, node)
    const look = (w: Writer, s: typeof source): Expr =>
      s.guard === undefined ? w.at(input, s.coords) : w.guarded(s.guard, () => w.at(input, s.coords), constant(reg, lower.init(node.dtype)))
    look(probe.writer, source)
    const merged = mergedNest(first, probe.writer.forms, 'r')
    const strides = merged.vars.map((_, k) => strideOf(first, merged, probe.writer.forms, k))
    const outer = writer.order[writer.order.length - 1]
    const outerStride = outer === undefined ? null : probe.writer.forms.map((f) => f.terms.find((t) => t.atom.k === 'var' && t.atom.v === outer)?.by ?? 0).includes(1) ? 1 : null
    const order = merged.vars.map((_, k) => k).sort((a, b) => (strides[b] ?? Infinity) - (strides[a] ?? Infinity))
    const innermost = order[order.length - 1]
    const along = innermost !== undefined && strides[innermost] === 1 && (outerStride !== 1 || merged.extents[innermost]! >= 16)
    // Some loads may run along the sum and others across it (a column, weighted by a value of each row): most decide.
    const rows = along && (outer === undefined || gathers(probe.writer.forms, first.vars[innermostAxis(first, merged, innermost)]!) <= gathers(probe.writer.forms, outer))
    if (rows || merged.vars.length === 0) this.rows = this.rows || rows
    const count = extents.reduce((p, n) => p * n, 1)
    if (!rows && count > 1 && count <= MOST_WRITTEN_OUT) {
      // A few elements, as of a window: written out, without loops.
      let total: Expr = constant(reg, lower.init(node.dtype))
      for (let i = 0; i < count; i++) {
        const at = ixUnflatten(ixConst(i), extents)
        total = op(combine, total, look(writer, lower.source(coords, at, node)))
      }
      this.work += count
      const held = newVar('acc', reg)
      writer.sink.push({ s: 'let', v: held, value: total })
      return node.dtype === 'uint8' ? op('and', use(held), i32(255)) : use(held)
    }
    const acc = newVar('acc', reg)
    const vars = order.map((k) => merged.vars[k]!)
    const saved = writer.order
    writer.order = [...saved, ...vars]
    const { body } = writer.block(() => {
      const value = look(writer, lower.source(coords, merged.coords, node))
      writer.sink.push({ s: 'set', v: acc, value: op(combine, use(acc), value) })
    })
    writer.order = saved
    writer.sink.push({ s: 'let', v: acc, value: constant(reg, lower.init(node.dtype)) })
    let loops: Stmt[] = body
    for (let i = order.length - 1; i >= 0; i--) {
      const k = order[i]!
      loops = [{ s: 'for', v: merged.vars[k]!, lo: i32(0), hi: i32(merged.extents[k]!), step: 1, body: loops, hint: rows && i === order.length - 1 ? { vector: true } : {} }]
    }
    // An empty reduction leaves the initial value.
    if (extents.every((n) => n > 0)) writer.sink.push(...loops)
    this.work += count
    const result = use(acc)
    return node.dtype === 'uint8' ? op('and', result, i32(255)) : result
  }

  private arg(node: Node, coords: readonly Index[], better: 'lt' | 'gt'): Expr {
    const { writer } = this
    const input = node.inputs[0]!
    const axis = (node as Node<'argmax'>).params.axis
    const n = input.shape[axis]!
    const reg = regType(input.dtype)
    const best = newVar('best', reg)
    const at = newVar('where', 'i32')
    /** One element looked at; `r` is its place. */
    const look = (place: Index, r: Expr): Stmt[] =>
      writer.block(() => {
        const inner = [...coords.slice(0, axis), place, ...coords.slice(axis)]
        const held = newVar('value', reg)
        writer.sink.push({ s: 'let', v: held, value: writer.at(input, inner) })
        const value = use(held)
        const wins = better === 'gt' ? lessThan(use(best), value) : lessThan(value, use(best))
        const nan = reg === 'f32' || reg === 'f64' ? op('and', op('ne', value, value), op('eq', use(best), use(best))) : null
        const take = newVar('take', 'bool')
        writer.sink.push({ s: 'let', v: take, value: nan === null ? wins : op('or', wins, nan) })
        writer.sink.push({ s: 'set', v: at, value: op('select', use(take), r, use(at)) })
        writer.sink.push({ s: 'set', v: best, value: op('select', use(take), value, use(best)) })
      }).body
    const start = reg === 'bool' ? constant('bool', better === 'gt' ? 0 : 1) : reg === 'i32' ? i32(better === 'gt' ? -2147483648 : 2147483647) : constant(reg, better === 'gt' ? -Infinity : Infinity)
    writer.sink.push({ s: 'let', v: best, value: start }, { s: 'let', v: at, value: i32(0) })
    if (n <= MOST_WRITTEN_OUT) for (let i = 0; i < n; i++) writer.sink.push(...look(ixConst(i), i32(i)))
    else {
      const r = newVar('r', 'i32')
      const saved = writer.order
      writer.order = [...saved, r]
      const body = look(ixVar(r, n), use(r))
      writer.order = saved
      writer.sink.push({ s: 'for', v: r, lo: i32(0), hi: i32(n), step: 1, body, hint: {} })
    }
    this.work += n
    return use(at)
  }
}

const lessThan = (a: Expr, b: Expr): Expr => (a.type.t === 'bool' ? op('and', op('not', a), b) : op('lt', a, b))

/** The smallest non-zero coefficient of a merged variable over the loads: how far apart its steps lie in memory. */
function strideOf(first: ReturnType<typeof plainNest>, merged: ReturnType<typeof mergedNest>, forms: readonly Index[], k: number): number | null {
  // The innermost original axis of the group carries its stride.
  const inner = innermostAxis(first, merged, k)
  let best: number | null = null
  for (const f of forms) {
    const t = f.terms.find((u) => u.atom.k === 'var' && u.atom.v === first.vars[inner])
    if (t === undefined) continue
    const s = Math.abs(t.by)
    if (best === null || s < best) best = s
  }
  return best
}
/** How many loads of a loop over `v` would be collected element by element. */
const gathers = (forms: readonly Index[], v: Var): number =>
  forms.filter((f) => varsOf(f).includes(v) && !f.terms.some((t) => t.by === 1 && t.atom.k === 'var' && t.atom.v === v)).length
function innermostAxis(first: ReturnType<typeof plainNest>, merged: ReturnType<typeof mergedNest>, k: number): number {
  let found = 0
  first.vars.forEach((_, axis) => {
    const uses = merged.coords[axis]!.terms.some((t) => (t.atom.k === 'var' ? t.atom.v === merged.vars[k] : t.atom.k !== 'expr' && t.atom.of.terms.some((u) => u.atom.k === 'var' && u.atom.v === merged.vars[k])))
    if (uses) found = axis
  })
  return found
}
