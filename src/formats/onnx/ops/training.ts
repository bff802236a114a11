// Optimiser operators of the domain ai.onnx.preview.training.
import { type Tensor, where } from '../../../tensor/index.ts'
import type { Call, Handler, OpTable } from '../call.ts'
import { type Value, tensorValue } from '../value.ts'

type Update = (rate: Tensor, step: Tensor, x: Tensor, g: Tensor, states: Tensor[]) => Tensor[]

/** Inputs R, T, then all X, all G, then all of every state; outputs in the same order without R, T, G. */
const optimiser = (states: number, make: (c: Call) => Update): Handler => (c) => {
  const [rate, step] = [c.tensor(0), c.tensor(1)]
  const count = (c.inputs.length - 2) / (2 + states)
  const update = make(c)
  const results: Tensor[][] = []
  for (let i = 0; i < count; i++) results.push(update(rate, step, c.tensor(2 + i), c.tensor(2 + count + i), Array.from({ length: states }, (_, s) => c.tensor(2 + (2 + s) * count + i))))
  const out: Value[] = []
  for (let s = 0; s <= states; s++) for (let i = 0; i < count; i++) out.push(tensorValue(c.array(2 + i).type, results[i]![s]!))
  return out
}
const adagrad = optimiser(1, (c) => (rate, step, x, g, [h]) => {
  const r = rate.div(step.to(x.dtype).mul(c.float('decay_factor', 0)).add(1))
  const gradient = x.mul(c.float('norm_coefficient', 0)).add(g)
  const next = h!.add(gradient.square())
  return [x.sub(r.mul(gradient).div(next.sqrt().add(c.float('epsilon', 1e-6)))), next]
})
const adam = optimiser(2, (c) => (rate, step, x, g, [v, h]) => {
  const [alpha, beta] = [c.float('alpha', 0.9), c.float('beta', 0.999)]
  const gradient = x.mul(c.float('norm_coefficient', 0)).add(g)
  const nv = v!.mul(alpha).add(gradient.mul(1 - alpha))
  const nh = h!.mul(beta).add(gradient.square().mul(1 - beta))
  const t = step.to('float64')
  const power = (base: number): Tensor => t.mul(Math.log(base)).exp()
  const corrected = rate.to('float64').mul(power(beta).neg().add(1).sqrt()).div(power(alpha).neg().add(1)).to(x.dtype)
  const r = where(step.gt(0), corrected, rate)
  const y = x.sub(r.mul(nv).div(nh.sqrt().add(c.float('epsilon', 1e-6))))
  return [y.mul(1 - c.float('norm_coefficient_post', 0)), nv, nh]
})
const momentum = optimiser(1, (c) => (rate, step, x, g, [v]) => {
  const [alpha, beta] = [c.float('alpha'), c.float('beta')]
  const gradient = x.mul(c.float('norm_coefficient', 0)).add(g)
  const factor = where(step.gt(0), beta, 1).to(x.dtype)
  const next = v!.mul(alpha).add(gradient.mul(factor))
  const direction = c.text('mode', 'standard') === 'nesterov' ? gradient.add(next.mul(alpha)) : next
  return [x.sub(rate.mul(direction)), next]
})
export const training: OpTable = { Adagrad: adagrad, Adam: adam, Momentum: momentum }
