// Images through filters, the batch innermost: a tile of filters × images is held in registers while all taps go by.
// A weight is loaded once for all images of the tile, a vector of images once for all its filters.
import { type Expr, type Index, type Kernel, type Node, type Stmt, type Var, constant, i32, ixAdd, ixConst, ixScale, ixVar, load, newVar, op, splat, use } from '../../ir/index.ts'
import type { Buffers } from '../layout.ts'
import { Widener } from '../vectorize.ts'
import { Writer } from '../writer.ts'
import { type Chain, rootCoords } from './chain.ts'
import { add, loop, times } from './code.ts'
import { axisOf, let_, tapsAt, tiles } from './direct.ts'
import type { GemmTarget } from './gemm.ts'
import type { Written } from './loop-kernel.ts'

/** Filters and vectors of images of a tile: least time for the multiply-adds and loads of one tap. */
function tileOf({ lanes, rows, vectors }: GemmTarget, filters: number, batch: number): { rows: number; vectors: number } {
  const registers = rows * vectors
  let best = { rows: 1, vectors: 1 }
  let least = Number.POSITIVE_INFINITY
  for (let v = 1; v <= Math.min(4, Math.floor(batch / lanes)); v++) {
    for (let r = 1; r <= Math.min(filters, Math.floor(registers / v)); r++) {
      const price = Math.ceil(filters / r) * Math.ceil(batch / (v * lanes)) * Math.max(r * v + 0.5 * (r + v), lanes > 4 ? 8 : 4)
      if (price < least) [best, least] = [{ rows: r, vectors: v }, price]
    }
  }
  return best
}

