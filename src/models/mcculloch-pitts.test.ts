import { describe, expect, it } from 'vitest'
import { tensor } from '../tensor/index.ts'
import { allInputs, applyNetwork, fire, logicNeurons, mccullochPitts, neuronNetwork, truthTable } from './index.ts'

const count = (x: readonly number[]): number => x.filter((v) => v === 1).length

describe('the McCulloch–Pitts neuron', () => {
  it('is silent at z = 0 and fires above', () => {
    expect(fire(mccullochPitts([1, -1], 0), [1, 1])).toEqual({ x: [1, 1], products: [1, -1], z: 0, a: 0 })
    expect(fire(mccullochPitts([1, -1], 0), [1, 0]).a).toBe(1)
  })
  it.each([0, 1, 2, 3, 4, 5])('computes logic of %i inputs on all rows', (n) => {
    for (const x of allInputs(n)) {
      expect(fire(logicNeurons.and(n), x).a).toBe(count(x) === n ? 1 : 0)
      expect(fire(logicNeurons.or(n), x).a).toBe(count(x) > 0 ? 1 : 0)
      expect(fire(logicNeurons.nand(n), x).a).toBe(count(x) === n ? 0 : 1)
      expect(fire(logicNeurons.nor(n), x).a).toBe(count(x) > 0 ? 0 : 1)
      expect(fire(logicNeurons.majority(n), x).a).toBe(count(x) > n / 2 ? 1 : 0)
      for (let k = 0; k <= n + 1; k++) expect(fire(logicNeurons.atLeast(n, k), x).a).toBe(count(x) >= k ? 1 : 0)
    }
  })
  it('lists truth tables in the usual order', () => {
    expect(allInputs(2)).toEqual([[0, 0], [0, 1], [1, 0], [1, 1]])
    expect(truthTable(logicNeurons.not()).map((t) => t.a)).toEqual([1, 0])
    expect(truthTable(logicNeurons.implies()).map((t) => t.a)).toEqual([1, 1, 0, 1])
  })
  it('gives the same on tensors', async () => {
    const neuron = logicNeurons.majority(3)
    const out = await applyNetwork(neuronNetwork(neuron), tensor(allInputs(3))).data()
    expect([...out]).toEqual(truthTable(neuron).map((t) => t.a))
  })
  it('refuses what it does not take', () => {
    expect(() => mccullochPitts([Number.NaN], 0)).toThrow(/weights\[0\].*finite/)
    expect(() => mccullochPitts([1], Infinity)).toThrow(/bias/)
    expect(() => fire(logicNeurons.and(2), [1, 0.5])).toThrow(/bit/)
    expect(() => fire(logicNeurons.and(2), [1])).toThrow(/length/)
    expect(() => allInputs(21)).toThrow(/0 to 20/)
  })
})
