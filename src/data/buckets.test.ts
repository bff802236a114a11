// Buckets against enumeration: every example once, in a batch of its bucket, padded at its end and no further than the bucket.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Embedding, Module, Linear, SGD, crossEntropy } from '../nn/index.ts'
import type { Tensor } from '../tensor/index.ts'
import { fit } from '../train/index.ts'
import { BucketedDataset, type Sequence, paddingMask, sequenceLengths } from './buckets.ts'

const sequences = (lengths: readonly number[]): Sequence[] => lengths.map((n, i) => ({ inputs: Array.from({ length: n }, (_, t) => 1 + ((i * 7 + t) % 50)), targets: Array.from({ length: n }, (_, t) => 1 + ((i + t) % 50)) }))

test('every example once, whole, padded within its bucket; the same for the same seed and epoch', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 7 }), fc.nat(9), async (lengths, buckets, batchSize, seed) => {
    const all = sequences(lengths)
    const data = new BucketedDataset(all, { buckets, targetPad: -1 })
    expect(data.boundaries.at(-1)).toBe(Math.max(...lengths))
    expect(data.boundaries.length).toBeLessThanOrEqual(buckets)
    const seen: number[] = []
    let batches = 0
    let places = 0
    for (const { inputs, targets, examples, size, index } of data.batches({ batchSize, seed, shuffle: true })) {
      expect(index).toBe(batches++)
      const [x, y, L] = [await inputs.data(), await targets.data(), inputs.shape[1]!]
      expect(data.boundaries).toContain(L)
      expect(size).toBeLessThanOrEqual(batchSize)
      const below = data.boundaries[data.boundaries.indexOf(L) - 1] ?? 0
      examples.forEach((example, i) => {
        const { inputs: own, targets: wanted } = all[example]!
        expect(own.length).toBeGreaterThan(below)
        expect([...x.subarray(i * L, (i + 1) * L)]).toEqual([...Array.from(own), ...new Array(L - own.length).fill(0)])
        expect([...y.subarray(i * L, (i + 1) * L)]).toEqual([...Array.from(wanted as number[]), ...new Array(L - own.length).fill(-1)])
      })
      seen.push(...examples)
      places += size * L
    }
    expect(seen.sort((a, b) => a - b)).toEqual(all.map((_, i) => i))
    expect(batches).toBe(data.batchCount(batchSize))
    expect(data.padding).toBeCloseTo(1 - lengths.reduce((a, b) => a + b) / places, 9)
  }), { numRuns: 40 })
})
test('orders differ by epoch, come again, and can begin anywhere', () => {
  const data = new BucketedDataset(sequences(Array.from({ length: 40 }, (_, i) => 1 + (i % 9))), { buckets: 3 })
  const order = (epoch: number, start = 0) => [...data.batches({ batchSize: 4, shuffle: true, seed: 1, epoch, start })].map((b) => [...b.examples])
  expect(order(0)).toEqual(order(0))
  expect(order(0)).not.toEqual(order(1))
  expect(order(1, 5)).toEqual(order(1).slice(5))
  expect([...data.batches({ batchSize: 4, dropLast: true })].every((b) => b.size === 4)).toBe(true)
  expect([...data.batches({ batchSize: 4, dropLast: true })]).toHaveLength(data.batchCount(4, true))
})
test('masks, lengths, and a network that learns from them', async () => {
  class Mean extends Module {
    embed = new Embedding(60, 4)
    out = new Linear(4, 2)
    forward(tokens: Tensor): Tensor {
      const mask = paddingMask(tokens).to('float32')
      const [B, T] = tokens.shape as [number, number]
      const sum = this.embed.call(tokens).mul(mask.reshape([B, T, 1])).sum(1)
      return this.out.call(sum.div(sequenceLengths(tokens).to('float32').reshape([B, 1])))
    }
  }
  const data = new BucketedDataset(sequences(Array.from({ length: 40 }, (_, i) => 1 + (i % 9))).map((s, i) => ({ inputs: s.inputs, targets: i % 2 })), { buckets: 3 })
  const { epochs, steps } = await fit(new Mean(), data, { epochs: 2, batchSize: 8, loss: crossEntropy, optimizer: new SGD(0.1) })
  expect(steps).toBe(2 * data.batchCount(8))
  expect(epochs[1]!.accuracy).toBeGreaterThan(0)
})
test('mistakes are named', () => {
  const all = sequences([3, 5])
  expect(() => new BucketedDataset(all, { buckets: [4] })).toThrow(/example 1 is longer than the last bucket: expected at most 4 tokens, received 5/)
  expect(() => new BucketedDataset(all, { buckets: [4, 4] })).toThrow(/expected rising whole numbers from 1, received \[4, 4\]/)
  expect(() => new BucketedDataset(all, { buckets: 0 })).toThrow(/bad buckets/)
  expect(() => new BucketedDataset([{ inputs: [], targets: 0 }])).toThrow(/example 0 has no tokens/)
  expect(() => new BucketedDataset([{ inputs: [1, 2], targets: [1] }])).toThrow(/example 0 has other targets than inputs: expected 2 targets, or a class, received 1/)
})
