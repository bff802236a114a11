// Batched matrix product for GPUs: a workgroup computes a tile of the result; slices of both operands pass through its
// shared memory, each member keeps 4 × 4 or 8 × 8 sums in registers. Operands are read where they are, as vectors where they lie
// together; the window view of a convolution through tables of offsets (implicit im2col).
import {
  type Expr, type Index, type Kernel, type Node, type Stmt, type Var, constant, i32, ixVar, load, newVar, op, splat, use, vtype,
} from '../../ir/index.ts'
import { type Chain, chainWriter, finishAt, rootCoords } from '../kernels/chain.ts'
import { type Written, nameOf } from '../kernels/loop-kernel.ts'
import { type Offsets, type Operand, batchExpr, operandOf } from '../operand.ts'
import type { Writer } from '../writer.ts'

/** What a workgroup computes at once. Flat numbers: that is how choices are kept. */
export interface GpuTile {
  /** Of the result; multiples of `own`. */
  readonly rows: number
  readonly columns: number
  /** Steps of k that are in shared memory at once; a multiple of 4. */
  readonly depth: number
  /** Rows and columns of a member's sums: 4 or 8. */
  readonly own: number
  /** 1: the next slice is read into registers while this one is multiplied, where every member moves as much as every other. */
  readonly ahead?: number
}
/** Elements that move together. */
export const OWN = 4

const add = (a: Expr, b: Expr): Expr => (a.k === 'const' && a.value === 0 ? b : b.k === 'const' && b.value === 0 ? a : op('add', a, b))
const times = (a: Expr, by: number): Expr => (by === 0 ? i32(0) : by === 1 ? a : op('mul', a, i32(by)))
const both = (a: Expr | null, b: Expr | null): Expr | null => (a === null ? b : b === null ? a : op('and', a, b))
const let_ = (v: Var, value: Expr): Stmt => ({ s: 'let', v, value })
const lane = (x: Expr, l: number): Expr => ({ k: 'extract', type: vtype('f32'), arg: x, lane: l })
const pack = (args: readonly Expr[]): Expr => ({ k: 'pack', type: vtype('f32', args.length), args })
export const power = (n: number, most: number): number => Math.min(most, 2 ** Math.ceil(Math.log2(Math.max(n, 1))))

/** A tile that suits the shape: 64 × 64 where there is enough to do, less for few rows or columns. */
export function tileFor(M: number, N: number): GpuTile {
  const large = M * N >= 64 * 64 * 16
  return { rows: Math.max(8, power(M, large ? 64 : 32)), columns: Math.max(8, power(N, large ? 64 : 32)), depth: 16, own: 4 }
}

/** How products are computed. */
export interface ProductOptions {
  readonly tile?: (M: number, N: number, K: number) => GpuTile
  /** Operands are rounded to 16 bits on their way to shared memory; sums stay in 32. */
  readonly half?: boolean
}

