// Tokenizers of others: tokenizer.json as Hugging Face writes it, read by their own library, which is loaded on use.
import { FormatError } from '../../base/index.ts'
import type { Tokenizer } from './tokenizer.ts'

/**
 * A tokenizer from the text or the parsed JSON of a `tokenizer.json` (WordPiece, Unigram, BPE …), without the special tokens
 * that some models put at the ends.
 *
 * @throws FormatError when the file is not such a tokenizer.
 * @example
 * ```ts
 * import { BytePairTokenizer, loadHuggingFaceTokenizer } from 'gradus/data'
 *
 * const learned = BytePairTokenizer.learn('the cat and the hat', { size: 260 })
 * const theirs = await loadHuggingFaceTokenizer(JSON.stringify(learned))
 * theirs.decode(theirs.encode('that cat')) // → 'that cat'
 * ```
 */
export async function loadHuggingFaceTokenizer(json: string | object): Promise<Tokenizer> {
  const { Tokenizer: Theirs } = await import('@huggingface/tokenizers')
  let description: object
  try {
    description = typeof json === 'string' ? (JSON.parse(json) as object) : json
  } catch {
    throw new FormatError('loadHuggingFaceTokenizer', 'the text is not JSON')
  }
  try {
    const tokenizer = new Theirs(description, {})
    return {
      size: Math.max(...tokenizer.get_vocab().values()) + 1,
      encode: (text) => Int32Array.from(tokenizer.encode(text, { add_special_tokens: false }).ids),
      decode: (ids) => tokenizer.decode(Array.from(ids)),
      toJSON: () => description,
    }
  } catch (error) {
    throw new FormatError('loadHuggingFaceTokenizer', `this tokenizer.json cannot be used: ${(error as Error).message}`)
  }
}
