// Attention maps against the formula in plain loops, and against what the layers themselves make of them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Bert, GPT, Transformer, ViT } from '../models/index.ts'
import { Module, MultiHeadAttention, paddingMask } from '../nn/index.ts'
import { type Tensor, manualSeed, normal, setDevice, tensor, zeros } from '../tensor/index.ts'
import { attentionMaps } from './index.ts'

beforeAll(() => {
  setDevice('wasm')
  manualSeed(8)
})
afterAll(() => void setDevice('reference'))

type Rows = number[][]
const rowsOf = async (weights: Tensor): Promise<Rows> => (await weights.reshape([-1, weights.shape[3]!]).array()) as Rows
const sums = (rows: Rows): number[] => rows.map((row) => row.reduce((a, b) => a + b, 0))

class One extends Module {
  readonly attention: MultiHeadAttention
  constructor(attention: MultiHeadAttention) {
    super()
    this.attention = attention
  }
  forward(x: Tensor, options: { mask?: Tensor; causal?: boolean; source?: Tensor } = {}): Tensor {
    return this.attention.call(x, options)
  }
}

test('one head by hand: softmax(q·k/√d), q = Wx', async () => {
  const model = new One(new MultiHeadAttention(2, 1, { bias: false }))
  model.attention.query.weight = tensor([[1, 2], [0, 1]])
  model.attention.key.weight = tensor([[1, 0], [-1, 1]])
  const xs = [[1, 0], [2, 1], [-1, 1]]
  const [map] = attentionMaps(model, (copy) => copy.call(tensor([xs])))
  const q = xs.map(([a, b]) => [a! + 2 * b!, b!])
  const k = xs.map(([a, b]) => [a!, b! - a!])
  const want = q.map((one) => {
    const raised = k.map((other) => Math.exp((one[0]! * other[0]! + one[1]! * other[1]!) / Math.SQRT2))
    const total = raised.reduce((a, b) => a + b, 0)
    return raised.map((e) => e / total)
  })
  expect(map!.layer).toBe('attention')
  ;(await rowsOf(map!.weights)).forEach((row, i) => row.forEach((w, j) => expect(w).toBeCloseTo(want[i]![j]!, 5)))
})

describe('the layer, made again from its map, gives what it gave', () => {
  test.each([
    ['plain', {}, {}],
    ['causal, rotary', { rotary: true }, { causal: true }],
    ['grouped queries', { kvHeads: 2 }, {}],
    ['padding', {}, { mask: true }],
  ] as const)('%s', async (_, made, called) => {
    const layer = new MultiHeadAttention(16, 4, made)
    const x = normal([2, 5, 16])
    const options = { ...('causal' in called ? { causal: true } : {}), ...('mask' in called ? { mask: paddingMask([5, 3], 5) } : {}) }
    const [map] = attentionMaps(new One(layer), (copy) => copy.call(x, options))
    expect(map!.weights.shape).toEqual([2, 4, 5, 5])
    for (const sum of sums(await rowsOf(map!.weights))) expect(sum).toBeCloseTo(1, 5)
    const v = layer.value.call(x).reshape([2, 5, layer.kvHeads, 4]).transpose(1, 2) // (B,G,S,D)
    const spread = v.unsqueeze(2).expand([2, layer.kvHeads, 4 / layer.kvHeads, 5, 4]).reshape([2, 4, 5, 4])
    const again = layer.out.call(map!.weights.matmul(spread).transpose(1, 2).flatten(2))
    const [a, b] = [await again.data(), await layer.call(x, options).data()]
    a.forEach((value, i) => expect(value).toBeCloseTo(b[i]!, 4))
  })
})

describe('models', () => {
  const tokens = zeros([2, 6], 'int32')
  test('GPT: every block, nobody looks ahead', async () => {
    const maps = attentionMaps(new GPT({ vocabulary: 9, context: 8, width: 16, layers: 3, heads: 2 }), (m) => m.call(tokens))
    expect(maps.map((m) => m.layer)).toEqual(['blocks.0.attention', 'blocks.1.attention', 'blocks.2.attention'])
    const rows = await rowsOf(maps[2]!.weights)
    rows.forEach((row, r) => row.forEach((w, s) => (s > r % 6 ? expect(w).toBe(0) : expect(w).toBeGreaterThan(0))))
  })
  test('Transformer: encoder, decoder, and from one to the other, without the padding', async () => {
    const model = new Transformer({ sourceVocabulary: 9, targetVocabulary: 7, width: 8, layers: 1, heads: 2, context: 8 })
    const maps = attentionMaps(model, (m) => m.call(tokens, zeros([2, 4], 'int32'), { lengths: [6, 2] }))
    expect(maps.map((m) => [m.layer, m.weights.shape])).toEqual([['encoder.0.selfAttention', [2, 2, 6, 6]], ['decoder.0.selfAttention', [2, 2, 4, 4]], ['decoder.0.crossAttention', [2, 2, 4, 6]]])
    const cross = (await maps[2]!.weights.at(1).array()) as number[][][]
    for (const row of cross.flat()) expect(row.slice(2)).toEqual([0, 0, 0, 0])
  })
  test('BERT and ViT', async () => {
    const bert = attentionMaps(new Bert({ vocabulary: 9, context: 8, width: 16, layers: 2, heads: 4 }), (m) => m.call(tokens))
    const vit = attentionMaps(new ViT({ imageSize: 16, patchSize: 8, width: 16, layers: 2, heads: 2, classes: 3 }), (m) => m.call(zeros([1, 3, 16, 16])))
    expect([bert.length, vit.length]).toEqual([2, 2])
    for (const { weights } of [...bert, ...vit]) for (const sum of sums(await rowsOf(weights))) expect(sum).toBeCloseTo(1, 5)
  })
  test('a model without attention', () => expect(() => attentionMaps(new (class extends Module { forward(): null { return null } })(), () => {})).toThrow(/has no attention/))
})
