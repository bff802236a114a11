// Byte-level byte-pair encoding (Sennrich, Haddow, Birch 2016; Radford et al. 2019): words are taken apart into bytes, and the
// pairs that were frequent in a text are joined again, the most frequent first. Any text can be written, none is unknown.
import { FormatError, ValueError, listOf } from '../../base/index.ts'
import { type Merge, learnMerges } from './learn-merges.ts'
import type { Tokenizer } from './tokenizer.ts'

/** Where words end: GPT-2's pattern. A space belongs to the word after it. */
const WORDS = /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu
export const words = (text: string): RegExpMatchArray | readonly string[] => text.match(WORDS) ?? []

/** A printable letter for every byte, as files of tokens have them: bytes that print stand for themselves. */
const LETTERS: readonly string[] = (() => {
  const prints = (b: number): boolean => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174
  let next = 256
  return Array.from({ length: 256 }, (_, b) => String.fromCodePoint(prints(b) ? b : next++))
})()

export interface BytePairOptions {
  /** How many tokens there shall be: 256 bytes and the joined ones. Fewer when the text has no more pairs that occur twice. */
  readonly size: number
}

/**
 * A tokenizer learned from a text.
 *
 * @example
 * ```ts
 * import { BytePairTokenizer } from 'gradus/data'
 *
 * const bpe = BytePairTokenizer.learn('the cat and the hat and the bat', { size: 262 })
 * bpe.encode(' the the').length // → 2
 * bpe.decode(bpe.encode('Ünïcödé 🎓')) // → 'Ünïcödé 🎓'
 * ```
 */
export class BytePairTokenizer implements Tokenizer {
  readonly merges: readonly Merge[]
  /** The bytes of every token. */
  private readonly bytes: readonly Uint8Array[]
  /** (left · size + right) → place among the merges, which is the joined token's id − 256. */
  private readonly ranks: ReadonlyMap<number, number>
  private readonly known = new Map<string, readonly number[]>()

  constructor(merges: readonly Merge[]) {
    for (const merge of listOf('BytePairTokenizer', 'merges', merges)) listOf('BytePairTokenizer', 'merge', merge, 'a pair of token numbers')
    this.merges = merges
    const bytes = Array.from({ length: 256 }, (_, b) => Uint8Array.of(b))
    const ranks = new Map<number, number>()
    merges.forEach(([left, right], i) => {
      const [a, b] = [bytes[left], bytes[right]]
      if (a === undefined || b === undefined) throw new ValueError('BytePairTokenizer', `merge ${i} joins a token that is not there yet`, { expected: `0 … ${bytes.length - 1}`, received: `${left}, ${right}` })
      const joined = new Uint8Array(a.length + b.length)
      joined.set(a)
      joined.set(b, a.length)
      bytes.push(joined)
      ranks.set(this.pair(left, right), i)
    })
    this.bytes = bytes
    this.ranks = ranks
  }
  private pair(left: number, right: number): number {
    return left * (256 + this.merges.length) + right
  }
  /**
   * Learns the joins from a text.
   *
   * @throws ValueError for a size under 256.
   */
  static learn(text: string, options: BytePairOptions): BytePairTokenizer {
    if (!Number.isSafeInteger(options.size) || options.size < 256) throw new ValueError('BytePairTokenizer.learn', 'bad size', { expected: 'a whole number from 256: every byte is a token', received: String(options.size) })
    const counts = new Map<string, number>()
    for (const word of words(text)) counts.set(word, (counts.get(word) ?? 0) + 1)
    const utf8 = new TextEncoder()
    return new BytePairTokenizer(learnMerges([...counts].map(([word, count]) => ({ tokens: [...utf8.encode(word)], count })), options.size - 256))
  }

  get size(): number {
    return 256 + this.merges.length
  }
  encode(text: string): Int32Array {
    const out: number[] = []
    for (const word of words(text)) for (const id of this.word(word)) out.push(id)
    return Int32Array.from(out)
  }
  private word(word: string): readonly number[] {
    let ids = this.known.get(word)
    if (ids === undefined) {
      ids = this.join([...new TextEncoder().encode(word)])
      if (this.known.size < 100_000) this.known.set(word, ids)
    }
    return ids
  }
  /** Joins the pair that was learned first, wherever it stands, until none is left. */
  private join(ids: number[]): number[] {
    for (;;) {
      let best = Number.POSITIVE_INFINITY
      for (let i = 0; i + 1 < ids.length; i++) best = Math.min(best, this.ranks.get(this.pair(ids[i]!, ids[i + 1]!)) ?? best)
      if (best === Number.POSITIVE_INFINITY) return ids
      const [left, right] = this.merges[best]!
      const next: number[] = []
      for (let i = 0; i < ids.length; i++) {
        if (ids[i] === left && ids[i + 1] === right) {
          next.push(256 + best)
          i++
        } else next.push(ids[i]!)
      }
      ids = next
    }
  }
  /** Bytes that are no UTF-8 (half a character) become �. */
  decode(ids: ArrayLike<number>): string {
    return new TextDecoder().decode(this.decodeBytes(ids))
  }
  /** The bytes behind tokens: for text that arrives piece by piece. */
  decodeBytes(ids: ArrayLike<number>): Uint8Array<ArrayBuffer> {
    const parts = Array.from(ids, (id) => {
      const bytes = this.bytes[id]
      if (bytes === undefined) throw new ValueError('decode', 'no such token', { expected: `0 … ${this.size - 1}`, received: String(id) })
      return bytes
    })
    const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
    let at = 0
    for (const part of parts) {
      all.set(part, at)
      at += part.length
    }
    return all
  }
  /** In the form of Hugging Face's tokenizer.json, which other programs read. */
  toJSON(): unknown {
    const letters = this.bytes.map((bytes) => Array.from(bytes, (b) => LETTERS[b]!).join(''))
    return {
      version: '1.0', truncation: null, padding: null, added_tokens: [], normalizer: null,
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      post_processor: null,
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: '', end_of_word_suffix: '', fuse_unk: false, byte_fallback: false,
        vocab: Object.fromEntries(letters.map((text, id) => [text, id])),
        merges: this.merges.map(([a, b]) => `${letters[a]} ${letters[b]}`),
      },
    }
  }
  /** @internal null: this is something else. Only the form that `toJSON` writes: ids 0–255 are the bytes, then the merges in order. */
  static fromJson(value: unknown): BytePairTokenizer | null {
    const model = (value as { model?: { type?: unknown; vocab?: unknown; merges?: unknown } } | null)?.model
    if (typeof model !== 'object' || model?.type !== 'BPE' || typeof model.vocab !== 'object' || model.vocab === null || !Array.isArray(model.merges)) return null
    const ids = new Map(Object.entries(model.vocab as Record<string, unknown>))
    if (!LETTERS.every((letter, byte) => ids.get(letter) === byte)) return null
    const merges = model.merges.map((merge: unknown, i): Merge => {
      const [a, b] = typeof merge === 'string' ? merge.split(' ') : Array.isArray(merge) ? (merge as string[]) : []
      const [left, right, joined] = [ids.get(a ?? ''), ids.get(b ?? ''), ids.get(`${a}${b}`)]
      if (typeof left !== 'number' || typeof right !== 'number' || joined !== 256 + i) throw new FormatError('tokenizer', `merge ${i} does not fit the vocabulary`, { received: JSON.stringify(merge) })
      return [left, right]
    })
    return new BytePairTokenizer(merges)
  }
}
