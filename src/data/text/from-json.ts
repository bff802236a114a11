// Finds the tokenizer that a JSON describes.
import { FormatError } from '../../base/index.ts'
import { BytePairTokenizer } from './byte-pairs.ts'
import { CharacterTokenizer } from './characters.ts'
import type { Tokenizer } from './tokenizer.ts'

/**
 * A tokenizer of this library from its JSON (or its text).
 *
 * @throws FormatError when it is none.
 * @example
 * ```ts
 * import { CharacterTokenizer, tokenizerFromJson } from 'gradus/data'
 *
 * const saved = JSON.stringify(CharacterTokenizer.of('abracadabra'))
 * tokenizerFromJson(saved).decode([0, 1, 0]) // → 'aba'
 * ```
 */
export function tokenizerFromJson(json: unknown): Tokenizer {
  let value = json
  if (typeof json === 'string') {
    try {
      value = JSON.parse(json)
    } catch {
      throw new FormatError('tokenizer', 'the text is not JSON')
    }
  }
  const tokenizer = CharacterTokenizer.fromJson(value) ?? BytePairTokenizer.fromJson(value)
  if (tokenizer === null) throw new FormatError('tokenizer', 'this describes no tokenizer of Gradus', { expected: '{ type: "characters", … } or a byte-level BPE with { model: { vocab, merges } }', remedy: 'Other tokenizer.json files: await loadHuggingFaceTokenizer(…).' })
  return tokenizer
}
