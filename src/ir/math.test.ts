// Special values of the transcendental functions, as IEEE 754, C99 and NumPy have them, on one lane and on several.
import { describe, expect, test } from 'vitest'
import { interpretKernel } from './interpret.ts'
import { constant, i32, type Kernel, load, newVar } from './kernel.ts'
import { expandMath, type MathName, mathArity, mathNames } from './math.ts'
import { verifyKernel } from './verify.ts'

type Format = 'f32' | 'f64'
/** Evaluates over whole arrays with the interpreter, `lanes` at a time. */
function run(name: MathName, format: Format, xs: readonly number[], ys: readonly number[] = [], lanes = 1): number[] {
  const n = Math.ceil(xs.length / lanes) * lanes
  const dtype = format === 'f32' ? ('float32' as const) : ('float64' as const)
  const arrays = [xs, ys, []].map((list) => Object.assign(format === 'f32' ? new Float32Array(n) : new Float64Array(n), list))
  const lo = newVar('lo', 'i32')
  const hi = newVar('hi', 'i32')
  const v = newVar('i', 'i32')
  const use = { k: 'var', type: v.type, v } as const
  const x = load(0, use, format, lanes)
  const y = load(1, use, format, lanes)
  const value = mathArity(name) === 2 ? expandMath(name, x, y) : expandMath(name, x)
  const kernel: Kernel = {
    name,
    params: [
      { dtype, length: n, access: 'read', scope: 'global' },
      { dtype, length: n, access: 'read', scope: 'global' },
      { dtype, length: n, access: 'write', scope: 'global' },
    ],
    extent: 1, lo, hi, flops: 0, bytes: 0,
    body: [{ s: 'for', v, lo: i32(0), hi: i32(n), step: lanes, body: [{ s: 'store', buf: 2, index: use, value }] }],
  }
  verifyKernel(kernel)
  interpretKernel(kernel, arrays)
  return Array.from(arrays[2]!).slice(0, xs.length)
}

const inf = Number.POSITIVE_INFINITY
const pi = Math.PI
/** x → f(x), exact. */
const EXACT: Partial<Record<MathName, readonly (readonly [number, number])[]>> = {
  exp: [[0, 1], [-0, 1], [inf, inf], [-inf, 0], [1000, inf], [-1000, 0], [Number.NaN, Number.NaN]],
  exp2: [[0, 1], [10, 1024], [-1, 0.5], [inf, inf], [-inf, 0], [-126, 2 ** -126], [-149, 2 ** -149], [2000, inf], [-2000, 0]],
  expm1: [[0, 0], [-0, -0], [inf, inf], [-inf, -1], [1000, inf], [-1000, -1], [1e-30, 1e-30], [-(2 ** -130), -(2 ** -130)]],
  log: [[1, 0], [0, -inf], [-0, -inf], [-1, Number.NaN], [-inf, Number.NaN], [inf, inf]],
  log1p: [[0, 0], [-0, -0], [-1, -inf], [-2, Number.NaN], [inf, inf], [-inf, Number.NaN], [1e-30, 1e-30]],
  log2: [[1, 0], [1024, 10], [0.125, -3], [2 ** -140, -140], [0, -inf], [-1, Number.NaN], [inf, inf]],
  sin: [[0, 0], [-0, -0], [inf, Number.NaN], [-inf, Number.NaN], [2 ** -140, 2 ** -140]],
  cos: [[0, 1], [-0, 1], [inf, Number.NaN], [-inf, Number.NaN]],
  tan: [[0, 0], [-0, -0], [inf, Number.NaN]],
  asin: [[0, 0], [-0, -0], [1, pi / 2], [-1, -pi / 2], [1.5, Number.NaN], [-inf, Number.NaN]],
  acos: [[1, 0], [-1, pi], [0, pi / 2], [-0, pi / 2], [2, Number.NaN], [-2, Number.NaN], [inf, Number.NaN]],
  atan: [[0, 0], [-0, -0], [inf, pi / 2], [-inf, -pi / 2]],
  sinh: [[0, 0], [-0, -0], [inf, inf], [-inf, -inf], [1000, inf]],
  cosh: [[0, 1], [-0, 1], [inf, inf], [-inf, inf], [-1000, inf]],
  tanh: [[0, 0], [-0, -0], [inf, 1], [-inf, -1], [100, 1], [-100, -1], [2 ** -140, 2 ** -140]],
  asinh: [[0, 0], [-0, -0], [inf, inf], [-inf, -inf]],
  acosh: [[1, 0], [inf, inf], [0, Number.NaN], [-1e30, Number.NaN], [-inf, Number.NaN]],
  atanh: [[0, 0], [-0, -0], [1, inf], [-1, -inf], [1.5, Number.NaN], [-inf, Number.NaN], [inf, Number.NaN]],
  erf: [[0, 0], [-0, -0], [inf, 1], [-inf, -1], [10, 1], [-10, -1]],
  erfc: [[0, 1], [-0, 1], [inf, 0], [-inf, 2], [40, 0], [-40, 2]],
  sigmoid: [[0, 0.5], [-0, 0.5], [inf, 1], [-inf, 0], [800, 1], [-800, 0]],
  softplus: [[inf, inf], [-inf, 0], [500, 500], [-800, 0]],
  rsqrt: [[1, 1], [0.25, 2], [0, inf], [-0, -inf], [inf, 0], [-1, Number.NaN]],
}

