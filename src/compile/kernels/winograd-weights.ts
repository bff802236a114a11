// The gradient of 3×3 weights by Winograd's algorithm: Gᵀ·[Σ over tiles of (A·dy·Aᵀ)·(Bᵀ·x·B)]·G. The batch is cut into
// fixed pieces, each summed by one thread, so that the bits do not depend on how many there are.
import { type Expr, type Index, type Kernel, type Node, type Stmt, type Var, constant, i32, ixVar, load, newVar, op, splat, use } from '../../ir/index.ts'
import { Writer } from '../writer.ts'
import type { GemmTarget } from './gemm.ts'
import type { Written } from './loop-kernel.ts'
import { ofGradient, ofInput, toFilter } from './winograd.ts'
import { blocksOf, loop, named, plus, times, transformTiles } from './winograd-tiles.ts'
import { APART, tileRows } from './winograd-conv.ts'

const BLOCK_BYTES = 2 ** 19
/** Bytes the sums of all pieces may take, and how many pieces there are at most. */
const SUM_BYTES = 2 ** 22
const MOST_PIECES = 16

/** input [C,N,H,W] ⋆ gradient [O,N,P,Q] → [C,O,3,3] */
export function winogradWeights(node: Node<'conv'>, isBuffer: (n: Node) => boolean, target: GemmTarget, make: (shape: readonly number[]) => Node): Written[] {
  const [x, g] = node.inputs as [Node, Node]
  const [C, N] = x.shape as [number, number]
  const O = g.shape[0]!
  const pieces = Math.min(N, MOST_PIECES, Math.max(4, 2 ** Math.floor(Math.log2(SUM_BYTES / (36 * O * C * 4)))))
  const sums = make([pieces, 36, O, C])
  return [sumKernel(node, sums, isBuffer, target), weightsKernel(node, sums, isBuffer)]
}

function sumKernel(node: Node<'conv'>, sums: Node, isBuffer: (n: Node) => boolean, target: GemmTarget): Written {
  const [x, dy] = node.inputs as [Node, Node]
  const [C, N, H, W] = x.shape as [number, number, number, number]
  const [O, , P, Q] = dy.shape as [number, number, number, number]
  const [pieces] = sums.shape as [number]
  const { padding } = node.params
  const L = target.lanes
  const wanted = Math.max(16, Math.min(128, BLOCK_BYTES / (36 * 4 * (C + O))))
  // One image at a time, or some of its rows: pieces may have any number of images.
  const blocks = blocksOf(1, P, Q, wanted, L)
  const columnWidth = L * Math.min(target.vectors, Math.ceil(C / L))
  const panels = Math.ceil(C / columnWidth)
  const writer = new Writer(isBuffer, [sums])
  const S = writer.parameter(sums, 'readwrite')
  const [inputs, gradients] = [panels * blocks.padded * columnWidth + APART, O * blocks.padded + APART]
  const V = writer.scratch(36 * inputs)
  const Y = writer.scratch(36 * gradients)
  const names = ['lo', 'hi', 'piece', 'image', 'block', 'row', 'c', 'o', 'begin', 'end']
  const [lo, hi, piece, image, block, row, c, o, begin, end] = names.map((name) => newVar(name, 'i32')) as [Var, Var, Var, Var, Var, Var, Var, Var, Var, Var]

  // Columns of the product are channels of the input: [36][panel][tile][columnWidth]
  const input = transformTiles(writer, {
    node: x, axes: (n, ch, y, xx) => [ch, n, y, xx], size: [H, W], before: [padding[0]![0], padding[1]![0]], from: 6, transform: ofInput,
  }, blocks, L, { image, row, c, channels: C, batch: N }, (k, group, value) => {
    const out: Stmt[] = []
    const [at] = named(out, [plus(plus(times(k, inputs), times(plus(times(op('div', use(c), i32(columnWidth)), blocks.padded), times(group, L)), columnWidth)), op('rem', use(c), i32(columnWidth)))])
    for (let l = 0; l < L; l++) out.push({ s: 'store', buf: V, index: plus(at!, l * columnWidth), value: { k: 'extract', type: constant('f32', 0).type, arg: value, lane: l } })
    return out
  })
  const gradient = transformTiles(writer, {
    node: dy, axes: (n, ch, y, xx) => [ch, n, y, xx], size: [P, Q], before: [0, 0], from: 4, transform: ofGradient,
  }, blocks, L, { image, row, c: o, channels: O, batch: N }, (k, group, value) => [
    { s: 'store', buf: Y, index: plus(plus(times(k, gradients), times(use(o), blocks.padded)), times(group, L)), value },
  ])
  const fresh = op('and', op('eq', use(image), use(begin)), op('eq', use(block), i32(0)))
  const body: Stmt[] = [
    { s: 'let', v: begin, value: op('div', times(use(piece), N), i32(pieces)) },
    { s: 'let', v: end, value: op('div', times(plus(use(piece), 1), N), i32(pieces)) },
    loop(image, use(begin), use(end), [loop(block, 0, blocks.rowBlocks, [
      { s: 'let', v: row, value: times(use(block), blocks.rows) },
      loop(c, 0, C, input.body),
      loop(o, 0, O, gradient.body),
      products({ S, V, Y, O, C, inputs, gradients, columnWidth, tiles: blocks.tiles, padded: blocks.padded, lanes: L, rows: tileRows(target, O), piece, fresh }),
    ])]),
  ]
  const flops = 2 * 36 * O * C * blocks.tiles * blocks.rowBlocks * N
  const kernel: Kernel = {
    name: `winograd_weights_${O}x${C}x${P}x${Q}`, params: writer.params, extent: pieces, lo, hi,
    body: [...input.prepare, ...gradient.prepare, loop(piece, use(lo), use(hi), body)], flops, bytes: writer.params.reduce((s, q) => s + (q.scope === 'global' ? q.length * 4 : 0), 0),
  }
  return { kernel, buffers: writer.buffers }
}

