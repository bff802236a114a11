// Convolution with 3×3 weights by Winograd's algorithm, the batch innermost in memory: as winograd-conv.ts, but every
// transform is plain arithmetic on vectors of images, with nothing to shuffle and no border to copy.
import { type Expr, type Node, type Stmt, type Var, i32, ixAdd, ixVar, load, newVar, op, use } from '../../ir/index.ts'
import type { Buffers } from '../layout.ts'
import { Writer } from '../writer.ts'
import { type Chain, rootCoords } from './chain.ts'
import { type Tiles, tiles } from './direct.ts'
import type { GemmTarget } from './gemm.ts'
import type { Written } from './loop-kernel.ts'
import { APART, filterKernel, products, tileRows } from './winograd-conv.ts'
import { ofInput, ofProduct } from './winograd.ts'
import { transformStrip } from './winograd-strips.ts'
import { loop, named, plus, times } from './winograd-tiles.ts'

/** Bytes of scratch a strip may take. */
const STRIP_BYTES = 2 ** 20
/** Images of a strip: as many as fill the vectors of any machine. */
export const STRIP_IMAGES = 16

/** Tiles of a strip: as many as the scratch holds, shared out evenly. */
export function spanOf(across: number, C: number, O: number): number {
  const most = Math.max(1, Math.floor(STRIP_BYTES / (36 * 4 * (C + O) * STRIP_IMAGES)))
  return Math.ceil(across / Math.ceil(across / most))
}

export function winogradBatch(chain: Chain, isBuffer: Buffers, target: GemmTarget, make: (shape: readonly number[]) => Node): Written[] {
  const [, w] = chain.dot.inputs as [Node, Node]
  const [O, C] = w.shape as [number, number]
  const filters = make([36, O, C])
  return [filterKernel(w, filters, isBuffer), convKernel(chain, filters, isBuffer, target)]
}

function convKernel(chain: Chain, filters: Node, isBuffer: Buffers, target: GemmTarget): Written {
  const node = chain.dot as Node<'conv'>
  const [x] = node.inputs as [Node]
  const [N, C, H, W] = x.shape as [number, number, number, number]
  const [, O, P, Q] = node.shape as [number, number, number, number]
  const { padding } = node.params
  const L = target.lanes
  const [down, across] = [Math.ceil(P / 4), Math.ceil(Q / 4)]
  const strip = { span: spanOf(across, C, O), images: STRIP_IMAGES, lanes: L }
  const [batch, along] = [tiles(N, strip.images), tiles(across, strip.span)]
  const vectors = strip.images / L
  const stride = strip.span * strip.images
  const panelWidth = L * target.vectors
  const panels = Math.ceil(stride / panelWidth)
  const [inputs, sums] = [panels * C * panelWidth + APART, O * stride + APART]
  const writer = new Writer(isBuffer, [chain.root, ...chain.links])
  const U = writer.parameter(filters, 'read')
  const [V, M] = [writer.scratch(36 * inputs), writer.scratch(36 * sums)]
  const [lo, hi, unit, image, row, part, tile, c] = ['lo', 'hi', 'unit', 'image', 'row', 'part', 'tile', 'c'].map((name) => newVar(name, 'i32')) as [Var, Var, Var, Var, Var, Var, Var, Var]

  const input = transformStrip(writer, {
    node: x, at: (n, ch, y, xx) => [n, ch, y, xx], batch: N, channels: C, size: [H, W], before: [padding[0]![0], padding[1]![0]], from: 6, transform: ofInput,
  }, strip, { image, row, tile, c }, (i, j, t, v, value) => {
    // [36][panel][C][panelWidth]
    const group = plus(times(use(t), vectors), v)
    const [panel, within] = target.vectors === 1 ? [group, i32(0)] : [op('div', group, i32(target.vectors)), times(op('rem', group, i32(target.vectors)), L)]
    return [{ s: 'store', buf: V, index: plus(plus(plus(times(use(i), 6 * inputs), times(plus(times(panel, C), use(c)), panelWidth)), within), j * inputs), value }]
  })
  const chunk = batch.count === 1 ? i32(0) : op('div', use(unit), i32(down))
  const body: Stmt[] = [
    { s: 'let', v: image, value: batch.start(chunk) },
    { s: 'let', v: row, value: batch.count === 1 ? use(unit) : op('rem', use(unit), i32(down)) },
    loop(part, 0, along.count, [
      { s: 'let', v: tile, value: along.start(use(part)) },
      ...input.place,
      loop(c, 0, C, input.body),
      products({ U, V, M, O, C, panels, panelWidth, stride, inputs, sums, lanes: L, rest: stride % panelWidth, rows: tileRows(target, O) }),
      ...results(writer, chain, { M, O, P, Q, N, stride, sums, lanes: L, image, row, tile, part: use(part), chunk, batch, along }),
    ]),
  ]
  const kernel = {
    name: `winograd_${O}x${C}x${P}x${Q}${chain.root === node ? '' : `_${chain.root.op}`}`, params: writer.params, extent: batch.count * down, lo, hi,
    body: [loop(unit, use(lo), use(hi), body)], flops: 2 * 36 * O * C * N * down * across, bytes: writer.params.reduce((s, q) => s + (q.scope === 'global' ? q.length * 4 : 0), 0),
  }
  return { kernel, buffers: writer.buffers }
}

