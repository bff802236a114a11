// Layer-wise pretraining: reconstructions get better, the same seed gives the same weights, bad data is refused.
import { expect, test } from 'vitest'
import { bernoulli, key, manualSeed, tensor, where } from '../tensor/index.ts'
import { DeepBeliefNetwork } from './index.ts'

/** Rows that are one of two patterns, each bit flipped with probability 0.05. */
function patterns(rows: number) {
  const pattern = tensor([[1, 1, 1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1]]).tile(rows / 2, 1)
  return where(bernoulli(0.05, [rows, 8], { key: key(3) }), pattern.neg().add(1), pattern).realize()
}

test('every layer learns to reconstruct what the layer below gives', async () => {
  manualSeed(1)
  const model = new DeepBeliefNetwork({ inputs: 8, hidden: [6, 4], classes: 2 })
  const seen: Record<string, number> = {}
  const errors = await model.pretrain(patterns(200), { epochs: 20, batchSize: 20, rate: 0.3, onEpoch: ({ layer, epoch, error }) => (seen[`${layer}.${epoch}`] = error) })
  expect(errors.length).toBe(2)
  expect(seen['1.1']).toBeGreaterThan(0.15) // a guess of ½ everywhere has 0.25
  expect(seen['1.20']).toBeLessThan(0.08) // the noise alone costs 0.0475
  expect(seen['2.20']!).toBeLessThan(seen['2.1']!)
  expect(errors).toEqual([seen['1.20'], seen['2.20']])
})
test('the same seed, the same weights; the parameters are no one else’s', async () => {
  const data = patterns(40)
  const run = async (seed: number): Promise<number[]> => {
    manualSeed(2)
    const model = new DeepBeliefNetwork({ inputs: 8, hidden: [4], classes: 2 })
    await model.pretrain(data, { epochs: 2, batchSize: 10, seed })
    return Array.from(await model.layers[0]!.weight.data())
  }
  const first = await run(1)
  expect(await run(1)).toEqual(first)
  expect(await run(2)).not.toEqual(first)
})
test('refuses less data than a batch', async () => {
  await expect(new DeepBeliefNetwork({ inputs: 8, hidden: [4] }).pretrain(patterns(10), { batchSize: 20 })).rejects.toThrow(/at least 20/)
})
