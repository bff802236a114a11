// The meaning of every scalar op, statement and expression, and what the interpreter refuses.
import { describe, expect, test } from 'vitest'
import type { DType, TypedArray } from '../base/index.ts'
import { interpretProgram } from './interpret-program.ts'
import { interpretKernel } from './interpret.ts'
import { type BufferParam, constant, type Expr, i32, type Kernel, load, newVar, op, type RegType, type ScalarOp, splat, type Stmt, use, vtype } from './kernel.ts'
import type { Program } from './program.ts'
import { evaluateScalar } from './scalar.ts'

const MIN = -2147483648
const inf = Number.POSITIVE_INFINITY
const nan = Number.NaN
const CASES: Record<ScalarOp, readonly [t: RegType, args: readonly number[], result: number][]> = {
  add: [['f32', [16777216, 1], 16777216], ['f64', [0.1, 0.2], 0.1 + 0.2], ['i32', [2147483647, 1], MIN]],
  sub: [['f32', [1, 1e-9], 1], ['i32', [MIN, 1], 2147483647]],
  mul: [['f32', [0.1, 0.1], Math.fround(0.1 * 0.1)], ['i32', [65537, 65537], 131073], ['f32', [1e30, 1e30], inf]],
  div: [['i32', [7, -2], -3], ['i32', [5, 0], 0], ['i32', [MIN, -1], MIN], ['f32', [1, 3], Math.fround(1 / 3)], ['f32', [1, -0], -inf]],
  rem: [['i32', [-7, 3], -1], ['i32', [7, -3], 1], ['i32', [7, 0], 0], ['i32', [MIN, -1], 0]],
  neg: [['i32', [MIN], MIN], ['f32', [0], -0]],
  abs: [['i32', [MIN], MIN], ['f64', [-0], 0]],
  min: [['f32', [nan, 1], nan], ['f32', [1, nan], nan], ['i32', [-3, 2], -3], ['f32', [0, -0], -0]],
  max: [['f64', [nan, 1], nan], ['i32', [-3, 2], 2], ['f32', [-0, 0], 0]],
  fma: [['f32', [2, 3, 4], 10], ['i32', [65536, 65536, 5], 5], ['f64', [0, inf, 1], nan]],
  sqrt: [['f32', [2], Math.fround(Math.SQRT2)], ['f64', [-1], nan], ['f32', [-0], -0]],
  floor: [['f32', [-1.5], -2], ['f64', [inf], inf]],
  ceil: [['f32', [-0.5], -0], ['f64', [1.2], 2]],
  trunc: [['f32', [-1.9], -1], ['f64', [1.9], 1]],
  round: [['f32', [0.5], 0], ['f32', [1.5], 2], ['f32', [2.5], 2], ['f64', [-0.5], -0], ['f64', [-2.5], -2], ['f64', [1e300], 1e300], ['f64', [-0], -0], ['f64', [nan], nan]],
  and: [['i32', [12, 10], 8], ['bool', [1, 0], 0]],
  or: [['i32', [12, 10], 14], ['bool', [1, 0], 1]],
  xor: [['i32', [12, 10], 6], ['bool', [1, 1], 0]],
  not: [['i32', [0], -1], ['bool', [0], 1], ['bool', [1], 0]],
  shl: [['i32', [1, 31], MIN], ['i32', [1, 33], 2]],
  shr: [['i32', [-8, 1], -4]],
  ushr: [['i32', [-8, 1], 2147483644], ['i32', [-1, 32], -1]],
  eq: [['f32', [nan, nan], 0], ['f32', [0, -0], 1], ['i32', [3, 3], 1]],
  ne: [['f32', [nan, nan], 1], ['i32', [3, 3], 0]],
  lt: [['f32', [nan, 1], 0], ['i32', [-1, 0], 1]],
  le: [['f32', [1, nan], 0], ['i32', [0, 0], 1]],
  select: [['f32', [1, 5, 6], 5], ['f32', [0, 5, 6], 6]],
  toF32: [['f64', [0.1], Math.fround(0.1)], ['i32', [16777217], 16777216], ['bool', [1], 1]],
  toF64: [['i32', [MIN], MIN]],
  toI32: [['f32', [-1.9], -1], ['f32', [3e9], 2147483647], ['f64', [-inf], MIN], ['f64', [nan], 0], ['bool', [1], 1]],
  toBool: [['f32', [nan], 1], ['f32', [-0], 0], ['i32', [-5], 1]],
  asF32: [['i32', [0x3f800000], 1], ['i32', [MIN], -0]],
  asI32: [['f32', [1], 0x3f800000], ['f32', [-0], MIN]],
  hi32: [['f64', [1], 0x3ff00000], ['f64', [-2], 0xc0000000 | 0]],
  setHi32: [['f64', [1, 0x40000000], 2], ['f64', [Math.PI, 0], 0x54442d18 * 2 ** -1074]],
}

describe('scalar ops', () => {
  test.each(Object.entries(CASES))('%s', (name, cases) => {
    for (const [t, args, result] of cases) {
      const got = evaluateScalar(name as ScalarOp, t, args[0]!, args[1], args[2])
      expect(got, `${name} ${t} ${args}`).toBe(result)
    }
  })
})

