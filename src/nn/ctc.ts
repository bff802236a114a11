// Connectionist temporal classification (Graves et al., 2006): the probability of a label sequence, summed over every way
// of stretching it over the time steps with blanks between. The forward recursion is one `scan`; its derivative follows.
import { argumentOf, optionsOf } from '../base/index.ts'
import { ShapeError, type Tensor, arange, concat, full, scan, tensorOf, where } from '../tensor/index.ts'
import { lengthsOf } from './checks.ts'
import { type LossOptions, floating, reduce } from './losses.ts'

export interface CTCOptions extends LossOptions {
  /** Class that stands for nothing; default 0. */
  readonly blank?: number
  /** Valid time steps of every example, (B); default all. */
  readonly inputLengths?: Tensor | readonly number[]
  /** Valid labels of every example, (B); default all. */
  readonly targetLengths?: Tensor | readonly number[]
  /** Labels that cannot fit into their steps cost 0 instead of infinity. Default false. */
  readonly zeroInfinity?: boolean
}
/** Stands for ln 0: finite, so that no gradient becomes NaN. */
const NEVER = -1e30

/**
 * −ln p(labels | output): log-probabilities (B, T, C), labels (B, L) of int32 → a scalar. 'mean' divides every example's
 * loss by its number of labels, then takes the mean, as PyTorch (which has the time on the first axis).
 *
 * @example
 * ```ts
 * import { tensor, zeros } from 'gradus'
 * import { ctc } from 'gradus/nn'
 *
 * // two steps, even odds of blank and label: 3 of 4 ways read [1]
 * const output = zeros([1, 2, 2]).logSoftmax(-1)
 * await ctc(output, tensor([[1]], { dtype: 'int32' })).item() // → 0.2876821
 * ```
 */
export function ctc(output: Tensor, labels: Tensor, options: CTCOptions = {}): Tensor {
  const { blank = 0, reduction = 'mean', zeroInfinity = false } = optionsOf('ctc', options)
  if (tensorOf('ctc', output).ndim !== 3 || output.size === 0) throw new ShapeError('ctc', 'the output does not fit', { expected: 'log-probabilities [B, T, C], not empty', received: `[${output.shape}]` })
  const [B, T, C] = output.shape as [number, number, number]
  if (tensorOf('ctc', labels).ndim !== 2 || labels.shape[0] !== B || labels.dtype.startsWith('float')) throw new ShapeError('ctc', 'the labels do not fit', { expected: `int32 [${B}, L]`, received: String(labels) })
  argumentOf('ctc', Number.isInteger(blank) && blank >= 0 && blank < C, 'blank', `a class from 0 to ${C - 1}`, blank)
  const logs = floating(output)
  const L = labels.shape[1]!
  const S = 2 * L + 1
  const lengths = (name: string, given: Tensor | readonly number[] | undefined, most: number): Tensor => (given === undefined ? full([B], most, 'int32') : lengthsOf('ctc', name, given, [0, most], B).to('int32'))
  const inputLengths = lengths('inputLengths', options.inputLengths, T)
  const targetLengths = lengths('targetLengths', options.targetLengths, L)
  // blank, l₁, blank, l₂, … blank
  const between = full([B, L, 1], blank, 'int32')
  const path = concat([concat([between, labels.to('int32').unsqueeze(-1)], 2).reshape(B, 2 * L), full([B, 1], blank, 'int32')], 1) // (B,S)
  const place = arange(S).reshape(1, S)
  // a blank may be skipped between two different labels
  const twoBack = concat([full([B, Math.min(2, S)], blank, 'int32'), path.at(null, [0, Math.max(0, S - 2)])], 1)
  const skips = path.ne(blank).logicalAnd(path.ne(twoBack)).logicalAnd(place.ge(2))
  const emitted = logs.gather(path.unsqueeze(1).expand(B, T, S), 2).transpose(0, 1) // (T,B,S)
  const first = where(place.le(1), emitted.at(0), NEVER)
  const live = arange(T).reshape(T, 1, 1).lt(inputLengths.reshape(1, B, 1)) // (T,B,1)
  const shifted = (a: Tensor, by: number): Tensor => (S <= by ? full([B, S], NEVER, logs.dtype) : concat([full([B, by], NEVER, logs.dtype), a.at(null, [0, S - by])], 1))
  const [last] = scan(
    (alpha: Tensor, { now, on }: { now: Tensor; on: Tensor }): [Tensor, null] => {
      const ways = logSumExp([alpha, shifted(alpha, 1), where(skips, shifted(alpha, 2), NEVER)])
      return [where(on, ways.add(now).maximum(NEVER), alpha), null]
    },
    first,
    { now: emitted.at([1, T]), on: live.at([1, T]) },
    { length: T - 1 },
  )
  const at = (index: Tensor): Tensor => where(place.eq(index.reshape(B, 1)), last, NEVER).max(-1)
  const end = targetLengths.mul(2)
  const total = logSumExp([at(end), at(end.sub(1))]) // at(−1) is ln 0: an empty label sequence ends in the one blank
  const possible = total.gt(NEVER / 2)
  const losses = where(possible, total.neg(), zeroInfinity ? 0 : Infinity)
  return reduce('ctc', reduction === 'mean' ? losses.div(targetLengths.maximum(1)) : losses, { reduction })
}

/** ln Σ eˣ over a few tensors, element by element. */
function logSumExp(xs: readonly Tensor[]): Tensor {
  const top = xs.reduce((a, b) => a.maximum(b)).stopGradient()
  return xs.map((x) => x.sub(top).exp()).reduce((a, b) => a.add(b)).log().add(top)
}
