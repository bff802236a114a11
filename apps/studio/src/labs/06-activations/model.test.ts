// f and f′ by the engine against plain formulas and finite differences; the product along a chain against its whole difference.
import { describe, expect, test } from 'vitest'
import { chain, curve } from './compute.ts'
import { KINDS, type Kind, VALUE, grid, initial } from './model.ts'

const difference = (f: (z: number) => number, z: number, h = 1e-5): number => (f(z + h) - f(z - h)) / (2 * h)
/** The chain by plain arithmetic: f, then f(w·a) again and again. */
const whole = (kind: Kind, w: number, depth: number) => (z: number): number => {
  let a = VALUE[kind](z)
  for (let l = 1; l < depth; l++) a = VALUE[kind](w * a)
  return a
}

describe.each(KINDS)('%s', (kind) => {
  test('its curve: every value and slope', async () => {
    const { f, slope } = await curve(kind, grid())
    for (const [i, z] of grid().entries()) {
      expect(f[i]).toBeCloseTo(VALUE[kind](z), 12)
      // the corner of ReLU has no derivative: any number between the two slopes
      if (kind === 'relu' && Math.abs(z) < 1e-9) expect(slope[i]! >= 0 && slope[i]! <= 1).toBe(true)
      else expect(slope[i]).toBeCloseTo(difference(VALUE[kind], z), 8)
    }
  })
  test('a chain: values, factors whose products are the derivative, and the same by grad', async () => {
    for (const [z, w, depth] of [[1, 1, 6], [-0.7, 2.5, 4], [0.4, -1.5, 5], [2, 3, 1]] as const) {
      const { values, factors, products, gradient } = await chain({ ...initial, kind, z, w, depth })
      expect([values.length, factors.length, products.length]).toEqual([depth, depth, depth])
      for (let l = 1; l <= depth; l++) {
        expect(values[l - 1]).toBeCloseTo(whole(kind, w, l)(z), 10)
        expect(products[l - 1]).toBeCloseTo(difference(whole(kind, w, l), z), 6)
      }
      expect(gradient).toBeCloseTo(products.at(-1)!, 12)
    }
  })
})
test('sigmoid: each layer passes at most a quarter, so ten pass less than a millionth', async () => {
  const { factors, products } = await chain({ ...initial, kind: 'sigmoid', z: 0, w: 1, depth: 10 })
  expect(Math.max(...factors)).toBeLessThanOrEqual(0.25)
  expect(products.at(-1)).toBeLessThan(0.25 ** 10 + 1e-12)
})
