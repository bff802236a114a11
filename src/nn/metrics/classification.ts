// Metrics of classifications, on plain lists of numbers: F1, area under the ROC curve, accuracy among the k likeliest.
import { listOf, optionsOf } from '../../base/index.ts'
import { ShapeError, type Tensor, ValueError, tensorOf } from '../../tensor/index.ts'
import { oneOf, requireSize } from '../checks.ts'

type Numbers = ArrayLike<number>
function requireEqual(operation: string, a: Numbers, b: Numbers): void {
  if (listOf(operation, 'list', a).length !== listOf(operation, 'list', b).length || a.length === 0) throw new ShapeError(operation, 'the lists do not fit', { expected: 'two lists of one length, not empty', received: `${a.length} and ${b.length}` })
}

/**
 * How many rows of the scores (N, C) have the target's class among their k largest: a scalar, for compiled steps too. Of
 * equal scores those of lower classes count as larger.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { topKCount } from 'gradus/nn'
 *
 * const scores = tensor([[3, 2, 1], [3, 2, 1]])
 * await topKCount(scores, tensor([1, 2], { dtype: 'int32' }), 2).item() // → 1
 * ```
 */
export function topKCount(scores: Tensor, target: Tensor, k: number): Tensor {
  for (const x of [scores, target]) tensorOf('topKCount', x)
  if (scores.ndim !== 2 || target.ndim !== 1 || target.shape[0] !== scores.shape[0]) throw new ShapeError('topKCount', 'scores and target do not fit', { expected: '(N, C) and (N)', received: `[${scores.shape}] and [${target.shape}]` })
  requireSize('topKCount', 'k', k)
  if (k > scores.shape[1]!) throw new ValueError('topKCount', 'k is larger than the number of classes', { expected: `at most ${scores.shape[1]}`, received: String(k) })
  const { indices } = scores.topk(k, -1)
  return indices.eq(target.to('int32').unsqueeze(-1)).any(-1).to('float32').sum()
}

export interface F1Options {
  /**
   * 'binary' (default): of class 1 alone; 'macro': the mean over classes; 'weighted': by the number of their examples;
   * 'micro': of all examples together, which is the accuracy.
   */
  readonly average?: 'binary' | 'macro' | 'weighted' | 'micro'
}
/**
 * F1 = 2·precision·recall/(precision + recall) of predicted against true classes; 0 where nothing is right (as
 * scikit-learn).
 *
 * @example
 * ```ts
 * import { f1Score } from 'gradus/nn'
 *
 * f1Score([1, 1, 0, 0], [1, 0, 1, 0]) // → 0.5
 * ```
 */
export function f1Score(predicted: Numbers, target: Numbers, options: F1Options = {}): number {
  const { average = 'binary' } = optionsOf('f1Score', options)
  requireEqual('f1Score', predicted, target)
  oneOf('f1Score', 'average', average, 'binary', 'macro', 'weighted', 'micro')
  const classes = new Set<number>()
  const [right, said, real] = [new Map<number, number>(), new Map<number, number>(), new Map<number, number>()]
  const count = (map: Map<number, number>, c: number): void => void map.set(c, (map.get(c) ?? 0) + 1)
  for (let i = 0; i < target.length; i++) {
    const [p, t] = [predicted[i]!, target[i]!]
    classes.add(p).add(t)
    count(said, p)
    count(real, t)
    if (p === t) count(right, t)
  }
  // 2·TP/(2·TP + FP + FN)
  const of = (c: number): number => {
    const all = (said.get(c) ?? 0) + (real.get(c) ?? 0)
    return all === 0 ? 0 : (2 * (right.get(c) ?? 0)) / all
  }
  const list = [...classes]
  switch (average) {
    case 'binary': {
      const other = list.find((c) => c !== 0 && c !== 1)
      if (other !== undefined) throw new ValueError('f1Score', 'more than two classes', { expected: '0 and 1', received: String(other), remedy: "Choose an average: 'macro', 'weighted' or 'micro'." })
      return of(1)
    }
    case 'macro': return list.reduce((sum, c) => sum + of(c), 0) / list.length
    case 'weighted': return list.reduce((sum, c) => sum + of(c) * (real.get(c) ?? 0), 0) / target.length
    case 'micro': return [...right.values()].reduce((a, b) => a + b, 0) / target.length
  }
}

/**
 * Area under the ROC curve: the probability that a true example (target 1) has a higher score than a false one (0), ties
 * counting half. By ranks (Mann & Whitney, 1947). NaN where either kind is missing.
 *
 * @example
 * ```ts
 * import { rocAuc } from 'gradus/nn'
 *
 * rocAuc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]) // → 0.75
 * ```
 */
export function rocAuc(scores: Numbers, target: Numbers): number {
  requireEqual('rocAuc', scores, target)
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!)
  let ranks = 0
  let ones = 0
  for (let i = 0; i < order.length;) {
    let j = i
    while (j < order.length && scores[order[j]!] === scores[order[i]!]) j++
    if (j === i) return Number.NaN // a score that is NaN
    for (let k = i; k < j; k++) {
      const t = target[order[k]!]!
      if (t !== 0 && t !== 1) throw new ValueError('rocAuc', 'a target that is neither false nor true', { expected: '0 or 1', received: String(t) })
      if (t === 1) {
        ones++
        ranks += (i + 1 + j) / 2 // the mean rank of equal scores, from 1
      }
    }
    i = j
  }
  const zeros = order.length - ones
  return ones === 0 || zeros === 0 ? Number.NaN : (ranks - (ones * (ones + 1)) / 2) / (ones * zeros)
}

/**
 * e^loss of a mean cross-entropy in nats: how many tokens the model hesitates between.
 *
 * @example
 * ```ts
 * import { bitsPerByte, perplexity } from 'gradus/nn'
 *
 * perplexity(Math.log(20)) // → 20
 * bitsPerByte(Math.LN2 * 3, { tokens: 100, bytes: 150 }) // → 2
 * ```
 */
export const perplexity = (loss: number): number => Math.exp(loss)
/** A mean loss in nats a token as bits a byte of the text, which does not depend on the tokens chosen. */
export function bitsPerByte(loss: number, counts: { readonly tokens: number; readonly bytes: number }): number {
  const { tokens, bytes } = optionsOf('bitsPerByte', counts, '{ tokens, bytes }')
  return (loss * tokens) / bytes / Math.LN2
}
