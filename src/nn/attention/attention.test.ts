// Attention where no golden values reach: the cache against the whole sequence, distances, refusals. Values: test/golden-parts.test.ts.
import { beforeEach, describe, expect, test } from 'vitest'
import { ShapeError, type Tensor, ValueError, concat, jit, manualSeed, normal, tensor, vmap } from '../../tensor/index.ts'
import * as nn from '../index.ts'

const numbers = async (x: Tensor): Promise<number[]> => Array.from(await x.data())
async function expectClose(a: Tensor, b: Tensor, digits = 5): Promise<void> {
  const [x, y] = [await numbers(a), await numbers(b)]
  expect(x.length).toBe(y.length)
  x.forEach((v, i) => expect(v).toBeCloseTo(y[i]!, digits))
}
beforeEach(() => manualSeed(5))

describe('cache', () => {
  test.each([{}, { rotary: true }, { kvHeads: 1, rotary: { interleaved: true } }])('one token at a time gives what the whole sequence gives (%j)', async (options) => {
    const attention = new nn.MultiHeadAttention(8, 2, options)
    const x = normal([2, 5, 8])
    const whole = attention.call(x, { causal: true })
    const empty = () => nn.kvCache({ batch: 2, heads: attention.kvHeads, width: 4, capacity: 6 })
    const step = jit((cache: nn.KVCache, token: Tensor) => [attention.call(token, { cache }), cache] as [Tensor, nn.KVCache])
    let cache = empty()
    const rows: Tensor[] = []
    for (let t = 0; t < 5; t++) {
      const [y, next] = step(cache, x.at(null, [t, t + 1]))
      rows.push(y)
      cache = next
    }
    expect(step.programs().length).toBe(1)
    await expectClose(concat(rows, 1), whole)
    expect(await cache.length.item()).toBe(5)
    // three at once, then two
    const inPieces = empty()
    const pieces = [x.at(null, [0, 3]), x.at(null, [3, 5])].map((part) => attention.call(part, { cache: inPieces }))
    await expectClose(concat(pieces, 1), whole)
  })
  test('beyond its capacity the result is NaN, not a wrong number', async () => {
    const attention = new nn.MultiHeadAttention(4, 1)
    const cache = nn.kvCache({ heads: 1, width: 4, capacity: 2 })
    attention.call(normal([1, 2, 4]), { cache })
    expect((await numbers(attention.call(normal([1, 1, 4]), { cache }))).every(Number.isNaN)).toBe(true)
  })
  test('a padding mask over the capacity hides keys', async () => {
    const attention = new nn.MultiHeadAttention(4, 2)
    const x = normal([2, 3, 4])
    const mask = nn.paddingMask([3, 1], 3)
    const whole = attention.call(x, { causal: true, mask })
    const cached = attention.call(x, { cache: nn.kvCache({ batch: 2, heads: 2, width: 2, capacity: 3 }), mask })
    await expectClose(cached, whole)
  })
})

test('rotations: inner products depend on the distance alone', async () => {
  const [q, k] = [normal([1, 6]), normal([1, 6])]
  const at = (p: number, x: Tensor): Tensor => nn.rotary(x, { positions: tensor([p], { dtype: 'int32' }) })
  await expectClose(at(3, q).mul(at(1, k)).sum(), at(12, q).mul(at(10, k)).sum(), 4)
})
test('dropout of attention acts in training only', async () => {
  const attention = new nn.MultiHeadAttention(4, 2, { dropout: 0.5 })
  const x = normal([1, 6, 4])
  await expectClose(attention.eval().call(x), attention.eval().call(x))
  expect(await numbers(attention.train().call(x))).not.toEqual(await numbers(attention.call(x)))
})
test('every example of a batch alone, by vmap', async () => {
  const block = new nn.TransformerEncoderLayer(4, 2).eval()
  const x = normal([3, 2, 4])
  await expectClose(vmap((one: Tensor) => block.call(one.unsqueeze(0)).at(0))(x), block.call(x))
})
test('tied weights: one parameter, one gradient from both places', () => {
  const table = new nn.Embedding(5, 3)
  class Tied extends nn.Module {
    readonly embed = table
    forward(x: Tensor): Tensor {
      return this.embed.attend(this.embed.call(x))
    }
  }
  expect(new Tied().parameterCount()).toBe(15)
})
test('refusals', () => {
  expect(() => new nn.MultiHeadAttention(6, 4)).toThrow(ValueError)
  expect(() => new nn.MultiHeadAttention(8, 4, { kvHeads: 3 })).toThrow(/divisor of 4/)
  expect(() => new nn.MultiHeadAttention(8, 2).call(normal([2, 3, 4]))).toThrow(ShapeError)
  expect(() => nn.paddingMask([4], 3)).toThrow(/from 0 to 3/)
  expect(() => nn.rotary(normal([2, 3]))).toThrow(/even/)
  expect(() => new nn.LearnedPositions(4, 2).call(normal([1, 5, 2]))).toThrow(/T ≤ 4/)
})