describe.each(['f32', 'f64'] as const)('%s', (format) => {
  const round = (v: number) => (format === 'f32' ? Math.fround(v) : v)

  test.each(Object.entries(EXACT) as [MathName, (readonly [number, number])[]][])('%s at its special values', (name, pairs) => {
    const got = run(name, format, pairs.map(([x]) => x))
    pairs.forEach(([x, y], i) => expect(got[i], `${name}(${Object.is(x, -0) ? '-0' : x})`).toBe(round(y)))
  })

  test('NaN in, NaN out', () => {
    for (const name of mathNames) {
      if (mathArity(name) === 1) expect(run(name, format, [Number.NaN])[0], name).toBeNaN()
    }
    expect(run('atan2', format, [Number.NaN, 1, Number.NaN, inf], [1, Number.NaN, Number.NaN, Number.NaN])).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN])
  })

  test('pow as in C99', () => {
    const nan = Number.NaN
    const cases: [x: number, y: number, result: number][] = [
      [0, 0, 1], [nan, 0, 1], [nan, -0, 1], [inf, 0, 1], [-inf, 0, 1], [1, nan, 1], [1, inf, 1], [1, -inf, 1], [-1, inf, 1], [-1, -inf, 1],
      [nan, 1, nan], [2, nan, nan], [-1, nan, nan], [-8, 1 / 3, nan], [-2, 0.5, nan],
      [0, 3, 0], [-0, 3, -0], [0, 2.5, 0], [-0, 2, 0], [-0, 2.5, 0], [0, -3, inf], [-0, -3, -inf], [0, -2.5, inf], [-0, -2, inf], [-0, -2.5, inf],
      [0, inf, 0], [-0, inf, 0], [0, -inf, inf], [-0, -inf, inf],
      [inf, 2, inf], [inf, -2, 0], [-inf, 3, -inf], [-inf, 2, inf], [-inf, 2.5, inf], [-inf, -3, -0], [-inf, -2, 0], [-inf, -2.5, 0], [inf, inf, inf], [-inf, inf, inf], [inf, -inf, 0],
      [0.5, inf, 0], [0.5, -inf, inf], [2, inf, inf], [2, -inf, 0], [-0.5, inf, 0], [-2, inf, inf], [-2, -inf, 0],
      [2, 10, 1024], [-2, 3, -8], [-2, 4, 16], [-2, -1, -0.5], [10, 2, 100], [3, 4, 81], [4, 0.5, 2], [1.5, 2, 2.25], [-1, 1e30, 1],
      [2, -149, 2 ** -149], [2, 5000, inf], [-2, 5001, -inf], [2, -5000, 0], [-2, -5001, -0], [1e30, 1e30, inf], [1e-30, 1e30, 0], [1e30, -1e30, 0], [7, 1, 7], [0.3, 1, 0.3],
    ]
    const got = run('pow', format, cases.map((c) => c[0]), cases.map((c) => c[1]))
    cases.forEach(([x, y, r], i) => expect(got[i], `pow(${Object.is(x, -0) ? '-0' : x}, ${y})`).toBe(round(r)))
  })

  test('atan2 in every direction', () => {
    const values = [0, -0, 1, -1, inf, -inf, 1e-30, -1e-30]
    for (const y of values) {
      for (const x of values) {
        const got = run('atan2', format, [y], [x])[0]!
        const want = Math.atan2(round(y), round(x))
        const text = `atan2(${Object.is(y, -0) ? '-0' : y}, ${Object.is(x, -0) ? '-0' : x})`
        expect(Object.is(got, -0), text).toBe(Object.is(round(want), -0))
        expect(Math.abs(got - want), text).toBeLessThanOrEqual(Math.abs(want) * (format === 'f32' ? 1.2e-7 : 2.3e-16))
      }
    }
  })

  test('four lanes give what one lane gives', () => {
    const xs = [-3.7, -1, -0.3, 0, 0.01, 0.5, 0.99, 1, 1.7, 2.5, 40, 1e10]
    const ys = xs.slice().reverse()
    for (const name of mathNames) expect(run(name, format, xs, ys, 4), name).toEqual(run(name, format, xs, ys, 1))
  })

  test('tiny arguments underflow gradually', () => {
    const smallest = format === 'f32' ? 2 ** -149 : 2 ** -1074
    for (const name of ['expm1', 'log1p', 'sin', 'tan', 'asin', 'atan', 'sinh', 'tanh', 'asinh', 'atanh'] as const) {
      expect(run(name, format, [smallest, -smallest, smallest * 5]), name).toEqual([smallest, -smallest, smallest * 5])
    }
  })
})

test('integers and missing arguments are refused', () => {
  expect(() => expandMath('exp', i32(1))).toThrow(/exp: not a float: expected f32 or f64, received i32/)
  expect(() => expandMath('pow', constant('f32', 1))).toThrow(/pow: an argument is missing/)
})
