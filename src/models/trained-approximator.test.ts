import { describe, expect, it } from 'vitest'
import { Approximator, applyNetwork, approximateByBumps, networkSizes, scalarFunction, supError, trainApproximator } from './index.ts'
import { key, tensor, uniform } from '../tensor/index.ts'

describe('trainApproximator', () => {
  it('needs far fewer neurons than bumps for the same error', async () => {
    const f = (x: number): number => Math.sin(x) + 0.3 * Math.cos(3 * x)
    const seen: number[] = []
    const { network, supError: sup, losses } = await trainApproximator(f, [0, 6], { hidden: 16, steps: 1500, onProgress: (step) => seen.push(step) })
    expect(networkSizes(network)).toEqual([1, 16, 1])
    expect(sup.error).toBeLessThan(0.05)
    expect(sup.error).toBeLessThan(supError(approximateByBumps(f, [0, 6], 16).network, f, [0, 6]).error / 4)
    expect(losses.at(-1)![1]).toBeLessThan(losses[0]![1] / 500)
    expect(seen.length).toBe(100)
    // what is reported is what the plain network does
    const plain = scalarFunction(network)
    let square = 0
    for (let i = 0; i < 256; i++) square += (f((6 * i) / 255) - plain((6 * i) / 255)) ** 2
    expect(square / 256).toBeCloseTo(losses.at(-1)![1], 5)
  })
  it('is the same for the same seed', async () => {
    const run = (seed: number) => trainApproximator(Math.tanh, [-2, 1], { hidden: 4, steps: 30, samples: 32, seed })
    expect(await run(5)).toEqual(await run(5))
    expect((await run(5)).network).not.toEqual((await run(6)).network)
  })
  it('takes other activations', async () => {
    for (const activation of ['tanh', 'relu', 'softplus'] as const) {
      const { supError: sup } = await trainApproximator(Math.abs, [-1, 3], { hidden: 12, steps: 600, activation })
      expect(sup.error).toBeLessThan(0.3)
    }
  })
  it('refuses what cannot be trained', async () => {
    await expect(trainApproximator(Math.sin, [0, 1], { activation: 'step' })).rejects.toThrow(/slope is 0/)
    await expect(trainApproximator(Math.sin, [0, Infinity])).rejects.toThrow(/compact/)
    await expect(trainApproximator(Math.log, [-1, 1])).rejects.toThrow(/continuous/)
    await expect(trainApproximator(Math.sin, [0, 1], { hidden: 0 })).rejects.toThrow(/hidden/)
    await expect(trainApproximator(Math.sin, [0, 1], { learningRate: Number.NaN })).rejects.toThrow(/finite/)
  })
})

describe('Approximator', () => {
  it('is the plain two-layer network', async () => {
    const model = new Approximator(5, 'sigmoid', 2)
    const x = uniform([7, 1], { key: key(1), low: -1, high: 1 })
    const [w, c, v, d] = (await Promise.all(model.parameters().map((t) => t.array()))) as [number[][], number[], number[][], number[]]
    const plain = { layers: [{ weights: [w.map((r) => r[0]!)], biases: c, activation: 'sigmoid' as const }, { weights: v[0]!.map((k) => [k]), biases: d, activation: 'identity' as const }] }
    const expected = await applyNetwork(plain, tensor(await x.data(), { shape: [7, 1], dtype: 'float64' })).data()
    ;(await model.call(x).data()).forEach((got, i) => expect(got).toBeCloseTo(expected[i]!, 5))
  })
})
