// Losses: negative log likelihood, cross-entropy of softmax.
import { type Tensor, where } from '../../../tensor/index.ts'
import type { Call, Handler, OpTable } from '../call.ts'
import { fit } from './support.ts'

/** Logs of probabilities (N,C,…), classes (N,…) → loss by reduction. */
function likelihood(c: Call, logs: Tensor): Tensor {
  const target = c.index(1).to('int32') // (N,…)
  const ignored = c.has('ignore_index') ? target.eq(c.int('ignore_index')) : null
  const safe = ignored === null ? target : where(ignored, 0, target)
  const picked = logs.gather(safe.unsqueeze(1), 1).squeeze(1).neg() // (N,…)
  let weight: Tensor | null = c.maybe(2) === null ? null : c.tensor(2).take(safe, 0)
  if (ignored !== null) weight = where(ignored, 0, weight ?? picked.mul(0).add(1))
  const loss = weight === null ? picked : picked.mul(weight)
  switch (c.text('reduction', 'mean')) {
    case 'none': return loss
    case 'sum': return loss.sum()
    default: return weight === null ? loss.mean() : loss.sum().div(weight.sum())
  }
}
const nll: Handler = (c) => fit(c.array(0).type, likelihood(c, c.tensor(0)))
const crossEntropy: Handler = (c) => {
  const logs = c.tensor(0).logSoftmax(1)
  return [fit(c.array(0).type, likelihood(c, logs)), fit(c.array(0).type, logs)]
}
export const loss: OpTable = { NegativeLogLikelihoodLoss: nll, SoftmaxCrossEntropyLoss: crossEntropy }