const param = (dtype: DType, length: number, access: BufferParam['access'], scope: BufferParam['scope'] = 'global'): BufferParam => ({ dtype, length, access, scope })
function makeKernel(params: readonly BufferParam[], extent: number, build: (lo: Expr, hi: Expr) => readonly Stmt[]): Kernel {
  const lo = newVar('lo', 'i32')
  const hi = newVar('hi', 'i32')
  return { name: 'test', params, extent, lo, hi, body: build(use(lo), use(hi)), flops: 0, bytes: 0 }
}
/** Stores one value to a fresh buffer. */
function store(dtype: DType, value: Expr, buffers: readonly [DType, TypedArray][] = []): number[] {
  const lanes = value.type.lanes
  const out = dtype === 'float32' ? new Float32Array(lanes) : dtype === 'uint8' || dtype === 'bool' ? new Uint8Array(lanes) : new Int32Array(lanes)
  const params = [...buffers.map(([d, a]) => param(d, a.length, 'read')), param(dtype, lanes, 'write')]
  interpretKernel(makeKernel(params, 1, () => [{ s: 'store', buf: buffers.length, index: i32(0), value }]), [...buffers.map(([, a]) => a), out])
  return Array.from(out)
}

test('vectors: ramp, splat, pack, extract, fold, loads of every type', () => {
  const ramp: Expr = { k: 'ramp', type: vtype('i32', 4) }
  expect(store('int32', ramp)).toEqual([0, 1, 2, 3])
  expect(store('int32', op('mul', ramp, i32(3)))).toEqual([0, 3, 6, 9])
  expect(store('float32', splat(op('toF32', i32(7)), 2))).toEqual([7, 7])
  const pack: Expr = { k: 'pack', type: vtype('i32', 2), args: [i32(5), i32(6)] }
  expect(store('int32', pack)).toEqual([5, 6])
  expect(store('int32', { k: 'extract', type: vtype('i32'), arg: pack, lane: 1 })).toEqual([6])
  expect(store('int32', { k: 'fold', type: vtype('i32'), op: 'add', arg: ramp })).toEqual([6])
  // Pairwise (x0+x2)+(x1+x3), which sums 1e8, 1, −1e8, 1 without loss
  const floats = Float32Array.of(1e8, 1, -1e8, 1)
  expect(store('float32', { k: 'fold', type: vtype('f32'), op: 'add', arg: load(0, i32(0), 'f32', 4) }, [['float32', floats]])).toEqual([2])
  expect(store('uint8', load(0, i32(0), 'i32', 2), [['int32', Int32Array.of(257, -1)]])).toEqual([1, 255])
  expect(store('bool', load(0, i32(0), 'bool', 2), [['bool', Uint8Array.of(0, 1)]])).toEqual([0, 1])
  expect(store('bool', op('lt', load(0, i32(0), 'i32', 2), i32(200)), [['uint8', Uint8Array.of(250, 3)]])).toEqual([0, 1])
})

test('statements: loops, let, set, if; a range done in parts', () => {
  // out[i] = sum of 0 … i, odd sums negated
  const kernel = makeKernel([param('int32', 6, 'write')], 6, (lo, hi) => {
    const i = newVar('i', 'i32')
    const j = newVar('j', 'i32')
    const sum = newVar('sum', 'i32')
    const body: Stmt[] = [
      { s: 'let', v: sum, value: i32(0) },
      { s: 'for', v: j, lo: i32(0), hi: op('add', use(i), i32(1)), step: 1, body: [{ s: 'set', v: sum, value: op('add', use(sum), use(j)) }] },
      {
        s: 'if', cond: op('ne', op('and', use(sum), i32(1)), i32(0)),
        then: [{ s: 'store', buf: 0, index: use(i), value: op('neg', use(sum)) }],
        else: [{ s: 'store', buf: 0, index: use(i), value: use(sum) }],
      },
    ]
    return [{ s: 'for', v: i, lo, hi, step: 1, body }]
  })
  const out = new Int32Array(6)
  interpretKernel(kernel, [out], 3, 6)
  expect([...out]).toEqual([0, 0, 0, 6, 10, -15])
  interpretKernel(kernel, [out], 0, 3)
  expect([...out]).toEqual([0, -1, -3, 6, 10, -15])
  expect(() => interpretKernel(kernel, [out], 0, 7)).toThrow(/kernel test: bad range: expected 0 ≤ lo ≤ hi ≤ 6, received 0 … 7/)
})

test('accesses outside a buffer name the kernel and the index', () => {
  const at = (index: number, lanes = 1) => () => store('int32', load(0, i32(index), 'i32', lanes), [['int32', new Int32Array(4)]])
  expect(at(3)).not.toThrow()
  expect(at(4)).toThrow(/kernel test: load outside buffer 0: expected 0 … 3, received index 4/)
  expect(at(-1)).toThrow(/received index -1/)
  expect(at(2, 4)).toThrow(/received indices 2 … 5/)
  const write = makeKernel([param('int32', 2, 'write')], 1, () => [{ s: 'store', buf: 0, index: i32(2), value: i32(1) }])
  expect(() => interpretKernel(write, [new Int32Array(8)])).toThrow(/store outside buffer 0: expected 0 … 1, received index 2/)
})

