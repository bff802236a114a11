// Tokenizers: round trips, a second and naive way of learning, and Hugging Face's own library on the same file.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Merge, BytePairTokenizer, CharacterTokenizer, loadHuggingFaceTokenizer, tokenizerFromJson } from '../index.ts'
import { words } from './byte-pairs.ts'

const TEXT = `It is not down on any map; true places never are. I'd, we'll, they've: 1234 and 5678!
	Начнём с начала — всё, что есть, здесь. Ещё раз: начала, начало, начал.
"Call me Ishmael."  Some years ago--never mind how long precisely--having little or no money 🐋🐋 in my purse,
and nothing particular to interest me on shore, I thought I would sail about a little and see the watery part
of the world. It is a way I have of driving off the spleen, and regulating the circulation.`

/** The definition, word by word: count all pairs, join the most frequent (of equals the smaller ids), again. */
function naive(text: string, most: number): Merge[] {
  let all = words(text).map((w) => [...new TextEncoder().encode(w)])
  const merges: Merge[] = []
  while (merges.length < most) {
    const counts = new Map<string, number>()
    for (const ids of all) for (let i = 0; i + 1 < ids.length; i++) counts.set(`${ids[i]},${ids[i + 1]}`, (counts.get(`${ids[i]},${ids[i + 1]}`) ?? 0) + 1)
    const [best] = [...counts].filter(([, n]) => n > 1).map(([k, n]) => [...k.split(',').map(Number), n] as [number, number, number]).sort((a, b) => b[2] - a[2] || a[0] - b[0] || a[1] - b[1])
    if (best === undefined) break
    const [left, right] = best
    all = all.map((ids) => ids.reduce<number[]>((out, id) => {
      if (id === right && out.at(-1) === left) out.splice(-1, 1, 256 + merges.length)
      else out.push(id)
      return out
    }, []))
    merges.push([left, right])
  }
  return merges
}

describe('byte pairs', () => {
  const bpe = BytePairTokenizer.learn(TEXT, { size: 340 })
  test('learned as the definition says', () => {
    // pairs of one letter with itself are counted before and joined after: left to right, as both do
    expect(bpe.merges).toEqual(naive(TEXT, 84))
  })
  test('every text comes back', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (s) => bpe.decode(bpe.encode(s)) === s))
    expect(bpe.decode(bpe.encode(TEXT))).toBe(TEXT)
    expect(bpe.encode(TEXT).length).toBeLessThan(new TextEncoder().encode(TEXT).length * 0.75)
  })
  test('Hugging Face’s library reads its JSON and gives the same tokens', async () => {
    const theirs = await loadHuggingFaceTokenizer(JSON.stringify(bpe))
    expect(theirs.size).toBe(bpe.size)
    await fc.assert(fc.asyncProperty(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.constantFrom(...TEXT.split('\n'))), async (s) => {
      expect([...theirs.encode(s)]).toEqual([...bpe.encode(s)])
    }), { numRuns: 200 })
    expect(theirs.decode(bpe.encode(TEXT))).toBe(TEXT)
  })
  test('written down and read again', () => {
    const again = tokenizerFromJson(JSON.stringify(bpe))
    expect(again).toBeInstanceOf(BytePairTokenizer)
    expect([...again.encode(TEXT)]).toEqual([...bpe.encode(TEXT)])
    // the other way of writing merges
    const json = JSON.parse(JSON.stringify(bpe)) as { model: { merges: unknown[] } }
    json.model.merges = json.model.merges.map((m) => (m as string).split(' '))
    expect([...tokenizerFromJson(json).encode(TEXT)]).toEqual([...bpe.encode(TEXT)])
  })
  test('a text without pairs stays bytes; sizes under 256 are refused', () => {
    expect(BytePairTokenizer.learn('abc', { size: 300 }).size).toBe(256)
    expect(BytePairTokenizer.learn('', { size: 300 }).size).toBe(256)
    expect(() => BytePairTokenizer.learn('abc', { size: 100 })).toThrow(/expected a whole number from 256.*received 100/)
    expect(() => bpe.decode([9999])).toThrow(/no such token: expected 0 … 323, received 9999/)
  })
})

describe('characters', () => {
  const letters = CharacterTokenizer.of(TEXT)
  test('every text of the alphabet comes back; others are refused with the place', () => {
    expect(letters.decode(letters.encode(TEXT))).toBe(TEXT)
    expect(letters.characters).toContain('🐋')
    expect(() => letters.encode('money€')).toThrow('encode: the character "€" (U+20AC) at place 5 is not in the alphabet')
    expect([...tokenizerFromJson(JSON.stringify(letters)).encode('wale 🐋')]).toEqual([...letters.encode('wale 🐋')])
  })
})

test('what is no tokenizer is refused', async () => {
  for (const bad of ['', '{', '[]', '{"model":{"type":"BPE","vocab":{},"merges":[]}}', 'null', '{"type":"characters"}']) expect(() => tokenizerFromJson(bad)).toThrow(/tokenizer: /)
  const damaged = JSON.parse(JSON.stringify(BytePairTokenizer.learn('aaaa aaaa', { size: 258 }))) as { model: { merges: string[] } }
  damaged.model.merges[0] = 'x y'
  expect(() => tokenizerFromJson(damaged)).toThrow(/merge 0 does not fit the vocabulary/)
  await expect(loadHuggingFaceTokenizer('{"model":{}}')).rejects.toThrow(/this tokenizer.json cannot be used/)
})
