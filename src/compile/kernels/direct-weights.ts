// The gradient of filters, the batch innermost: every sum is a vector over images, added up at its end. A tile of
// filters × taps shares the gradients and the images it loads. One thread makes a sum from its first to its last term.
import { type Expr, type Kernel, type Node, type Stmt, type Var, constant, i32, ixAdd, ixConst, ixScale, ixVar, load, newVar, op, use, vtype } from '../../ir/index.ts'
import type { Buffers } from '../layout.ts'
import { Widener } from '../vectorize.ts'
import { Writer } from '../writer.ts'
import { type Chain, rootCoords } from './chain.ts'
import { add, loop, times } from './code.ts'
import { type Taps, axisOf, inside, let_, tapsAt, tiles } from './direct.ts'
import { meeting } from './direct-filter.ts'
import type { GemmTarget } from './gemm.ts'
import type { Written } from './loop-kernel.ts'

interface Tile {
  readonly filters: number
  readonly channels: number
  readonly across: number
}
/** Filters, channels and taps of a tile: least loads and idle work for a multiply-add. */
function tileOf({ lanes, rows, vectors }: GemmTarget, O: number, C: number, KX: number): Tile {
  const registers = rows * vectors
  let best: Tile = { filters: 1, channels: 1, across: 1 }
  let least = Number.POSITIVE_INFINITY
  for (let a = 1; a <= Math.min(7, KX); a++) {
    for (let c = 1; c <= Math.min(4, C); c++) {
      for (let o = 1; o <= Math.min(8, O, Math.floor(registers / (a * c))); o++) {
        const price = Math.ceil(O / o) * Math.ceil(C / c) * Math.ceil(KX / a) * Math.max(o * a * c + 0.5 * (o + a * c), lanes > 4 ? 8 : 4)
        if (price < least) [best, least] = [{ filters: o, channels: c, across: a }, price]
      }
    }
  }
  return best
}

