// Attention maps and contributions of tokens against PyTorch (test/golden/explain.json), in float64 on the reference.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { attentionMaps, tokenContributions } from '../src/explain/index.ts'
import { Embedding, Linear, Module, MultiHeadAttention, paddingMask } from '../src/nn/index.ts'
import { type Tensor, tensor } from '../src/tensor/index.ts'
import { tokensOf, uniformOf, weightOf } from './support/formula.ts'

interface Whole {
  readonly s: readonly number[]
  readonly v: readonly number[]
}
const golden = JSON.parse(readFileSync(new URL('golden/explain.json', import.meta.url), 'utf8')) as {
  readonly maps: Readonly<Record<'plain' | 'causal' | 'padded' | 'cross', Whole>>
  readonly contributions: { readonly integrated: Whole; readonly saliency: Whole; readonly score: number; readonly nothing: number }
}
const weight = (name: string, ...shape: number[]): Tensor => tensor(weightOf(name, shape), { shape, dtype: 'float64' })
const input = (name: string, ...shape: number[]): Tensor => tensor(uniformOf(name, shape.reduce((a, b) => a * b, 1)), { shape, dtype: 'float64' })
async function close(got: Tensor, want: Whole): Promise<void> {
  expect(got.shape).toEqual(want.s)
  const values = await got.data()
  want.v.forEach((v, i) => expect(values[i], `at ${i}`).toBeCloseTo(v, 8))
}

/** A sentence is the mean of what attention makes of its tokens; then a layer for classes. */
class Sentence extends Module {
  readonly words = new Embedding(11, 8)
  readonly attention = new MultiHeadAttention(8, 2)
  readonly classes = new Linear(8, 3)
  constructor() {
    super()
    this.words.weight = weight('words', 11, 8)
    for (const name of ['query', 'key', 'value', 'out'] as const) {
      this.attention[name].weight = weight(`${name}.weight`, 8, 8)
      this.attention[name].bias = weight(`${name}.bias`, 8)
    }
    this.classes.weight = weight('classes.weight', 3, 8)
    this.classes.bias = weight('classes.bias', 3)
  }
  forward(tokens: Tensor): Tensor {
    return this.classes.call(this.attention.call(this.words.call(tokens)).mean(1)) // (N,T) → (N,T,8) → (N,3)
  }
}

test.each([
  ['plain', () => ({})],
  ['causal', () => ({ causal: true })],
  ['padded', () => ({ mask: paddingMask([5, 3], 5) })],
  ['cross', () => ({ source: input('y', 2, 4, 8) })],
] as const)('attention maps: %s', async (name, options) => {
  const [map] = attentionMaps(new Sentence(), (copy) => copy.attention.call(input('x', 2, 5, 8), options()))
  await close(map!.weights, golden.maps[name])
})

test('contributions of tokens: integrated gradients, which nearly add up, and saliency', async () => {
  const model = new Sentence()
  const tokens = tensor(tokensOf('ids', 6, 11), { shape: [1, 6], dtype: 'int32' })
  const { integrated, saliency, score, nothing } = golden.contributions
  const of = (steps: number, method?: 'saliency'): Tensor => tokenContributions(model, tokens, (copy, text) => copy.call(text).at(null, 1), { steps, ...(method === undefined ? {} : { method }) })
  await close(of(16), integrated)
  await close(of(16, 'saliency'), saliency)
  expect(await model.call(tokens).at(0, 1).item()).toBeCloseTo(score, 8)
  expect(await of(256).sum().item()).toBeCloseTo(score - nothing, 5)
})

test('what cannot be explained is refused', () => {
  const model = new Sentence()
  const tokens = tensor([[1, 2]], { dtype: 'int32' })
  expect(() => tokenContributions(model, tensor([1, 2], { dtype: 'int32' }), (m, x) => m.call(x).at(null, 1))).toThrow(/expected \[1, T\], received \[2\]/)
  expect(() => tokenContributions(model, tokens, (m, x) => m.call(x))).toThrow(/not one number a text: expected \[32\], received \[32, 3\]/)
  expect(() => tokenContributions(model, tokens, (m, x) => m.call(x).at(null, 1), { embedding: 'classes' })).toThrow(/no such embedding: expected words, received classes/)
  expect(() => tokenContributions(new Linear(2, 2), tokens, (m, x) => m.call(x).at(null, 0))).toThrow(/a model with an Embedding/)
  expect(() => tokenContributions(model, tokens, (m, x) => m.call(x).at(null, 1), { steps: 0 })).toThrow(/bad steps/)
})
