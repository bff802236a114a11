// The gradient of attention: weights are computed again, for a block of queries and a block of keys at a time. A unit is
// a head, or (where heads are few) some of its keys, whose share of the queries' gradient is added up afterwards.
import { type Expr, type Node, type Stmt, type Var, constant, emit as e, i32, load, newVar, op, splat, use } from '../../ir/index.ts'
import { Writer } from '../writer.ts'
import { type Side, columnGroups, evenly, pairs, roundUp, rowsOf, scalar, tileProduct, turn, within } from './attention-tiles.ts'
import type { GemmTarget } from './gemm.ts'
import { type Written, loopKernel } from './loop-kernel.ts'
import { loop, named, plus, times } from './winograd-tiles.ts'
import { tileRows } from './winograd-conv.ts'

/** Keys of a block, and scores of a block of queries and keys. */
const KEYS = 1024
const SCORES = 2 ** 16
const MOST_QUERIES = 128
/** With fewer heads the keys of a head are shared out, to so many units at most. */
const ENOUGH_HEADS = 16
const MOST_SHARES = 4

/** null: an operand must be copied first. `outs`: the gradients by q, k and v. */
export function attentionGradientKernels(node: Node<'attentionGradient'>, [dq, dk, dv]: readonly Node[], isBuffer: (n: Node) => boolean, target: GemmTarget): Written[] | null {
  const [q, k, v, log, delta, g] = node.inputs as [Node, Node, Node, Node, Node, Node]
  const [B, T, E] = q.shape as [number, number, number]
  const [, S, F] = v.shape as [number, number, number]
  const { causal } = node.params
  const { lanes } = target
  const writer = new Writer(isBuffer)
  const read = (x: Node): ReturnType<typeof rowsOf> => rowsOf(x, isBuffer, (n) => writer.parameter(n, 'read'))
  const [Q, K, V, G] = [q, k, v, g].map(read)
  const [L, D] = [log, delta].map((x) => read(e.make('reshape', [x], { shape: [B, T, 1] })))
  if (!Q || !K || !V || !G || !L || !D) return null
  const [MQ, MK] = [tileRows(target, T), tileRows(target, S)]
  const NR = lanes * target.vectors
  const shares = B >= ENOUGH_HEADS ? 1 : Math.min(MOST_SHARES, Math.ceil(S / 128))
  const block = Math.min(KEYS, Math.ceil(S / shares / NR) * NR)
  const blocks = Math.ceil(S / block)
  const perShare = Math.ceil(blocks / shares)
  const queries = MQ * Math.max(1, Math.min(Math.ceil(T / MQ), Math.floor(Math.min(MOST_QUERIES, SCORES / block) / MQ)))
  const queryBlocks = Math.ceil(T / queries)
  const part = shares === 1 ? dq! : e.make('data', [], { shape: [shares, B, T, E], dtype: 'float32' })
  const [PQ, PK, PV] = [part, dk!, dv!].map((x) => writer.parameter(x, 'readwrite')) as [number, number, number]
  const width = block + Math.max(lanes, MK) // of a row of scores; not a power of two
  const [keysTurned, valuesTurned] = [writer.scratch(block * E), writer.scratch(block * F)]
  const [weights, scores] = [writer.scratch(queries * width), writer.scratch(queries * width)]
  const scale = constant('f32', Math.fround(node.params.scale))
  const [evenQ, evenK] = [T % MQ === 0, block % MK === 0 && S % block === 0]
  const masked = causal || S % NR !== 0

  const names = ['lo', 'hi', 'unit', 'b', 'kb', 'ib', 'm', 'p', 'r', 'j', 'own', 'strip', 'rest'] as const
  const [lo, hi, unit, b, kb, ib, m, p, r, j, own, jj, rest] = names.map((name) => newVar(name, 'i32')) as [Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var]
  const [weight, dScore] = [newVar('weight', 'f32'), newVar('dScore', 'f32')]

  const body: Stmt[] = [{ s: 'let', v: b, value: shares === 1 ? use(unit) : op('rem', use(unit), i32(B)) }]
  const [share, atDq] = named(body, [shares === 1 ? i32(0) : op('div', use(unit), i32(B)), times(use(unit), T * E)]) as [Expr, Expr]
  const zero = (buf: number, from: Expr, count: Expr): Stmt => {
    const z = newVar('z', 'i32')
    return loop(z, 0, count, [{ s: 'store', buf, index: plus(from, use(z)), value: constant('f32', 0) }], 1, true)
  }
  // What has one part only is stored as it comes.
  const [wholeQ, wholeK] = [blocks === 1 && shares === 1, queryBlocks === 1 && (!causal || blocks === 1)] // keys that nobody sees have no part
  if (!wholeQ) body.push(zero(PQ, atDq, i32(T * E)))

  const keyBlock: Stmt[] = []
  const [j0] = named(keyBlock, [times(use(kb), block)]) as [Expr]
  const [count] = named(keyBlock, [op('min', i32(block), op('sub', i32(S), j0))]) as [Expr]
  const [panels, atDk, atDv] = named(keyBlock, [roundUp(count, NR), times(plus(times(use(b), S), j0), E), times(plus(times(use(b), S), j0), F)]) as [Expr, Expr, Expr]
  turn(keyBlock, K, keysTurned, K.base(b), j0, panels, { count: S, width: E, NR, lanes })
  turn(keyBlock, V, valuesTurned, V.base(b), j0, panels, { count: S, width: F, NR, lanes })
  if (!wholeK) keyBlock.push(zero(PK, atDk, times(count, E)), zero(PV, atDv, times(count, F)))

  // The strips of a block of queries: weights, gradients of the scores, and with them the gradient of the queries.
  const queryBlock: Stmt[] = []
  const [i0] = named(queryBlock, [times(use(ib), queries)]) as [Expr]
  const [i1] = named(queryBlock, [op('min', plus(i0, queries), i32(T))]) as [Expr]
  const strip: Stmt[] = []
  const visible = (row: Expr): Expr => (causal ? op('max', i32(0), op('min', op('sub', row, j0), count)) : count)
  const [n] = named(strip, [visible(plus(use(m), MQ))]) as [Expr]
  const [some, line] = named(strip, [roundUp(n, NR), times(op('sub', use(m), i0), width)]) as [Expr, Expr]
  const rowStarts = (x: NonNullable<typeof Q>): Expr[] =>
    evenQ
      ? evenly(named(strip, [plus(x.base(b), times(use(m), x.stride))])[0]!, MQ, x.stride)
      : named(strip, Array.from({ length: MQ }, (_, i) => plus(x.base(b), times(op('min', plus(use(m), i), i32(T - 1)), x.stride))))
  const [queryStarts, gradientStarts] = [rowStarts(Q), rowStarts(G)]
  const panel = (of: number, depth: number): Side => ({ buf: of, starts: evenly(times(use(p), depth * NR), target.vectors, lanes), step: NR })
  const keep = (buf: number, i: number, vector: number, value: Expr): Stmt[] => [{ s: 'store', buf, index: plus(plus(line, times(use(p), NR)), i * width + vector * lanes), value }]
  strip.push(loop(p, 0, some, [
    ...tileProduct({ buf: Q.buf, starts: queryStarts, step: 1 }, panel(keysTurned, E), i32(0), i32(E), lanes, (sum, i, vector) => keep(weights, i, vector, op('mul', sum, splat(scale, lanes)))),
    ...tileProduct({ buf: G.buf, starts: gradientStarts, step: 1 }, panel(valuesTurned, F), i32(0), i32(F), lanes, (sum, i, vector) => keep(scores, i, vector, sum)),
  ]))
  const row: Stmt[] = [{ s: 'let', v: own, value: visible(plus(plus(use(m), use(r)), 1)) }]
  const query = evenQ ? plus(use(m), use(r)) : op('min', plus(use(m), use(r)), i32(T - 1))
  const [rowLog, rowDelta] = named(row, [L, D].map((x) => load(x.buf, plus(x.base(b), times(query, x.stride)), 'f32'))) as [Expr, Expr]
  const at = plus(plus(line, times(use(r), width)), use(j))
  const seen = (value: Expr): Expr => (masked ? op('select', op('lt', use(j), use(own)), value, constant('f32', 0)) : value)
  row.push(loop(j, 0, times(some, NR), [
    { s: 'let', v: weight, value: seen(scalar('exp', op('sub', load(weights, at, 'f32'), rowLog))) },
    { s: 'let', v: dScore, value: seen(op('mul', op('mul', use(weight), op('sub', load(scores, at, 'f32'), rowDelta)), scale)) },
    { s: 'store', buf: weights, index: at, value: use(weight) },
    { s: 'store', buf: scores, index: at, value: use(dScore) },
  ], 1, true))
  // A tile of keys reaches into the panel after the last one a strip sees: it is zero.
  const after = plus(plus(line, times(use(r), width)), use(rest))
  if (causal) row.push(loop(rest, times(some, NR), times(op('min', plus(some, 1), panels), NR), [weights, scores].map((buf) => ({ s: 'store', buf, index: after, value: constant('f32', 0) })), 1, true))
  strip.push(loop(r, 0, MQ, row))
  const more = (whole: boolean, buf: number, index: Expr, sum: Expr): Stmt => ({ s: 'store', buf, index, value: whole ? sum : op('add', load(buf, index, 'f32', lanes), sum) })
  const [keyRows, target0] = named(strip, [plus(K.base(b), times(j0, K.stride)), plus(atDq, times(use(m), E))]) as [Expr, Expr]
  strip.push(...columnGroups(E, target, (column, vectors) => tileProduct(
    { buf: scores, starts: evenly(line, MQ, width), step: 1 }, { buf: K.buf, starts: evenly(plus(keyRows, column), vectors, lanes), step: K.stride }, i32(0), n, lanes,
    (sum, i, vector) => within(evenQ, plus(use(m), i), i32(T), [more(wholeQ, PQ, plus(plus(target0, column), i * E + vector * lanes), sum)]),
  )))
  queryBlock.push(loop(m, i0, i1, strip, MQ))

  // The gradients of keys and values: sums over the queries of the block, which begin with the first that sees the key.
  const keyStrip: Stmt[] = []
  const [from, to] = named(keyStrip, [causal ? op('max', i32(0), op('sub', plus(j0, use(jj)), i0)) : i32(0), op('sub', i1, i0)]) as [Expr, Expr]
  const sumOver = (of: number, other: NonNullable<typeof Q>, into: number, first: Expr, size: number): void => {
    const [start, goal] = named(keyStrip, [plus(other.base(b), times(i0, other.stride)), plus(first, times(use(jj), size))]) as [Expr, Expr]
    keyStrip.push(...columnGroups(size, target, (column, vectors) => tileProduct(
      { buf: of, starts: evenly(use(jj), MK, 1), step: width }, { buf: other.buf, starts: evenly(plus(start, column), vectors, lanes), step: other.stride }, from, to, lanes,
      (sum, i, vector) => within(evenK, plus(use(jj), i), count, [more(wholeK, into, plus(plus(goal, column), i * size + vector * lanes), sum)]),
    )))
  }
  sumOver(weights, G, PV, atDv, F)
  sumOver(scores, Q, PK, atDk, E)
  queryBlock.push(loop(jj, 0, count, keyStrip, MK))

  keyBlock.push(loop(ib, causal ? op('div', j0, i32(queries)) : 0, queryBlocks, queryBlock))
  body.push(loop(kb, times(share, perShare), op('min', times(plus(share, 1), perShare), i32(blocks)), keyBlock))
  const { params } = writer
  const flops = B * pairs(T, S, causal) * (2 * (3 * E + 2 * F) + 20)
  const kernel: Written = {
    buffers: writer.buffers,
    kernel: { name: `attention_gradient_${T}x${S}x${E}`, params, extent: B * shares, lo, hi, body: [loop(unit, use(lo), use(hi), body)], flops, bytes: params.reduce((s, x) => s + (x.scope === 'global' ? x.length * 4 : 0), 0) },
  }
  if (shares === 1) return [kernel]
  const sum = e.sum(part, [0])
  const added = loopKernel([sum], (n) => n === part)
  return [kernel, { kernel: added.kernel, buffers: added.buffers.map((x) => (x === sum ? dq! : x)) }]
}
