// Attention for GPUs without the T×S scores in memory (after Dao et al., 2022 and 2023): a workgroup has a tile of rows of
// one head; tiles of the other side pass by. Scores are computed in registers, become weights there (forward: with a running
// maximum, sums rescaled; gradients: from the logarithms of the sums), and mix what the other side holds. The gradients by
// q, k and v are three such kernels: nothing is added up between workgroups, so that the bits are always the same.
import { constant, type Expr, emit as e, i32, ixVar, type Kernel, load, type Node, newVar, op, type Stmt, splat, use, type Var, vtype } from '../../ir/index.ts'
import { pairs, scalar } from '../kernels/attention-tiles.ts'
import type { Written } from '../kernels/loop-kernel.ts'
import { loop, named, plus, times } from '../kernels/winograd-tiles.ts'
import { batchExpr, operandOf } from '../operand.ts'
import { Writer } from '../writer.ts'
import { vectorAxis } from './gemm.ts'

/** Rows of either side at once; a member has 4 × 4 of the scores. */
const TILE = 32
const OWN = 4
const ACROSS = TILE / OWN
const SIZE = ACROSS * ACROSS
/** Steps of a score's sum in shared memory at once, and tiles of columns of the result a workgroup has at most. */
const DEPTH = 16
const CHUNKS = 4
/** The least number: below no score, and no infinity. */
const LOW = -(2 - 2 ** -23) * 2 ** 127

/** An operand [B,rows,width] read where it lies. */
interface Source {
  readonly node: Node
  readonly buf: number
  readonly stride: number
  readonly base: (b: Var) => Expr
  readonly rows: number
  readonly width: number
  /** Four neighbours always lie at a multiple of four. */
  readonly aligned: boolean
}
type Kind = 'forward' | 'q' | 'k' | 'v'

/** The result and the logarithms of the sums. null: an operand must be copied first. */
export const gpuAttention = (node: Node<'attention'>, [out, log]: readonly Node[], isBuffer: (n: Node) => boolean): Written[] | null => all([mixer('forward', node, [out!, log!], isBuffer)])
/** The gradients by q, k and v. */
export const gpuAttentionGradient = (node: Node<'attentionGradient'>, outs: readonly Node[], isBuffer: (n: Node) => boolean): Written[] | null =>
  all((['q', 'k', 'v'] as const).map((kind, i) => mixer(kind, node, [outs[i]!], isBuffer)))
const all = (list: readonly (Written | null)[]): Written[] | null => (list.every((w) => w !== null) ? (list as Written[]) : null)

