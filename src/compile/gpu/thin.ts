// Products with few rows (or columns) whose operands lie along k, as where the next token of a text is computed: a tile would
// leave most of the card idle. A workgroup has one or a few of the many columns; its members share the sum over k.
import { type Expr, type Kernel, type Node, type Stmt, type Var, constant, i32, ixVar, load, newVar, op, use } from '../../ir/index.ts'
import { type Chain, chainWriter, finishAt, rootCoords } from '../kernels/chain.ts'
import { type Written, nameOf } from '../kernels/loop-kernel.ts'
import { loop, named, plus, times } from '../kernels/winograd-tiles.ts'
import { type Operand, batchExpr, operandOf } from '../operand.ts'
import { OWN, readsSingly, vectorAxis } from './gemm.ts'

/** Most rows, and sums of a member. */
export const FEW = 4
const MEMBERS = 64
/** The shortest sum that is shared: two elements a member. */
const SHORTEST = 2 * MEMBERS
/** From so many columns on there are enough workgroups when each has several. */
const PLENTY = 4096

/** Whether a product by a vector, along k on both sides as far as can be told, is worth a kernel of its own. */
export function isThinProduct(node: Node): boolean {
  if (node.op !== 'dot' || node.dtype !== 'float32') return false
  const [a, b] = node.inputs as [Node, Node]
  const [batches, M, N] = node.shape as [number, number, number]
  return batches * M * N > 0 && a.shape[2]! >= SHORTEST && ((M === 1 && b.op === 'permute') || (N === 1 && a.op !== 'permute'))
}

/** The kernel of one product; null where a tile suits it, or an operand must be copied first. */
export function thinProduct(chain: Chain, isBuffer: (n: Node) => boolean): Written | null {
  const { dot } = chain
  const [batches, M, N] = dot.shape as [number, number, number]
  const K = dot.inputs[0]!.shape[2]!
  if (Math.min(M, N) > FEW || K < SHORTEST) return null
  const [A, B] = [operandOf(dot.inputs[0]!, 2, isBuffer), operandOf(dot.inputs[1]!, 1, isBuffer)]
  if (A === null || B === null || ![A, B].every((o) => o.k.stride === 1 && o.free.stride !== null)) return null
  const rowsAreFew = M <= N
  const [few, many] = rowsAreFew ? [M, N] : [N, M]
  const columns = many >= PLENTY ? Math.floor(FEW / few) : 1

  const writer = chainWriter(chain, isBuffer)
  const [bufA, bufB] = [writer.parameter(A.node, 'read'), writer.parameter(B.node, 'read')]
  const sums = writer.scratch(few * columns)
  const wide = bufA !== bufB && vectorAxis(A, M, K) === 'k' && vectorAxis(B, N, K) === 'k'
  const lanes = wide ? OWN : 1
  const [lo, hi, local, b, c0, k] = ['lo', 'hi', 'local', 'b', 'c0', 'k'].map((name) => newVar(name, 'i32')) as [Var, Var, Var, Var, Var, Var]
  const groups = Math.ceil(many / columns)
  const body: Stmt[] = [
    { s: 'let', v: b, value: op('div', use(lo), i32(groups)) },
    { s: 'let', v: c0, value: times(op('rem', use(lo), i32(groups)), columns) },
  ]
  const rowsOf = (o: Operand, at: readonly Expr[]): Expr[] => {
    const [base] = named(body, [batchExpr(o, b)])
    return named(body, at.map((i) => plus(base!, times(i, o.free.stride!))))
  }
  const [fewAt, manyAt] = [Array.from({ length: few }, (_, i) => i32(i)), Array.from({ length: columns }, (_, c) => op('min', plus(use(c0), c), i32(many - 1)))]
  const [left, right] = [rowsOf(A, rowsAreFew ? fewAt : manyAt), rowsOf(B, rowsAreFew ? manyAt : fewAt)]
  const parts = left.map(() => right.map(() => newVar('part', 'f32', lanes)))
  for (const v of parts.flat()) body.push({ s: 'let', v, value: constant('f32', 0, lanes) })
  const step: Stmt[] = []
  const [xs, ys] = [[bufA, left], [bufB, right]].map(([buf, starts]) => named(step, (starts as Expr[]).map((at) => load(buf as number, plus(at, use(k)), 'f32', lanes)))) as [Expr[], Expr[]]
  xs.forEach((x, i) => ys.forEach((y, j) => step.push({ s: 'set', v: parts[i]![j]!, value: op('fma', x, y, use(parts[i]![j]!)) })))
  body.push(loop(k, times(use(local), lanes), K, step, MEMBERS * lanes))
  parts.flat().forEach((part, i) => {
    const sum = newVar('sum', 'f32')
    body.push({ s: 'let', v: sum, value: wide ? { k: 'fold', type: sum.type, op: 'add', arg: use(part) } : use(part) }, { s: 'fold', v: sum, op: 'add' }, { s: 'store', buf: sums, index: i32(i), value: use(sum) })
  })

  // What follows the product: each sum is finished by a member of its own.
  const [m, n, single] = [newVar('m', 'i32'), newVar('n', 'i32'), newVar('dot', 'f32')]
  writer.order = [b, m, n]
  writer.bound.set(dot, use(single))
  const { body: before, stores } = finishAt(writer, chain, rootCoords(chain, [ixVar(b, batches), ixVar(m, M), ixVar(n, N)]))
  const [i, j] = [op('div', use(local), i32(right.length)), op('rem', use(local), i32(right.length))]
  const element: Stmt[] = [
    { s: 'let', v: m, value: rowsAreFew ? i : plus(use(c0), i) }, { s: 'let', v: n, value: rowsAreFew ? plus(use(c0), j) : j },
    { s: 'let', v: single, value: load(sums, use(local), 'f32') },
  ]
  const after: Stmt[] = [...before, ...stores]
  if (many % columns !== 0) element.push({ s: 'if', cond: op('lt', use(rowsAreFew ? n : m), i32(many)), then: after, else: [] })
  else element.push(...after)
  body.push({ s: 'if', cond: op('lt', use(local), i32(few * columns)), then: element, else: [] })

  const params = writer.params.map((p, at): Kernel['params'][number] => (wide && (at === bufA || at === bufB) && !readsSingly(after, at) ? { ...p, aligned: OWN } : p))
  return {
    buffers: writer.buffers,
    kernel: {
      name: `gemv_${M}x${N}x${K}${chain.roots[0] === dot ? '' : `_${nameOf(chain.roots)}`}`, params, extent: batches * groups, lo, hi, group: { size: MEMBERS, local }, body,
      flops: 2 * batches * M * N * K, bytes: params.reduce((s, p) => s + (p.scope === 'global' ? p.length * 4 : 0), 0),
    },
  }
}
