// Batched matrix product: register tiles over packed or directly readable operands, with everything that follows the
// product elementwise computed before the result is stored (Goto & van de Geijn, 2008; implicit im2col by offset tables).
import {
  type Expr, type Index, type Kernel, type Node, type Stmt, type Var, constant, emit, i32, ixAdd, ixConst, ixFlatten, ixUnflatten, ixVar,
  load, newVar, op, splat, use, vtype,
} from '../../ir/index.ts'
import { type Offsets, type Operand, batchExpr, ignoresBatch, operandOf } from '../operand.ts'
import { Widener } from '../vectorize.ts'
import { Writer } from '../writer.ts'
import type { Written } from './loop-kernel.ts'

export interface GemmTarget {
  readonly lanes: number
  /** Register tile: rows, and vectors of columns. */
  readonly rows: number
  readonly vectors: number
}

/** The nodes from a product up to the root its kernel stores: each a view or elementwise use of the one before. */
export interface Chain {
  readonly dot: Node
  readonly links: readonly Node[]
  readonly root: Node
}

/** Kernels of one product, in order: packing where needed, then the product. null: an operand must be copied first. */
export function gemmKernels(chain: Chain, isBuffer: (n: Node) => boolean, target: GemmTarget): Written[] | null {
  const { dot } = chain
  const [a, b] = dot.inputs as [Node, Node]
  const A = operandOf(a, 2, isBuffer)
  const B = operandOf(b, 1, isBuffer)
  if (A === null || B === null) return null
  const [, M, N] = dot.shape as [number, number, number]
  const K = a.shape[2]!
  const tile = { rows: Math.min(target.rows, M), width: Math.min(target.vectors, Math.ceil(N / target.lanes)) * target.lanes }
  const out: Written[] = []
  const pack = (o: Operand, extent: number, width: number): Panel => {
    const batches = ignoresBatch(o) ? 1 : dot.shape[0]!
    const panels = Math.ceil(extent / width)
    const node = emit.make('data', [], { shape: [batches, panels, K, width], dtype: 'float32' })
    out.push(packKernel(o, node, extent, width, K, target.lanes))
    return { node, width, panels, batches }
  }
  const directB = B.free.stride === 1 && B.k.stride !== null && !(K * N > 32768 && M >= 24)
  const directA = A.free.stride !== null && A.k.stride !== null
  const panelB = directB ? null : pack(B, N, tile.width)
  const panelA = directA ? null : pack(A, M, tile.rows)
  out.push(productKernel(chain, isBuffer, target, tile, { A, B, panelA, panelB, K }))
  return out
}

interface Panel {
  readonly node: Node
  readonly width: number
  readonly panels: number
  readonly batches: number
}

const add = (a: Expr, b: Expr): Expr => (a.k === 'const' && a.value === 0 ? b : b.k === 'const' && b.value === 0 ? a : op('add', a, b))
const times = (a: Expr, by: number): Expr => (by === 0 ? i32(0) : by === 1 ? a : op('mul', a, i32(by)))
const loop = (v: Var, lo: Expr, hi: Expr, body: Stmt[], step = 1, vector = false): Stmt => ({ s: 'for', v, lo, hi, step, body, hint: vector ? { vector: true } : {} })
const f32Param = (node: Node, access: 'read' | 'write'): Kernel['params'][number] => ({ dtype: node.dtype, length: node.shape.reduce((p, d) => p * d, 1), access, scope: 'global' })

const bytesOf = (table: readonly number[]): Uint8Array => new Uint8Array(Int32Array.from(table).buffer)