function mixer(kind: Kind, node: Node<'attention' | 'attentionGradient'>, [result, logResult]: readonly Node[], isBuffer: (n: Node) => boolean): Written | null {
  const writer = new Writer(isBuffer)
  const operands = kind === 'forward' ? 3 : 6
  const mask = node.inputs[operands]
  const sources = node.inputs.slice(0, operands).map((x) => sourceOf(x.shape.length === 2 ? e.make('reshape', [x], { shape: [...x.shape, 1] }) : x, isBuffer))
  if (sources.some((s) => s === null)) return null
  const [q, k, v, log, delta, g] = sources.map((s) => ({ ...s!, buf: -1 })) as [Source, Source, Source, Source, Source, Source]
  const B = node.inputs[0]!.shape[0]!
  const queriesAreRows = kind === 'forward' || kind === 'q'
  const [rows, others] = queriesAreRows ? [q, k] : [k, q]
  const mixed = kind === 'forward' ? v : kind === 'v' ? g : kind === 'k' ? q : k
  const second = kind === 'q' ? [g, v] : kind === 'k' ? [v, g] : null
  const shared: (readonly [number, boolean])[] = [] // with whether it moves in vectors
  const group = (length: number, aligned = false): number => {
    writer.buffers.push(null)
    const at = writer.params.push({ dtype: 'float32', length, access: 'readwrite', scope: 'group' }) - 1
    shared.push([at, aligned])
    return at
  }
  const used = [...new Set([rows, others, mixed, ...(second ?? []), ...(kind === 'forward' ? [] : [log]), ...(second === null ? [] : [delta])])]
  for (const s of used) Object.assign(s, { buf: writer.parameter(s.node, 'read') })
  const into = writer.parameter(result!, 'write')
  const logInto = logResult === undefined ? -1 : writer.parameter(logResult, 'write')
  const inFours = mixed.width % OWN === 0
  const [tileRows, tileOthers] = [group(DEPTH * TILE), group(DEPTH * TILE)]
  const [weights, values] = [group(TILE * TILE, true), group(TILE * TILE, inFours)]
  const perRow = kind === 'forward' ? group(TILE * ACROSS, true) : -1

  const chunks = Math.min(CHUNKS, Math.ceil(mixed.width / TILE))
  const [rowBlocks, columnBlocks] = [Math.ceil(rows.rows / TILE), Math.ceil(mixed.width / (chunks * TILE))]
  const [lo, hi, local, b, i0, c0, j0] = ['lo', 'hi', 'local', 'b', 'i', 'c', 'j'].map((n) => newVar(n, 'i32')) as [Var, Var, Var, Var, Var, Var, Var]
  const body: Stmt[] = []
  const place = op('rem', use(lo), i32(rowBlocks * columnBlocks))
  body.push({ s: 'let', v: b, value: op('div', use(lo), i32(rowBlocks * columnBlocks)) })
  body.push({ s: 'let', v: i0, value: times(op('div', place, i32(columnBlocks)), TILE) }, { s: 'let', v: c0, value: times(op('rem', place, i32(columnBlocks)), chunks * TILE) })
  const [row, column] = named(body, [times(op('div', use(local), i32(ACROSS)), OWN), times(op('rem', use(local), i32(ACROSS)), OWN)]) as [Expr, Expr]
  const base = new Map(used.map((s) => [s, named(body, [s.base(b)])[0]!]))
  const scale = constant('f32', Math.fround(node.params.scale))
  const first = plus(use(i0), row)
  const four = (name: string, value: number): Var => {
    const x = newVar(name, 'f32', OWN)
    body.push({ s: 'let', v: x, value: constant('f32', value, OWN) })
    return x
  }
  const sums = Array.from({ length: chunks }, () => Array.from({ length: OWN }, () => four('sum', 0)))
  // A lane for each of a member's rows: the largest score so far, and the sum of the weights in the member's columns.
  const [top, total] = kind === 'forward' ? [four('top', LOW), four('total', 0)] : []

  /** Moves TILE rows of a source, `span` columns of them, to shared memory: [column][row] when turned, else [row][column]. */
  const fetch = (s: Source, from: Expr, k0: Expr, span: number, tile: number, turned: boolean): Stmt => {
    const step = s.width % OWN === 0 ? OWN : 1
    const at = newVar('e', 'i32')
    const inner: Stmt[] = []
    const [i] = named(inner, [plus(use(at), use(local))]) as [Expr]
    const [r, kk] = named(inner, [op('div', i, i32(span / step)), times(op('rem', i, i32(span / step)), step)]) as [Expr, Expr]
    const [line, col] = named(inner, [plus(from, r), plus(k0, kk)]) as [Expr, Expr]
    const index = plus(plus(base.get(s)!, times(op('min', line, i32(s.rows - 1)), s.stride)), op('min', col, i32(s.width - step)))
    const inside = op('and', op('lt', line, i32(s.rows)), op('lt', col, i32(s.width)))
    const [x] = named(inner, [op('select', splat(inside, step), load(s.buf, index, 'f32', step), constant('f32', 0, step))]) as [Expr]
    if (turned) for (let l = 0; l < step; l++) inner.push({ s: 'store', buf: tile, index: plus(times(plus(kk, l), TILE), r), value: lane(x, l) })
    else inner.push({ s: 'store', buf: tile, index: plus(times(r, TILE), kk), value: x })
    return loop(at, 0, (TILE * span) / step, inner, SIZE)
  }
  /** sums += left · right over k: 4 elements of `left` times 4 of `right`, both [k][TILE]. */
  const multiply = (into4: readonly Var[], left: number, right: number, count: number): Stmt => {
    const kk = newVar('k', 'i32')
    const inner: Stmt[] = []
    const [x, y] = named(inner, [load(left, plus(times(use(kk), TILE), row), 'f32', OWN), load(right, plus(times(use(kk), TILE), column), 'f32', OWN)]) as [Expr, Expr]
    into4.forEach((v4, r) => inner.push({ s: 'set', v: v4, value: op('fma', splat(lane(x, r), OWN), y, use(v4)) }))
    return loop(kk, 0, count, inner)
  }
  const scoresOf = (out: Stmt[], left: Source, right: Source): Var[] => {
    const acc = Array.from({ length: OWN }, () => newVar('score', 'f32', OWN))
    for (const a of acc) out.push({ s: 'let', v: a, value: constant('f32', 0, OWN) })
    const k0 = newVar('k0', 'i32')
    out.push(
      loop(
        k0,
        0,
        left.width,
        [{ s: 'barrier' }, fetch(left, use(i0), use(k0), DEPTH, tileRows, true), fetch(right, use(j0), use(k0), DEPTH, tileOthers, true), { s: 'barrier' }, multiply(acc, tileRows, tileOthers, DEPTH)],
        DEPTH,
      ),
    )
    return acc
  }
  /** A value a query, for each of the four rows: the same in all lanes, or of the four other rows. */
  const perQuery = (out: Stmt[], s: Source): Expr[] => {
    const one = (at: Expr): Expr => load(s.buf, plus(base.get(s)!, times(op('min', at, i32(s.rows - 1)), s.stride)), 'f32')
    if (queriesAreRows)
      return named(
        out,
        Array.from({ length: OWN }, (_, r) => splat(one(plus(first, r)), OWN)),
      )
    const [x] = named(out, [{ k: 'pack', type: vtype('f32', OWN), args: Array.from({ length: OWN }, (_, l) => one(plus(plus(use(j0), column), l))) }]) as [Expr]
    return Array.from({ length: OWN }, () => x)
  }

  /** The mask's elements at a member's scores, evaluated in place: four vectors. */
  const maskNodes = new Set<Node>()
  const maskRows = (out: Stmt[], m: Node): Expr[] => {
    const within = (name: string, at: Expr, extent: number): Var => {
      const v = newVar(name, 'i32')
      out.push({ s: 'let', v, value: op('min', at, i32(extent - 1)) })
      return v
    }
    const mine = Array.from({ length: OWN }, (_, r) => within('row', plus(first, r), rows.rows))
    const theirs = Array.from({ length: OWN }, (_, l) => within('other', plus(plus(use(j0), column), l), others.rows))
    writer.onLoad = (n) => maskNodes.add(n)
    const vectors = mine.map((x): Expr => {
      const args = theirs.map((y) => {
        const [t, s] = queriesAreRows ? [x, y] : [y, x]
        writer.order = [b, t, s]
        const { result: element, body: before } = writer.block(() => writer.at(m, [ixVar(b, B), ixVar(t, q.rows), ixVar(s, k.rows)]))
        out.push(...before)
        return named(out, [element])[0]!
      })
      return { k: 'pack', type: vtype(args[0]!.type.t, OWN), args }
    })
    writer.onLoad = null
    return named(out, vectors)
  }

  const pass: Stmt[] = []
  const raw = scoresOf(pass, rows, others)
  const other = named(pass, [op('add', splat(plus(use(j0), column), OWN), { k: 'ramp', type: vtype('i32', OWN) })])[0]!
  const { causal } = node.params
  const masked = mask === undefined ? null : maskRows(pass, mask)
  const seen = Array.from({ length: OWN }, (_, r): Expr | null => {
    const mine = splat(plus(first, r), OWN)
    const conditions = [
      ...(others.rows % TILE === 0 ? [] : [op('lt', other, splat(i32(others.rows), OWN))]),
      ...(causal ? [queriesAreRows ? op('le', other, mine) : op('le', mine, other)] : []),
      ...(masked !== null && mask!.dtype === 'bool' ? [masked[r]!] : []),
    ]
    return conditions.length === 0 ? null : conditions.reduce((a, b) => op('and', a, b))
  })
  const visible = (r: number, value: Expr, otherwise: number): Expr => (seen[r] === null ? value : op('select', seen[r]!, value, constant('f32', otherwise, OWN)))
  const scaled = raw.map((s, r) => (masked !== null && mask!.dtype !== 'bool' ? op('fma', use(s), splat(scale, OWN), masked[r]!) : op('mul', use(s), splat(scale, OWN))))
  let shares: Expr[]
  /** Each row's columns folded: a lane a row. */
  const acrossColumns = (name: 'max' | 'add', mine: readonly Expr[]): Expr => ({ k: 'pack', type: vtype('f32', OWN), args: mine.map((arg): Expr => ({ k: 'fold', type: vtype('f32'), op: name, arg })) })
  /** What all members that share the rows have, folded: a lane a row. */
  const gathered = (out: Stmt[], name: 'max' | 'add', mine: Expr, start: Expr): Expr => {
    const [all4, other4] = [newVar('all', 'f32', OWN), newVar('a', 'i32')]
    const at = (member: Expr): Expr => plus(times(member, TILE), row)
    out.push({ s: 'store', buf: perRow, index: at(op('rem', use(local), i32(ACROSS))), value: mine }, { s: 'barrier' }, { s: 'let', v: all4, value: start })
    out.push(loop(other4, 0, ACROSS, [{ s: 'set', v: all4, value: op(name, use(all4), load(perRow, at(use(other4)), 'f32', OWN)) }]))
    return use(all4)
  }
  if (kind === 'forward') {
    const scores = named(
      pass,
      scaled.map((s, r) => visible(r, s, LOW)),
    )
    const best = gathered(pass, 'max', acrossColumns('max', scores), use(top!))
    const [fade] = named(pass, [scalar('exp', op('sub', use(top!), best))]) as [Expr]
    shares = named(
      pass,
      scores.map((s, r) => {
        const share = scalar('exp', op('sub', s, splat(lane(best, r), OWN)))
        // who may look nowhere has no score above the least number
        return mask === undefined ? share : visible(r, share, 0)
      }),
    )
    pass.push({ s: 'set', v: top!, value: best }, { s: 'set', v: total!, value: op('fma', use(total!), fade, acrossColumns('add', shares)) })
    for (const sum of sums) sum.forEach((x, r) => pass.push({ s: 'set', v: x, value: op('mul', use(x), splat(lane(fade, r), OWN)) }))
  } else {
    const logs = perQuery(pass, log)
    const weight = named(
      pass,
      scaled.map((s, r) => visible(r, scalar('exp', op('sub', s, logs[r]!)), 0)),
    )
    if (second === null) shares = weight
    else {
      const [left, right] = second as [Source, Source]
      const slopes = scoresOf(pass, left, right)
      const deltas = perQuery(pass, delta)
      shares = named(
        pass,
        weight.map((w, r) => visible(r, op('mul', op('mul', w, op('sub', use(slopes[r]!), deltas[r]!)), splat(scale, OWN)), 0)),
      )
    }
  }
  // [other][row], as the products want them
  for (let l = 0; l < OWN; l++) {
    pass.push({
      s: 'store',
      buf: weights,
      index: plus(times(plus(column, l), TILE), row),
      value: { k: 'pack', type: vtype('f32', OWN), args: shares.map((x) => lane(x, l)) },
    })
  }
  sums.forEach((sum, c) => pass.push({ s: 'barrier' }, fetch(mixed, use(j0), plus(use(c0), c * TILE), TILE, values, false), { s: 'barrier' }, multiply(sum, weights, values, TILE)))
  const from = causal && !queriesAreRows ? use(i0) : i32(0)
  const to = causal && queriesAreRows ? op('min', i32(others.rows), plus(use(i0), TILE)) : i32(others.rows)
  body.push(loop(j0, from, to, pass, TILE))

  let factors: Expr | null = null
  const insideRow = (r: number): Expr => op('lt', plus(first, r), i32(rows.rows))
  if (kind === 'forward') {
    const sum = gathered(body, 'add', use(total!), constant('f32', 0, OWN))
    const none = op('eq', sum, constant('f32', 0, OWN))
    const [divisor] = named(body, [op('select', none, constant('f32', 1, OWN), sum)]) as [Expr]
    const [factor, logs] = named(body, [op('div', constant('f32', 1, OWN), divisor), op('select', none, constant('f32', 0, OWN), op('add', use(top!), scalar('log', divisor)))]) as [Expr, Expr]
    factors = factor
    const oneMember = op('and', op('eq', column, i32(0)), op('eq', use(c0), i32(0)))
    for (let r = 0; r < OWN; r++) {
      const store: Stmt = { s: 'store', buf: logInto, index: plus(times(use(b), rows.rows), plus(first, r)), value: lane(logs, r) }
      body.push({ s: 'if', cond: op('and', oneMember, insideRow(r)), then: [store], else: [] })
    }
  }
  sums.forEach((sum, c) =>
    sum.forEach((x, r) => {
      const col = plus(plus(use(c0), c * TILE), column)
      const index = plus(times(plus(times(use(b), rows.rows), plus(first, r)), mixed.width), col)
      const value = factors === null ? use(x) : op('mul', use(x), splat(lane(factors, r), OWN))
      const store: Stmt[] = []
      const [all4] = named(store, [value]) as [Expr]
      if (inFours) store.push({ s: 'store', buf: into, index, value: all4 })
      else
        for (let l = 0; l < OWN; l++)
          store.push({
            s: 'if',
            cond: op('lt', plus(col, l), i32(mixed.width)),
            then: [{ s: 'store', buf: into, index: plus(index, l), value: lane(all4, l) }],
            else: [],
          })
      body.push({ s: 'if', cond: op('and', insideRow(r), op('lt', col, i32(mixed.width))), then: store, else: [] })
    }),
  )

  // A buffer moves in vectors where all that is read of it does.
  const singles = new Set([...[...maskNodes].map((n) => writer.buffers.indexOf(n)), ...used.filter((s) => !s.aligned || s === log || s === delta).map((s) => s.buf), logInto, ...(inFours ? [] : [into]), ...shared.filter(([, a]) => !a).map(([at]) => at)])
  const params = writer.params.map((p, i): Kernel['params'][number] => (singles.has(i) ? p : { ...p, aligned: OWN }))
  const [E, F] = [q.width, v.width]
  const work = kind === 'forward' ? 2 * (E + F) + 20 : kind === 'v' ? 2 * (E + F) + 20 : 2 * (2 * E + F) + 24
  return {
    buffers: writer.buffers,
    kernel: {
      name: `attention${kind === 'forward' ? '' : `_gradient_${kind}`}_${q.rows}x${k.rows}x${E}`,
      params,
      extent: B * rowBlocks * columnBlocks,
      lo,
      hi,
      group: { size: SIZE, local },
      body,
      flops: B * pairs(q.rows, k.rows, causal) * work,
      bytes: params.reduce((s, p) => s + (p.scope === 'global' ? p.length * 4 : 0), 0),
    },
  }
}

const lane = (x: Expr, l: number): Expr => (x.type.lanes === 1 ? x : { k: 'extract', type: vtype(x.type.t), arg: x, lane: l })

function sourceOf(node: Node, isBuffer: (n: Node) => boolean): Source | null {
  const o = operandOf(node, 2, isBuffer)
  const [, rows, width] = node.shape as [number, number, number]
  if (o === null || o.free.stride === null || (o.k.stride !== 1 && width !== 1)) return null
  return {
    node: o.node,
    buf: -1,
    stride: o.free.stride,
    base: (b) => batchExpr(o, b),
    rows,
    width,
    aligned: vectorAxis(o, rows, width) === 'k',
  }
}
