// A product as inner products: where both operands lie with k in a row (x·Wᵀ, a layer on few examples) they are read as
// vectors of k where they are, and nothing is packed. A tile of sums shares what it loads.
import { type Expr, type Kernel, type Node, type Stmt, type Var, constant, i32, ixVar, load, newVar, op, use, vtype } from '../../ir/index.ts'
import { type Operand, batchExpr } from '../operand.ts'
import { type Chain, chainWriter, finishAt, rootCoords, storesRuns } from './chain.ts'
import { add, loop, times } from './code.ts'
import { type Written, nameOf } from './loop-kernel.ts'

/** Nanoseconds: an element turned into a panel, and the end of an inner product (a vector added up, and stored). */
const TURN = 0.45
const END = 3

/**
 * Whether inner products are the better way: what they save is packing one operand, what they cost is adding up a vector
 * for every result. Depends on nothing that is measured, for the order of a sum depends on it.
 */
export function innerPays(A: Operand, B: Operand, M: number, N: number, K: number, lanes: number): boolean {
  const rowwise = (o: Operand): boolean => o.k.stride === 1 && o.free.stride !== null
  if (lanes === 1 || K < 4 * lanes || !rowwise(A) || !rowwise(B)) return false
  return K * Math.min(M, N) * TURN > M * N * END
}

/** Rows and columns of sums that are built at once: as many as the registers hold, as few as are wasted. */
function tileOf(M: number, N: number, lanes: number): readonly [number, number] {
  const registers = lanes === 4 ? 15 : lanes === 8 ? 16 : 31
  let best: readonly [number, number] = [1, 1]
  let least = Number.POSITIVE_INFINITY
  for (let r = 1; r <= Math.min(8, M); r++)
    for (let c = 1; c <= Math.min(8, N); c++) {
      if (r * c + c + 1 > registers) continue
      // cycles for one vector of k: two multiply-adds or two loads each, and a chain of additions takes four
      const cycles = Math.ceil(M / r) * Math.ceil(N / c) * Math.max(4, (r * c) / 2, (r + c) / 2)
      if (cycles < least || (cycles === least && r * c > best[0] * best[1])) [best, least] = [[r, c], cycles]
    }
  return best
}