/** The kernel of one product. null: an operand must be copied first. */
export function gpuProduct(chain: Chain, isBuffer: (n: Node) => boolean, { tile: choose = tileFor, half = false }: ProductOptions = {}): Written | null {
  const { dot } = chain
  const [a, b] = dot.inputs as [Node, Node]
  const A = operandOf(a, 2, isBuffer)
  const B = operandOf(b, 1, isBuffer)
  if (A === null || B === null) return null
  const [batches, M, N] = dot.shape as [number, number, number]
  const K = a.shape[2]!
  const { rows, columns, depth, own, ahead: wantsAhead = 0 } = choose(M, N, K)
  const size = (rows / own) * (columns / own)
  const [mTiles, nTiles] = [Math.ceil(M / rows), Math.ceil(N / columns)]

  const writer = chainWriter(chain, isBuffer)
  const shared = (length: number): number => {
    writer.buffers.push(null)
    return writer.params.push({ dtype: 'float32', length, access: 'readwrite', scope: 'group', aligned: OWN, ...(half ? { half } : {}) }) - 1
  }
  const bufA = writer.parameter(A.node, 'read')
  const bufB = writer.parameter(B.node, 'read')
  const tileA = shared(depth * rows)
  const tileB = shared(depth * columns)
  const sums = writer.scratch(own * own)
  const offset = offsetCode(writer)
  const names = ['lo', 'hi', 'local', 'b', 'm0', 'n0', 'row', 'column', 'k0', 'k', 'baseA', 'baseB']
  const [lo, hi, local, bv, m0, n0, row, column, k0, k, baseA, baseB] = names.map((name) => newVar(name, 'i32')) as [Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var]

  /**
   * Moves a slice of an operand into shared memory, laid out [k][free], four neighbours along the free axis at a time; past
   * the edge there are zeros. An operand that lies along k goes in blocks of 4 × 4, turned on the way.
   */
  const fetch = (o: Operand, buf: number, tile: number, first: Var, base: Var, width: number, extent: number, wide: 'free' | 'k' | null, slice: Var): Fetch => {
    const freeAt = offset(o.free)
    const kAt = offset(o.k)
    const [e, i, f, kk] = ['e', 'i', 'f', 'kk'].map((n) => newVar(n, 'i32')) as [Var, Var, Var, Var]
    // Neighbouring members read neighbouring elements.
    const kFast = wide === 'k' || (wide === null && o.k.stride === 1)
    const [kCount, fCount] = [wide === 'k' ? depth / OWN : depth, width / OWN]
    const fast = op('rem', use(i), i32(kFast ? kCount : fCount))
    const slow = op('div', use(i), i32(kFast ? kCount : fCount))
    const [fPart, kPart] = kFast ? [slow, fast] : [fast, slow]
    const body: Stmt[] = [let_(i, add(use(e), use(local))), let_(f, times(fPart, OWN)), let_(kk, times(kPart, wide === 'k' ? OWN : 1))]
    const step = wide === null ? 1 : OWN
    const held = (v: Expr, n: number, whole: number, axis: 'free' | 'k'): Expr => (n % whole === 0 ? v : op('min', v, i32(n - (wide === axis ? step : 1))))
    const kPlace = add(use(slice), use(kk))
    const kInside = K % depth === 0 ? null : op('lt', kPlace, i32(K))
    const kOffset = newVar('kAt', 'i32')
    body.push(let_(kOffset, add(use(base), kAt(held(kPlace, K, depth, 'k')))))
    /** What lies at k and free place f + l: one element, or a vector of them. */
    const read = (l: number): Expr => {
      const place = add(use(first), add(use(f), i32(l)))
      const [address, x] = [newVar('at', 'i32'), newVar('x', 'f32', step)]
      const inside = both(extent % width === 0 ? null : op('lt', place, i32(extent)), kInside)
      body.push(let_(address, add(use(kOffset), freeAt(held(place, extent, width, 'free')))))
      const value = load(buf, use(address), 'f32', step)
      body.push(let_(x, inside === null ? value : op('select', splat(inside, step), value, constant('f32', 0, step))))
      return use(x)
    }
    const got = Array.from({ length: wide === 'free' ? 1 : OWN }, (_, l) => read(l))
    const lines = wide === 'free' ? got : wide === null ? [pack(got)] : Array.from({ length: OWN }, (_, l) => pack(got.map((x) => lane(x, l))))
    const count = kCount * fCount
    const put = lines.map((value, l): Extract<Stmt, { s: 'store' }> => ({ s: 'store', buf: tile, index: add(times(add(use(kk), i32(l)), width), use(f)), value }))
    return { e, where: body.slice(0, 3), read: body.slice(3), put, count }
  }
  /** All at once: a slice is read and put. */
  const move = ({ e, where, read, put, count }: Fetch): Stmt => {
    const body = [...where, ...read, ...put]
    return { s: 'for', v: e, lo: i32(0), hi: i32(count), step: size, body: count % size === 0 ? body : [{ s: 'if', cond: op('lt', add(use(e), use(local)), i32(count)), then: body, else: [] }] }
  }

  // A member's rows and columns are runs of four, evenly spread over the tile: neighbours read neighbouring words.
  const runs = own / OWN
  const acc = Array.from({ length: own }, () => Array.from({ length: runs }, () => newVar('acc', 'f32', OWN)))
  const runsOf = (name: string, buf: number, width: number, at: Var): { readonly vars: readonly Var[]; readonly lets: readonly Stmt[] } => {
    const vars = Array.from({ length: runs }, () => newVar(name, 'f32', OWN))
    return { vars, lets: vars.map((v, i) => let_(v, load(buf, add(add(times(use(k), width), use(at)), i32((i * width) / runs)), 'f32', OWN))) }
  }
  const [left, right] = [runsOf('a', tileA, rows, row), runsOf('b', tileB, columns, column)]
  const inner: Stmt[] = [
    ...left.lets, ...right.lets,
    ...acc.flatMap((line, r) => line.map((v, c): Stmt => ({ s: 'set', v, value: op('fma', splat(lane(use(left.vars[Math.floor(r / OWN)]!), r % OWN), OWN), use(right.vars[c]!), use(v)) }))),
  ]

  // What follows the product, one element after another.
  const [e, m, n, single] = [newVar('e', 'i32'), newVar('m', 'i32'), newVar('n', 'i32'), newVar('dot', 'f32')]
  writer.order = [bv, m, n]
  writer.bound.set(dot, use(single))
  const coords: Index[] = rootCoords(chain, [ixVar(bv, batches), ixVar(m, M), ixVar(n, N)])
  const { body: before, stores } = finishAt(writer, chain, coords)
  const within = both(M % rows === 0 ? null : op('lt', use(m), i32(M)), N % columns === 0 ? null : op('lt', use(n), i32(N)))
  const element: Stmt[] = [let_(single, load(sums, use(e), 'f32')), ...before, ...stores]
  /** The i-th of a member's rows or columns. */
  const spread = (i: Expr, width: number): Expr => (runs === 1 ? i : add(times(op('div', i, i32(OWN)), width / runs), op('rem', i, i32(OWN))))
  const finish: Stmt[] = [
    ...acc.flatMap((line, r) => line.flatMap((v, c) => Array.from({ length: OWN }, (_, l): Stmt => ({ s: 'store', buf: sums, index: i32(r * own + c * OWN + l), value: lane(use(v), l) })))),
    { s: 'for', v: e, lo: i32(0), hi: i32(own * own), step: 1, body: [
      let_(m, add(add(use(m0), use(row)), spread(op('div', use(e), i32(own)), rows))), let_(n, add(add(use(n0), use(column)), spread(op('rem', use(e), i32(own)), columns))),
      ...(within === null ? element : [{ s: 'if', cond: within, then: element, else: [] } as const]),
    ] },
  ]
  const [wideA, wideB] = [vectorAxis(A, M, K), vectorAxis(B, N, K)]
  const alone = bufA !== bufB
  const [useA, useB] = [alone ? wideA : null, alone ? wideB : null]
  const fetches = (slice: Var): readonly Fetch[] => [fetch(A, bufA, tileA, m0, baseA, rows, M, useA, slice), fetch(B, bufB, tileB, n0, baseB, columns, N, useB, slice)]
  const now = fetches(k0)
  const even = now.every(({ count }) => count % size === 0) && [A, B].every((o) => o.free.stride !== null && o.k.stride !== null)
  const slices = wantsAhead === 1 && even ? readAhead(fetches, size, depth, K, k0) : { first: [], put: now.map(move), next: [] }
  const tiles = mTiles * nTiles
  const place = op('rem', use(lo), i32(tiles))
  const body: Stmt[] = [
    let_(bv, batches === 1 ? i32(0) : op('div', use(lo), i32(tiles))),
    let_(m0, times(op('div', place, i32(nTiles)), rows)), let_(n0, times(op('rem', place, i32(nTiles)), columns)),
    let_(row, times(op('div', use(local), i32(columns / own)), OWN)), let_(column, times(op('rem', use(local), i32(columns / own)), OWN)),
    let_(baseA, batchExpr(A, bv)), let_(baseB, batchExpr(B, bv)),
    ...acc.flat().map((v) => let_(v, constant('f32', 0, OWN))), ...slices.first,
    { s: 'for', v: k0, lo: i32(0), hi: i32(K), step: depth, body: [
      { s: 'barrier' }, ...slices.put, { s: 'barrier' },
      ...slices.next,
      { s: 'for', v: k, lo: i32(0), hi: i32(depth), step: 1, body: inner },
    ] },
    ...finish,
  ]
  // A buffer that the epilogue reads element by element cannot be one of vectors.
  const params = writer.params.map((p, i) => ((i === bufA && useA !== null) || (i === bufB && useB !== null)) && !readsSingly(element, i) ? { ...p, aligned: OWN } : p)
  const kernel: Kernel = {
    name: `gemm_${M}x${N}x${K}${chain.roots[0] === dot ? '' : `_${nameOf(chain.roots)}`}`, params, extent: batches * tiles, lo, hi, group: { size, local }, body,
    flops: 2 * batches * M * N * K, bytes: params.reduce((s, p) => s + (p.scope === 'global' ? p.length * 4 : 0), 0),
  }
  return { kernel, buffers: writer.buffers }
}

