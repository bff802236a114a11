import { expect, test } from 'vitest'
import { constant, i32, type Kernel, load, newVar, op, splat, use } from './kernel.ts'
import { printExpr, printKernel, printProgram } from './print.ts'
import type { Program } from './program.ts'

/** out[i] = Σ_j (x[i,j]·2)², negative sums dropped; rows of 8. */
function kernel(): Kernel {
  const lo = newVar('lo', 'i32')
  const hi = newVar('hi', 'i32')
  const i = newVar('i', 'i32')
  const j = newVar('i', 'i32')
  const sum = newVar('sum', 'f32', 4)
  const doubled = op('mul', load(0, op('add', op('mul', use(i), i32(8)), use(j)), 'f32', 4), constant('f32', 2))
  const total = newVar('total', 'f32')
  return {
    name: 'squares', extent: 3, lo, hi, flops: 72, bytes: 108,
    params: [
      { dtype: 'float32', length: 24, access: 'read', scope: 'global' },
      { dtype: 'float32', length: 3, access: 'write', scope: 'global' },
      { dtype: 'int32', length: 1, access: 'readwrite', scope: 'thread' },
    ],
    body: [
      {
        s: 'for', v: i, lo: use(lo), hi: use(hi), step: 1,
        body: [
          { s: 'let', v: sum, value: constant('f32', -0, 4) },
          { s: 'for', v: j, lo: i32(0), hi: i32(8), step: 4, hint: { vector: true }, body: [{ s: 'set', v: sum, value: op('fma', doubled, doubled, use(sum)) }] },
          { s: 'let', v: total, value: { k: 'fold', type: total.type, op: 'add', arg: use(sum) } },
          {
            s: 'if', cond: op('not', op('lt', use(total), constant('f32', 0))),
            then: [{ s: 'store', buf: 1, index: use(i), value: op('neg', op('neg', use(total))) }],
            else: [{ s: 'store', buf: 1, index: use(i), value: op('select', constant('bool', 1), constant('f32', 1e-9), op('div', use(total), op('add', use(total), constant('f32', 1)))) }],
          },
        ],
      },
    ],
  }
}

const GOLDEN = `kernel squares(b0: read float32[24], b1: write float32[3], b2: scratch readwrite int32[1]) {
  // lo … hi of 3 units, 72 flops, 108 bytes
  for (i = lo; i < hi; i += 1) {
    let sum: f32x4 = -0.0
    for (i_1 = 0; i_1 < 8; i_1 += 4) { // vector
      t0 = b0[(i * 8) + i_1, 4 wide] * 2.0
      sum = fma(t0, t0, sum)
    }
    let total: f32 = fold_add(sum)
    if (!(total < 0.0)) {
      b1[i] = -(-total)
    } else {
      b1[i] = select(true, 1e-9, total / (total + 1.0))
    }
  }
}`

test('a kernel as text, the same every time', () => {
  expect(printKernel(kernel())).toBe(GOLDEN)
  expect(printKernel(kernel())).toBe(GOLDEN)
})

test('shared expressions are named, or the text would grow without bound', () => {
  let e = load(0, i32(0), 'f32')
  for (let n = 0; n < 40; n++) e = op('add', e, e)
  const text = printExpr(e)
  expect(text.split('\n')).toHaveLength(41)
  expect(text.split('\n').slice(-2)).toEqual(['t39 = t38 + t38', 't39 + t39'])
  expect(printExpr(splat(load(0, i32(1), 'i32'), 4))).toBe('splat(b0[1])')
})

test('a program as text', () => {
  const program: Program = {
    key: '', kernels: [kernel()],
    slots: [{ kind: 'input', index: 0, bytes: 96 }, { kind: 'output', index: 0, bytes: 12 }, { kind: 'temp', offset: 64, bytes: 1 }, { kind: 'const', bytes: 4, data: new Uint8Array(4) }],
    steps: [
      { kind: 'kernel', kernel: 0, args: [{ slot: 0 }, { slot: 1 }], parallel: true },
      { kind: 'loop', count: 2, body: [{ kind: 'kernel', kernel: 0, args: [{ slot: 0, offset: 8, strides: [4] }, { slot: 1 }], parallel: false }] },
      { kind: 'if', flag: { slot: 2 }, then: [], else: [{ kind: 'loop', count: 1, body: [] }] },
    ],
    inputs: [], outputs: [], arenaBytes: 128,
  }
  expect(printProgram(program)).toBe(`program (arena 128 bytes)
  s0: input 0, 96 bytes
  s1: output 0, 12 bytes
  s2: temp at 64, 1 bytes
  s3: const, 4 bytes
  squares(s0, s1)
  loop i0 < 2 {
    one thread; squares(s0+8+4·i0, s1)
  }
  if s2 {
  } else {
    loop i0 < 1 {
    }
  }

${GOLDEN}`)
})
