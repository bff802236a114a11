// Characters as tokens: the alphabet of a text, in the order of Unicode.
import { ValueError, listOf, textOf } from '../../base/index.ts'
import type { Tokenizer } from './tokenizer.ts'

/**
 * One token a character (code point).
 *
 * @example
 * ```ts
 * import { CharacterTokenizer } from 'gradus/data'
 *
 * const letters = CharacterTokenizer.of('abracadabra')
 * letters.size // → 5
 * letters.decode(letters.encode('cab')) // → 'cab'
 * ```
 */
export class CharacterTokenizer implements Tokenizer {
  readonly characters: readonly string[]
  private readonly ids: ReadonlyMap<string, number>

  constructor(characters: readonly string[]) {
    for (const one of listOf('CharacterTokenizer', 'characters', characters)) textOf('CharacterTokenizer', 'character', one)
    this.characters = characters
    this.ids = new Map(characters.map((c, i) => [c, i]))
    if (this.ids.size !== characters.length) throw new ValueError('CharacterTokenizer', 'a character stands twice in the alphabet')
  }
  /** With the alphabet of a text. */
  static of(text: string): CharacterTokenizer {
    return new CharacterTokenizer([...new Set(text)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!))
  }
  get size(): number {
    return this.characters.length
  }
  /** @throws ValueError for a character that is not in the alphabet. */
  encode(text: string): Int32Array {
    const out = new Int32Array(text.length)
    let n = 0
    for (const c of text) {
      const id = this.ids.get(c)
      if (id === undefined) throw new ValueError('encode', `the character ${JSON.stringify(c)} (U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}) at place ${n} is not in the alphabet`, { expected: `one of ${this.size} characters`, remedy: 'Leave it out, or train on a text that has it.' })
      out[n++] = id
    }
    return out.slice(0, n)
  }
  decode(ids: ArrayLike<number>): string {
    return Array.from(ids, (id) => {
      const c = this.characters[id]
      if (c === undefined) throw new ValueError('decode', 'no such token', { expected: `0 … ${this.size - 1}`, received: String(id) })
      return c
    }).join('')
  }
  toJSON(): unknown {
    return { type: 'characters', characters: this.characters.join('') }
  }
  /** @internal null: this is something else. */
  static fromJson(value: unknown): CharacterTokenizer | null {
    const json = value as { type?: unknown; characters?: unknown } | null
    if (typeof json !== 'object' || json === null || json.type !== 'characters' || typeof json.characters !== 'string') return null
    return new CharacterTokenizer([...json.characters])
  }
}
