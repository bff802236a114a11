// The transcendental functions keep the accuracy they promise, whether a device fuses multiply and add or not.
import { describe, expect, test } from 'vitest'
import { mathNames } from '../src/ir/math.ts'
import { BOUNDS, compile, measure, opCount } from './support/measure-math.ts'
import { precise, real, toNumber } from './support/precise.ts'

describe.each(mathNames)('%s', (name) => {
  test(`f32 within ${BOUNDS[name][0]} ulp`, () => {
    const { ulp, at, samples } = measure(name, 'f32', 60_000)
    expect(samples).toBeGreaterThan(10_000)
    expect(ulp, `at ${at}`).toBeLessThanOrEqual(BOUNDS[name][0])
  })
  test(`f64 within ${BOUNDS[name][1]} ulp`, () => {
    const { ulp, at, samples } = measure(name, 'f64', 1500)
    expect(samples).toBeGreaterThan(400)
    expect(ulp, `at ${at}`).toBeLessThanOrEqual(BOUNDS[name][1])
  })
})

test('the reference agrees with JavaScript', () => {
  for (const [name, x] of [['exp', 1.5], ['log', 7], ['sin', 100], ['atan', 3], ['tanh', 0.3], ['asin', -0.9], ['acosh', 4], ['expm1', 1e-5]] as const) {
    expect(toNumber(precise[name]!(real(x), real(0)))).toBeCloseTo(Math[name](x), 13)
  }
  // Abramowitz & Stegun, table 7.1
  expect(toNumber(precise.erf!(real(0.5), real(0)))).toBeCloseTo(0.5204998778130465, 15)
  expect(toNumber(precise.erfc!(real(5), real(0))) / 1.5374597944280349e-12).toBeCloseTo(1, 13)
})

test('sin and cos stay in [−1, 1] and within 3.5 ulp up to 1e5, and stay in [−1, 1] beyond', () => {
  for (const name of ['sin', 'cos'] as const) {
    const f = compile(name, 'f32', 'plain')
    const g = compile(name, 'f64', 'plain')
    let worst = 0
    for (let k = 1; k < 63_600; k++) {
      const x = Math.fround((k * Math.PI) / 2)
      const truth = Math[name](x)
      worst = Math.max(worst, Math.abs(f(x, 0) - truth) * 2 ** (23 - Math.floor(Math.log2(Math.abs(truth)))))
    }
    expect(worst).toBeLessThan(3.5)
    for (let e = 17; e < 128; e += 0.37) {
      expect(Math.abs(f(Math.fround(2 ** e), 0))).toBeLessThanOrEqual(1)
      expect(Math.abs(g(2 ** (e * 7), 0))).toBeLessThanOrEqual(1)
    }
  }
})

test('f32 exp comes down through the denormals', () => {
  const exp = compile('exp', 'f32', 'plain')
  for (let x = -104; x < -86; x += 0.0137) {
    const at = Math.fround(x)
    expect(Math.abs(exp(at, 0) - Math.exp(at))).toBeLessThanOrEqual(2 ** -149 + Math.exp(at) * 2 ** -22)
  }
})

test('the functions of the inner loops stay short', () => {
  const most = { exp: 27, tanh: 28, sigmoid: 31, erf: 35, log: 34, sin: 47 } as const
  for (const [name, ops] of Object.entries(most)) expect(opCount(name as keyof typeof most, 'f32'), name).toBeLessThanOrEqual(ops)
})
