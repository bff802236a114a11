import { expect, test } from 'vitest'
import { threefry2x32 } from '../base/index.ts'
import { interpretKernel } from './interpret.ts'
import { i32, load, newVar, type Stmt, use } from './kernel.ts'
import { threefryExpr } from './random.ts'

test('threefry as an expression gives the bits of base/threefry.ts, four counters at a time', () => {
  const keys: [number, number][] = [[0, 0], [1, 2], [-1, 0x13198a2e], [0x7fffffff, -0x80000000]]
  const counters = Int32Array.from({ length: 16 }, (_, i) => (i * 0x9e3779b9) | 0)
  for (const [k0, k1] of keys) {
    const out = [new Int32Array(16), new Int32Array(16)]
    const v = newVar('i', 'i32')
    const words = threefryExpr(i32(k0), i32(k1), load(0, use(v), 'i32', 4), i32(7))
    const body = words.map((value, w): Stmt => ({ s: 'store', buf: 1 + w, index: use(v), value }))
    const buffer = (access: 'read' | 'write') => ({ dtype: 'int32', length: 16, access, scope: 'global' }) as const
    interpretKernel(
      {
        name: 'threefry', params: [buffer('read'), buffer('write'), buffer('write')], extent: 1, lo: newVar('lo', 'i32'), hi: newVar('hi', 'i32'),
        body: [{ s: 'for', v, lo: i32(0), hi: i32(16), step: 4, body }], flops: 0, bytes: 0,
      },
      [counters, ...out],
    )
    counters.forEach((c, i) => expect([out[0]![i], out[1]![i]]).toEqual(threefry2x32(k0, k1, c, 7)))
  }
})
