// Kernels for groups of members: what a barrier means, and what the verifier and the interpreter refuse.
import { describe, expect, test } from 'vitest'
import { interpretKernel } from './interpret.ts'
import { type Kernel, type Stmt, constant, i32, load, newVar, op, use } from './kernel.ts'
import { printKernel } from './print.ts'
import { roundToHalf } from './scalar.ts'
import { verifyKernel } from './verify.ts'

const SIZE = 8
const [lo, hi, local] = [newVar('lo', 'i32'), newVar('hi', 'i32'), newVar('local', 'i32')]
const at = op('add', op('mul', use(lo), i32(SIZE)), use(local))

/** out[unit] = Σ of the unit's 8 elements, by halves. */
function tree(barriers: boolean): Kernel {
  const body: Stmt[] = [{ s: 'store', buf: 2, index: use(local), value: load(0, at, 'f32') }]
  for (let half = SIZE / 2; half >= 1; half /= 2) {
    if (barriers) body.push({ s: 'barrier' })
    const sum = op('add', load(2, use(local), 'f32'), load(2, op('add', use(local), i32(half)), 'f32'))
    body.push({ s: 'if', cond: op('lt', use(local), i32(half)), then: [{ s: 'store', buf: 2, index: use(local), value: sum }], else: [] })
  }
  body.push({ s: 'if', cond: op('eq', use(local), i32(0)), then: [{ s: 'store', buf: 1, index: use(lo), value: load(2, i32(0), 'f32') }], else: [] })
  return {
    name: 'tree', lo, hi, extent: 2, group: { size: SIZE, local }, flops: 0, bytes: 0, body,
    params: [
      { dtype: 'float32', length: 2 * SIZE, access: 'read', scope: 'global' }, { dtype: 'float32', length: 2, access: 'write', scope: 'global' },
      { dtype: 'float32', length: SIZE, access: 'readwrite', scope: 'group' },
    ],
  }
}
const data = Float32Array.from({ length: 2 * SIZE }, (_, i) => i)