test('bad buffers, writes to read-only ones, undefined variables', () => {
  const kernel = makeKernel([param('float32', 4, 'read')], 1, () => [{ s: 'store', buf: 0, index: i32(0), value: constant('f32', 1) }])
  expect(() => interpretKernel(kernel, [new Int32Array(4)])).toThrow(/buffer 0 does not fit: expected float32 × 4, received Int32Array of 4/)
  expect(() => interpretKernel(kernel, [new Float32Array(3)])).toThrow(/received Float32Array of 3/)
  expect(() => interpretKernel(kernel, [])).toThrow(/received nothing/)
  expect(() => interpretKernel(kernel, [new Float32Array(4)])).toThrow(/expected a writable buffer, received read only/)
  expect(() => store('int32', use(newVar('ghost', 'i32')))).toThrow(/variable ghost has no value/)
})

test('thread scratch is made when none is given', () => {
  const kernel = makeKernel([param('int32', 1, 'write'), param('int32', 4, 'readwrite', 'thread')], 1, () => [
    { s: 'store', buf: 1, index: i32(2), value: i32(9) },
    { s: 'store', buf: 0, index: i32(0), value: load(1, i32(2), 'i32') },
  ])
  const out = new Int32Array(1)
  interpretKernel(kernel, [out])
  expect(out[0]).toBe(9)
})

describe('programs', () => {
  /** out[i] = in[i] + by, over n elements. */
  const addKernel = (n: number, by: number): Kernel => ({
    ...makeKernel([param('int32', n, 'read'), param('int32', n, 'write')], n, (lo, hi) => {
      const i = newVar('i', 'i32')
      return [{ s: 'for', v: i, lo, hi, step: 1, body: [{ s: 'store', buf: 1, index: use(i), value: op('add', load(0, use(i), 'i32'), i32(by)) }] }]
    }),
    name: `add${by}`,
  })
  const base: Program = {
    key: 'p', kernels: [addKernel(4, 1), addKernel(1, 10)],
    slots: [
      { kind: 'input', index: 0, bytes: 16 }, { kind: 'output', index: 0, bytes: 16 }, { kind: 'temp', offset: 16, bytes: 16 },
      { kind: 'input', index: 1, bytes: 1 }, { kind: 'const', bytes: 4, data: Uint8Array.of(5, 0, 0, 0) },
    ],
    steps: [
      { kind: 'kernel', kernel: 0, args: [{ slot: 0 }, { slot: 2 }], parallel: true },
      { kind: 'loop', count: 3, body: [{ kind: 'kernel', kernel: 1, args: [{ slot: 2, strides: [4] }, { slot: 1, strides: [4] }], parallel: true }] },
      {
        kind: 'if', flag: { slot: 3 },
        then: [{ kind: 'kernel', kernel: 1, args: [{ slot: 4 }, { slot: 1, offset: 12 }], parallel: true }],
        else: [{ kind: 'kernel', kernel: 1, args: [{ slot: 0 }, { slot: 1, offset: 12 }], parallel: true }],
      },
    ],
    inputs: [{ dtype: 'int32', length: 4 }, { dtype: 'bool', length: 1 }], outputs: [{ dtype: 'int32', length: 4 }], arenaBytes: 32,
  }
  const run = (program: Program, flag: number): number[] => {
    const out = new Int32Array(4)
    interpretProgram(program, [Int32Array.of(1, 2, 3, 4), Uint8Array.of(flag)], [out])
    return [...out]
  }

  test('kernels, loops that move along slots, branches', () => {
    expect(run(base, 1)).toEqual([12, 13, 14, 15])
    expect(run(base, 0)).toEqual([12, 13, 14, 11])
  })
  test('an output written over an input given away', () => {
    const input = Int32Array.of(7)
    const out = new Int32Array(1)
    const program: Program = {
      key: 'alias', kernels: [addKernel(1, 10)], slots: [{ kind: 'input', index: 0, bytes: 4 }],
      steps: [{ kind: 'kernel', kernel: 0, args: [{ slot: 0 }, { slot: 0 }], parallel: true }],
      inputs: [{ dtype: 'int32', length: 1 }], outputs: [{ dtype: 'int32', length: 1, alias: 0 }], arenaBytes: 0,
    }
    interpretProgram(program, [input], [out])
    expect([input[0], out[0]]).toEqual([17, 17])
  })
  test('reads of memory nothing has written are refused', () => {
    expect(() => run({ ...base, steps: base.steps.slice(1) }, 1)).toThrow(/kernel add10: buffer 0 is read at 0 before it is written/)
  })
  test('arguments that leave their slot are refused', () => {
    const steps = [{ ...base.steps[1]!, count: 5 }] as Program['steps']
    expect(() => run({ ...base, steps: [base.steps[0]!, ...steps] }, 1)).toThrow(/leaves slot 2: expected bytes 0 … 16, received 16 … 20/)
  })
})
