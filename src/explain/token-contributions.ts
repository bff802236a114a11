// Which tokens a decision hangs on: the slope of a score along each token's vector, at the text itself or summed along the
// way from vectors of zeros (integrated gradients: Sundararajan, Taly, Yan, 2017).
import { given } from './given.ts'
import { functionOf, optionsOf } from '../base/index.ts'
import { Embedding, type Module, modulePaths, withHooks } from '../nn/index.ts'
import { ShapeError, type Tensor, ValueError, arange, grad, isTensor, zeros } from '../tensor/index.ts'

export interface TokenContributionOptions {
  /**
   * `integrated` (default): contributions that add up to the score less that of vectors of zeros, with signs. `saliency`: the length of
   * the score's gradient with respect to each vector, without.
   */
  readonly method?: 'integrated' | 'saliency'
  /** Path of the `Embedding` that makes the tokens' vectors; default: the first of the model. */
  readonly embedding?: string
  /** Points on the way from zeros; default 32. */
  readonly steps?: number
}

/**
 * What each token of one text adds to a score. tokens (1, T) → (T). `score` calls the model on (N, T) tokens, the text N times, and
 * gives (N) scores; the examples must not meet in it. The model is copied into eval mode first.
 *
 * @throws ValueError for a model without such an embedding; ShapeError for tokens or scores of another shape.
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { tokenContributions } from 'gradus/explain'
 * import { GPT } from 'gradus/models'
 *
 * const gpt = new GPT({ vocabulary: 9, context: 8, width: 16, layers: 1, heads: 2 })
 * const tokens = tensor([[3, 1, 4]], { dtype: 'int32' })
 * // how much each of the three speaks for 5 as the next token
 * tokenContributions(gpt, tokens, (model, text) => model.call(text).at(null, -1, 5)).shape // → [3]
 * ```
 */
export function tokenContributions<M extends Module>(model: M, tokens: Tensor, score: (model: M, tokens: Tensor) => Tensor, options: TokenContributionOptions = {}): Tensor {
  given('tokenContributions', model, tokens)
  functionOf('tokenContributions', score, 'score')
  optionsOf('tokenContributions', options)
  const { method = 'integrated', steps = 32 } = options
  if (tokens.ndim !== 2 || tokens.shape[0] !== 1) throw new ShapeError('tokenContributions', 'not the tokens of one text', { expected: '[1, T]', received: `[${tokens.shape.join(', ')}]` })
  if (!Number.isSafeInteger(steps) || steps < 1) throw new ValueError('tokenContributions', 'bad steps', { expected: 'a whole number from 1', received: String(steps) })
  const tables = modulePaths(model).flatMap(([path, module]) => (module instanceof Embedding ? [path] : []))
  const path = options.embedding ?? tables[0]
  if (path === undefined || !tables.includes(path)) throw new ValueError('tokenContributions', 'no such embedding', { expected: tables.join(', ') || 'a model with an Embedding', received: path ?? model.constructor.name })
  const points = method === 'saliency' ? 1 : steps
  const text = tokens.expand([points, tokens.shape[1]!]) // (1,T) → (N,T)
  let vectors: Tensor | null = null
  const scores = (reach: (vectors: Tensor) => Tensor): Tensor => {
    const copy = withHooks(model, { [path]: reach })
    copy.eval()
    const given = score(copy, text)
    if (!isTensor(given) || given.ndim !== 1 || given.shape[0] !== points) throw new ShapeError('tokenContributions', 'the score gives not one number a text', { expected: `[${points}]`, received: isTensor(given) ? `[${given.shape.join(', ')}]` : typeof given })
    return given
  }
  scores((a) => (vectors = a)) // (N,T,C)
  const seen = vectors as Tensor | null
  if (seen === null) throw new ValueError('tokenContributions', `the embedding at ${path} was not used`)
  const share = method === 'saliency' ? null : arange(points).to(seen.dtype).add(0.5).div(points).reshape([points, 1, 1])
  const slopes = grad((change: Tensor) => scores((a) => (share === null ? a : a.mul(share)).add(change)).sum())(zeros(seen.shape, seen.dtype))
  return method === 'saliency' ? slopes.at(0).square().sum(-1).sqrt() : slopes.mean(0).mul(seen.at(0)).sum(-1) // (N,T,C) → (T)
}
