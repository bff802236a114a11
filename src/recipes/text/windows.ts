// A long row of tokens as examples: pieces of equal length, and beside each token the one that follows it.
import { ValueError } from '../../base/index.ts'
import { Dataset } from '../../data/index.ts'

/** Tokens (length) → inputs (N, T) and targets (N, T), the tokens one further on. The last piece overlaps the one before. */
export function windows(tokens: Int32Array, length: number, what: string): Dataset {
  if (tokens.length < length + 1) {
    throw new ValueError('train', `${what} is too short`, { expected: `at least ${length + 1} tokens for a context of ${length}`, received: `${tokens.length}`, remedy: 'Take a longer text, or a smaller --context.' })
  }
  const starts: number[] = []
  for (let at = 0; at + length + 1 <= tokens.length; at += length) starts.push(at)
  const last = tokens.length - length - 1
  if (starts.at(-1) !== last) starts.push(last)
  const inputs = new Int32Array(starts.length * length)
  const targets = new Int32Array(starts.length * length)
  starts.forEach((at, i) => {
    inputs.set(tokens.subarray(at, at + length), i * length)
    targets.set(tokens.subarray(at + 1, at + 1 + length), i * length)
  })
  const shape = [starts.length, length]
  return new Dataset({ dtype: 'int32', shape, data: inputs }, { dtype: 'int32', shape, data: targets })
}
