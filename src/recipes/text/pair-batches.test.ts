// Batches of pairs against enumeration, and how many programs an epoch of them compiles.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Tensor, jit } from '../../tensor/index.ts'
import { PairBatches, type PairRow, pairBuckets } from './pair-batches.ts'

const [PAD, BEGIN, END] = [0, 1, 2]
const rowsOf = (lengths: readonly (readonly [number, number])[]): PairRow[] => lengths.map(([s, t], i) => ({ source: [...new Array<number>(s).fill(3 + i), END], target: [...new Array<number>(t).fill(3 + i), END] }))
const some = fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 })), { minLength: 1, maxLength: 50 })

test('every pair once, whole, in full batches but the last; sizes rise and differ', async () => {
  await fc.assert(fc.asyncProperty(some, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 7 }), fc.nat(9), async (lengths, count, batchSize, seed) => {
    const rows = rowsOf(lengths)
    const buckets = pairBuckets(rows, count)
    expect(buckets.length).toBeLessThanOrEqual(count)
    buckets.slice(1).forEach(([s, t], k) => expect(s >= buckets[k]![0] && t >= buckets[k]![1] && s + t > buckets[k]![0] + buckets[k]![1]).toBe(true))
    const data = new PairBatches(rows, { buckets, pad: PAD, begin: BEGIN })
    const made = [...data.batches({ batchSize, shuffle: true, seed, epoch: 1 })]
    expect(made).toHaveLength(data.batchCount(batchSize))
    expect(made.flatMap((b) => [...b.examples]).sort((a, b) => a - b)).toEqual(rows.map((_, i) => i))
    expect(made.filter((b) => b.size < batchSize).length).toBeLessThanOrEqual(1)
    for (const { inputs, targets, examples } of made) {
      const [S, T] = buckets.find(([s, t]) => s + t === inputs.shape[1])!
      expect(targets.shape).toEqual([examples.length, T])
      const [x, y] = [await inputs.data(), await targets.data()]
      const filled = (list: readonly number[], to: number): number[] => [...list, ...new Array<number>(to - list.length).fill(PAD)]
      examples.forEach((example, i) => {
        const { source, target } = rows[example]!
        expect([...x.subarray(i * (S + T), (i + 1) * (S + T))]).toEqual([...filled(source, S), ...filled([BEGIN, ...target.slice(0, -1)], T)])
        expect([...y.subarray(i * T, (i + 1) * T)]).toEqual(filled(target, T))
      })
    }
  }), { numRuns: 30 })
})
test('an epoch compiles a program for each bucket and one for the last batch; later epochs none; it can begin anywhere', async () => {
  const rows = rowsOf(Array.from({ length: 203 }, (_, i) => [1 + (i % 17), 2 + (i % 17)]))
  const data = new PairBatches(rows, { buckets: pairBuckets(rows, 4), pad: PAD, begin: BEGIN })
  let programs = 0
  const step = jit((x: Tensor, y: Tensor): Tensor => {
    programs++
    return x.sum().add(y.sum())
  })
  const order = (epoch: number, start = 0): number[][] => [...data.batches({ batchSize: 8, shuffle: true, seed: 3, epoch, start })].map(({ inputs, targets, examples }) => {
    step(inputs, targets)
    return [...examples]
  })
  const first = order(0)
  expect(programs).toBe(5)
  expect(order(1)).not.toEqual(first)
  expect(order(0, 7)).toEqual(first.slice(7))
  expect(programs).toBe(5)
  const places = [...data.batches({ batchSize: 8 })].reduce((sum, { inputs }) => sum + inputs.size, 0)
  expect(places).toBeLessThan(0.75 * 203 * (18 + 19))
})
