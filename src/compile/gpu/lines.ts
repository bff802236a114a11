// Scatter, running sums and sorting for GPUs, where one thread a line would leave the card idle: a place of a scatter looks
// for its writers, members of a workgroup share a running sum, an element of a sort counts what comes before it.
import { sizeOf } from '../../base/index.ts'
import { type Expr, type Kernel, type Node, type Stmt, type Var, constant, i32, ixVar, load, newVar, op, regType, use } from '../../ir/index.ts'
import type { Written } from '../kernels/loop-kernel.ts'
import type { Buffers } from '../layout.ts'
import { Writer } from '../writer.ts'
import { beforeOf, lineBase, linesOf, lineKernel, read, write } from '../kernels/opaque.ts'

const add = (a: Expr, b: Expr): Expr => op('add', a, b)
const mul = (a: Expr, by: number): Expr => (by === 1 ? a : op('mul', a, i32(by)))
const let_ = (v: Var, value: Expr): Stmt => ({ s: 'let', v, value })
const set = (v: Var, value: Expr): Stmt => ({ s: 'set', v, value })
const loop = (v: Var, from: Expr, to: Expr, body: readonly Stmt[], step = 1): Stmt => ({ s: 'for', v, lo: from, hi: to, step, body })
const when = (cond: Expr, then: readonly Stmt[]): Stmt => ({ s: 'if', cond, then, else: [] })
const ints = (...names: string[]): Var[] => names.map((name) => newVar(name, 'i32'))

/** Threads that a card is taken to run at once, when work done twice is weighed against threads that wait. */
const AT_ONCE = 8192
/** Members that share a row. */
const MEMBERS = 64

/**
 * base [B,N,R] with update [B,I,R] at index [B,I]: every place looks through all the indices, in their order, or, where there
 * are more places than indices, the first index of every place does; the bits are those of one thread. A constant base is
 * in no buffer. null: there are too many of all of them, writers are better led to their places.
 */
export function gpuScatter(node: Node<'scatter'>, isBuffer: Buffers): Written[] | null {
  const [base, index, update] = node.inputs as [Node, Node, Node]
  const [B, N, R] = node.shape as [number, number, number]
  const I = index.shape[1]!
  const byIndex = I < N
  if ((Math.min(N, I) * I * B * Math.min(R, MEMBERS)) / AT_ONCE > (N + I) * Math.min(R, 16)) return null
  const reg = regType(node.dtype)
  const next = (old: Expr, x: Expr): Expr => {
    if (node.params.mode === 'set') return x
    const sum = reg === 'bool' ? op('or', old, x) : op('add', old, x)
    return node.dtype === 'uint8' ? op('and', sum, i32(255)) : sum
  }
  /** A kernel over B·count lines of R elements, a workgroup or a thread for each element's line. */
  const kernel = (what: string, count: number, lines: (c: { readonly writer: Writer; readonly b: Var; readonly at: Var; readonly r: Var; readonly columns: (...body: Stmt[]) => Stmt[] }) => Stmt[]): Written => {
    const shared = R >= MEMBERS / 2
    const [lo, hi, unit, local, line, b, at, r] = ints('lo', 'hi', 'unit', 'local', 'line', 'b', 'at', 'r') as [Var, Var, Var, Var, Var, Var, Var, Var]
    const writer = new Writer(isBuffer, [node])
    writer.order = [b, at, r]
    const inner = lines({ writer, b, at, r, columns: (...body) => (shared ? [loop(r, use(local), i32(R), body, MEMBERS)] : body) })
    const { params, buffers } = writer
    const common = { name: what, params, lo, hi, flops: B * (N + I) * R, bytes: params.reduce((s, p) => s + p.length * 4, 0) }
    const start = [let_(b, op('div', use(line), i32(count))), let_(at, op('rem', use(line), i32(count)))]
    if (shared) return { buffers, kernel: { ...common, extent: B * count, group: { size: MEMBERS, local }, body: [let_(line, use(lo)), ...start, ...inner] } }
    const body = [let_(line, op('div', use(unit), i32(R))), let_(r, op('rem', use(unit), i32(R))), ...start, ...inner]
    return { buffers, kernel: { ...common, extent: B * count * R, body: [loop(unit, use(lo), use(hi), body)] } }
  }
  type Context = Parameters<Parameters<typeof kernel>[2]>[0]
  const placeOf = ({ b, r }: Context, n: Expr): Expr => add(mul(add(mul(use(b), N), n), R), use(r))
  const listed = (lists: number, b: Var, i: Var): Expr => load(lists, add(mul(use(b), I), use(i)), 'i32')
  /** What the base has there. */
  const start = (c: Context): Stmt[] => {
    const out = c.writer.parameter(node, 'readwrite')
    const { result, body } = c.writer.block(() => c.writer.at(base, [ixVar(c.b, B), ixVar(c.at, N), ixVar(c.r, R)]))
    return [...body, { s: 'store', buf: out, index: placeOf(c, use(c.at)), value: result }]
  }
  /** The updates from index `from` on that go to place n, one after the other. */
  const take = (c: Context, from: Expr, n: Expr): Stmt => {
    const [lists, updates, out] = [c.writer.parameter(index, 'read'), c.writer.parameter(update, 'read'), c.writer.parameter(node, 'readwrite')]
    const [i, place] = ints('i', 'place') as [Var, Var]
    const value = load(updates, add(mul(add(mul(use(c.b), I), use(i)), R), use(c.r)), reg)
    const one = c.columns(let_(place, placeOf(c, n)), { s: 'store', buf: out, index: use(place), value: next(load(out, use(place), reg), value) })
    return loop(i, from, i32(I), [when(op('eq', listed(lists, c.b, i), n), one)])
  }
  if (!byIndex) return [kernel('scatter', N, (c) => [...c.columns(...start(c)), take(c, i32(0), use(c.at))])]
  return [
    kernel('scatter_base', N, (c) => c.columns(...start(c))),
    kernel('scatter', I, (c) => {
      const lists = c.writer.parameter(index, 'read')
      const [n, earlier, j] = ints('n', 'earlier', 'j') as [Var, Var, Var]
      return [
        let_(n, listed(lists, c.b, c.at)), let_(earlier, i32(0)),
        loop(j, i32(0), use(c.at), [set(earlier, op('or', use(earlier), op('toI32', op('eq', listed(lists, c.b, j), use(n)))))]),
        when(op('and', op('eq', use(earlier), i32(0)), op('and', op('le', i32(0), use(n)), op('lt', use(n), i32(N)))), [take(c, use(c.at), use(n))]),
      ]
    }),
  ]
}

