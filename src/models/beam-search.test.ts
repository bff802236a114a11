// Beam search against trying everything.
import { describe, expect, test } from 'vitest'
import { beamSearch } from './index.ts'

describe('beam search', () => {
  // ln p of the next token by the last two: a second-order chain of 4 tokens, 0 ending
  const table = (a: number, b: number): number[] => {
    const raw = [0, 1, 2, 3].map((t) => Math.sin(7 * a + 3 * b + 5 * t + 1) * 2 - (t === 0 ? 0.5 : 0))
    const total = Math.log(raw.reduce((s, x) => s + Math.exp(x), 0))
    return raw.map((x) => x - total)
  }
  const step = async (tokens: readonly number[], states: readonly number[]) => tokens.map((t, i) => ({ logs: table(states[i]!, t), state: t }))
  const exhaustive = (penalty: number): { tokens: number[]; score: number } => {
    let top = { tokens: [] as number[], score: -Infinity }
    const visit = (tokens: number[], a: number, b: number, p: number): void => {
      const logs = table(a, b)
      const ended = (p + logs[0]!) / (tokens.length + 1) ** penalty
      if (ended > top.score) top = { tokens, score: ended }
      for (const t of [1, 2, 3]) {
        if (tokens.length + 1 < 5) visit([...tokens, t], b, t, p + logs[t]!)
        else if ((p + logs[t]!) / 5 ** penalty > top.score) top = { tokens: [...tokens, t], score: (p + logs[t]!) / 5 ** penalty }
      }
    }
    visit([], 0, 1, 0)
    return top
  }
  test.each([0, 0.6, 1])('wide enough, it finds what trying everything finds (penalty %f)', async (lengthPenalty) => {
    const [first] = await beamSearch({ width: 300, begin: 1, end: 0, maxLength: 5, state: 0, step, lengthPenalty })
    const want = exhaustive(lengthPenalty)
    expect(first!.tokens).toEqual(want.tokens)
    expect(first!.score).toBeCloseTo(want.score, 10)
  })
  test('a wider beam never finds less, and width 1 is greedy', async () => {
    const best = async (width: number): Promise<number> => (await beamSearch({ width, begin: 1, end: 0, maxLength: 5, state: 0, step, lengthPenalty: 0 }))[0]!.logProbability
    const found = [await best(1), await best(4), await best(300)]
    expect(found[2]).toBeGreaterThanOrEqual(found[0]!)
    expect(found[2]).toBeGreaterThanOrEqual(found[1]!)
  })
  test('bad sequences that end early do not end the search for a good long one; width 1 stops at its first end', async () => {
    // 1 → 2 → … → 8 → end, almost surely; every token may end at once, or go to 9, improbably
    let steps = 0
    const chain = async (tokens: readonly number[]) => {
      steps++
      return tokens.map((t) => ({ state: null, logs: Array.from({ length: 10 }, (_, i) => (t < 8 ? (i === t + 1 ? -0.01 : i === 0 ? -3 : -6) : i === 0 ? -0.01 : -6)) }))
    }
    const search = (width: number) => beamSearch({ width, begin: 1, end: 0, maxLength: 30, state: null, step: chain })
    for (const width of [1, 2, 4]) expect((await search(width))[0]!.tokens).toEqual([2, 3, 4, 5, 6, 7, 8])
    steps = 0
    await search(1)
    expect(steps).toBe(8)
  })
})
