// The pooled vector as a mean: against plain loops, and what stands in the padding does not matter. The rest: test/golden-models.test.ts.
import { expect, test } from 'vitest'
import { ValueError, manualSeed, tensor, zeros } from '../tensor/index.ts'
import { Bert } from './index.ts'

const options = { vocabulary: 20, context: 6, width: 8, layers: 1, heads: 2, initializerRange: 0.5 } as const

test('the mean of a text’s own tokens, whatever stands behind them', async () => {
  manualSeed(5)
  const bert = new Bert({ ...options, pool: 'mean' }).eval()
  const read = async (tokens: number[][], lengths?: number[]) => {
    const { hidden, pooled } = bert.call(tensor(tokens, 'int32'), { lengths })
    return { hidden: (await hidden.array()) as number[][][], pooled: (await pooled.array()) as number[][] }
  }
  const [weight, bias] = [(await bert.pooler.weight.array()) as number[][], (await bert.pooler.bias!.array()) as number[]]
  const lengths = [3, 5]
  const { hidden, pooled } = await read([[1, 2, 3, 0, 0], [4, 5, 6, 7, 8]], lengths)
  pooled.forEach((row, b) => {
    const mean = hidden[b]![0]!.map((_, c) => hidden[b]!.slice(0, lengths[b]).reduce((sum, vector) => sum + vector[c]!, 0) / lengths[b]!)
    row.forEach((value, i) => expect(value).toBeCloseTo(Math.tanh(mean.reduce((sum, m, c) => sum + m * weight[i]![c]!, bias[i]!)), 5))
  })
  const other = await read([[1, 2, 3, 19, 11], [4, 5, 6, 7, 8]], lengths)
  other.pooled[0]!.forEach((value, i) => expect(value).toBeCloseTo(pooled[0]![i]!, 5))
  const pooledAt = tensor([[0, 0, 1, 0, 0], [1, 0, 0, 0, 1]], 'bool')
  const some = (await bert.call(tensor([[1, 2, 3, 0, 0], [4, 5, 6, 7, 8]], 'int32'), { lengths, pooled: pooledAt }).pooled.array()) as number[][]
  ;[[2], [0, 4]].forEach((places, b) => some[b]!.forEach((value, i) => {
    const mean = hidden[b]![0]!.map((_, c) => places.reduce((sum, t) => sum + hidden[b]![t]![c]!, 0) / places.length)
    expect(value).toBeCloseTo(Math.tanh(mean.reduce((sum, m, c) => sum + m * weight[i]![c]!, bias[i]!)), 5)
  }))
  const alone = await read([[1, 2, 3]])
  alone.pooled[0]!.forEach((value, i) => expect(value).toBeCloseTo(pooled[0]![i]!, 5))
})
test('refusals', () => {
  expect(() => new Bert({ ...options, pool: 'last' as 'mean' })).toThrow(ValueError)
  expect(() => new Bert({ ...options, positions: 'none' as 'rotary' })).toThrow(/no such positions: expected learned or rotary, received none/)
  expect(() => new Bert({ ...options, positions: 'rotary' }).call(zeros([1, 7], 'int32'))).toThrow(/T ≤ 6/)
})