/** x [C,N,H,W] ⋆ g [O,N,P,Q] → [C,O,KY,KX], and what follows elementwise. */
export function directWeights(chain: Chain, isBuffer: Buffers, target: GemmTarget): Written {
  const node = chain.dot as Node<'conv'>
  const [x, g] = node.inputs as [Node, Node]
  const [C, N, H, W] = x.shape as [number, number, number, number]
  const [O, , P, Q] = g.shape as [number, number, number, number]
  const [, , KY, KX] = node.shape as [number, number, number, number]
  const L = Math.min(target.lanes, N)
  const tile = tileOf(target, O, C, KX)
  const [filters, channels, across] = [tiles(O, tile.filters), tiles(C, tile.channels), tiles(KX, tile.across)]
  const columns = tile.channels * tile.across
  const writer = new Writer(isBuffer, [chain.root, ...chain.links])
  const stage = writer.scratch(tile.filters * columns)
  const names = ['lo', 'hi', 'unit', 'o0', 'c0', 'ky', 'kt', 'k0', 'p', 'q', 'n', 'y']
  const [lo, hi, unit, o0, c0, ky, kt, k0, p, q, n, y] = names.map((name) => newVar(name, 'i32')) as [Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var]

  const start: Stmt[] = []
  const ct = let_(start, 'ct', KY === 1 ? use(unit) : op('div', use(unit), i32(KY)))
  const oTile = let_(start, 'ot', channels.count === 1 ? ct : op('div', ct, i32(channels.count)))
  const cTile = channels.count === 1 ? i32(0) : let_(start, 'ct', op('rem', ct, i32(channels.count)))
  start.push(
    { s: 'let', v: o0, value: filters.start(oTile) }, { s: 'let', v: c0, value: channels.start(cTile) },
    { s: 'let', v: ky, value: KY === 1 ? i32(0) : op('rem', use(unit), i32(KY)) },
  )
  const down = tapsAt(start, axisOf(node.params, 0, P, H, KY), use(ky))
  const acrossAxis = axisOf(node.params, 1, Q, W, KX)
  const free = inside(acrossAxis)

  const acc = Array.from({ length: tile.filters }, () => Array.from({ length: columns }, () => newVar('acc', 'f32', L)))
  const kxOf = (j: number): number => j % tile.across
  /** Images from `from` on: `wanted` columns take part; of the last vector only what others did not have. */
  const step = (from: Expr, wanted: readonly number[], mask: Expr | null): Stmt[] => {
    const out: Stmt[] = []
    const seen = (value: { result: Expr; body: Stmt[] }, name: string): Expr => {
      const wide = new Widener(n, from, L)
      for (const s of value.body) out.push(wide.let(s as Extract<Stmt, { s: 'let' }>))
      const v = wide.wide(value.result)
      return let_(out, name, mask === null ? v : op('select', mask, v, constant('f32', 0, L)))
    }
    writer.order = [o0, c0, y, k0, p, q, n]
    const images = wanted.map((j) => seen(writer.block(() => writer.at(x, [
      ixAdd(ixVar(c0, C - tile.channels + 1), ixConst(Math.floor(j / tile.across))), ixVar(n, N), ixVar(y, H),
      ixAdd(ixScale(ixAdd(ixVar(k0, KX - tile.across + 1), ixConst(kxOf(j))), acrossAxis.stride), ixAdd(ixScale(ixVar(q, Q), acrossAxis.dilation), ixConst(-acrossAxis.before))),
    ])), 'x'))
    acc.forEach((row, r) => {
      const grad = seen(writer.block(() => writer.at(g, [ixAdd(ixVar(o0, O - tile.filters + 1), ixConst(r)), ixVar(n, N), ixVar(p, P), ixVar(q, Q)])), 'g')
      wanted.forEach((j, i) => out.push({ s: 'set', v: row[j]!, value: op('fma', grad, images[i]!, use(row[j]!)) }))
    })
    return out
  }
  const rest = N % L
  const overBatch = (wanted: readonly number[]): Stmt[] => {
    const m = newVar('n', 'i32')
    const out = [loop(m, i32(0), i32(N - rest), step(use(m), wanted, null), L)]
    if (rest > 0) out.push(...step(i32(N - L), wanted, op('le', constant('i32', L - rest, L), { k: 'ramp', type: vtype('i32', L) })))
    return out
  }

  const all = acc[0]!.map((_, j) => j)
  const perTile: Stmt[] = [{ s: 'let', v: k0, value: across.start(use(kt)) }]
  let line: Stmt[]
  if (free) line = [loop(q, i32(0), i32(Q), overBatch(all))]
  else {
    // Where all taps of the tile meet the image, together; at the borders one by one.
    const each = Array.from({ length: tile.across }, (_, k): Taps => tapsAt(perTile, acrossAxis, add(use(k0), i32(k))))
    const ends = each.map((t) => let_(perTile, 'end', add(t.first, t.count)))
    const [from, to] = [let_(perTile, 'from', each.map((t) => t.first).reduce((a, b) => op('max', a, b))), let_(perTile, 'to', ends.reduce((a, b) => op('min', a, b)))]
    const within = (a: Expr, b: Expr): Expr => op('and', op('le', a, use(q)), op('lt', use(q), b))
    line = [loop(q, i32(0), i32(Q), [{
      s: 'if', cond: within(from, to), then: overBatch(all),
      else: each.map((t, k): Stmt => ({ s: 'if', cond: within(t.first, ends[k]!), then: overBatch(all.filter((j) => kxOf(j) === k)), else: [] })),
    }])]
  }
  perTile.push(...acc.flat().map((v): Stmt => ({ s: 'let', v, value: constant('f32', 0, L) })))
  perTile.push(loop(p, down.first, add(down.first, down.count), [{ s: 'let', v: y, value: add(down.at, times(op('sub', use(p), down.first), down.step)) }, ...line]))
  acc.forEach((row, r) => row.forEach((v, j) => perTile.push({ s: 'store', buf: stage, index: i32(r * columns + j), value: { k: 'fold', type: vtype('f32'), op: 'add', arg: use(v) } })))

  const [r, ch, k, single] = [newVar('r', 'i32'), newVar('c', 'i32'), newVar('k', 'i32'), newVar('sum', 'f32')]
  writer.order = [o0, c0, ky, k0, r, ch, k]
  writer.bound.set(node, use(single))
  const coords = rootCoords(chain, [
    ixAdd(ixVar(c0, C - tile.channels + 1), ixVar(ch, tile.channels)), ixAdd(ixVar(o0, O - tile.filters + 1), ixVar(r, tile.filters)), ixVar(ky, KY), ixAdd(ixVar(k0, KX - tile.across + 1), ixVar(k, tile.across)),
  ])
  const { result, body } = writer.block(() => writer.at(chain.root, coords))
  perTile.push(loop(r, filters.own(oTile, use(o0)), i32(tile.filters), [loop(ch, channels.own(cTile, use(c0)), i32(tile.channels), [loop(k, across.own(use(kt), use(k0)), i32(tile.across), [
    { s: 'let', v: single, value: load(stage, add(add(times(use(r), columns), times(use(ch), tile.across)), use(k)), 'f32') }, ...body, writer.store(chain.root, coords, result),
  ])])]))
  const { params } = writer
  const kernel: Kernel = {
    name: `conv_weights_${O}x${C}x${KY}x${KX}_${P}x${Q}${chain.root === node ? '' : `_${chain.root.op}`}`, params, extent: filters.count * channels.count * KY, lo, hi,
    body: [loop(unit, use(lo), use(hi), [...start, loop(kt, i32(0), i32(across.count), perTile)])],
    flops: 2 * N * O * C * meeting(node, 0, P, H, KY) * meeting(node, 1, Q, W, KX), bytes: params.reduce((s, b) => s + (b.scope === 'global' ? b.length * 4 : 0), 0),
  }
  return { kernel, buffers: writer.buffers }
}
