// f and f′ by the engine against plain formulas and finite differences; the product along a chain against its whole difference.
import { describe, expect, test } from 'vitest'
import { caught } from '../../../test/caught.ts'
import { chain, curve } from './compute.ts'
import { KINDS, type Kind, VALUE, grid, initial } from './model.ts'
import { factorCheck, layerCheck, productCheck, slopeCheck, valueCheck, wholeCheck } from './proofs.ts'

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
test.each(KINDS)('%s: every proof passes its number and refuses one a little off, however small it is', async (kind) => {
  for (const [z, w, depth] of [[0.7, 1.3, 4], [-2.5, 0.4, 5], [1, 0.5, 40], [5.9, -2, 3], [0, 1, 2]] as const) {
    const s = { ...initial, kind, z, w, depth }
    const [{ values, factors, products, gradient }, { f, slope }] = [await chain(s), await curve(kind, [z])]
    await caught(valueCheck(kind, z), f[0]!, 'f')
    await caught(slopeCheck(kind, z), slope[0]!, 'f′', Math.max(1e-6, 1e-3 * slope[0]!))
    for (let l = 0; l < depth; l++) {
      await caught(layerCheck(s, l), values[l]!, `a${l + 1}`)
      await caught(factorCheck(s, l), factors[l]!, `factor ${l + 1}`, Math.max(1e-6, 1e-3 * Math.abs(factors[l]!)))
      await caught(productCheck(s, l), products[l]!, `product ${l + 1}`)
    }
    await caught(wholeCheck(() => gradient), products.at(-1)!, 'gradient')
  }
})
test('sigmoid: each layer passes at most a quarter, so ten pass less than a millionth', async () => {
  const { factors, products } = await chain({ ...initial, kind: 'sigmoid', z: 0, w: 1, depth: 10 })
  expect(Math.max(...factors)).toBeLessThanOrEqual(0.25)
  expect(products.at(-1)).toBeLessThan(0.25 ** 10 + 1e-12)
})
