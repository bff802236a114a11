// Losses between distributions, for classes of very different sizes, and between pairs: Kullback–Leibler, focal, InfoNCE.
import { optionsOf } from '../base/index.ts'
import { DTypeError, ShapeError, type Tensor, ValueError, eye, oneHot, tensorOf, where } from '../tensor/index.ts'
import { requireRange, sameShape } from './checks.ts'
import { type LossOptions, floating, isFloating, reduce, requireSame } from './losses.ts'

export interface KLOptions {
  /** 'batchMean' is the sum over the number of examples (first axis): the divergence itself. Default 'batchMean'. */
  readonly reduction?: LossOptions['reduction'] | 'batchMean'
  /** The target is given as logarithms too. Default false. */
  readonly logTarget?: boolean
}
/**
 * KL(target ‖ output) = Σ target·(ln target − output), the output being log-probabilities. A target of 0 adds 0.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { klDivergence } from 'gradus/nn'
 *
 * const output = tensor([[0.5, 0.5]]).log()
 * await klDivergence(output, tensor([[1, 0]])).item() // → 0.6931472
 * ```
 */
export function klDivergence(output: Tensor, target: Tensor, options: KLOptions = {}): Tensor {
  const { reduction = 'batchMean', logTarget = false } = optionsOf('klDivergence', options)
  requireSame('klDivergence', output, target)
  const q = floating(output)
  const t = floating(target)
  const some = t.gt(0)
  // ln 0 is kept out of the product, and of its gradient
  const values = logTarget ? t.exp().mul(t.sub(q)) : where(some, t.mul(where(some, t, 1).log()), 0).sub(t.mul(q))
  return reduction === 'batchMean' ? values.sum().div(values.shape[0] ?? 1) : reduce('klDivergence', values, { reduction })
}

export interface FocalOptions extends LossOptions {
  /** How much easy examples count less: (1 − p)^gamma. Default 2. */
  readonly gamma?: number
  /** Weight of the ones, 1 − alpha of the zeros; null: none. Default 0.25 for two classes. */
  readonly alpha?: number | null
}
/**
 * Focal loss (Lin et al., 2017): −α(1 − p)^γ ln p of the probability p given to what is true. With a floating target of the
 * output's shape each output is a logit of its own (0 or 1 true); with integer labels the last axis is one of classes, and
 * alpha, if given, a factor for all.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { focal } from 'gradus/nn'
 *
 * await focal(tensor([0, 100]), tensor([1, 1]), { gamma: 1, alpha: null, reduction: 'none' }).array() // → [0.3465736, 0]
 * ```
 */
export function focal(logits: Tensor, target: Tensor, options: FocalOptions = {}): Tensor {
  const { gamma = 2, alpha: given } = optionsOf('focal', options)
  requireRange('focal', 'gamma', gamma, 0)
  if (given !== undefined && given !== null) requireRange('focal', 'alpha', given, 0, 1)
  const x = floating(tensorOf('focal', logits))
  const weigh = (loss: Tensor, miss: Tensor): Tensor => (gamma === 0 ? loss : loss.mul(gamma === 1 ? miss : miss.pow(gamma)))
  if (isFloating('focal', target)) {
    const alpha = given === undefined ? 0.25 : given
    requireSame('focal', logits, target)
    const y = target.to(x.dtype)
    const other = y.neg().add(1)
    // −ln p and 1 − p from the logit itself, so that neither loses digits
    const loss = y.mul(x.neg().softplus()).add(other.mul(x.softplus()))
    const miss = y.mul(x.neg().sigmoid()).add(other.mul(x.sigmoid()))
    const weighed = weigh(loss, miss)
    return reduce('focal', alpha === null ? weighed : weighed.mul(y.mul(alpha).add(other.mul(1 - alpha))), options)
  }
  if (target.dtype === 'bool') throw new DTypeError('focal', 'truth values are no labels', { expected: 'int32 labels or a floating target', received: 'bool' })
  const lead = x.shape.slice(0, -1)
  if (!sameShape(target.shape, lead)) throw new ShapeError('focal', 'labels do not fit the logits', { expected: `[${lead}]`, received: `[${target.shape}]` })
  const chosen = where(oneHot(target, x.shape.at(-1)!, 'bool'), x.logSoftmax(-1), 0).sum(-1)
  const loss = weigh(chosen.neg(), chosen.expm1().neg())
  return reduce('focal', typeof given === 'number' ? loss.mul(given) : loss, options)
}

export interface InfoNCEOptions extends LossOptions {
  /** Divides the similarities; default 0.07. */
  readonly temperature?: number | Tensor
  /** Also from keys to queries, and the mean of both, as CLIP has it. Default false. */
  readonly symmetric?: boolean
  /** Vectors that match no query, (M, D), beside the other rows. */
  readonly negatives?: Tensor
}
/**
 * Contrastive loss (InfoNCE: van den Oord et al., 2018; CLIP: Radford et al., 2021): row i of the queries (N, D) belongs to
 * row i of the keys (N, D); all other rows are wrong. Cross-entropy of the cosine similarities over the temperature.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { infoNCE } from 'gradus/nn'
 *
 * const x = tensor([[1, 0], [0, 2]])
 * await infoNCE(x, x, { temperature: 1 }).item() // → 0.3132617
 * ```
 */
export function infoNCE(queries: Tensor, keys: Tensor, options: InfoNCEOptions = {}): Tensor {
  const { temperature = 0.07, symmetric = false, negatives } = optionsOf('infoNCE', options)
  requireSame('infoNCE', queries, keys)
  if (queries.ndim !== 2) throw new ShapeError('infoNCE', 'no rows to compare', { expected: '[N, D]', received: `[${queries.shape}]` })
  if (typeof temperature === 'number') requireRange('infoNCE', 'temperature', temperature, Number.MIN_VALUE)
  if (negatives !== undefined && (tensorOf('infoNCE', negatives).ndim !== 2 || negatives.shape[1] !== queries.shape[1])) throw new ShapeError('infoNCE', 'negatives do not fit', { expected: `[M, ${queries.shape[1]}]`, received: `[${negatives.shape}]` })
  if (symmetric && negatives !== undefined) throw new ValueError('infoNCE', 'negatives belong to one side', { expected: 'symmetric or negatives', received: 'both' })
  const unit = (x: Tensor): Tensor => x.div(x.square().sum(-1, { keepdims: true }).sqrt().maximum(1e-12))
  const q = unit(floating(queries))
  const k = unit(floating(keys))
  const scores = q.matmul(k.T).div(temperature) // (N,N)
  const matching = scores.mul(eye(scores.shape[0]!, scores.shape[1]!, scores.dtype)).sum(-1)
  const others = negatives === undefined ? null : q.matmul(unit(floating(negatives)).T).div(temperature) // (N,M)
  const total = scores.logsumexp(-1)
  const forward = (others === null ? total : logAddExp(total, others.logsumexp(-1))).sub(matching)
  if (!symmetric) return reduce('infoNCE', forward, options)
  return reduce('infoNCE', forward.add(scores.logsumexp(0).sub(matching)).mul(0.5), options)
}
const logAddExp = (a: Tensor, b: Tensor): Tensor => a.add(b.sub(a).softplus())
