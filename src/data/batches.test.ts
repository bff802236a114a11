// Batches: every example once, the order a function of (seed, epoch), any batch as the first; augmentation likewise.
import { expect, test } from 'vitest'
import { ValueError } from '../base/index.ts'
import { randomAffine, randomShift } from './augment.ts'
import { batches } from './batches.ts'
import { Dataset } from './dataset.ts'
import { hostRandom } from './random.ts'

const data = new Dataset(
  { dtype: 'uint8', shape: [10, 3, 3], data: Uint8Array.from({ length: 90 }, (_, i) => i + 1) },
  { dtype: 'uint8', shape: [10], data: Uint8Array.from({ length: 10 }, (_, i) => i) },
)
const order = (options: object) => [...batches(data, { batchSize: 4, ...options })].map((b) => [...b.examples])

test('in order, with a smaller last batch or without', () => {
  expect(order({})).toEqual([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
  expect(order({ dropLast: true })).toHaveLength(2)
})
test('shuffled: a permutation that depends on seed and epoch alone', () => {
  const first = order({ shuffle: true, seed: 1, epoch: 0 })
  expect(first.flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(order({ shuffle: true, seed: 1, epoch: 0 })).toEqual(first)
  expect(order({ shuffle: true, seed: 1, epoch: 1 })).not.toEqual(first)
  expect(order({ shuffle: true, seed: 2, epoch: 0 })).not.toEqual(first)
  expect(order({ shuffle: true, seed: 2 ** 32 + 1, epoch: 0 })).not.toEqual(first)
})
test('shuffling is fair: every example comes first about as often', () => {
  const counts = new Array<number>(10).fill(0)
  for (let epoch = 0; epoch < 5000; epoch++) counts[batches(data, { batchSize: 1, shuffle: true, seed: 3, epoch }).next().value!.examples[0]!]!++
  const chi2 = counts.reduce((sum, n) => sum + (n - 500) ** 2 / 500, 0)
  expect(chi2).toBeLessThan(27.9) // 9 degrees of freedom, p = 0.001
})
test('a batch in the middle is the same when it comes first', async () => {
  const augmented = data.with({ augment: randomAffine({ shift: 1, rotate: 20, scale: 0.1, shear: 0.1 }) })
  const options = { batchSize: 4, shuffle: true, seed: 1, epoch: 5, augment: true }
  const all = [...batches(augmented, options)]
  const [late] = [...batches(augmented, { ...options, start: 2 })]
  expect(late!.index).toBe(2)
  expect(await late!.inputs.data()).toEqual(await all[2]!.inputs.data())
  expect(await late!.targets.data()).toEqual(await all[2]!.targets.data())
})
test('inputs and targets belong together', async () => {
  for (const { inputs, targets } of batches(data, { batchSize: 4, shuffle: true })) {
    const x = await inputs.data()
    ;[...(await targets.data())].forEach((label, i) => expect(x[i * 9]).toBe(label * 9 + 1))
  }
})
test('a shift moves the picture by whole pixels and brings in zeros', () => {
  const input = Uint8Array.of(0, 0, 0, 0, 9, 0, 0, 0, 0)
  const seen = new Set<number>()
  for (let i = 0; i < 100; i++) {
    const output = new Uint8Array(9)
    randomShift(1)(input, output, { random: hostRandom(1, 2, i), shape: [3, 3] })
    expect([...output].sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 9])
    seen.add(output.indexOf(9))
  }
  expect(seen.size).toBe(9)
})
test('a turn by 90° is exact, no change is no change', () => {
  const input = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9)
  const same = new Float32Array(9)
  randomAffine({})(input, same, { random: hostRandom(1, 2), shape: [1, 3, 3] })
  expect(same).toEqual(input)
  const turned = new Float32Array(9)
  const random = { ...hostRandom(1, 2), between: (low: number) => low }
  randomAffine({ rotate: 90 })(input, turned, { random, shape: [3, 3] })
  const rounded = [...turned].map((v) => Math.round(v * 1e4) / 1e4)
  expect([[7, 4, 1, 8, 5, 2, 9, 6, 3], [3, 6, 9, 2, 5, 8, 1, 4, 7]]).toContainEqual(rounded)
})
test('mistakes', () => {
  expect(() => [...batches(data, { batchSize: 0 })]).toThrow(ValueError)
  expect(() => new Dataset(data.inputs, { dtype: 'uint8', shape: [9], data: new Uint8Array(9) })).toThrow(/expected 10 targets, received 9/)
  expect(() => new Dataset({ dtype: 'float32', shape: [2, 1], data: Float32Array.of(1, Number.NaN) }, { dtype: 'uint8', shape: [2], data: new Uint8Array(2) })).toThrow(/NaN in example 1/)
})
test('from nested arrays', () => {
  const xor = Dataset.of([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], { labels: true })
  expect([xor.inputs.dtype, xor.inputs.shape, xor.targets.dtype, [...xor.targets.data]]).toEqual(['float32', [4, 2], 'int32', [0, 1, 1, 0]])
  expect(Dataset.of([1, 2], [[3], [4]]).targets.shape).toEqual([2, 1])
  expect(() => Dataset.of([[1, 2], [3]], [1, 2])).toThrow(/ragged/)
  expect(() => Dataset.of([[1], 3], [1, 2])).toThrow(/ragged/)
  expect(() => Dataset.of([1, [3]], [1, 2])).toThrow(/ragged/)
  expect(() => Dataset.of([1], [0.5], { labels: true })).toThrow(/no whole number/)
})
test('slices, takes and splits', () => {
  expect(data.slice(-2).targets.data).toEqual(Uint8Array.of(8, 9))
  expect(data.take(3).length).toBe(3)
  const [a, b] = data.split(0.3, 1)
  expect([a.length, b.length]).toEqual([7, 3])
  expect([...a.targets.data, ...b.targets.data].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})