interface Products {
  readonly S: number
  readonly V: number
  readonly Y: number
  readonly O: number
  readonly C: number
  /** From one of the 36 to the next. */
  readonly inputs: number
  readonly gradients: number
  readonly columnWidth: number
  readonly tiles: number
  readonly padded: number
  readonly lanes: number
  readonly rows: number
  readonly piece: Var
  readonly fresh: Expr
}
/** sums[piece][k] += Y[k]·V[k]ᵀ over the tiles of a block; the first block begins with zeros. */
function products(d: Products): Stmt {
  const { O, C, columnWidth, lanes } = d
  const [k, p, isFresh] = [newVar('k', 'i32'), newVar('p', 'i32'), newVar('fresh', 'bool')]
  const tile = (o: Var, rows: number, panel: Expr, columns: number): Stmt[] => {
    const out: Stmt[] = []
    const t = newVar('t', 'i32')
    const widths = [...Array.from({ length: Math.floor(columns / lanes) }, () => lanes), ...Array.from({ length: columns % lanes }, () => 1)]
    const offsets = widths.map((_, i) => widths.slice(0, i).reduce((a, b) => a + b, 0))
    const [fromY, fromV, toS] = named(out, [
      plus(times(use(k), d.gradients), times(use(o), d.padded)), plus(times(use(k), d.inputs), times(panel, d.padded * columnWidth)),
      plus(times(plus(times(plus(times(use(d.piece), 36), use(k)), O), use(o)), C), times(panel, columnWidth)),
    ])
    const acc = Array.from({ length: rows }, () => widths.map((w) => newVar('acc', 'f32', w)))
    const each = (f: (v: Var, i: number, j: number) => Stmt): Stmt[] => acc.flatMap((vs, i) => vs.map((v, j) => f(v, i, j)))
    const at = (i: number, j: number): Expr => plus(toS!, i * C + offsets[j]!)
    out.push(...each((v, _i, j) => ({ s: 'let', v, value: constant('f32', 0, widths[j]!) })))
    out.push({ s: 'if', cond: op('not', use(isFresh)), then: each((v, i, j) => ({ s: 'set', v, value: load(d.S, at(i, j), 'f32', widths[j]!) })), else: [] })
    const inner: Stmt[] = []
    const values = named(inner, widths.map((w, j) => load(d.V, plus(plus(fromV!, times(use(t), columnWidth)), offsets[j]!), 'f32', w)))
    acc.forEach((vs, i) => {
      const [y] = named(inner, [load(d.Y, plus(plus(fromY!, use(t)), i * d.padded), 'f32')])
      const [wide] = named(inner, [splat(y!, lanes)])
      vs.forEach((v, j) => inner.push({ s: 'set', v, value: op('fma', widths[j] === 1 ? y! : wide!, values[j]!, use(v)) }))
    })
    out.push(loop(t, 0, d.tiles, inner), ...each((v, i, j) => ({ s: 'store', buf: d.S, index: at(i, j), value: use(v) })))
    return out
  }
  const rowLoops = (panel: Expr, columns: number): Stmt[] => {
    const whole = Math.floor(O / d.rows) * d.rows
    const o = newVar('o', 'i32')
    const out = [loop(o, 0, whole, tile(o, d.rows, panel, columns), d.rows)]
    if (whole < O) {
      const last = newVar('o', 'i32')
      out.push({ s: 'let', v: last, value: i32(whole) }, ...tile(last, O - whole, panel, columns))
    }
    return out
  }
  const full = Math.floor(C / columnWidth)
  const inner: Stmt[] = []
  if (full > 0) inner.push(loop(p, 0, full, rowLoops(use(p), columnWidth)))
  if (C % columnWidth > 0) inner.push(...rowLoops(i32(full), C % columnWidth))
  return loop(k, 0, 36, [{ s: 'let', v: isFresh, value: d.fresh }, ...inner])
}

