// Batched matrix product: register tiles over packed or directly readable operands, with everything that follows the
// product elementwise computed before the result is stored (Goto & van de Geijn, 2008; implicit im2col by offset tables).
import {
  type Expr, type Kernel, type Node, type Stmt, type Var, constant, i32, ixAdd, ixConst, ixVar,
  load, newVar, op, splat, use, vtype,
} from '../../ir/index.ts'
import { type Operand, batchExpr, ignoresBatch, operandOf } from '../operand.ts'
import { Widener } from '../vectorize.ts'
import { type Chain, chainWriter, finishAt, rootCoords, storesRuns } from './chain.ts'
import { add, loop, offsetCode, times } from './code.ts'
import { innerKernel, innerPays } from './inner.ts'
import { type Written, nameOf } from './loop-kernel.ts'
import { type Panel, packKernel, panelOf } from './pack.ts'

/** A register tile: rows, and vectors of columns. */
export interface Tile {
  readonly rows: number
  readonly vectors: number
}
export interface GemmTarget extends Tile {
  readonly lanes: number
}

/** Bytes a packed operand may have before packing the other one is preferred at any price. */
const PACK_LIMIT = 2 ** 24
/** Steps of k done in one go when k is long: a panel of that many steps stays in the first cache. */
const K_BLOCK = 256

/**
 * Kernels of one product, in order: packing where needed, then the product. The operand that gives the columns of the
 * tile must lie in panels (or be contiguous already); the one that gives the rows is read where it is, through offset
 * tables if need be. Either operand can play either part: a product and its transpose are the same numbers.
 * null: an operand must be copied first.
 */
export function gemmKernels(chain: Chain, isBuffer: (n: Node) => boolean, target: GemmTarget): Written[] | null {
  const { dot } = chain
  const [a, b] = dot.inputs as [Node, Node]
  const A = operandOf(a, 2, isBuffer)
  const B = operandOf(b, 1, isBuffer)
  if (A === null || B === null) return null
  const [batches, M, N] = dot.shape as [number, number, number]
  const K = a.shape[2]!
  if (innerPays(A, B, M, N, K, target.lanes)) return [innerKernel(chain, isBuffer, target.lanes, A, B)]
  const swapped = M > 1 && cost(chain, B, A, target, N, M, K, batches, true, isBuffer) < cost(chain, A, B, target, M, N, K, batches, false, isBuffer)
  const [rows, columns] = swapped ? [B, A] : [A, B]
  const [rowCount, columnCount] = swapped ? [N, M] : [M, N]
  const tile = { rows: tileRows(target, rowCount), width: Math.min(target.vectors, Math.ceil(columnCount / target.lanes)) * target.lanes }
  const out: Written[] = []
  const pack = (o: Operand, extent: number, width: number): Panel => {
    const panel = panelOf(o, extent, width, K, batches)
    out.push(packKernel(o, panel, extent, target.lanes))
    return panel
  }
  const panel = contiguous(columns, K, columnCount, rowCount) ? null : pack(columns, columnCount, tile.width)
  const rowPanel = scattered(rows, K, rowCount, columnCount, target) ? pack(rows, rowCount, tile.rows) : null
  out.push(productKernel(chain, isBuffer, target, tile, { rows, columns, panel, rowPanel, K, swapped }))
  return out
}

/** Columns that can be read as vectors where they are. Long strides over many rows are better packed. */
const contiguous = (o: Operand, K: number, columns: number, rows: number): boolean => o.free.stride === 1 && !(K * columns > 32768 && rows >= 24)

/**
 * Rows that are better packed: with k in long strides every step of it meets new cache lines, and rows some pages apart
 * (which is the same place in the cache) push each other out. Both only matter when there is much of it, read often.
 */
function scattered({ free, k }: Operand, K: number, rows: number, columns: number, target: GemmTarget): boolean {
  if (free.stride === null || k.stride === null || rows < 2 || columns < 2 * target.vectors * target.lanes) return false
  // a set of the first cache holds the lines of eight rows and more
  if (k.stride === 1) return tileRows(target, rows) > 8 && K >= 128 && free.stride % 1024 === 0
  return K >= 192 && Math.abs(k.stride) >= 16
}

