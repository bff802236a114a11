// Drawing tokens against their probabilities; writing against the whole sequence computed at once.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Tensor, manualSeed, setDevice, tensor } from '../tensor/index.ts'
import { type Autoregressive, GPT, RecurrentLanguageModel, chooseToken, generateTokens } from './index.ts'

/** Evenly spread "random" numbers: the shares that come out are exact. */
function shares(logits: number[], options: Parameters<typeof chooseToken>[2]): number[] {
  const n = 4000
  const counts = logits.map(() => 0)
  for (let i = 0; i < n; i++) counts[chooseToken(logits, () => (i + 0.5) / n, options)]!++
  return counts.map((c) => c / n)
}
const softmax = (z: number[]): number[] => {
  const e = z.map(Math.exp)
  const sum = e.reduce((a, b) => a + b)
  return e.map((x) => x / sum)
}
const close = (got: number[], wanted: number[]): void => got.forEach((p, i) => expect(Math.abs(p - wanted[i]!)).toBeLessThan(1e-3))

describe('chooseToken', () => {
  const logits = [0.3, -1, 2, 1.5]
  test('temperature divides the logits; 0 takes the likeliest', () => {
    close(shares(logits, {}), softmax(logits))
    close(shares(logits, { temperature: 0.5 }), softmax(logits.map((z) => z / 0.5)))
    expect(shares(logits, { temperature: 0 })).toEqual([0, 0, 1, 0])
  })
  test('topK and topP leave the likeliest, in their proportions', () => {
    const [, , c, d] = softmax(logits) as [number, number, number, number]
    close(shares(logits, { topK: 2 }), [0, 0, c / (c + d), d / (c + d)])
    close(shares(logits, { topP: c + d - 0.01 }), [0, 0, c / (c + d), d / (c + d)])
    expect(shares(logits, { topP: 0.1 })).toEqual([0, 0, 1, 0])
    close(shares(logits, { topP: 1, topK: 99 }), softmax(logits))
  })
  test('impossible tokens are never drawn; what cannot be is refused', () => {
    close(shares([Number.NEGATIVE_INFINITY, 0, Number.NaN, 0], {}), [0, 0.5, 0, 0.5])
    expect(() => chooseToken([Number.NaN], Math.random)).toThrow(/no token is possible/)
    for (const [options, message] of [[{ temperature: -1 }, /bad temperature/], [{ topK: 0 }, /bad topK/], [{ topP: 0 }, /bad topP/]] as const) expect(() => chooseToken([1], Math.random, options)).toThrow(message)
  })
})

describe('generateTokens', () => {
  beforeAll(() => {
    setDevice('wasm')
    manualSeed(3)
  })
  afterAll(() => setDevice('reference'))
  const models = (): [string, Autoregressive<unknown>, number][] => [
    ['gpt', new GPT({ vocabulary: 11, context: 12, width: 16, layers: 2, heads: 2 }) as unknown as Autoregressive<unknown>, 12],
    ...(['rnn', 'lstm', 'gru'] as const).map((kind): [string, Autoregressive<unknown>, number] => [kind, new RecurrentLanguageModel({ vocabulary: 11, kind, width: 12, layers: 2 }) as unknown as Autoregressive<unknown>, Number.POSITIVE_INFINITY]),
  ]
  test('greedy: each token is the likeliest of the whole sequence read at once', async () => {
    for (const [name, model, context] of models()) {
      const said = [3, 1, 4]
      for await (const token of generateTokens(model, said, { temperature: 0, context })) {
        const logits = (await (model as unknown as GPT).call(tensor(said, 'int32').reshape([1, -1])).at(0, -1).data())
        expect(logits[token], `${name} after ${said}`).toBeCloseTo(Math.max(...logits), 4)
        if (said.push(token) === 12) break
      }
    }
  })
  test('beyond the context it goes on with the latter half', async () => {
    const [, model, context] = models()[0]!
    const said = [1]
    for await (const token of generateTokens(model, said.slice(), { temperature: 0, context })) if (said.push(token) === 40) break
    expect(said).toHaveLength(40)
    expect(said.every((t) => t >= 0 && t < 11)).toBe(true)
    // a prompt longer than the context is read from its end
    const long = Array.from({ length: 30 }, (_, i) => i % 11)
    for await (const token of generateTokens(model, long, { temperature: 0, context })) {
      const logits = await (model as unknown as GPT).call(tensor(long.slice(-11), 'int32').reshape([1, -1])).at(0, -1).data()
      expect(logits[token]).toBeCloseTo(Math.max(...logits), 4)
      break
    }
  })
  test('a long prompt is read in pieces, and what a model begins with stays as it is', async () => {
    const said = Array.from({ length: 70 }, (_, i) => (i * i) % 11)
    const gpt = new GPT({ vocabulary: 11, context: 80, width: 8, layers: 1, heads: 2 })
    const [, gru] = models()[3]!
    const zero = (gru as unknown as RecurrentLanguageModel).start(1)
    Object.assign(gru, { start: () => zero })
    for (const model of [gpt as unknown as Autoregressive<unknown>, gru, gru]) {
      const { value } = await generateTokens(model, said, { temperature: 0 }).next()
      const logits = await (model as unknown as GPT).call(tensor(said, 'int32').reshape([1, -1])).at(0, -1).data()
      expect(logits[value]).toBeCloseTo(Math.max(...logits), 4)
    }
    expect(Array.from(await (zero as Tensor).data()).every((x) => x === 0)).toBe(true)
  })
  test('an empty prompt is refused', async () => {
    await expect(generateTokens(models()[1]![1], []).next()).rejects.toThrow(/the prompt is empty/)
  })
})
