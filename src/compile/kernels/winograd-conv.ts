// Convolution with 3×3 weights by Winograd's algorithm. A block of tiles goes through all its stages in the thread's
// scratch: input transformed, 36 small products, results transformed, then what follows the convolution elementwise.
import { type Expr, type Kernel, type Node, type Stmt, type Var, constant, i32, ixVar, load, newVar, op, splat, use } from '../../ir/index.ts'
import { Writer } from '../writer.ts'
import { type Chain, rootCoords } from './chain.ts'
import type { GemmTarget } from './gemm.ts'
import type { Written } from './loop-kernel.ts'
import { ofFilter, ofInput, ofProduct } from './winograd.ts'
import { type Blocks, blocksOf, loop, named, plus, tableOf, times, transformTiles } from './winograd-tiles.ts'

/** Bytes of scratch a block may take: about what the second cache holds. */
const BLOCK_BYTES = 2 ** 19
/** Elements between what belongs to one of the 36 and to the next: a power of two apart they would push each other out of the cache. */
export const APART = 16

export function winogradConv(chain: Chain, isBuffer: (n: Node) => boolean, target: GemmTarget, make: (shape: readonly number[]) => Node): Written[] {
  const node = chain.dot as Node<'conv'>
  const [x, w] = node.inputs as [Node, Node]
  const [O, C] = w.shape as [number, number]
  const filters = make([36, O, C])
  return [filterKernel(w, filters, isBuffer), convKernel(chain, x, filters, isBuffer, target)]
}

/** w [O,C,3,3] → G·w·Gᵀ as [36,O,C]. */
export function filterKernel(w: Node, out: Node, isBuffer: (n: Node) => boolean): Written {
  const [O, C] = w.shape as [number, number]
  const writer = new Writer(isBuffer, [out])
  const [lo, hi, o, c] = [newVar('lo', 'i32'), newVar('hi', 'i32'), newVar('o', 'i32'), newVar('c', 'i32')]
  writer.order = [o, c]
  const body: Stmt[] = []
  const { result: taps, body: lets } = writer.block(() => Array.from({ length: 9 }, (_, k) => writer.at(w, [ixVar(o, O), ixVar(c, C), { constant: Math.floor(k / 3), terms: [] }, { constant: k % 3, terms: [] }])))
  body.push(...lets)
  const t = named(body, taps)
  const columns = [0, 1, 2].map((j) => named(body, ofFilter([t[j]!, t[3 + j]!, t[6 + j]!]))) // 3 columns of 6
  const buf = writer.parameter(out, 'write')
  for (let i = 0; i < 6; i++) {
    ofFilter(columns.map((column) => column[i]!)).forEach((value, j) => body.push({ s: 'store', buf, index: plus(plus(times(use(o), C), use(c)), (i * 6 + j) * O * C), value }))
  }
  const kernel: Kernel = { name: 'winograd_filter', params: writer.params, extent: O, lo, hi, body: [loop(o, use(lo), use(hi), [loop(c, 0, C, body, 1, true)])], flops: O * C * 120, bytes: O * C * 45 * 4 }
  return { kernel, buffers: writer.buffers }
}

/** Rows of the register tile: fewer where that leaves no rest, which would need code of its own. */
export function tileRows({ rows }: GemmTarget, count: number): number {
  for (let r = Math.min(rows, count); 3 * r >= 2 * rows; r--) if (count % r === 0) return r
  return Math.min(rows, count)
}