interface Results {
  readonly M: number
  readonly O: number
  readonly P: number
  readonly Q: number
  readonly N: number
  readonly stride: number
  readonly sums: number
  readonly lanes: number
  readonly image: Var
  readonly row: Var
  readonly tile: Var
  readonly part: Expr
  readonly chunk: Expr
  readonly batch: Tiles
  readonly along: Tiles
}
/** Products → 4×4 results a tile, and what follows the convolution. */
function results(writer: Writer, chain: Chain, d: Results): Stmt[] {
  const { O, P, Q, N, stride, sums, lanes: L } = d
  const images = d.batch.size
  const middle = writer.scratch(24 * images)
  const square = writer.scratch(16 * images)
  const [o, t, j, r, v] = ['o', 't', 'j', 'r', 'v'].map((name) => newVar(name, 'i32')) as [Var, Var, Var, Var, Var]
  const first: Stmt[] = []
  const from = plus(plus(plus(times(use(o), stride), times(use(t), images)), use(v)), times(use(j), sums))
  const taken = named(first, Array.from({ length: 6 }, (_, k) => load(d.M, plus(from, 6 * k * sums), 'f32', L)))
  named(first, ofProduct(taken)).forEach((value, k) => first.push({ s: 'store', buf: middle, index: plus(plus(times(use(j), images), use(v)), 6 * k * images), value }))
  const second: Stmt[] = []
  const line = named(second, Array.from({ length: 6 }, (_, k) => load(middle, plus(plus(times(use(r), 6 * images), use(v)), k * images), 'f32', L)))
  named(second, ofProduct(line)).forEach((value, q) => second.push({ s: 'store', buf: square, index: plus(plus(times(use(r), 4 * images), use(v)), q * images), value }))

  const [y, xx, n, h, col, single] = [...['y', 'x', 'n', 'h', 'col'].map((name) => newVar(name, 'i32')), newVar('conv', 'f32')] as [Var, Var, Var, Var, Var, Var]
  writer.order = [d.image, o, h, col, n]
  writer.bound.set(chain.dot, use(single))
  const lane = ixAdd(ixVar(d.image, N - images + 1), ixVar(n, images))
  const coords = rootCoords(chain, [lane, ixVar(o, O), ixVar(h, P), ixVar(col, Q)])
  const { result, body } = writer.block(() => writer.at(chain.root, coords))
  const store = writer.store(chain.root, coords, result)
  const [top, left] = [times(use(d.row), 4), times(plus(use(d.tile), use(t)), 4)]
  const finish = loop(y, 0, op('min', i32(4), op('sub', i32(P), top)), [
    { s: 'let', v: h, value: plus(top, use(y)) },
    loop(xx, 0, op('min', i32(4), op('sub', i32(Q), left)), [
      { s: 'let', v: col, value: plus(left, use(xx)) },
      loop(n, d.batch.own(d.chunk, use(d.image)), images, [{ s: 'let', v: single, value: load(square, plus(plus(times(use(y), 4 * images), times(use(xx), images)), use(n)), 'f32') }, ...body, store], 1, true),
    ]),
  ])
  return [loop(o, 0, O, [loop(t, d.along.own(d.part, use(d.tile)), d.along.size, [loop(v, 0, images, [loop(j, 0, 6, first), loop(r, 0, 4, second)], L), finish])])]
}