/** x [N,C,H,W] ⋆ w [O,C,*K] → [N,O,P,Q], and what follows elementwise. */
export function directFilter(chain: Chain, isBuffer: Buffers, target: GemmTarget): Written {
  const node = chain.dot as Node<'conv'>
  const [x, w] = node.inputs as [Node, Node]
  const [N, C, H, W] = x.shape as [number, number, number, number]
  const [O, , KY, KX] = w.shape as [number, number, number, number]
  const [, , P, Q] = node.shape as [number, number, number, number]
  const L = target.lanes
  const tile = tileOf(target, O, N)
  const [filters, images] = [tiles(O, tile.rows), tiles(N, tile.vectors * L)]
  const writer = new Writer(isBuffer, [chain.root, ...chain.links])
  const stage = writer.scratch(tile.rows * images.size)
  const names = ['lo', 'hi', 'unit', 'p', 'q', 'o0', 'n0', 'nt', 'c', 'ky', 'kx', 'y0', 'x0', 'fy', 'fx', 'n']
  const [lo, hi, unit, p, q, o0, n0, nt, c, ky, kx, y0, x0, fy, fx, n] = names.map((name) => newVar(name, 'i32')) as [Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var]

  const unitLets: Stmt[] = []
  const which = filters.count === 1 ? i32(0) : let_(unitLets, 'tile', op('div', use(unit), i32(P)))
  unitLets.push({ s: 'let', v: o0, value: filters.start(which) }, { s: 'let', v: p, value: filters.count === 1 ? use(unit) : op('rem', use(unit), i32(P)) })
  const down = tapsAt(unitLets, axisOf(node.params, 0, KY, H, P), use(p))
  unitLets.push({ s: 'let', v: y0, value: down.at }, { s: 'let', v: fy, value: down.first })
  const place: Stmt[] = []
  const across = tapsAt(place, axisOf(node.params, 1, KX, W, Q), use(q))
  place.push({ s: 'let', v: x0, value: across.at }, { s: 'let', v: fx, value: across.first })

  // One tap.
  const acc = Array.from({ length: tile.rows }, () => Array.from({ length: tile.vectors }, () => newVar('acc', 'f32', L)))
  const moved = (from: Var, size: number, by: Var, count: number, step: number): Index => ixAdd(ixVar(from, size), ixScale(ixVar(by, count), step))
  writer.order = [o0, y0, fy, n0, x0, fx, c, ky, kx, n]
  const image = writer.block(() => writer.at(x, [ixVar(n, N), ixVar(c, C), moved(y0, H, ky, KY, down.step), moved(x0, W, kx, KX, across.step)]))
  const weights = writer.block(() =>
    acc.map((_, r) => writer.at(w, [ixAdd(ixVar(o0, Math.max(1, O - tile.rows + 1)), ixConst(r)), ixVar(c, C), moved(fy, KY, ky, KY, down.tapStep), moved(fx, KX, kx, KX, across.tapStep)])))
  const tap: Stmt[] = [...weights.body]
  const seen = Array.from({ length: tile.vectors }, (_, v) => {
    const wide = new Widener(n, add(use(n0), i32(v * L)), L)
    for (const s of image.body) tap.push(wide.let(s as Extract<Stmt, { s: 'let' }>))
    return let_(tap, 'x', wide.wide(image.result))
  })
  acc.forEach((row, r) => {
    const weight = let_(tap, 'w', splat(weights.result[r]!, L))
    row.forEach((v, j) => tap.push({ s: 'set', v, value: op('fma', weight, seen[j]!, use(v)) }))
  })
  const along = (v: Var, count: Expr, body: Stmt[]): Stmt[] => (count.k === 'const' && count.value === 1 ? [{ s: 'let', v, value: i32(0) }, ...body] : [loop(v, i32(0), count, body)])
  const taps = loop(c, i32(0), i32(C), along(ky, down.count, along(kx, across.count, tap)))

  // What follows, filter by filter, from where the tile was laid down.
  const [row, lane, single] = [newVar('row', 'i32'), newVar('n', 'i32'), newVar('conv', 'f32')]
  writer.order = [o0, p, n0, q, row, lane]
  writer.bound.set(node, use(single))
  const coords = rootCoords(chain, [
    ixAdd(ixVar(n0, N - images.size + 1), ixVar(lane, images.size)), ixAdd(ixVar(o0, O - tile.rows + 1), ixVar(row, tile.rows)), ixVar(p, P), ixVar(q, Q),
  ])
  const { result, body } = writer.block(() => writer.at(chain.root, coords))
  const finish = loop(row, filters.own(which, use(o0)), i32(tile.rows), [loop(lane, images.own(use(nt), use(n0)), i32(images.size), [
    { s: 'let', v: single, value: load(stage, add(times(use(row), images.size), use(lane)), 'f32') }, ...body, writer.store(chain.root, coords, result),
  ], 1, true)])

  const one: Stmt[] = [
    ...place,
    ...acc.flat().map((v): Stmt => ({ s: 'let', v, value: constant('f32', 0, L) })),
    taps,
    ...acc.flatMap((line, r) => line.map((v, j): Stmt => ({ s: 'store', buf: stage, index: i32(r * images.size + j * L), value: use(v) }))),
    finish,
  ]
  const overImages: Stmt[] = [loop(nt, i32(0), i32(images.count), [{ s: 'let', v: n0, value: images.start(use(nt)) }, loop(q, i32(0), i32(Q), one)])]
  const { params } = writer
  const kernel: Kernel = {
    name: `conv_${O}x${C}x${KY}x${KX}_${P}x${Q}${chain.root === node ? '' : `_${chain.root.op}`}`, params, extent: filters.count * P, lo, hi,
    body: [loop(unit, use(lo), use(hi), [...unitLets, ...overImages])],
    flops: 2 * N * O * C * meeting(node, 0, KY, H, P) * meeting(node, 1, KX, W, Q), bytes: params.reduce((s, b) => s + (b.scope === 'global' ? b.length * 4 : 0), 0),
  }
  return { kernel, buffers: writer.buffers }
}

/** Pairs of position and tap that meet the image on one axis. */
export function meeting(node: Node<'conv'>, i: number, taps: number, size: number, positions: number): number {
  const { stride, before, inputDilation, dilation } = axisOf(node.params, i, taps, size, positions)
  let count = 0
  for (let p = 0; p < positions; p++) {
    for (let k = 0; k < taps; k++) {
      const at = p * stride - before + k * dilation
      if (at >= 0 && at % inputDilation === 0 && at / inputDilation < size) count++
    }
  }
  return count
}
