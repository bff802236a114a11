// Optimisers around optimisers, loss scaling and two precisions, each against what it must equal.
import { expect, test } from 'vitest'
import { type Tensor, grad, jit, manualSeed, normal, tensor, valueAndGrad, zeros } from '../../tensor/index.ts'
import * as nn from '../index.ts'

const numbers = async (x: Tensor): Promise<number[]> => Array.from(await x.data())
const loss = (w: readonly Tensor[], x: Tensor): Tensor => x.matmul(w[0]!).square().mean()

test('three batches accumulated are one batch of all three', async () => {
  manualSeed(2)
  const x = normal([12, 3])
  const start = [normal([3, 2])]
  const parts = x.split(4)
  const adam = new nn.Adam(0.1)
  const slow = new nn.Accumulate(adam, 3)
  let [params, state] = [start, slow.init(start)]
  let [whole, kept] = [start, adam.init(start)]
  const step = jit((ps: Tensor[], s: nn.OptimizerState, part: Tensor) => slow.update(ps, grad(loss)(ps, part) as Tensor[], s, tensor(0.1)))
  for (let round = 0; round < 2; round++) {
    for (const part of parts) ({ params, state } = step(params, state, part))
    ;({ params: whole, state: kept } = adam.update(whole, grad(loss)(whole, x) as Tensor[], kept, tensor(0.1)))
  }
  const [a, b] = [await numbers(params[0]!), await numbers(whole[0]!)]
  a.forEach((v, i) => expect(v).toBeCloseTo(b[i]!, 5))
  expect(step.programs().length).toBe(1)
  expect(await state.step.item()).toBe(6)
})
test('the average of the weights is the sum it stands for', async () => {
  const ema = new nn.EMA(new nn.SGD(1), { decay: 0.9, warmup: false })
  const start = [tensor([0])]
  let now = { params: start, state: ema.init(start) }
  const seen: number[] = []
  for (let n = 0; n < 5; n++) {
    now = ema.update(now.params, [tensor([-(n + 1)])], now.state, tensor(1))
    seen.push((await numbers(now.params[0]!))[0]!)
  }
  const want = seen.reduce((average, v) => 0.9 * average + 0.1 * v, 0)
  expect((await numbers(ema.averages(now.state)[0]!))[0]).toBeCloseTo(want, 5)
  // with warm-up the first average is mostly the first weight
  const warm = new nn.EMA(new nn.SGD(1))
  const first = warm.update(start, [tensor([-1])], warm.init(start), tensor(1))
  expect((await numbers(warm.averages(first.state)[0]!))[0]).toBeCloseTo(1 - 2 / 11, 5)
})
test('wrappers refuse a state that is not theirs', () => {
  const adam = new nn.Adam(0.1)
  expect(() => new nn.EMA(adam).update([zeros([2])], [zeros([2])], adam.init([zeros([2])]), tensor(1))).toThrow(/optimizer.init/)
  expect(() => new nn.Accumulate(adam, 0)).toThrow(/whole number/)
})
test('loss scaling: the same gradients; an overflow skips the update and halves the factor; good updates double it', async () => {
  const scaling = new nn.LossScale({ initial: 4, every: 2 })
  const w = tensor([3])
  let state = scaling.init()
  const step = jit((p: Tensor, s: nn.LossScaleState, factor: Tensor) => {
    const [, g] = valueAndGrad((q: Tensor) => scaling.apply(q.square().sum().mul(factor), s))(p)
    const { grads, finite } = scaling.remove(g, s)
    return { p: scaling.choose(finite, p.sub(grads.mul(0.1)), p), state: scaling.next(s, finite), grads }
  })
  const one = step(w, state, tensor(1))
  expect(await numbers(one.grads)).toEqual([6])
  state = step(one.p, one.state, tensor(1)).state
  expect(await state.scale.item()).toBe(8)
  const bad = step(w, state, tensor(3e38))
  expect(await numbers(bad.p)).toEqual([3])
  expect(await bad.state.scale.item()).toBe(4)
})
test('weights in float64, the model in float32: gradients come back in float64', async () => {
  manualSeed(4)
  const w = [normal([3, 2], { dtype: 'float64' })]
  const x = normal([4, 3])
  const narrow = (p: readonly Tensor[]): Tensor => loss(nn.castTree(p, 'float32'), x).to('float64')
  const g = grad(narrow)(w)[0]!
  expect(g.dtype).toBe('float64')
  const plain = await numbers(grad(loss)([w[0]!.to('float32')], x)[0]!)
  ;(await numbers(g)).forEach((v, i) => expect(v).toBeCloseTo(plain[i]!, 6))
})
test('Muon: what it adds to a matrix has singular values near 1', async () => {
  manualSeed(1)
  const y = nn.orthogonalized(normal([4, 8]))
  const gram = (await y.matmul(y.T).array()) as number[][]
  for (let i = 0; i < 4; i++) for (let j = 0; j < 4; j++) expect(Math.abs(gram[i]![j]! - (i === j ? 1 : 0))).toBeLessThan(0.45)
})