function convKernel(chain: Chain, x: Node, filters: Node, isBuffer: (n: Node) => boolean, target: GemmTarget): Written {
  const node = chain.dot as Node<'conv'>
  const [N, C, H, W] = x.shape as [number, number, number, number]
  const [, O, P, Q] = node.shape as [number, number, number, number]
  const { padding } = node.params
  const L = target.lanes
  const wanted = Math.max(32, Math.min(128, BLOCK_BYTES / (36 * 4 * (C + O))))
  const blocks = blocksOf(N, P, Q, wanted, L)
  const panelWidth = L * target.vectors
  const panels = Math.ceil(blocks.padded / panelWidth)
  const stride = panels * panelWidth
  const writer = new Writer(isBuffer, [chain.root, ...chain.links])
  const U = writer.parameter(filters, 'read')
  const [inputs, sums] = [panels * C * panelWidth + APART, O * stride + APART]
  const V = writer.scratch(36 * inputs)
  const M = writer.scratch(36 * sums)
  const names = ['lo', 'hi', 'unit', 'image', 'row', 'c']
  const [lo, hi, unit, image, row, c] = names.map((name) => newVar(name, 'i32')) as [Var, Var, Var, Var, Var, Var]

  const input = transformTiles(writer, {
    node: x, axes: (n, ch, y, xx) => [n, ch, y, xx], size: [H, W], before: [padding[0]![0], padding[1]![0]], from: 6, transform: ofInput,
  }, blocks, L, { image, row, c, channels: C, batch: N }, (k, group, value) => {
    // [36][panel][C][panelWidth]
    const panel = target.vectors === 1 ? group : op('div', group, i32(target.vectors))
    const within = target.vectors === 1 ? i32(0) : times(op('rem', group, i32(target.vectors)), L)
    return [{ s: 'store', buf: V, index: plus(plus(times(k, inputs), times(plus(times(panel, C), use(c)), panelWidth)), within), value }]
  })
  const body: Stmt[] = [
    { s: 'let', v: image, value: times(blocks.rowBlocks === 1 ? use(unit) : op('div', use(unit), i32(blocks.rowBlocks)), blocks.images) },
    { s: 'let', v: row, value: blocks.rowBlocks === 1 ? i32(0) : times(op('rem', use(unit), i32(blocks.rowBlocks)), blocks.rows) },
    loop(c, 0, C, input.body),
    products({ U, V, M, O, C, panels, panelWidth, stride, inputs, sums, lanes: L, rest: blocks.padded % panelWidth, rows: tileRows(target, O) }),
    ...results(writer, chain, blocks, { M, O, P, Q, N, stride, sums, lanes: L, image, row }),
  ]
  const flops = 2 * 36 * O * C * blocks.tiles * blocks.imageBlocks * blocks.rowBlocks
  const kernel: Kernel = {
    name: `winograd_${O}x${C}x${P}x${Q}${chain.root === node ? '' : `_${chain.root.op}`}`, params: writer.params, extent: blocks.imageBlocks * blocks.rowBlocks, lo, hi,
    body: [...input.prepare, loop(unit, use(lo), use(hi), body)], flops, bytes: writer.params.reduce((s, q) => s + (q.scope === 'global' ? q.length * 4 : 0), 0),
  }
  return { kernel, buffers: writer.buffers }
}

/** M[k] = U[k]·V[k] for k = 0 … 35: register tiles of rows × one panel. */
export function products(d: { U: number; V: number; M: number; O: number; C: number; panels: number; panelWidth: number; stride: number; inputs: number; sums: number; lanes: number; rest: number; rows: number }): Stmt {
  const { O, C, panels, panelWidth, lanes } = d
  const [k, p] = [newVar('k', 'i32'), newVar('p', 'i32')]
  const tile = (o: Var, rows: number, panel: Expr, vectors: number): Stmt[] => {
    const out: Stmt[] = []
    const c = newVar('c', 'i32')
    const [fromU, fromV, toM] = named(out, [
      times(plus(times(use(k), O), use(o)), C), plus(times(use(k), d.inputs), times(panel, C * panelWidth)), plus(plus(times(use(k), d.sums), times(use(o), d.stride)), times(panel, panelWidth)),
    ])
    const acc = Array.from({ length: rows }, () => Array.from({ length: vectors }, () => newVar('acc', 'f32', lanes)))
    for (const v of acc.flat()) out.push({ s: 'let', v, value: constant('f32', 0, lanes) })
    const inner: Stmt[] = []
    const columns = named(inner, Array.from({ length: vectors }, (_, j) => load(d.V, plus(plus(fromV!, times(use(c), panelWidth)), j * lanes), 'f32', lanes)))
    acc.forEach((vs, i) => {
      const [weight] = named(inner, [splat(load(d.U, plus(plus(fromU!, use(c)), i * C), 'f32'), lanes)])
      vs.forEach((v, j) => inner.push({ s: 'set', v, value: op('fma', weight!, columns[j]!, use(v)) }))
    })
    out.push(loop(c, 0, C, inner))
    acc.forEach((vs, i) => vs.forEach((v, j) => out.push({ s: 'store', buf: d.M, index: plus(toM!, i * d.stride + j * lanes), value: use(v) })))
    return out
  }
  const rowLoops = (panel: Expr, vectors: number): Stmt[] => {
    const whole = Math.floor(O / d.rows) * d.rows
    const o = newVar('o', 'i32')
    const out = [loop(o, 0, whole, tile(o, d.rows, panel, vectors), d.rows)]
    if (whole < O) {
      const last = newVar('o', 'i32')
      out.push({ s: 'let', v: last, value: i32(whole) }, ...tile(last, O - whole, panel, vectors))
    }
    return out
  }
  const full = d.rest === 0 ? panels : panels - 1
  const inner: Stmt[] = []
  if (full > 0) inner.push(loop(p, 0, full, rowLoops(use(p), panelWidth / lanes)))
  if (d.rest > 0) inner.push(...rowLoops(i32(full), d.rest / lanes))
  return loop(k, 0, 36, inner)
}

