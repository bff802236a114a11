import { describe, expect, it } from 'vitest'
import { linspace } from '../tensor/index.ts'
import { applyNetwork, approximateByBumps, measureConvergence, networkOutput, networkSizes, scalarFunction, supError } from './index.ts'

const wave = (x: number): number => Math.sin(x) + 0.3 * Math.cos(3 * x)

describe('approximateByBumps', () => {
  it('is a two-layer network: sigmoids inside, a linear output', () => {
    const { network, bumps } = approximateByBumps(wave, [0, 6], 25)
    expect(networkSizes(network)).toEqual([1, 50, 1])
    expect(network.layers.map((l) => l.activation)).toEqual(['sigmoid', 'identity'])
    expect(bumps.length).toBe(25)
  })
  it('keeps the rigorous bound: sup error ≤ L·h·(½ + first moment of the step) for a function of slope ≤ L', () => {
    // |f(x) − Σ f(mᵢ)Bᵢ(x)| ≤ L Σ |x − mᵢ| Bᵢ(x) ≤ L h (½ + 2 ln 2/sharpness), and the bumps lack at most 2e^−sharpness of 1
    for (const [f, slope, top, a, b] of [[Math.sin, 1, 1, 0, 7], [Math.abs, 1, 2, -1, 2], [(x: number) => x * x, 4, 4, -2, 2], [wave, 1.9, 1.3, -3, 3]] as const) {
      for (const count of [5, 40]) {
        for (const sharpness of [10, 30, 200]) {
          const { network } = approximateByBumps(f, [a, b], count, { sharpness })
          const bound = (slope * (b - a) * (0.5 + (2 * Math.LN2) / sharpness)) / count + 2 * top * Math.exp(-sharpness)
          expect(supError(network, f, [a, b]).error).toBeLessThanOrEqual(bound * (1 + 1e-9))
        }
      }
    }
  })
  it('gives the same with shared steps, up to the missing tails', () => {
    const pairs = scalarFunction(approximateByBumps(wave, [0, 6], 40).network)
    const shared = approximateByBumps(wave, [0, 6], 40, { form: 'shared' })
    expect(networkSizes(shared.network)).toEqual([1, 39, 1])
    const lean = scalarFunction(shared.network)
    for (let x = 0; x <= 6; x += 0.01) expect(pairs(x)).toBeCloseTo(lean(x), 11)
  })
  it('is exact for one bump and a constant', () => {
    const { network } = approximateByBumps(() => 3, [-1, 1], 1, { form: 'shared' })
    expect(networkOutput(network, [0.3])).toEqual([3])
    expect(supError(approximateByBumps(() => 3, [-1, 1], 7).network, () => 3, [-1, 1]).error).toBeLessThan(1e-12)
  })
  it('runs on tensors', async () => {
    const { network } = approximateByBumps(wave, [0, 6], 30)
    const x = linspace(0, 6, 200, 'float64')
    const out = await applyNetwork(network, x.reshape(200, 1)).data()
    const plain = scalarFunction(network)
    const points = await x.data()
    out.forEach((v, i) => expect(v).toBeCloseTo(plain(points[i]!), 11))
  })
  it('refuses what Cybenko does not cover', () => {
    expect(() => approximateByBumps(Math.sin, [0, Infinity], 10)).toThrow(/compact/)
    expect(() => approximateByBumps(Math.sin, [1, 1], 10)).toThrow(/compact/)
    expect(() => approximateByBumps(Math.sin, [Number.NaN, 1], 10)).toThrow(/compact/)
    expect(() => approximateByBumps((x) => 1 / x, [-1, 1], 9)).toThrow(/f\(0\).*continuous/)
    expect(() => approximateByBumps(Math.log, [-1, 1], 8)).toThrow(/continuous/)
    expect(() => approximateByBumps(Math.sin, [0, 1], 0)).toThrow(/count/)
    expect(() => approximateByBumps(Math.sin, [0, 1], 4, { sharpness: -1 })).toThrow(/positive/)
  })
})

describe('measureConvergence', () => {
  it('finds order 1 for a smooth function and ½ for the square root', () => {
    const smooth = measureConvergence(wave, [0, 6], [16, 32, 64, 128, 256])
    expect(smooth.order).toBeGreaterThan(0.95)
    expect(smooth.order).toBeLessThan(1.05)
    const root = measureConvergence(Math.sqrt, [0, 1], [16, 32, 64, 128, 256])
    expect(root.order).toBeGreaterThan(0.45)
    expect(root.order).toBeLessThan(0.55)
  })
  it('finds no convergence for a jump', () => {
    const jump = measureConvergence((x) => (x < 0.3 ? 0 : 1), [0, 1], [16, 32, 64, 128])
    for (const row of jump.rows) expect(row.error).toBeGreaterThan(0.4)
    expect(Math.abs(jump.order)).toBeLessThan(0.3)
  })
})