/** Copies an operand into panels [batch][panel][k][width]; past the edge the last element is repeated. */
function packKernel(o: Operand, out: Node, extent: number, width: number, K: number, lanes: number): Written {
  const [, panels] = out.shape as [number, number]
  const batches = out.shape[0]!
  const [lo, hi, unit] = [newVar('lo', 'i32'), newVar('hi', 'i32'), newVar('unit', 'i32')]
  const [b, p, k, j] = [newVar('b', 'i32'), newVar('p', 'i32'), newVar('k', 'i32'), newVar('j', 'i32')]
  const params: Kernel['params'][number][] = [f32Param(o.node, 'read'), f32Param(out, 'write')]
  const buffers: (Node | Uint8Array)[] = [o.node, out]
  const offset = (offsets: Offsets, at: Expr): Expr => {
    if (offsets.stride !== null) return times(at, offsets.stride)
    params.push({ dtype: 'int32', length: offsets.table.length, access: 'read', scope: 'global' })
    buffers.push(bytesOf(offsets.table))
    return load(params.length - 1, at, 'i32')
  }
  const base = newVar('base', 'i32')
  const dest = newVar('dest', 'i32')
  const first = newVar('first', 'i32')
  const kOff = newVar('kOff', 'i32')
  const put = (col: Expr, at: Expr, wide: number): Stmt => ({ s: 'store', buf: 1, index: add(add(use(dest), times(use(k), width)), col), value: load(0, at, 'f32', wide) })
  const { free } = o
  // Runs of `lanes` columns that lie together in every full panel are moved as vectors.
  const runs = width % lanes === 0 && everyRun(free.table, width, lanes)
  const full: Stmt[] = []
  const kPart = offset(o.k, use(k))
  if (runs) {
    const starts = Array.from({ length: width / lanes }, () => newVar('start', 'i32'))
    starts.forEach((s, v) => full.push({ s: 'let', v: s, value: add(use(base), offset(free, add(use(first), i32(v * lanes)))) }))
    full.push(loop(k, i32(0), i32(K), [{ s: 'let', v: kOff, value: kPart }, ...starts.map((s, v) => put(i32(v * lanes), add(use(s), use(kOff)), lanes))]))
  }
  const start = newVar('start', 'i32')
  const edge = loop(j, i32(0), i32(width), [
    { s: 'let', v: start, value: add(use(base), offset(free, op('min', add(use(first), use(j)), i32(extent - 1)))) },
    loop(k, i32(0), i32(K), [put(use(j), add(use(start), kPart), 1)]),
  ])
  const whole = Math.floor(extent / width)
  const body: Stmt[] = [
    { s: 'let', v: b, value: batches === 1 ? i32(0) : op('div', use(unit), i32(panels)) },
    { s: 'let', v: p, value: batches === 1 ? use(unit) : op('rem', use(unit), i32(panels)) },
    { s: 'let', v: base, value: batchExpr(o, b) },
    { s: 'let', v: dest, value: times(use(unit), K * width) },
    { s: 'let', v: first, value: times(use(p), width) },
    ...(!runs ? [edge] : whole === panels ? full : [{ s: 'if' as const, cond: op('lt', use(p), i32(whole)), then: full, else: [edge] }]),
  ]
  const size = batches * panels * K * width
  return { buffers, kernel: { name: 'pack', params, extent: batches * panels, lo, hi, body: [loop(unit, use(lo), use(hi), body)], flops: size, bytes: size * 8 } }
}
function everyRun(table: readonly number[], width: number, lanes: number): boolean {
  const whole = Math.floor(table.length / width) * width
  for (let i = 0; i < whole; i += lanes) for (let l = 1; l < lanes; l++) if (table[i + l] !== table[i]! + l) return false
  return whole > 0
}

interface Parts {
  readonly A: Operand
  readonly B: Operand
  readonly panelA: Panel | null
  readonly panelB: Panel | null
  readonly K: number
}
/** Columns of a tile: `lanes` wide, `valid` of them stored. */
interface Columns {
  readonly offset: number
  readonly lanes: number
  readonly valid: number
}

