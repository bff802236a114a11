// Addresses: what a loop steps, what it shares, what stays outside.
import { describe, expect, test } from 'vitest'
import { type Expr, type Kernel, type Stmt, i32, load, newVar, op, use } from '../../ir/index.ts'
import { lower } from './lower.ts'
import type { LowStmt } from './nodes.ts'

type Loop = Extract<LowStmt, { s: 'for' }>

/** Loops u (lo … hi) around k (0 … 16) around out[u] = f(u, k). */
function loops(body: (u: Expr, k: Expr) => Stmt[]): Loop {
  const [lo, hi, u, k] = ['lo', 'hi', 'u', 'k'].map((n) => newVar(n, 'i32'))
  const kernel: Kernel = {
    name: 'test', lo: lo!, hi: hi!, extent: 8, flops: 0, bytes: 0,
    params: [0, 1, 2].map(() => ({ dtype: 'float32', length: 1 << 20, access: 'readwrite', scope: 'global' })),
    body: [{ s: 'for', v: u!, lo: use(lo!), hi: use(hi!), step: 1, body: [{ s: 'for', v: k!, lo: i32(0), hi: i32(16), step: 1, body: body(use(u!), use(k!)) }] }],
  }
  return lower(kernel).body[0] as Loop
}
const inner = (outer: Loop): Loop => outer.body.find((s): s is Loop => s.s === 'for')!
const store = (index: Expr, value: Expr): Stmt => ({ s: 'store', buf: 0, index, value })
const at = (u: Expr, k: Expr, by: number, plus = 0): Expr => op('add', op('add', op('mul', u, i32(64)), op('mul', k, i32(by))), i32(plus))

describe('lower', () => {
  test('accesses that differ by a constant share a pointer; its step is in bytes', () => {
    const loop = inner(loops((u, k) => [store(at(u, k, 4), op('add', load(1, at(u, k, 8, 3), 'f32'), load(1, at(u, k, 8, 7), 'f32')))]))
    expect(loop.pre.length).toBe(2)
    const stored = loop.body.find((s) => s.s === 'store')!
    expect(stored).toMatchObject({ addr: { k: 'var' }, offset: 0, value: { args: [{ k: 'mem', value: 0, args: [{ k: 'var' }] }, { k: 'mem', value: 16 }] } })
    const steps = loop.body.flatMap((s) => (s.s === 'set' ? [s.value.args[1]!.value] : []))
    expect(steps.sort((a, b) => a - b)).toEqual([16, 32])
  })

  test('pointers of an inner loop start from pointers of the outer one', () => {
    const outer = loops((u, k) => [store(at(u, k, 1), load(1, at(u, k, 1), 'f32'))])
    expect(outer.pre.length).toBe(2)
    expect(inner(outer).pre.every((s) => s.s === 'let' && s.value.k === 'var')).toBe(true)
  })

  test('constants too far apart get pointers of their own', () => {
    const loop = inner(loops((u, k) => [store(at(u, k, 1), op('add', load(1, at(u, k, 1), 'f32'), load(1, at(u, k, 1, 100_000), 'f32')))]))
    expect(loop.pre.length).toBe(3)
  })

  test('an index that varies otherwise is computed in place, its constant folded', () => {
    const loop = inner(loops((u, k) => [store(at(u, k, 1), load(1, op('add', op('and', k, i32(7)), i32(5)), 'f32'))]))
    expect(loop.pre.length).toBe(1)
    expect(loop.body.find((s) => s.s === 'store')).toMatchObject({ value: { k: 'mem', value: 20, args: [{ k: 'op' }] } })
  })

  test('an index the loop does not change has no pointer', () => {
    const loop = inner(loops((u, k) => [store(at(u, k, 1), load(1, u, 'f32'))]))
    expect(loop.pre.length).toBe(1)
  })
})