/** A workgroup a line: sums of the members' stretches first, then each goes through its stretch again. null: short lines. */
export function gpuCumsum(node: Node<'cumsum'>): Written | null {
  const x = node.inputs[0]!
  const { axis, reverse } = node.params
  const lines = linesOf(x.shape, axis)
  if (lines.n < 2 * MEMBERS) return null
  const size = lines.n >= 2048 ? 256 : MEMBERS
  const stretch = Math.ceil(lines.n / size)
  const reg = regType(node.dtype)
  const [lo, hi, local, base, j, k, first, last] = ints('lo', 'hi', 'local', 'base', 'j', 'k', 'first', 'last') as [Var, Var, Var, Var, Var, Var, Var, Var]
  const acc = newVar('acc', reg)
  const at = add(use(base), mul(reverse ? op('sub', i32(lines.n - 1), use(j)) : use(j), lines.inner))
  const plus = (value: Expr): Stmt => set(acc, node.dtype === 'uint8' ? op('and', op('add', use(acc), value), i32(255)) : op('add', use(acc), value))
  const params: Kernel['params'] = [read(x), write(node), { dtype: reg === 'f32' ? 'float32' : 'int32', length: size, access: 'readwrite', scope: 'group' }]
  return {
    buffers: [x, node, null],
    kernel: {
      name: 'cumsum', params, lo, hi, extent: lines.lines, group: { size, local }, flops: 2 * sizeOf(x.shape), bytes: sizeOf(x.shape) * 12,
      body: [
        let_(base, lineBase(use(lo), lines)), let_(first, mul(use(local), stretch)), let_(last, op('min', add(use(first), i32(stretch)), i32(lines.n))),
        let_(acc, constant(reg, 0)), loop(j, use(first), use(last), [plus(load(0, at, reg))]),
        { s: 'store', buf: 2, index: use(local), value: use(acc) }, { s: 'barrier' },
        set(acc, constant(reg, 0)), loop(k, i32(0), use(local), [plus(load(2, use(k), reg))]),
        loop(j, use(first), use(last), [plus(load(0, at, reg)), { s: 'store', buf: 1, index: at, value: use(acc) }]),
      ],
    },
  }
}

/** The place of every element is the number of those before it: n² comparisons, all at once. null: too many of them. */
export function gpuArgsort(node: Node<'argsort'>): Written | null {
  const x = node.inputs[0]!
  const { axis, descending } = node.params
  const lines = linesOf(x.shape, axis)
  const { n, inner } = lines
  if (n * lines.lines > 2 ** 17 * Math.log2(Math.max(n, 2))) return null
  const reg = regType(x.dtype)
  const [line, i, j, base, rank] = ints('line', 'i', 'j', 'base', 'rank') as [Var, Var, Var, Var, Var]
  const [mine, other] = [newVar('mine', reg), newVar('other', reg)]
  const place = (at: Expr): Expr => add(use(base), mul(at, inner))
  const before = beforeOf(reg, descending)
  const earlier = op('or', before(use(other), use(mine)), op('and', op('lt', use(j), use(i)), op('not', before(use(mine), use(other)))))
  return {
    buffers: [x, node],
    kernel: lineKernel('argsort', [read(x), write(node)], n * lines.lines, (unit) => [
      let_(line, op('div', unit, i32(n))), let_(i, op('rem', unit, i32(n))), let_(base, lineBase(use(line), lines)),
      let_(mine, load(0, place(use(i)), reg)), let_(rank, i32(0)),
      loop(j, i32(0), i32(n), [let_(other, load(0, place(use(j)), reg)), set(rank, add(use(rank), op('toI32', earlier)))]),
      { s: 'store', buf: 1, index: place(use(rank)), value: use(i) },
    ], n * n * lines.lines),
  }
}