/** Estimated price in nanoseconds of what is not multiplication: packing, tables, scattered stores. */
function cost(chain: Chain, rows: Operand, columns: Operand, target: GemmTarget, rowCount: number, columnCount: number, K: number, batches: number, swapped: boolean, isBuffer: (n: Node) => boolean): number {
  let ns = 0
  if (!contiguous(columns, K, columnCount, rowCount)) {
    const size = K * columnCount * (ignoresBatch(columns) ? 1 : batches)
    ns += size * (columns.free.stride === 1 ? 0.4 : 1) * (size * 4 > PACK_LIMIT ? 4 : 1)
  }
  if (scattered(rows, K, rowCount, columnCount, target)) ns += K * rowCount * (ignoresBatch(rows) ? 1 : batches) * (rows.free.stride === 1 ? 0.4 : 1)
  if (rows.free.stride === null || rows.k.stride === null) ns += (batches * rowCount * columnCount * K) / 100
  if (!storesRuns(chain, swapped, isBuffer)) ns += batches * rowCount * columnCount * 0.5
  return ns
}

/** Rows of the tile: with wide vectors fewer where that leaves no rest, which would need code of its own. */
function tileRows({ rows, lanes }: GemmTarget, count: number): number {
  if (lanes > 4) for (let r = rows; 3 * r >= 2 * rows; r--) if (count % r === 0) return r
  return Math.min(rows, count)
}

interface Parts {
  readonly rows: Operand
  readonly columns: Operand
  readonly panel: Panel | null
  readonly rowPanel: Panel | null
  readonly K: number
  /** Rows of the tile are columns of the product. */
  readonly swapped: boolean
}
/** Columns of a tile: `lanes` wide, those from `from` up to `to` stored. */
interface Columns {
  readonly offset: number
  readonly lanes: number
  readonly from: number
  readonly to: number
}