describe('groups', () => {
  test('members run between barriers as one', () => {
    const kernel = tree(true)
    verifyKernel(kernel)
    const out = new Float32Array(2)
    interpretKernel(kernel, [data, out, undefined])
    expect([...out]).toEqual([28, 92])
    expect(printKernel(kernel)).toContain('each by 8 members (local)')
  })

  test('a fold: all members have the same, whatever each had', () => {
    const [x, y] = [newVar('x', 'f32'), newVar('y', 'bool')]
    const folding = (...body: Stmt[]): Kernel => ({ ...tree(true), body })
    const kernel = folding(
      { s: 'let', v: x, value: load(0, at, 'f32') }, { s: 'let', v: y, value: op('lt', use(x), constant('f32', 3)) },
      { s: 'fold', v: x, op: 'max' }, { s: 'fold', v: y, op: 'and' },
      { s: 'if', cond: op('eq', use(local), i32(5)), then: [{ s: 'store', buf: 1, index: use(lo), value: op('select', use(y), constant('f32', -1), use(x)) }], else: [] },
    )
    verifyKernel(kernel)
    const out = new Float32Array(2)
    interpretKernel(kernel, [data, out, undefined])
    expect([...out]).toEqual([7, 15])
    expect(printKernel(kernel)).toContain("x = fold max of the members' x")
    expect(() => verifyKernel(folding({ s: 'fold', v: x, op: 'add' }))).toThrow(/x cannot be folded/)
    expect(() => verifyKernel(folding({ s: 'let', v: x, value: constant('f32', 0) }, { s: 'fold', v: x, op: 'and' }))).toThrow(/and cannot fold f32/)
    expect(() => verifyKernel(folding({ s: 'let', v: x, value: load(0, at, 'f32') }, { s: 'if', cond: op('lt', use(x), constant('f32', 3)), then: [{ s: 'fold', v: x, op: 'add' }], else: [] }))).toThrow(/a barrier under a condition that differs/)
    const { group: _group, ...alone } = folding({ s: 'let', v: x, value: constant('f32', 0) }, { s: 'fold', v: x, op: 'add' })
    expect(() => verifyKernel({ ...alone, params: alone.params.slice(0, 2) })).toThrow(/without a group/)
  })

  test('halves: what is kept in 16 bits, and where it may be', () => {
    const values = [0, 1, 1 / 3, -1e-8, 6e-8, 65504, 65519.9, 65520, -7e4, Infinity, Number.NaN, 2049, 2051, 0.1]
    // numpy.float16 of the same
    const want = [0, 1, 0.333251953125, -0, 5.960464477539063e-8, 65504, 65504, Infinity, -Infinity, Infinity, Number.NaN, 2048, 2052, 0.0999755859375]
    expect(values.map(roundToHalf)).toEqual(want)
    const params = tree(true).params.map((p) => (p.scope === 'group' ? { ...p, half: true } : p))
    const third = Float32Array.from({ length: 2 * SIZE }, () => 1 / 3)
    const kernel: Kernel = { ...tree(true), params, body: [
      { s: 'store', buf: 2, index: use(local), value: load(0, at, 'f32') }, { s: 'barrier' },
      { s: 'if', cond: op('eq', use(local), i32(0)), then: [{ s: 'store', buf: 1, index: use(lo), value: load(2, i32(7), 'f32') }], else: [] },
    ] }
    verifyKernel(kernel)
    const out = new Float32Array(2)
    interpretKernel(kernel, [third, out, undefined])
    expect([...out]).toEqual([0.333251953125, 0.333251953125])
    expect(() => verifyKernel({ ...kernel, params: kernel.params.map((p) => ({ ...p, half: true })) })).toThrow(/buffer 0 cannot be of halves/)
  })

  test('a missing barrier is an error, whatever the order of the members', () => {
    expect(() => interpretKernel(tree(false), [data, new Float32Array(2), undefined])).toThrow(/members \d and \d meet at element \d of buffer 2|before it is written/)
  })

  test('memory of the group is undefined when a unit begins', () => {
    const kernel = { ...tree(true), body: [{ s: 'store', buf: 1, index: use(lo), value: load(2, i32(0), 'f32') }] as Stmt[] }
    expect(() => interpretKernel(kernel, [data, new Float32Array(2), undefined])).toThrow(/before it is written/)
  })

  const refused = (body: Stmt[], params = tree(true).params): void => verifyKernel({ ...tree(true), body, params })
  test('a barrier that some members may miss is refused', () => {
    const i = newVar('i', 'i32')
    const x = newVar('x', 'f32')
    expect(() => refused([{ s: 'if', cond: op('lt', use(local), i32(3)), then: [{ s: 'barrier' }], else: [] }])).toThrow(/a barrier under a condition that differs/)
    expect(() => refused([{ s: 'for', v: i, lo: i32(0), hi: use(local), step: 1, body: [{ s: 'barrier' }] }])).toThrow(/the loop over i/)
    // Set late in a loop, seen early in its next round.
    expect(() => refused([
      { s: 'let', v: x, value: constant('f32', 0) },
      { s: 'for', v: i, lo: i32(0), hi: i32(3), step: 1, body: [
        { s: 'if', cond: op('lt', use(x), constant('f32', 1)), then: [{ s: 'barrier' }], else: [] },
        { s: 'set', v: x, value: op('toF32', use(local)) },
      ] },
    ])).toThrow(/a condition that differs/)
    refused([{ s: 'if', cond: op('lt', load(0, use(lo), 'f32'), constant('f32', 1)), then: [{ s: 'barrier' }], else: [] }])
  })

  test('groups are needed for barriers and shared memory, and access in the promised width', () => {
    const { group: _, ...alone } = tree(true)
    expect(() => verifyKernel(alone)).toThrow(/group memory without a group/)
    expect(() => verifyKernel({ ...alone, params: alone.params.slice(0, 2), body: [{ s: 'barrier' }] })).toThrow(/without a group/)
    const [a, ...rest] = tree(true).params
    expect(() => refused(tree(true).body as Stmt[], [{ ...a!, aligned: 4 }, ...rest])).toThrow(/accessed in the wrong width/)
    const v = newVar('v', 'f32', 4)
    const odd = { ...tree(true), params: [{ ...a!, aligned: 4 }, ...rest], body: [{ s: 'let', v, value: load(0, i32(2), 'f32', 4) }] as Stmt[] }
    expect(() => interpretKernel(odd, [data, new Float32Array(2), undefined])).toThrow(/a multiple of 4/)
  })
})
