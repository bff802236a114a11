// Metrics of texts: edit distance and the error rates made of it, and BLEU (Papineni et al., 2002).
import { listOf, optionsOf, textOf } from '../../base/index.ts'
import { ShapeError, ValueError } from '../../tensor/index.ts'
import { oneOf, requireSize } from '../checks.ts'

/**
 * The least number of insertions, deletions and substitutions that make one sequence the other (Levenshtein, 1966).
 *
 * @example
 * ```ts
 * import { editDistance } from 'gradus/nn'
 *
 * editDistance([...'kitten'], [...'sitting']) // → 3
 * ```
 */
export function editDistance<T>(a: readonly T[], b: readonly T[]): number {
  for (const x of [a, b]) if (typeof x !== 'string') listOf('editDistance', 'sequence', x)
  // one row of the table at a time: row[j] is the distance of a's beginning to b's first j
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}

function errorRate(operation: string, outputs: readonly string[], references: readonly string[], cut: (text: string) => string[]): number {
  if (listOf(operation, 'texts', outputs).length !== listOf(operation, 'references', references).length) throw new ShapeError(operation, 'texts and references differ in number', { expected: String(references.length), received: String(outputs.length) })
  let edits = 0
  let length = 0
  references.forEach((reference, i) => {
    const want = cut(textOf(operation, 'references', reference))
    edits += editDistance(cut(textOf(operation, 'texts', outputs[i]!)), want)
    length += want.length
  })
  if (length === 0) throw new ValueError(operation, 'the references are empty', { expected: 'at least one word or character', received: 'none' })
  return edits / length
}
/** Texts as people see them: é is one character, however it is written. */
const characters = (text: string): string[] => [...text.normalize('NFC')]
const words = (text: string): string[] => text.trim().split(/\s+/u).filter((w) => w !== '')

/**
 * Character error rate: edits over all texts, divided by the characters of the references. Can exceed 1.
 *
 * @example
 * ```ts
 * import { characterErrorRate } from 'gradus/nn'
 *
 * characterErrorRate(['sitting'], ['kitten']) // → 0.5
 * ```
 */
export const characterErrorRate = (outputs: readonly string[], references: readonly string[]): number => errorRate('characterErrorRate', outputs, references, characters)
/**
 * Word error rate: the same, word by word.
 *
 * @example
 * ```ts
 * import { wordErrorRate } from 'gradus/nn'
 *
 * wordErrorRate(['the cat sat'], ['the cat sat down']) // → 0.25
 * ```
 */
export const wordErrorRate = (outputs: readonly string[], references: readonly string[]): number => errorRate('wordErrorRate', outputs, references, words)

export interface BleuOptions {
  /** Longest sequence of words compared; default 4. */
  readonly order?: number
  /** What becomes of an order without a match: 'exp' halves ever smaller shares (sacreBLEU's default), 'none' gives 0. Default 'exp'. */
  readonly smoothing?: 'exp' | 'none'
}
/**
 * BLEU of a corpus, 0 … 100: the geometric mean of the shares of n-grams that occur in a reference, times a penalty for
 * texts that are too short. Every text has one or more references; all come cut into tokens.
 *
 * @example
 * ```ts
 * import { bleu } from 'gradus/nn'
 *
 * const cut = (text: string) => text.split(' ')
 * bleu([cut('the cat sat on the mat')], [[cut('the cat sat on the mat')]]) // → 100
 * ```
 */
export function bleu<T>(outputs: readonly (readonly T[])[], references: readonly (readonly (readonly T[])[])[], options: BleuOptions = {}): number {
  const { order = 4, smoothing = 'exp' } = optionsOf('bleu', options)
  requireSize('bleu', 'order', order)
  oneOf('bleu', 'smoothing', smoothing, 'exp', 'none')
  if (listOf('bleu', 'texts', outputs).length !== listOf('bleu', 'references', references).length) throw new ShapeError('bleu', 'texts and references differ in number', { expected: String(references.length), received: String(outputs.length) })
  const matches = new Array<number>(order).fill(0)
  const totals = new Array<number>(order).fill(0)
  let length = 0
  let wanted = 0
  outputs.forEach((output, i) => {
    const own = listOf('bleu', 'references', references[i]!)
    for (const tokens of [output, ...own]) listOf('bleu', 'texts', tokens, 'a list of tokens')
    if (own.length === 0) throw new ValueError('bleu', 'a text without a reference', { received: `number ${i}` })
    length += output.length
    // the reference closest in length; of two the shorter
    wanted += own.reduce((best, r) => (Math.abs(r.length - output.length) - Math.abs(best - output.length) || r.length - best) < 0 ? r.length : best, own[0]!.length)
    for (let n = 1; n <= order; n++) {
      const most = new Map<string, number>()
      for (const r of own) for (const [gram, count] of grams(r, n)) most.set(gram, Math.max(most.get(gram) ?? 0, count))
      for (const [gram, count] of grams(output, n)) {
        matches[n - 1]! += Math.min(count, most.get(gram) ?? 0)
        totals[n - 1]! += count
      }
    }
  })
  if (length === 0) return 0
  let smooth = 1
  let sum = 0
  for (let n = 0; n < order; n++) {
    if (totals[n] === 0 || (matches[n] === 0 && smoothing === 'none') || matches.every((m) => m === 0)) return 0
    if (matches[n] === 0) smooth *= 2
    sum += Math.log((matches[n] === 0 ? 1 / smooth : matches[n]!) / totals[n]!)
  }
  const brevity = length < wanted ? Math.exp(1 - wanted / length) : 1
  return 100 * brevity * Math.exp(sum / order)
}

/** n-grams and how often they occur. */
function grams<T>(tokens: readonly T[], n: number): Map<string, number> {
  const counts = new Map<string, number>()
  for (let i = 0; i + n <= tokens.length; i++) {
    const gram = JSON.stringify(tokens.slice(i, i + n))
    counts.set(gram, (counts.get(gram) ?? 0) + 1)
  }
  return counts
}