function productKernel(chain: Chain, isBuffer: (n: Node) => boolean, target: GemmTarget, tile: { rows: number; width: number }, parts: Parts): Written {
  const { dot } = chain
  const { rows: R, columns: C, panel, rowPanel, K, swapped } = parts
  const [batches, m, n] = dot.shape as [number, number, number]
  const [M, N] = swapped ? [n, m] : [m, n]
  const W = target.lanes
  const writer = chainWriter(chain, isBuffer)
  const bufR = writer.parameter(rowPanel?.node ?? R.node, 'read')
  const bufC = writer.parameter(panel?.node ?? C.node, 'read')
  const offset = offsetCode(writer.params, writer.buffers)
  const rowAt = rowPanel === null ? offset(R.free) : null
  const rowK = rowPanel === null ? offset(R.k) : (k: Expr) => times(k, tile.rows)
  const columnK = panel === null ? offset(C.k) : (k: Expr) => times(k, tile.width)

  const { rows: MR, width: NR } = tile
  const blockRows = MR * Math.ceil(Math.min(M, W > 4 ? 128 : 48) / MR)
  const mBlocks = Math.ceil(M / blockRows)
  const panels = Math.ceil(N / NR)
  const flops = 2 * batches * M * N * K
  const enough = Math.max(1, Math.min(64, Math.floor(flops / 150000)))
  const nBlocks = Math.min(panels, Math.max(1, Math.ceil(enough / (batches * mBlocks))))
  const panelsPerBlock = Math.ceil(panels / nBlocks)
  const blocks = Math.ceil(panels / panelsPerBlock)
  const perBatch = mBlocks * blocks
  const kBlocks = K > 1.5 * K_BLOCK && M > 2 * MR ? Math.ceil(K / K_BLOCK) : 1
  const kBlock = Math.ceil(K / kBlocks)
  // Between blocks of k the sums wait in scratch: one tile after another, in the order of the loops.
  const scratch = kBlocks === 1 ? -1 : writer.scratch(blockRows * panelsPerBlock * NR)
  // With wide vectors a finished tile is laid down, and a loop takes it from there: written out row by row and lane by
  // lane, what follows the product would be most of the code.
  const staged = W > 4 && (chain.roots[0] !== dot || swapped || N % W !== 0)
  const runs = storesRuns(chain, swapped, isBuffer)
  // Columns computed once more lie left of the tile: there is room for them before its first row.
  const stage = staged ? writer.scratch(W + MR * NR) : -1

  const names = ['lo', 'hi', 'unit', 'b', 'p', 'baseR', 'baseC', 'm0', 'mWhole', 'mEnd', 'p0', 'p1', 'mb', 'nb', 'k0', 'k1', 'kb']
  const [lo, hi, unit, b, pv, baseR, baseC, first, whole, last, p0, p1, mb, nb, k0, k1, kb] = names.map((name) => newVar(name, 'i32')) as Var[] as [Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var, Var]

  /** rows × columns of the result from row mVar, panel pv. */
  const tileCode = (rows: number, columns: readonly Columns[], mVar: Var): Stmt[] => {
    const out: Stmt[] = []
    const k = newVar('k', 'i32')
    const n0 = newVar('n0', 'i32')
    const startC = newVar('startC', 'i32')
    out.push({ s: 'let', v: n0, value: times(use(pv), NR) })
    out.push({ s: 'let', v: startC, value: panel === null ? add(use(baseC), use(n0)) : add(use(baseC), times(use(pv), K * NR)) })
    // Where each row starts: one base and constants when the rows are evenly spaced.
    const base = newVar('startR', 'i32')
    let starts: Expr[]
    if (rowAt === null) {
      out.push({ s: 'let', v: base, value: add(use(baseR), times(use(mVar), K)) })
      starts = Array.from({ length: rows }, (_, i) => i32(i))
    } else if (R.free.stride !== null) {
      out.push({ s: 'let', v: base, value: add(use(baseR), times(use(mVar), R.free.stride)) })
      starts = Array.from({ length: rows }, (_, i) => i32(i * R.free.stride!))
    } else {
      out.push({ s: 'let', v: base, value: use(baseR) })
      starts = Array.from({ length: rows }, (_, i) => {
        const v = newVar('row', 'i32')
        out.push({ s: 'let', v, value: rowAt(add(use(mVar), i32(i))) })
        return use(v)
      })
    }
    const acc = Array.from({ length: rows }, () => columns.map((c) => newVar('acc', 'f32', c.lanes)))
    const held = (i: number, j: number, lanes: number): Expr => add(add(times(add(use(pv), op('sub', i32(0), use(p0))), blockRows * NR), times(op('sub', use(mVar), use(first)), NR)), i32(i * NR + j * lanes))
    for (let i = 0; i < rows; i++) columns.forEach((c, j) => out.push({ s: 'let', v: acc[i]![j]!, value: constant('f32', 0, c.lanes) }))
    if (scratch >= 0) {
      out.push({ s: 'if', cond: op('lt', i32(0), use(kb)), else: [], then: acc.flatMap((row, i) => row.map((v, j): Stmt => ({ s: 'set', v, value: load(scratch, held(i, j, v.type.lanes), 'f32', columns[j]!.lanes) }))) })
    }
    const body: Stmt[] = []
    const at = newVar('kR', 'i32')
    body.push({ s: 'let', v: at, value: add(use(base), rowK(use(k))) })
    const cs = columns.map((c) => {
      const v = newVar('c', 'f32', c.lanes)
      body.push({ s: 'let', v, value: load(bufC, add(add(use(startC), columnK(use(k))), i32(c.offset)), 'f32', c.lanes) })
      return v
    })
    for (let i = 0; i < rows; i++) {
      const r = load(bufR, add(use(at), starts[i]!), 'f32')
      const wide = columns.some((c) => c.lanes > 1) ? newVar('r', 'f32', W) : null
      const one = columns.some((c) => c.lanes === 1) ? newVar('r1', 'f32') : null
      if (wide !== null) body.push({ s: 'let', v: wide, value: splat(r, W) })
      if (one !== null) body.push({ s: 'let', v: one, value: r })
      columns.forEach((c, j) => body.push({ s: 'set', v: acc[i]![j]!, value: op('fma', use(c.lanes > 1 ? wide! : one!), use(cs[j]!), use(acc[i]![j]!)) }))
    }
    out.push(loop(k, kBlocks === 1 ? i32(0) : use(k0), kBlocks === 1 ? i32(K) : use(k1), body))
    const done = staged
      ? [...acc.flatMap((row, i) => row.map((v, j): Stmt => ({ s: 'store', buf: stage, index: i32(W + i * NR + columns[j]!.offset), value: use(v) }))), ...finishStaged(mVar, rows, n0, columns)]
      : acc.flatMap((row, i) => row.flatMap((v, j) => finish(mVar, i, n0, columns[j]!, v)))
    if (scratch < 0) out.push(...done)
    else {
      const wait = acc.flatMap((row, i) => row.map((v, j): Stmt => ({ s: 'store', buf: scratch, index: held(i, j, v.type.lanes), value: use(v) })))
      out.push({ s: 'if', cond: op('eq', use(kb), i32(kBlocks - 1)), then: done, else: wait })
    }
    return out
  }

  /** Applies the epilogue to one accumulator and stores it. */
  const finish = (mVar: Var, row: number, n0: Var, c: Columns, acc: Var): Stmt[] => {
    const column = newVar('n', 'i32')
    const single = newVar('dot', 'f32')
    writer.order = [b, mVar, column]
    writer.bound.set(dot, use(single))
    const at = [ixAdd(ixVar(mVar, M), ixConst(row)), ixVar(column, N)]
    const coords = rootCoords(chain, [ixVar(b, batches), at[swapped ? 1 : 0]!, at[swapped ? 0 : 1]!])
    const { body, stores } = finishAt(writer, chain, coords)
    const start = add(use(n0), i32(c.offset))
    const out: Stmt[] = []
    if (c.from > 0 || c.to < c.lanes || c.lanes === 1) {
      // one column at a time
      for (let l = c.from; l < c.to; l++) {
        const w = new Widener(column, add(start, i32(l)), 1)
        const x = newVar('x', 'f32')
        out.push({ s: 'let', v: x, value: c.lanes === 1 ? use(acc) : { k: 'extract', type: vtype('f32'), arg: use(acc), lane: l } })
        w.bind(single, use(x), x)
        out.push(...body.map((s) => w.let(s)), ...stores.map((s): Stmt => ({ s: 'store', buf: s.buf, index: w.scalar(s.index), value: w.scalar(s.value) })))
      }
      return out
    }
    const w = new Widener(column, start, W)
    w.bind(single, use(acc), acc)
    return [...body.map((s) => w.let(s)), ...stores.flatMap((s) => w.store(s))]
  }

  /** The same from a tile laid down, row by row: what depends on the row alone is computed once for all its columns. */
  const finishStaged = (mVar: Var, rows: number, n0: Var, columns: readonly Columns[]): Stmt[] => {
    const [row, column, single] = [newVar('row', 'i32'), newVar('n', 'i32'), newVar('dot', 'f32')]
    const end = add(use(mVar), i32(rows))
    writer.order = [b, row, column]
    writer.bound.set(dot, use(single))
    const at = [ixVar(row, M), ixVar(column, N)]
    const coords = rootCoords(chain, [ixVar(b, batches), at[swapped ? 1 : 0]!, at[swapped ? 0 : 1]!])
    const { body, stores } = finishAt(writer, chain, coords)
    const lane = add(times(op('sub', use(row), use(mVar)), NR), op('sub', use(column), op('sub', use(n0), i32(W))))
    const one: Stmt[] = [{ s: 'let', v: single, value: load(stage, lane, 'f32') }, ...body, ...stores]
    const range = (c: Columns): [Expr, Expr] => [add(use(n0), i32(c.offset + c.from)), add(use(n0), i32(c.offset + c.to))]
    // Turned, the rows of the tile are neighbours in memory: column by column, or the lines of all columns push each other out.
    if (!runs) return columns.map((c) => loop(column, ...range(c), [loop(row, use(mVar), end, one)]))
    const part = (c: Columns): Stmt => loop(column, ...range(c), one)
    const inner = columns.flatMap((c): Stmt[] => {
      if (c.to - c.from < W) return [part(c)]
      const w = new Widener(column, add(use(n0), i32(c.offset)), W)
      const acc = newVar('acc', 'f32', W)
      w.bind(single, use(acc), acc)
      return [
        { s: 'let', v: acc, value: load(stage, add(times(op('sub', use(row), use(mVar)), NR), i32(W + c.offset)), 'f32', W) },
        ...body.map((s) => w.let(s)), ...stores.flatMap((s) => w.store(s)),
      ]
    })
    return [loop(row, use(mVar), end, inner)]
  }

  const vectors = (width: number): Columns[] => Array.from({ length: width / W }, (_, j) => ({ offset: j * W, lanes: W, from: 0, to: W }))
  const rest = N % NR
  const fullPanels = Math.floor(N / NR)
  const edgeColumns = (): Columns[] => {
    const out: Columns[] = []
    for (let at = 0; at < rest; at += W) {
      const valid = Math.min(W, rest - at)
      if (valid === W || panel !== null) out.push({ offset: at, lanes: W, from: 0, to: valid })
      // Read where they are, the last columns are computed once more with their left neighbours, and stored alone.
      else if (N >= W) out.push({ offset: rest - W, lanes: W, from: W - valid, to: W })
      else for (let l = 0; l < valid; l++) out.push({ offset: at + l, lanes: 1, from: 0, to: 1 })
    }
    return out
  }
  const rowLoops = (columns: readonly Columns[]): Stmt[] => {
    const out: Stmt[] = []
    if (M >= MR) {
      const v = newVar('m', 'i32')
      out.push(loop(v, use(first), use(whole), tileCode(MR, columns, v), MR))
    }
    if (M % MR !== 0) {
      const v = newVar('m', 'i32')
      out.push(loop(v, use(whole), use(last), tileCode(M % MR, columns, v), MR))
    }
    return out
  }
  const panelLoops: Stmt[] = []
  if (fullPanels > 0) panelLoops.push(loop(pv, use(p0), rest === 0 ? use(p1) : op('min', use(p1), i32(fullPanels)), rowLoops(vectors(NR))))
  if (rest !== 0) panelLoops.push(loop(pv, op('max', use(p0), i32(fullPanels)), use(p1), rowLoops(edgeColumns())))
  const within = op('rem', use(unit), i32(perBatch))
  const body: Stmt[] = [
    { s: 'let', v: b, value: batches === 1 ? i32(0) : op('div', use(unit), i32(perBatch)) },
    { s: 'let', v: nb, value: blocks === 1 ? i32(0) : op('rem', within, i32(blocks)) },
    { s: 'let', v: mb, value: mBlocks === 1 ? i32(0) : op('div', within, i32(blocks)) },
    { s: 'let', v: baseR, value: rowPanel === null ? batchExpr(R, b) : rowPanel.batches === 1 ? i32(0) : times(use(b), rowPanel.panels * K * MR) },
    { s: 'let', v: baseC, value: panel === null ? batchExpr(C, b) : panel.batches === 1 ? i32(0) : times(use(b), panel.panels * K * NR) },
    { s: 'let', v: first, value: times(use(mb), blockRows) },
    { s: 'let', v: last, value: op('min', add(use(first), i32(blockRows)), i32(M)) },
    { s: 'let', v: whole, value: add(use(first), times(op('div', op('sub', use(last), use(first)), i32(MR)), MR)) },
    { s: 'let', v: p0, value: times(use(nb), panelsPerBlock) },
    { s: 'let', v: p1, value: op('min', add(use(p0), i32(panelsPerBlock)), i32(panels)) },
    ...(kBlocks === 1 ? panelLoops : [loop(kb, i32(0), i32(kBlocks), [
      { s: 'let', v: k0, value: times(use(kb), kBlock) } as const,
      { s: 'let', v: k1, value: op('min', add(use(k0), i32(kBlock)), i32(K)) } as const,
      ...panelLoops,
    ])]),
  ]
  const { params } = writer
  const kernel: Kernel = {
    name: `gemm_${m}x${n}x${K}${chain.roots[0] === dot ? '' : `_${nameOf(chain.roots)}`}`, params, extent: batches * perBatch, lo, hi,
    body: [loop(unit, use(lo), use(hi), body)], flops, bytes: params.reduce((s, p) => s + p.length * 4, 0),
  }
  return { kernel, buffers: writer.buffers }
}