/** How a slice of an operand comes to shared memory: for e from 0 to count, where, read, put. */
interface Fetch {
  readonly e: Var
  readonly where: readonly Stmt[]
  readonly read: readonly Stmt[]
  readonly put: readonly Extract<Stmt, { s: 'store' }>[]
  readonly count: number
}
/** The moves of a slice apart: it is read into registers before the one before it is multiplied, and put when that is done. */
function readAhead(fetches: (slice: Var) => readonly Fetch[], size: number, depth: number, K: number, k0: Var): { readonly first: readonly Stmt[]; readonly put: readonly Stmt[]; readonly next: readonly Stmt[] } {
  const turns = fetches(k0).flatMap(({ count }, operand) => Array.from({ length: count / size }, (_, i) => ({ operand, from: i * size })))
  /** A turn's move, with variables of its own. */
  const moveOf = (slice: Var, t: number): Fetch & { readonly start: readonly Stmt[] } => {
    const move = fetches(slice)[turns[t]!.operand]!
    return { ...move, start: [let_(move.e, i32(turns[t]!.from)), ...move.where] }
  }
  const held: Var[][] = []
  const reading = (slice: Var, at: Expr, kind: 'let' | 'set'): Stmt[] => [let_(slice, at), ...turns.flatMap((_, t) => {
    const { start, read, put } = moveOf(slice, t)
    held[t] ??= put.map(() => newVar('held', 'f32', OWN))
    return [...start, ...read, ...put.map(({ value }, l): Stmt => ({ s: kind, v: held[t]![l]!, value }))]
  })]
  const first = reading(newVar('slice', 'i32'), i32(0), 'let')
  const put = turns.flatMap((_, t) => {
    const { start, put: stores } = moveOf(k0, t)
    return [...start, ...stores.map((store, l): Stmt => ({ ...store, value: use(held[t]![l]!) }))]
  })
  // past the last slice that one is read again, and not used
  const next = reading(newVar('slice', 'i32'), op('min', add(use(k0), i32(depth)), i32(Math.floor((K - 1) / depth) * depth)), 'set')
  return { first, put, next }
}