function productKernel(chain: Chain, isBuffer: (n: Node) => boolean, target: GemmTarget, tile: { rows: number; width: number }, { A, B, panelA, panelB, K }: Parts): Written {
  const { dot } = chain
  const [batches, M, N] = dot.shape as [number, number, number]
  const W = target.lanes
  const writer = new Writer(isBuffer, [chain.root, ...chain.links])
  const bufA = writer.parameter(panelA?.node ?? A.node, 'read')
  const bufB = writer.parameter(panelB?.node ?? B.node, 'read')
  const [lo, hi, unit, b, pv, m] = ['lo', 'hi', 'unit', 'b', 'p', 'm'].map((n) => newVar(n, 'i32')) as [Var, Var, Var, Var, Var, Var]
  const baseA = newVar('baseA', 'i32')
  const baseB = newVar('baseB', 'i32')

  const { rows: MR, width: NR } = tile
  const blockRows = MR * Math.ceil(Math.min(M, 48) / MR)
  const mBlocks = Math.ceil(M / blockRows)
  const panels = Math.ceil(N / NR)
  const flops = 2 * batches * M * N * K
  const enough = Math.max(1, Math.min(16, Math.floor(flops / 150000)))
  const nBlocks = Math.min(panels, Math.max(1, Math.ceil(enough / (batches * mBlocks))))
  const panelsPerBlock = Math.ceil(panels / nBlocks)
  const blocks = Math.ceil(panels / panelsPerBlock)

  /** rows × columns of the result from row m, panel pv. */
  const tileCode = (rows: number, columns: readonly Columns[], mVar: Var): Stmt[] => {
    const out: Stmt[] = []
    const k = newVar('k', 'i32')
    const n0 = newVar('n0', 'i32')
    out.push({ s: 'let', v: n0, value: times(use(pv), NR) })
    const startB = newVar('startB', 'i32')
    out.push({ s: 'let', v: startB, value: panelB === null ? add(use(baseB), use(n0)) : add(use(baseB), times(use(pv), K * NR)) })
    const startA = newVar('startA', 'i32')
    out.push({ s: 'let', v: startA, value: panelA === null ? add(use(baseA), times(use(mVar), A.free.stride!)) : add(use(baseA), times(op('div', use(mVar), i32(MR)), K * MR)) })
    const acc = Array.from({ length: rows }, () => columns.map((c) => newVar('acc', 'f32', c.lanes)))
    for (const row of acc) for (const v of row) out.push({ s: 'let', v, value: constant('f32', 0, v.type.lanes) })
    const stepA = panelA === null ? A.k.stride! : MR
    const rowA = panelA === null ? A.free.stride! : 1
    const stepB = panelB === null ? B.k.stride! : NR
    const body: Stmt[] = []
    const bs = columns.map((c) => {
      const v = newVar('b', 'f32', c.lanes)
      body.push({ s: 'let', v, value: load(bufB, add(add(use(startB), times(use(k), stepB)), i32(c.offset)), 'f32', c.lanes) })
      return v
    })
    for (let i = 0; i < rows; i++) {
      const a = load(bufA, add(add(use(startA), times(use(k), stepA)), i32(i * rowA)), 'f32')
      const wide = columns.some((c) => c.lanes > 1) ? newVar('a', 'f32', W) : null
      const one = columns.some((c) => c.lanes === 1) ? newVar('a1', 'f32') : null
      if (wide !== null) body.push({ s: 'let', v: wide, value: splat(a, W) })
      if (one !== null) body.push({ s: 'let', v: one, value: a })
      columns.forEach((c, j) => body.push({ s: 'set', v: acc[i]![j]!, value: op('fma', use(c.lanes > 1 ? wide! : one!), use(bs[j]!), use(acc[i]![j]!)) }))
    }
    out.push(loop(k, i32(0), i32(K), body))
    for (let i = 0; i < rows; i++) columns.forEach((c, j) => out.push(...finish(mVar, i, n0, c, acc[i]![j]!)))
    return out
  }

  /** Applies the epilogue to one accumulator and stores it. */
  const finish = (mVar: Var, row: number, n0: Var, c: Columns, acc: Var): Stmt[] => {
    const n = newVar('n', 'i32')
    const single = newVar('dot', 'f32')
    writer.order = [b, mVar, n]
    writer.bound.set(dot, use(single))
    const coords = rootCoords(chain, [ixVar(b, batches), ixAdd(ixVar(mVar, M), ixConst(row)), ixVar(n, N)])
    const { result, body } = writer.block(() => writer.at(chain.root, coords))
    const store = writer.store(chain.root, coords, result) as Extract<Stmt, { s: 'store' }>
    const start = add(use(n0), i32(c.offset))
    const out: Stmt[] = []
    if (c.valid < c.lanes || c.lanes === 1) {
      // one column at a time
      for (let l = 0; l < c.valid; l++) {
        const w = new Widener(n, add(start, i32(l)), 1)
        const x = newVar('x', 'f32')
        out.push({ s: 'let', v: x, value: c.lanes === 1 ? use(acc) : { k: 'extract', type: vtype('f32'), arg: use(acc), lane: l } })
        w.bind(single, use(x), x)
        for (const s of body) out.push(w.let(s as Extract<Stmt, { s: 'let' }>))
        out.push({ s: 'store', buf: store.buf, index: w.scalar(store.index), value: w.scalar(store.value) })
      }
      return out
    }
    const w = new Widener(n, start, W)
    w.bind(single, use(acc), acc)
    for (const s of body) out.push(w.let(s as Extract<Stmt, { s: 'let' }>))
    out.push(...w.store(store))
    return out
  }

  const vectors = (width: number): Columns[] => Array.from({ length: width / W }, (_, j) => ({ offset: j * W, lanes: W, valid: W }))
  const rest = N % NR
  const fullPanels = Math.floor(N / NR)
  const edgeColumns = (): Columns[] => {
    const out: Columns[] = []
    for (let at = 0; at < rest; at += W) {
      const valid = Math.min(W, rest - at)
      if (valid === W || panelB !== null) out.push({ offset: at, lanes: W, valid })
      else for (let l = 0; l < valid; l++) out.push({ offset: at + l, lanes: 1, valid: 1 })
    }
    return out
  }
  const first = newVar('m0', 'i32')
  const whole = newVar('mWhole', 'i32')
  const last = newVar('mEnd', 'i32')
  const rowLoops = (columns: () => readonly Columns[]): Stmt[] => {
    const out: Stmt[] = []
    if (M >= MR) {
      const v = newVar('m', 'i32')
      out.push(loop(v, use(first), use(whole), tileCode(MR, columns(), v), MR))
    }
    if (M % MR !== 0) {
      const v = newVar('m', 'i32')
      out.push(loop(v, use(whole), use(last), tileCode(M % MR, columns(), v), MR))
    }
    return out
  }
  const p0 = newVar('p0', 'i32')
  const p1 = newVar('p1', 'i32')
  const mb = newVar('mb', 'i32')
  const nb = newVar('nb', 'i32')
  const perBatch = mBlocks * blocks
  const batchA = panelA === null ? batchExpr(A, b) : panelA.batches === 1 ? i32(0) : times(use(b), panelA.panels * K * MR)
  const batchB = panelB === null ? batchExpr(B, b) : panelB.batches === 1 ? i32(0) : times(use(b), panelB.panels * K * NR)
  const within = op('rem', use(unit), i32(perBatch))
  const panelLoop = (from: Expr, to: Expr, columns: () => readonly Columns[]): Stmt => loop(pv, from, to, rowLoops(columns))
  const body: Stmt[] = [
    { s: 'let', v: b, value: batches === 1 ? i32(0) : op('div', use(unit), i32(perBatch)) },
    { s: 'let', v: nb, value: blocks === 1 ? i32(0) : op('rem', within, i32(blocks)) },
    { s: 'let', v: mb, value: mBlocks === 1 ? i32(0) : op('div', within, i32(blocks)) },
    { s: 'let', v: baseA, value: batchA },
    { s: 'let', v: baseB, value: batchB },
    { s: 'let', v: first, value: times(use(mb), blockRows) },
    { s: 'let', v: last, value: op('min', add(use(first), i32(blockRows)), i32(M)) },
    { s: 'let', v: whole, value: add(use(first), times(op('div', op('sub', use(last), use(first)), i32(MR)), MR)) },
    { s: 'let', v: p0, value: times(use(nb), panelsPerBlock) },
    { s: 'let', v: p1, value: op('min', add(use(p0), i32(panelsPerBlock)), i32(panels)) },
  ]
  if (fullPanels > 0) body.push(panelLoop(use(p0), rest === 0 ? use(p1) : op('min', use(p1), i32(fullPanels)), () => vectors(NR)))
  if (rest !== 0) body.push(panelLoop(op('max', use(p0), i32(fullPanels)), use(p1), edgeColumns))
  void m
  const params = writer.params
  const kernel: Kernel = {
    name: `gemm_${M}x${N}x${K}${chain.root === dot ? '' : `_${chain.root.op}`}`, params, extent: batches * perBatch, lo, hi,
    body: [loop(unit, use(lo), use(hi), body)], flops, bytes: params.reduce((s, p) => s + p.length * 4, 0),
  }
  return { kernel, buffers: writer.buffers }
}

/** Coordinates of the root in terms of the product's: views on the way are undone one after another. */
export function rootCoords(chain: Chain, coords: readonly Index[]): Index[] {
  let current = [...coords]
  let shape = chain.dot.shape
  for (const link of chain.links) {
    if (link.op === 'reshape') current = ixUnflatten(ixFlatten(current, shape), link.shape)
    else if (link.op === 'permute') current = (link as Node<'permute'>).params.axes.map((a) => current[a]!)
    shape = link.shape
  }
  return current
}
