// Normalisations and dropout.
import { type Tensor, bernoulli, ones, where } from '../../../tensor/index.ts'
import { type Handler, type OpTable, asDrawing } from '../call.ts'
import { tensorOf, tensorValue } from '../value.ts'
import { fit } from './support.ts'
import { channels } from './linear.ts'

const batchNorm: Handler = (c) => {
  const x = c.array(0)
  const t = tensorOf(x)
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) => c.tensor(i)) as [Tensor, Tensor, Tensor, Tensor]
  const eps = c.float('epsilon', 1e-5)
  const wide = (v: Tensor): Tensor => channels(v, t.ndim)
  const normal = (m: Tensor, v: Tensor): Tensor => t.sub(wide(m)).mul(wide(scale.mul(v.add(eps).rsqrt()))).add(wide(bias))
  if (!c.flag('training_mode')) return fit(x.type, normal(mean, variance))
  const axes = t.shape.map((_, i) => i).filter((i) => i !== 1)
  const momentum = c.float('momentum', 0.9)
  const [m, v] = [t.mean(axes), t.var(axes, { correction: 0 })]
  const mix = (old: Tensor, now: Tensor): Tensor => old.mul(momentum).add(now.mul(1 - momentum))
  return [fit(x.type, normal(m, v)), fit(c.array(3).type, mix(mean, m)), fit(c.array(4).type, mix(variance, v))]
}
const instanceNorm: Handler = (c) => {
  const x = c.array(0)
  const t = tensorOf(x)
  const axes = t.shape.map((_, i) => i).slice(2)
  const mean = t.mean(axes, { keepdims: true })
  const variance = t.var(axes, { keepdims: true, correction: 0 })
  return fit(x.type, t.sub(mean).mul(variance.add(c.float('epsilon', 1e-5)).rsqrt()).mul(channels(c.tensor(1), t.ndim)).add(channels(c.tensor(2), t.ndim)))
}
const layerNorm: Handler = (c) => {
  const x = c.array(0)
  const t = tensorOf(x)
  const axis = c.axis('axis', t.ndim, -1)
  const axes = t.shape.map((_, i) => i).slice(axis)
  const mean = t.mean(axes, { keepdims: true })
  const scale = t.var(axes, { keepdims: true, correction: 0 }).add(c.float('epsilon', 1e-5)).rsqrt()
  let y = t.sub(mean).mul(scale).mul(c.tensor(1))
  if (c.maybe(2) !== null) y = y.add(c.tensor(2))
  return [fit(x.type, y), tensorValue('float32', mean.to('float32')), tensorValue('float32', scale.to('float32'))]
}
const rmsNorm: Handler = (c) => {
  const x = c.array(0)
  const t = tensorOf(x)
  const axes = t.shape.map((_, i) => i).slice(c.axis('axis', t.ndim, -1))
  return fit(x.type, t.mul(t.square().mean(axes, { keepdims: true }).add(c.float('epsilon', 1e-5)).rsqrt()).mul(c.tensor(1)))
}
const groupNorm = (perGroup: boolean): Handler => (c) => {
  const x = c.array(0)
  const t = tensorOf(x)
  const groups = c.int('num_groups')
  const g = t.reshape(t.shape[0]!, groups, -1)
  const y = g.sub(g.mean(-1, { keepdims: true })).mul(g.var(-1, { keepdims: true, correction: 0 }).add(c.float('epsilon', 1e-5)).rsqrt())
  if (!perGroup) return fit(x.type, y.reshape(t.shape).mul(channels(c.tensor(1), t.ndim)).add(channels(c.tensor(2), t.ndim)))
  return fit(x.type, y.mul(c.tensor(1).reshape(1, groups, 1)).add(c.tensor(2).reshape(1, groups, 1)).reshape(t.shape))
}
const lrn: Handler = (c) => {
  const x = c.array(0)
  const t = tensorOf(x)
  const size = c.int('size')
  c.budget.loop(size, 1)
  const before = Math.floor((size - 1) / 2)
  const squares = t.square().pad([[0, 0], [before, size - 1 - before], ...t.shape.slice(2).map((): [number, number] => [0, 0])])
  const n = t.shape[1]!
  let total = squares.at(null, [0, n])
  for (let i = 1; i < size; i++) total = total.add(squares.at(null, [i, i + n]))
  return fit(x.type, t.div(total.mul(c.float('alpha', 1e-4) / size).add(c.float('bias', 1)).pow(c.float('beta', 0.75))))
}
const lpNorm: Handler = (c) => {
  const x = c.array(0)
  const t = tensorOf(x)
  const axis = c.axis('axis', t.ndim, -1)
  const norm = c.int('p', 2) === 1 ? t.abs().sum(axis, { keepdims: true }) : t.norm(axis, { keepdims: true })
  return fit(x.type, where(norm.eq(0), t.mul(0), t.div(norm)))
}
const meanVariance: Handler = (c) => {
  const x = c.array(0)
  const t = tensorOf(x)
  const axes = c.ints('axes') ?? [0, 2, 3]
  const mean = t.mean(axes, { keepdims: true })
  return fit(x.type, t.sub(mean).div(t.square().mean(axes, { keepdims: true }).sub(mean.square()).sqrt().add(1e-9)))
}
const dropout: Handler = (c) => {
  const x = c.value(0)
  const v = c.array(0)
  const ratio = c.has('ratio') ? c.float('ratio') : c.maybe(1) === null ? 0.5 : c.number(1)
  const training = c.maybe(2) !== null && c.number(2) !== 0
  if (!training || ratio === 0) return [x, c.wanted[1] ? tensorValue('bool', ones(v.shape, 'bool')) : null]
  const keep = bernoulli(1 - ratio, v.shape).to('bool')
  return [fit(v.type, where(keep, tensorOf(v).div(1 - ratio), 0)), tensorValue('bool', keep)]
}

export const normalization: OpTable = {
  BatchNormalization: batchNorm, InstanceNormalization: instanceNorm, LayerNormalization: layerNorm, RMSNormalization: rmsNorm,
  GroupNormalization: [[18, groupNorm(true)], [21, groupNorm(false)]], LRN: lrn, LpNormalization: lpNorm, MeanVarianceNormalization: meanVariance, Dropout: asDrawing(dropout),
}
