// Kernels with an algorithm of their own: running sums, scatter, sorting. One unit of work is one independent line.
import { sizeOf } from '../../base/index.ts'
import { type Expr, type Kernel, type Node, type RegType, type Stmt, type Var, constant, i32, ixVar, load, newVar, op, regType, use } from '../../ir/index.ts'
import type { Buffers } from '../layout.ts'
import { Writer } from '../writer.ts'
import type { Written } from './loop-kernel.ts'

const add = (a: Expr, b: Expr): Expr => op('add', a, b)
const mul = (a: Expr, b: number): Expr => (b === 1 ? a : op('mul', a, i32(b)))
const forLoop = (v: Var, lo: Expr, hi: Expr, body: Stmt[], vector = false): Stmt => ({ s: 'for', v, lo, hi, step: 1, body, hint: vector ? { vector: true } : {} })
const let_ = (v: Var, value: Expr): Stmt => ({ s: 'let', v, value })
const set = (v: Var, value: Expr): Stmt => ({ s: 'set', v, value })

interface Lines {
  readonly n: number
  readonly inner: number
  readonly lines: number
}
export const linesOf = (shape: readonly number[], axis: number): Lines => {
  const n = shape[axis]!
  const inner = sizeOf(shape.slice(axis + 1))
  return { n, inner, lines: n === 0 ? 0 : sizeOf(shape) / n }
}
/** Element 0 of a line. */
export const lineBase = (unit: Expr, { n, inner }: Lines): Expr => (inner === 1 ? mul(unit, n) : add(mul(op('div', unit, i32(inner)), n * inner), op('rem', unit, i32(inner))))

export function lineKernel(name: string, params: Kernel['params'], extent: number, body: (unit: Expr) => Stmt[], flops: number): Kernel {
  const lo = newVar('lo', 'i32')
  const hi = newVar('hi', 'i32')
  const unit = newVar('unit', 'i32')
  const bytes = params.reduce((s, p) => s + p.length * 4, 0)
  return { name, params, extent, lo, hi, body: [forLoop(unit, use(lo), use(hi), body(use(unit)))], flops, bytes }
}
export const read = (node: Node): Kernel['params'][number] => ({ dtype: node.dtype, length: sizeOf(node.shape), access: 'read', scope: 'global' })
export const write = (node: Node): Kernel['params'][number] => ({ ...read(node), access: 'readwrite' })

export function cumsumKernel(node: Node<'cumsum'>): Written {
  const x = node.inputs[0]!
  const { axis, reverse } = node.params
  const lines = linesOf(x.shape, axis)
  const reg = regType(node.dtype)
  const acc = newVar('acc', reg)
  const j = newVar('j', 'i32')
  const base = newVar('base', 'i32')
  const at = add(use(base), mul(reverse ? op('sub', i32(lines.n - 1), use(j)) : use(j), lines.inner))
  const sum = op('add', use(acc), load(0, at, reg))
  return {
    buffers: [x, node],
    kernel: lineKernel('cumsum', [read(x), write(node)], lines.lines, (unit) => [
      let_(base, lineBase(unit, lines)),
      let_(acc, constant(reg, 0)),
      forLoop(j, i32(0), i32(lines.n), [set(acc, node.dtype === 'uint8' ? op('and', sum, i32(255)) : sum), { s: 'store', buf: 1, index: at, value: use(acc) }]),
    ], sizeOf(x.shape)),
  }
}

/**
 * base [B,N,R] with update [B,I,R] at index [B,I]. One unit is a batch element and a stretch of R: the writers of a
 * place are visited in order by one thread. A constant base (a gradient's zeros) is in no buffer.
 */