/** Products → 4×4 results a tile, laid down as planes; from there rows go through the epilogue into the result. */
function results(writer: Writer, chain: Chain, blocks: Blocks, d: { M: number; O: number; P: number; Q: number; N: number; stride: number; sums: number; lanes: number; image: Var; row: Var }): Stmt[] {
  const { O, P, Q, N, stride, lanes: L } = d
  const { images, rows, across } = blocks
  const width = 4 * across
  const middle = writer.scratch(24 * L)
  // Idle lanes write below the last plane.
  const plane = writer.scratch((images * rows * 4 + 4) * width)
  const starts = Array.from({ length: blocks.padded }, (_, t) => (t < blocks.tiles ? Math.floor(t / across) * 4 * width + (t % across) * 4 : images * rows * 4 * width))
  const table = writer.parameter(tableOf(starts), 'read', 'int32', starts.length)
  const [o, g, j, r] = ['o', 'g', 'j', 'r'].map((name) => newVar(name, 'i32')) as [Var, Var, Var, Var]
  const first: Stmt[] = []
  const taken = named(first, Array.from({ length: 6 }, (_, k) => load(d.M, plus(plus(plus(times(use(o), stride), times(use(g), L)), times(use(j), d.sums)), 6 * k * d.sums), 'f32', L)))
  named(first, ofProduct(taken)).forEach((value, k) => first.push({ s: 'store', buf: middle, index: plus(times(use(j), L), 6 * k * L), value }))
  const second: Stmt[] = []
  const line = named(second, Array.from({ length: 6 }, (_, k) => load(middle, plus(times(use(r), 6 * L), k * L), 'f32', L)))
  const lets: Stmt[] = []
  const bases = named(lets, Array.from({ length: L }, (_, l) => load(table, plus(times(use(g), L), l), 'i32')))
  const down = named(second, [times(use(r), width)])[0]!
  const four = named(second, ofProduct(line))
  bases.forEach((b, l) => four.forEach((value, q) => second.push({ s: 'store', buf: plane, index: plus(plus(b, down), q), value: { k: 'extract', type: constant('f32', 0).type, arg: value, lane: l } })))
  const lay = loop(g, 0, blocks.padded / L, [...lets, loop(j, 0, 6, first), loop(r, 0, 4, second)])

  const [i, n, y, h, col, single] = [...['i', 'n', 'y', 'h', 'x'].map((name) => newVar(name, 'i32')), newVar('conv', 'f32')] as [Var, Var, Var, Var, Var, Var]
  writer.order = [n, o, h, col]
  writer.bound.set(chain.dot, use(single))
  const coords = rootCoords(chain, [ixVar(n, N), ixVar(o, O), ixVar(h, P), ixVar(col, Q)])
  const { result, body } = writer.block(() => writer.at(chain.root, coords))
  const store = writer.store(chain.root, coords, result)
  const line2: Stmt[] = [
    { s: 'let', v: single, value: load(plane, plus(times(plus(times(use(i), rows * 4), use(y)), width), use(col)), 'f32') }, ...body, store,
  ]
  const rowsHere = blocks.rowBlocks === 1 ? i32(P) : op('min', i32(4 * rows), op('sub', i32(P), times(use(d.row), 4)))
  const perImage: Stmt[] = [
    { s: 'let', v: n, value: plus(use(d.image), use(i)) },
    loop(y, 0, rowsHere, [{ s: 'let', v: h, value: plus(times(use(d.row), 4), use(y)) }, loop(col, 0, Q, line2, 1, true)]),
  ]
  return [loop(o, 0, O, [lay, loop(i, 0, images, perImage)])]
}
