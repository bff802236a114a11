// Attention by strips of queries: the scores of a few rows at a time, turned into weights and used while they lie in the
// nearest cache. A unit is a block of queries of one head (after Dao et al., 2022, but with whole rows: no rescaling).
import { type Node, type Stmt, type Var, constant, i32, load, newVar, op, splat, use, vtype } from '../../ir/index.ts'
import { Writer } from '../writer.ts'
import { columnGroups, evenly, pairs, roundUp, rowsOf, scalar, tileProduct, turn, within } from './attention-tiles.ts'
import type { GemmTarget } from './gemm.ts'
import type { Written } from './loop-kernel.ts'
import { loop, named, plus, times } from './winograd-tiles.ts'
import { tileRows } from './winograd-conv.ts'

/** Queries of a unit: their keys are turned once for all of them. */
const BLOCK = 128

/** null: an operand must be copied first. `outs`: the results and the logarithms of the sums. */
export function attentionKernel(node: Node<'attention'>, [out, log]: readonly Node[], isBuffer: (n: Node) => boolean, target: GemmTarget): Written | null {
  const [B, T, E] = node.inputs[0]!.shape as [number, number, number]
  const [, S, F] = node.inputs[2]!.shape as [number, number, number]
  const { causal } = node.params
  const { lanes } = target
  const writer = new Writer(isBuffer)
  const [Q, K, V] = node.inputs.map((x) => rowsOf(x, isBuffer, (n) => writer.parameter(n, 'read')))
  if (!Q || !K || !V) return null
  const [O, L] = [writer.parameter(out!, 'write'), writer.parameter(log!, 'write')]
  const MR = tileRows(target, T)
  const NR = lanes * target.vectors
  const block = MR * Math.min(Math.ceil(T / MR), Math.round(BLOCK / MR))
  const blocks = Math.ceil(T / block)
  const width = Math.ceil(S / NR) * NR + lanes // of a row of scores; not a power of two
  const turned = writer.scratch(Math.ceil(S / NR) * NR * E)
  const scores = writer.scratch(MR * width)
  const [tops, totals, inverse] = [writer.scratch(MR), writer.scratch(MR), writer.scratch(MR)]
  const scale = constant('f32', Math.fround(node.params.scale))
  const masked = causal || S % NR !== 0
  const even = T % MR === 0

  const names = ['lo', 'hi', 'unit', 'b', 'm', 'p', 'r', 'j', 'j', 'own', 'q'] as const
  const [lo, hi, unit, b, m, p, r, j1, j2, own, q] = names.map((name) => newVar(name, 'i32')) as [Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var]
  const [top, total, weight] = [newVar('top', 'f32', lanes), newVar('total', 'f32'), newVar('weight', 'f32')]

  const strip: Stmt[] = []
  const [n] = named(strip, [causal ? op('min', plus(use(m), MR), i32(S)) : i32(S)])
  const [panels] = named(strip, [roundUp(n!, NR)])
  const end = times(panels!, NR)
  const queries = even
    ? evenly(named(strip, [plus(Q.base(b), times(use(m), Q.stride))])[0]!, MR, Q.stride)
    : named(strip, Array.from({ length: MR }, (_, i) => plus(Q.base(b), times(op('min', plus(use(m), i), i32(T - 1)), Q.stride))))
  strip.push(loop(p, 0, panels!, tileProduct(
    { buf: Q.buf, starts: queries, step: 1 }, { buf: turned, starts: evenly(times(use(p), E * NR), target.vectors, lanes), step: NR }, i32(0), i32(E), lanes,
    (sum, i, v) => [{ s: 'store', buf: scores, index: plus(times(use(p), NR), i * width + v * lanes), value: op('mul', sum, splat(scale, lanes)) }],
  )))
  const at = (j: Var) => plus(times(use(r), width), use(j))
  const seen = (j: Var, value: Parameters<typeof op>[1], otherwise: number) => (masked ? op('select', op('lt', use(j), use(own)), value, constant('f32', otherwise)) : value)
  const row: Stmt[] = [
    { s: 'let', v: own, value: causal ? op('min', plus(plus(use(m), use(r)), 1), i32(S)) : i32(S) },
    { s: 'let', v: top, value: constant('f32', -Infinity, lanes) },
    // The largest number: a NaN is no larger than any, and makes the weights NaN by itself.
    loop(j1, 0, end, Array.from({ length: target.vectors }, (_, v): Stmt[] => {
      const x = load(scores, plus(at(j1), v * lanes), 'f32', lanes)
      const place = op('add', splat(plus(use(j1), v * lanes), lanes), { k: 'ramp', type: vtype('i32', lanes) })
      const held = newVar('score', 'f32', lanes)
      return [
        { s: 'let', v: held, value: masked ? op('select', op('lt', place, splat(use(own), lanes)), x, constant('f32', -Infinity, lanes)) : x },
        { s: 'set', v: top, value: op('select', op('lt', use(top), use(held)), use(held), use(top)) },
      ]
    }).flat(), NR),
  ]
  const [most] = named(row, [{ k: 'fold', type: vtype('f32'), op: 'max', arg: use(top) }])
  const [safe] = named(row, [op('select', op('eq', most!, constant('f32', -Infinity)), constant('f32', 0), most!)])
  row.push({ s: 'let', v: total, value: constant('f32', 0) }, loop(j2, 0, end, [
    { s: 'let', v: weight, value: seen(j2, scalar('exp', op('sub', load(scores, at(j2), 'f32'), safe!)), 0) },
    { s: 'store', buf: scores, index: at(j2), value: use(weight) },
    { s: 'set', v: total, value: op('add', use(total), use(weight)) },
  ], 1, true))
  const [divisor] = named(row, [op('select', op('eq', use(total), constant('f32', 0)), constant('f32', 1), use(total))])
  row.push({ s: 'store', buf: tops, index: use(r), value: safe! }, { s: 'store', buf: totals, index: use(r), value: divisor! })
  strip.push(loop(r, 0, MR, row))
  // Divisions and logarithms of all rows at once.
  const [count] = named(strip, [even ? i32(MR) : op('min', i32(MR), op('sub', i32(T), use(m)))])
  const sum = load(totals, use(q), 'f32')
  strip.push(loop(q, 0, MR, [{ s: 'store', buf: inverse, index: use(q), value: op('div', constant('f32', 1), sum) }], 1, true))
  const line = plus(plus(times(use(b), T), use(m)), use(q))
  strip.push(loop(q, 0, count!, [{ s: 'store', buf: L, index: line, value: op('add', load(tops, use(q), 'f32'), scalar('log', sum)) }], 1, true))
  const [values, result] = named(strip, [V.base(b), times(plus(times(use(b), T), use(m)), F)])
  strip.push(...columnGroups(F, target, (column, vectors) => tileProduct(
    { buf: scores, starts: evenly(i32(0), MR, width), step: 1 }, { buf: V.buf, starts: evenly(plus(values!, column), vectors, lanes), step: V.stride }, i32(0), n!, lanes,
    (sum, i, v) => within(even, plus(use(m), i), i32(T), [{ s: 'store', buf: O, index: plus(plus(result!, column), i * F + v * lanes), value: op('mul', sum, splat(load(inverse, i32(i), 'f32'), lanes)) }]),
  )))

  const body: Stmt[] = [{ s: 'let', v: b, value: blocks === 1 ? use(unit) : op('div', use(unit), i32(blocks)) }]
  const [i0] = named(body, [blocks === 1 ? i32(0) : times(op('rem', use(unit), i32(blocks)), block)])
  const [i1] = named(body, [op('min', plus(i0!, block), i32(T))])
  turn(body, K, turned, K.base(b), i32(0), causal ? roundUp(op('min', i1!, i32(S)), NR) : i32(Math.ceil(S / NR)), { count: S, width: E, NR, lanes })
  body.push(loop(m, i0!, i1!, strip, MR))
  const { params } = writer
  const flops = B * pairs(T, S, causal) * (2 * (E + F) + 20)
  return {
    buffers: writer.buffers,
    kernel: { name: `attention_${T}x${S}x${E}`, params, extent: B * blocks, lo, hi, body: [loop(unit, use(lo), use(hi), body)], flops, bytes: params.reduce((s, q) => s + (q.scope === 'global' ? q.length * 4 : 0), 0) },
  }
}