export function scatterKernel(node: Node<'scatter'>, isBuffer: Buffers): Written {
  const [base, index, update] = node.inputs as [Node, Node, Node]
  const [B, N, R] = node.shape as [number, number, number]
  const I = index.shape[1]!
  const reg = regType(node.dtype)
  const stretch = R <= 16 ? R : 16
  const perBatch = Math.max(1, Math.ceil(R / Math.max(1, stretch)))
  const [b, r0, r1] = [newVar('b', 'i32'), newVar('r0', 'i32'), newVar('r1', 'i32')]
  const [k, i, r] = [newVar('k', 'i32'), newVar('i', 'i32'), newVar('r', 'i32')]
  const [at, copy] = [newVar('at', 'i32'), newVar('r', 'i32')]
  const place = (row: Expr, col: Expr): Expr => add(mul(row, R), col)
  const writer = new Writer(isBuffer, [node])
  const [lists, updates, out] = [writer.parameter(index, 'read'), writer.parameter(update, 'read'), writer.parameter(node, 'readwrite')]
  writer.order = [b, k, copy]
  const { result: start, body: before } = writer.block(() => writer.at(base, [ixVar(b, B), ixVar(k, N), ixVar(copy, R)]))
  const target = place(add(mul(use(b), N), use(at)), use(r))
  const value = load(updates, place(add(mul(use(b), I), use(i)), use(r)), reg)
  const old = load(out, target, reg)
  const sum = reg === 'bool' ? op('or', old, value) : op('add', old, value)
  const stored = node.params.mode === 'set' ? value : node.dtype === 'uint8' ? op('and', sum, i32(255)) : sum
  return {
    buffers: writer.buffers,
    kernel: lineKernel('scatter', writer.params, B * perBatch, (unit) => [
      let_(b, perBatch === 1 ? unit : op('div', unit, i32(perBatch))),
      let_(r0, perBatch === 1 ? i32(0) : mul(op('rem', unit, i32(perBatch)), stretch)),
      let_(r1, op('min', add(use(r0), i32(stretch)), i32(R))),
      forLoop(k, i32(0), i32(N), [forLoop(copy, use(r0), use(r1), [
        ...before, { s: 'store', buf: out, index: place(add(mul(use(b), N), use(k)), use(copy)), value: start },
      ], true)]),
      forLoop(i, i32(0), i32(I), [
        let_(at, load(lists, add(mul(use(b), I), use(i)), 'i32')),
        { s: 'if', cond: op('and', op('le', i32(0), use(at)), op('lt', use(at), i32(N))), else: [], then: [
          forLoop(r, use(r0), use(r1), [{ s: 'store', buf: out, index: target, value: stored }], true),
        ] },
      ]),
    ], B * (N + I) * R),
  }
}

/** Whether a value comes strictly before another: NaN after everything. */
export const beforeOf = (reg: RegType, descending: boolean) => (a: Expr, b: Expr): Expr => {
  if (reg === 'bool') return descending ? op('and', op('not', b), a) : op('and', b, op('not', a))
  const before = descending ? op('lt', b, a) : op('lt', a, b)
  return reg === 'i32' ? before : op('or', before, op('and', op('ne', b, b), op('eq', a, a)))
}

/** Bottom-up merge sort of indices, stable; two index buffers take turns. */
export function argsortKernel(node: Node<'argsort'>, spare: Node): Written {
  const x = node.inputs[0]!
  const { axis, descending } = node.params
  const lines = linesOf(x.shape, axis)
  const { n, inner } = lines
  const reg = regType(x.dtype)
  const before = beforeOf(reg, descending)
  const passes = Math.max(0, Math.ceil(Math.log2(n)))
  const base = newVar('base', 'i32')
  const place = (i: Expr): Expr => add(use(base), mul(i, inner))
  // Even passes read `node`, odd ones read `spare`; with an odd count the indices start in `spare`.
  const firstBuf = passes % 2 === 0 ? 1 : 2
  const p = newVar('j', 'i32')
  const body = (unit: Expr): Stmt[] => {
    const out: Stmt[] = [let_(base, lineBase(unit, lines)), forLoop(p, i32(0), i32(n), [{ s: 'store', buf: firstBuf, index: place(use(p)), value: use(p) }])]
    for (let pass = 0; pass < passes; pass++) {
      const from = (firstBuf + pass) % 2 === 1 ? 1 : 2
      out.push(mergePass(2 ** pass, from, 3 - from))
    }
    return out
  }
  const mergePass = (width: number, from: number, to: number): Stmt => {
    const [start, mid, end, i, j, k] = ['start', 'mid', 'end', 'i', 'j', 'k'].map((name) => newVar(name, 'i32')) as [Var, Var, Var, Var, Var, Var]
    const [ia, ib, right] = [newVar('ia', 'i32'), newVar('ib', 'i32'), newVar('right', 'bool')]
    const value = (index: Expr): Expr => load(0, place(index), reg)
    return {
      s: 'for', v: start, lo: i32(0), hi: i32(n), step: 2 * width, body: [
        let_(mid, op('min', add(use(start), i32(width)), i32(n))),
        let_(end, op('min', add(use(start), i32(2 * width)), i32(n))),
        let_(i, use(start)),
        let_(j, use(mid)),
        forLoop(k, use(start), use(end), [
          // Reads past a run are clamped into the line; the run bounds decide.
          let_(ia, load(from, place(op('min', use(i), i32(n - 1))), 'i32')),
          let_(ib, load(from, place(op('min', use(j), i32(n - 1))), 'i32')),
          let_(right, op('and', op('lt', use(j), use(end)), op('or', op('le', use(mid), use(i)), before(value(use(ib)), value(use(ia)))))),
          { s: 'store', buf: to, index: place(use(k)), value: op('select', use(right), use(ib), use(ia)) },
          set(i, add(use(i), op('toI32', op('not', use(right))))),
          set(j, add(use(j), op('toI32', use(right)))),
        ]),
      ],
    }
  }
  return { buffers: [x, node, spare], kernel: lineKernel('argsort', [read(x), write(node), write(spare)], lines.lines, body, sizeOf(x.shape) * Math.max(1, passes) * 4) }
}
