// mixup and normalise against a plain recomputation; the distribution of λ against Beta's moments; soft labels through the loss.
import { expect, test } from 'vitest'
import { Linear, SGD, crossEntropy } from '../nn/index.ts'
import { oneHot, tensor } from '../tensor/index.ts'
import { fit } from '../train/index.ts'
import { Dataset } from './dataset.ts'
import { beta, mixup } from './mixup.ts'
import { channelStatistics, normalize } from './normalize.ts'
import { STREAM, hostRandom, shuffled } from './random.ts'

const N = 10
const inputs = { dtype: 'uint8', shape: [N, 3], data: Uint8Array.from({ length: 3 * N }, (_, i) => (i * 37) % 256) } as const
const labels = { dtype: 'int32', shape: [N], data: Int32Array.from({ length: N }, (_, i) => i % 4) } as const
const data = new Dataset(inputs, labels, { classes: ['a', 'b', 'c', 'd'] })

test('λ x + (1 − λ) x′ and the same of the targets, λ and partners by (seed, epoch, batch)', async () => {
  let seen = 0
  const options = { batchSize: 4, seed: 2, epoch: 3, augment: true }
  for await (const batch of mixup(data, { alpha: 0.5 }).batches(options)) {
    const random = hostRandom(2, STREAM.mixup, 3, batch.index)
    const share = beta(0.5, random)
    const partner = shuffled(batch.size, random)
    const x = await batch.inputs.data()
    const y = await batch.targets.array() as number[][]
    for (let i = 0; i < batch.size; i++) {
      const [own, other] = [batch.examples[i]!, batch.examples[partner[i]!]!]
      for (let k = 0; k < 3; k++) expect(x[3 * i + k]).toBeCloseTo(share * inputs.data[3 * own + k]! + (1 - share) * inputs.data[3 * other + k]!, 4)
      for (let c = 0; c < 4; c++) expect(y[i]![c]).toBeCloseTo(share * Number(labels.data[own] === c) + (1 - share) * Number(labels.data[other] === c), 6)
    }
    seen += batch.size
  }
  expect(seen).toBe(N)
  const first = async (start: number): Promise<number[]> => {
    for await (const b of mixup(data).batches({ ...options, start })) return [...(await b.inputs.data())]
    throw new Error('no batch')
  }
  expect(await first(1)).toEqual(await first(1))
})
test('nothing is mixed where nothing is augmented', async () => {
  for await (const { inputs: x, targets: y } of mixup(data).batches({ batchSize: N })) {
    expect([x.dtype, y.dtype]).toEqual(['uint8', 'int32'])
    expect(await x.data()).toEqual(inputs.data)
  }
})
test.each([0.1, 0.5, 1, 4])('λ has the mean and the variance of Beta(%d, %d)', (a) => {
  const values = Array.from({ length: 20_000 }, (_, i) => beta(a, hostRandom(1, 99, i)))
  const mean = values.reduce((s, v) => s + v, 0) / values.length
  const variance = values.reduce((s, v) => s + (v - mean) ** 2, 0) / values.length
  expect(values.every((v) => v >= 0 && v <= 1)).toBe(true)
  expect(mean).toBeCloseTo(0.5, 1.7)
  expect(variance / (1 / (4 * (2 * a + 1)))).toBeCloseTo(1, 1)
})
test('cross entropy of a mixture is the mixture of cross entropies; fit trains on it and counts accuracy', async () => {
  const logits = tensor([[1, 2, -1, 0.5]])
  const soft = oneHot(tensor([1], { dtype: 'int32' }), 4).mul(0.3).add(oneHot(tensor([2], { dtype: 'int32' }), 4).mul(0.7))
  const one = async (label: number) => crossEntropy(logits, tensor([label], { dtype: 'int32' })).item()
  expect(await crossEntropy(logits, soft).item()).toBeCloseTo(0.3 * (await one(1)) + 0.7 * (await one(2)), 5)
  const { epochs } = await fit(new Linear(3, 4), mixup(data.with({ prepare: (x) => x.to('float32').div(255) })), { epochs: 2, batchSize: 4, loss: crossEntropy, optimizer: new SGD(0.1), validation: data.with({ prepare: (x) => x.to('float32') }) })
  expect(epochs[1]!.accuracy).toBeGreaterThanOrEqual(0)
  expect(Number.isFinite(epochs[1]!.val_loss)).toBe(true)
})
test('mistakes', async () => {
  expect(() => mixup(data, { alpha: 0 })).toThrow(/mixup: bad alpha: expected a number above 0, received 0/)
  const run = async (d: Dataset, classes?: number) => { for await (const _ of mixup(d, classes === undefined ? {} : { classes }).batches({ batchSize: 2, augment: true })) break }
  await expect(run(new Dataset(inputs, labels))).rejects.toThrow(/number of classes is not known/)
  await expect(run(new Dataset(inputs, labels), 1)).rejects.toThrow(/a label has no class: expected 0 … 0, received 1/)
})

test('normalise: after it every channel has mean 0 and deviation 1', async () => {
  const pictures = { dtype: 'uint8', shape: [4, 2, 3, 3], data: Uint8Array.from({ length: 72 }, (_, i) => (i * 53 + (i % 18 < 9 ? 0 : 90)) % 256) } as const
  const statistics = channelStatistics(pictures)
  const out = await normalize(statistics)(tensor(pictures.data, { dtype: 'uint8', shape: [4, 2, 3, 3] })).data()
  for (const c of [0, 1]) {
    const values = [...out].filter((_, i) => Math.floor(i / 9) % 2 === c)
    const mean = values.reduce((a, b) => a + b) / values.length
    expect(mean).toBeCloseTo(0, 5)
    expect(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length).toBeCloseTo(1, 4)
    const [first] = values
    expect(first).toBeCloseTo((pictures.data[c * 9]! / 255 - statistics.mean[c]!) / statistics.deviation[c]!, 5)
  }
  expect(() => normalize({ mean: [0.5], deviation: [0] })).toThrow(/bad statistics/)
  expect(() => normalize({ mean: [0.5], deviation: [1] })(tensor([[1]]))).toThrow(/expected \(B, 1, H, W\), received \[1,1\]/)
})