/** The axis along which four neighbours lie together, at a multiple of four, everywhere. */
export function vectorAxis(o: Operand, extent: number, K: number): 'free' | 'k' | null {
  const even = (x: number | null): boolean => x !== null && x % OWN === 0
  if (o.batch.constant % OWN !== 0 || o.batch.terms.some((t) => t.by % OWN !== 0)) return null
  if (o.node.shape.reduce((p, d) => p * d, 1) % OWN !== 0) return null
  if (o.free.stride === 1 && even(extent) && even(o.k.stride)) return 'free'
  if (o.k.stride === 1 && even(K) && even(o.free.stride)) return 'k'
  return null
}

/** Offsets as code: a product with the stride, or a load from a constant table, which becomes a parameter. */
function offsetCode(writer: Writer): (o: Offsets) => (at: Expr) => Expr {
  return ({ stride, table }) => {
    if (stride !== null) return (at) => times(at, stride)
    const buf = writer.parameter(new Uint8Array(Int32Array.from(table).buffer), 'read', 'int32', table.length)
    return (at) => load(buf, at, 'i32')
  }
}

/** Whether a body loads single elements of a buffer. */
export function readsSingly(body: readonly Stmt[], buf: number): boolean {
  const seen = new Set<Expr>()
  const inExpr = (e: Expr): boolean => {
    if (seen.has(e)) return false
    seen.add(e)
    if (e.k === 'load') return (e.buf === buf && e.type.lanes === 1) || inExpr(e.index)
    if (e.k === 'op' || e.k === 'pack') return e.args.some(inExpr)
    return e.k === 'splat' || e.k === 'extract' || e.k === 'fold' ? inExpr(e.arg) : false
  }
  return body.some((s) => (s.s === 'store' ? inExpr(s.index) || inExpr(s.value) : s.s === 'let' || s.s === 'set' ? inExpr(s.value) : false))
}