export function innerKernel(chain: Chain, isBuffer: (n: Node) => boolean, lanes: number, A: Operand, B: Operand): Written {
  const { dot } = chain
  const [batches, m, n] = dot.shape as [number, number, number]
  const K = dot.inputs[0]!.shape[2]!
  const swapped = !storesRuns(chain, false, isBuffer) && storesRuns(chain, true, isBuffer)
  const [R, C, M, N] = swapped ? [B, A, n, m] : [A, B, m, n]
  const [MR, NR] = tileOf(M, N, lanes)
  const writer = chainWriter(chain, isBuffer)
  const bufR = writer.parameter(R.node, 'read')
  const bufC = writer.parameter(C.node, 'read')
  const flops = 2 * batches * M * N * K
  const rowTiles = Math.ceil(M / MR)
  const columnTiles = Math.ceil(N / NR)
  const wanted = Math.max(1, Math.min(64, Math.floor(flops / 150000)))
  const tilesPerBlock = Math.ceil(columnTiles / Math.max(1, Math.min(columnTiles, Math.ceil(wanted / (batches * rowTiles)))))
  const blocks = Math.ceil(columnTiles / tilesPerBlock)
  const width = tilesPerBlock * NR
  const stage = writer.scratch(MR * width)

  const names = ['lo', 'hi', 'unit', 'b', 'm0', 'm1', 'n0', 'n1', 'nt', 'within']
  const [lo, hi, unit, b, m0, m1, n0, n1, nt, within] = names.map((name) => newVar(name, 'i32')) as [Var, Var, Var, Var, Var, Var, Var, Var, Var, Var]
  /** Where the lines of a tile begin; past the edge the last one again, whose sums nobody reads. */
  const lines = (o: Operand, from: Var, count: number, extent: number, out: Stmt[]): Expr[] => {
    const base = newVar('base', 'i32')
    out.push({ s: 'let', v: base, value: add(batchExpr(o, b), times(use(from), o.free.stride!)) })
    if (extent % count === 0) return Array.from({ length: count }, (_, i) => add(use(base), i32(i * o.free.stride!)))
    return Array.from({ length: count }, (_, i) => {
      const line = newVar('line', 'i32')
      out.push({ s: 'let', v: line, value: add(batchExpr(o, b), times(op('min', add(use(from), i32(i)), i32(extent - 1)), o.free.stride!)) })
      return use(line)
    })
  }
  const tile: Stmt[] = []
  const rowStarts: Stmt[] = []
  const rows = lines(R, m0, MR, M, rowStarts)
  const columns = lines(C, nt, NR, N, tile)
  const sums = rows.map(() => columns.map(() => newVar('sum', 'f32', lanes)))
  for (const v of sums.flat()) tile.push({ s: 'let', v, value: constant('f32', 0, lanes) })
  const multiply = (k: Var, wide: number, into: readonly (readonly Var[])[]): Stmt[] => {
    const loads: Stmt[] = []
    const held = (buf: number, starts: readonly Expr[]): Var[] =>
      starts.map((at) => {
        const v = newVar('x', 'f32', wide)
        loads.push({ s: 'let', v, value: load(buf, add(at, use(k)), 'f32', wide) })
        return v
      })
    const cs = held(bufC, columns)
    return [...loads, ...rows.flatMap((at, i): Stmt[] => {
      const r = newVar('r', 'f32', wide)
      return [{ s: 'let', v: r, value: load(bufR, add(at, use(k)), 'f32', wide) }, ...cs.map((c, j): Stmt => ({ s: 'set', v: into[i]![j]!, value: op('fma', use(r), use(c), use(into[i]![j]!)) }))]
    })]
  }
  const whole = K - (K % lanes)
  const [k, kRest] = [newVar('k', 'i32'), newVar('k', 'i32')]
  tile.push(loop(k, i32(0), i32(whole), multiply(k, lanes, sums), lanes))
  const totals = sums.map((row) => row.map((v) => {
    const total = newVar('total', 'f32')
    tile.push({ s: 'let', v: total, value: { k: 'fold', type: vtype('f32'), op: 'add', arg: use(v) } })
    return total
  }))
  if (whole < K) tile.push(loop(kRest, i32(whole), i32(K), multiply(kRest, 1, totals)))
  const staged = op('sub', use(nt), use(n0))
  totals.forEach((row, i) => row.forEach((v, j) => tile.push({ s: 'store', buf: stage, index: add(staged, i32(i * width + j)), value: use(v) })))

  // What follows the product, row by row.
  const [row, column, single] = [newVar('row', 'i32'), newVar('n', 'i32'), newVar('dot', 'f32')]
  writer.order = [b, row, column]
  writer.bound.set(dot, use(single))
  const at = [ixVar(row, M), ixVar(column, N)]
  const coords = rootCoords(chain, [ixVar(b, batches), at[swapped ? 1 : 0]!, at[swapped ? 0 : 1]!])
  const { body, stores } = finishAt(writer, chain, coords)
  const finish = loop(row, use(m0), use(m1), [loop(column, use(n0), use(n1), [
    { s: 'let', v: single, value: load(stage, add(times(op('sub', use(row), use(m0)), width), op('sub', use(column), use(n0))), 'f32') },
    ...body, ...stores,
  ], 1, true)])
  const perBatch = rowTiles * blocks
  const main: Stmt[] = [
    { s: 'let', v: b, value: batches === 1 ? i32(0) : op('div', use(unit), i32(perBatch)) },
    { s: 'let', v: within, value: batches === 1 ? use(unit) : op('rem', use(unit), i32(perBatch)) },
    { s: 'let', v: m0, value: times(blocks === 1 ? use(within) : op('div', use(within), i32(blocks)), MR) },
    { s: 'let', v: m1, value: op('min', add(use(m0), i32(MR)), i32(M)) },
    { s: 'let', v: n0, value: blocks === 1 ? i32(0) : times(op('rem', use(within), i32(blocks)), width) },
    { s: 'let', v: n1, value: op('min', add(use(n0), i32(width)), i32(N)) },
    ...rowStarts, loop(nt, use(n0), use(n1), tile, NR), finish,
  ]
  const { params } = writer
  const kernel: Kernel = {
    name: `gemm_${m}x${n}x${K}${chain.roots[0] === dot ? '' : `_${nameOf(chain.roots)}`}`, params, extent: batches * perBatch, lo, hi,
    body: [loop(unit, use(lo), use(hi), main)], flops, bytes: params.reduce((s, p) => s + p.length * 4, 0),
  }
  return { kernel, buffers: writer.buffers }
}
