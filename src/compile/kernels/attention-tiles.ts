// What the kernels of attention are made of: register tiles over operands that are read where they lie, and keys turned
// so that neighbours lie together.
import { type Expr, type Node, type Stmt, type Var, constant, defOf, emit, i32, load, newVar, op, splat, use, vtype } from '../../ir/index.ts'
import { type Operand, batchExpr, operandOf } from '../operand.ts'
import type { GemmTarget } from './gemm.ts'
import { loop, named, plus, times } from './winograd-tiles.ts'

/** Whether the device's kernels take this op: heads of whole vectors, and no mask (a seventh or fourth input). */
export function attentionFits(node: Node, lanes: number): boolean {
  const { lower } = defOf(node.op)
  return lower.kind === 'opaque' && lower.views === true && defOf(node.op).parts !== undefined && node.inputs.length % 3 === 0 && node.dtype === 'float32' && widthsFit(node.inputs[1]!.shape[2]!, node.inputs[2]!.shape[2]!, lanes) && node.inputs.every((x) => x.shape.every((d) => d > 0))
}
/** Widths of keys and values that are worth whole vectors. */
export const widthsFit = (E: number, F: number, lanes: number): boolean => lanes > 1 && E % lanes === 0 && F % lanes === 0

/** An operand [B,X,Y] read where it lies, its last axis contiguous; null: it must be copied first. */
export interface Rows {
  readonly buf: number
  readonly stride: number
  /** Where row 0 of batch element `b` begins. */
  readonly base: (b: Var) => Expr
}
export function rowsOf(node: Node, isBuffer: (n: Node) => boolean, parameter: (n: Node) => number): Rows | null {
  const o: Operand | null = operandOf(node, 2, isBuffer)
  if (o === null || o.free.stride === null || (o.k.stride !== 1 && node.shape[2] !== 1)) return null
  return { buf: parameter(o.node), stride: o.free.stride, base: (b) => batchExpr(o, b) }
}

/** One side of a product: where each row (or vector of columns) begins, and how far apart its steps of k lie. */
export interface Side {
  readonly buf: number
  readonly starts: readonly Expr[]
  readonly step: number
}
/** Σ over k from lo to hi of rows × vectors of columns; `done` says what becomes of each sum. */
export function tileProduct(rows: Side, columns: Side, lo: Expr, hi: Expr, lanes: number, done: (sum: Expr, row: number, vector: number) => readonly Stmt[]): Stmt[] {
  const sums = rows.starts.map(() => columns.starts.map(() => newVar('sum', 'f32', lanes)))
  const out: Stmt[] = sums.flat().map((v) => ({ s: 'let', v, value: constant('f32', 0, lanes) }))
  const k = newVar('k', 'i32')
  const body: Stmt[] = []
  const cs = named(body, columns.starts.map((at) => load(columns.buf, plus(at, times(use(k), columns.step)), 'f32', lanes)))
  rows.starts.forEach((at, i) => {
    const [r] = named(body, [splat(load(rows.buf, plus(at, times(use(k), rows.step)), 'f32'), lanes)])
    cs.forEach((c, j) => body.push({ s: 'set', v: sums[i]![j]!, value: op('fma', r!, c, use(sums[i]![j]!)) }))
  })
  out.push(loop(k, lo, hi, body))
  return [...out, ...sums.flatMap((row, i) => row.flatMap((v, j) => done(use(v), i, j)))]
}

/** `count` places `step` apart from `base`. */
export const evenly = (base: Expr, count: number, step: number): Expr[] => Array.from({ length: count }, (_, i) => plus(base, i * step))

/** Columns 0 … width in groups of so many vectors, whole ones in a loop. */
export function columnGroups(width: number, { lanes, vectors }: GemmTarget, body: (at: Expr, vectors: number) => Stmt[]): Stmt[] {
  const group = Math.min(width, lanes * vectors)
  const whole = width - (width % group)
  const at = newVar('column', 'i32')
  return [loop(at, 0, whole, body(use(at), group / lanes), group), ...(whole < width ? body(i32(whole), (width - whole) / lanes) : [])]
}

/** Rows j0 … of an operand as panels [panel][column of the operand][NR]; past its end the last row again. */
export function turn(out: Stmt[], rows: Rows, to: number, base: Expr, j0: Expr, panels: Expr, size: { readonly count: number; readonly width: number; readonly NR: number; readonly lanes: number }): void {
  const { count, width, NR, lanes } = size
  const [p, column] = [newVar('p', 'i32'), newVar('column', 'i32')]
  const body: Stmt[] = []
  const [first] = named(body, [plus(j0, times(use(p), NR))])
  const starts = count % NR === 0
    ? evenly(named(body, [plus(base, times(first!, rows.stride))])[0]!, NR, rows.stride)
    : named(body, Array.from({ length: NR }, (_, j) => plus(base, times(op('min', plus(first!, j), i32(count - 1)), rows.stride))))
  body.push(loop(column, 0, width, Array.from({ length: NR / lanes }, (_, v): Stmt => ({
    s: 'store', buf: to, index: plus(plus(times(use(p), width * NR), times(use(column), NR)), v * lanes),
    value: { k: 'pack', type: vtype('f32', lanes), args: starts.slice(v * lanes, (v + 1) * lanes).map((at) => load(rows.buf, plus(at, use(column)), 'f32')) },
  }))))
  out.push(loop(p, 0, panels, body))
}

/** A function of the op table on one value. */
export const scalar = (name: 'exp' | 'log', x: Expr): Expr => (defOf(name).lower as Extract<ReturnType<typeof defOf>['lower'], { kind: 'pointwise' }>).scalar([x], emit.unary(name, emit.full(0, [], 'float32')))

/** Statements only where a row is inside; no question where all are. */
export const within = (always: boolean, row: Expr, extent: Expr, body: readonly Stmt[]): Stmt[] => (always ? [...body] : [{ s: 'if', cond: op('lt', row, extent), then: body, else: [] }])
export const roundUp = (n: Expr, by: number): Expr => op('div', plus(n, by - 1), i32(by))
/** Pairs of a query and a key it sees. */
export const pairs = (T: number, S: number, causal: boolean): number => (causal ? (T <= S ? (T * (T + 1)) / 2 : (S * (S + 1)) / 2 + (T - S) * S) : T * S)