/** Adds the pieces and takes the sums back to 3×3: [C,O,3,3]. */
function weightsKernel(node: Node<'conv'>, sums: Node, isBuffer: (n: Node) => boolean): Written {
  const [pieces, , O, C] = sums.shape as [number, number, number, number]
  const writer = new Writer(isBuffer, [node])
  const S = writer.parameter(sums, 'read')
  const total = writer.scratch(36 * C)
  const [lo, hi, o, k, c, c2] = ['lo', 'hi', 'o', 'k', 'c', 'c'].map((name) => newVar(name, 'i32')) as [Var, Var, Var, Var, Var, Var]
  const at = plus(times(plus(times(use(k), O), use(o)), C), use(c))
  const sum = Array.from({ length: pieces }, (_, s) => load(S, plus(at, s * 36 * O * C), 'f32')).reduce((a, b) => op('add', a, b))
  const body: Stmt[] = []
  const m = named(body, Array.from({ length: 36 }, (_, q) => load(total, plus(use(c2), q * C), 'f32')))
  const columns = Array.from({ length: 6 }, (_, j) => named(body, toFilter(Array.from({ length: 6 }, (_, i) => m[i * 6 + j]!))))
  writer.order = [o, c2]
  const fixed = (constant: number): Index => ({ constant, terms: [] })
  for (let a = 0; a < 3; a++) {
    toFilter(columns.map((column) => column[a]!)).forEach((value, b) => body.push(writer.store(node, [ixVar(c2, C), ixVar(o, O), fixed(a), fixed(b)], value)))
  }
  const kernel: Kernel = {
    name: 'winograd_weights_end', params: writer.params, extent: O, lo, hi, flops: O * C * (36 * pieces + 150), bytes: sums.shape.reduce((a, b) => a * b, 4),
    body: [loop(o, use(lo), use(hi), [
      loop(k, 0, 36, [loop(c, 0, C, [{ s: 'store', buf: total, index: plus(times(use(k), C), use(c)), value: sum }], 1, true)]),
      loop(c2, 0, C, body, 1, true),
    ])],
  }
  return { kernel, buffers: writer.buffers }
}
