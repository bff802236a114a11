// Optimisers as programs: one for all steps, state as a tree, refusals. Their numbers: test/golden-nn.test.ts.
import { describe, expect, test } from 'vitest'
import { ShapeError, type Tensor, ValueError, grad, jit, ones, tensor, treeEntries, zeros } from '../../tensor/index.ts'
import * as nn from '../index.ts'

const ALL: nn.Optimizer[] = [
  new nn.SGD(0.1), new nn.SGD(0.1, { momentum: 0.9, dampening: 0.5 }), new nn.SGD(0.05, { momentum: 0.9, nesterov: true }),
  new nn.Adagrad(0.5), new nn.RMSProp(0.05), new nn.RMSProp(0.05, { centered: true, momentum: 0.2 }), new nn.Adam(0.2), new nn.AdamW(0.2, { amsgrad: true }),
]

describe.each(ALL)('$constructor.name', (optimizer) => {
  test('one compiled program finds the minimum of a bowl, at any rate', async () => {
    const target = tensor([1, -2, 3])
    const step = jit((params: Tensor[], state: nn.OptimizerState, lr: Tensor) => {
      const g = grad((p: Tensor[]) => nn.mse(p[0]!, target))(params)
      return optimizer.update(params, g, state, lr)
    })
    let params: Tensor[] = [zeros([3])]
    let state = optimizer.init(params)
    for (let i = 0; i < 150; i++) ({ params, state } = step(params, state, tensor(optimizer.rate(i) * (1 - i / 150))))
    expect(await nn.mse(params[0]!, target).item()).toBeLessThan(0.02)
    expect(await state.step.item()).toBe(150)
    expect(step.programs().length).toBe(1)
  })
  test('compiled and eager steps agree', async () => {
    let eager: Tensor[] = [tensor([0.5, -1]), tensor(2)]
    let compiled = eager
    let [a, b] = [optimizer.init(eager), optimizer.init(compiled)]
    const step = jit((p: Tensor[], s: nn.OptimizerState, lr: Tensor) => optimizer.update(p, p.map((x) => x.square().add(0.1)), s, lr))
    for (let i = 0; i < 5; i++) {
      ;({ params: eager, state: a } = optimizer.update(eager, eager.map((x) => x.square().add(0.1)), a, tensor(0.1)))
      ;({ params: compiled, state: b } = step(compiled, b, tensor(0.1)))
    }
    for (const [i, x] of eager.entries()) {
      const other = await compiled[i]!.data()
      for (const [j, v] of (await x.data()).entries()) expect(other[j]).toBeCloseTo(v, 5)
    }
  })
  test('the state is a tree of tensors of the parameters’ shapes and types', () => {
    const params = [ones([2, 3]), ones([4], 'float64')]
    const before = optimizer.init(params)
    const { params: next, state } = optimizer.update(params, params, before, tensor(0.1))
    expect(treeEntries(state).map(([path, t]) => `${path} ${t}`)).toEqual(treeEntries(before).map(([path, t]) => `${path} ${t}`))
    expect(next.map(String)).toEqual(params.map(String))
    expect(state.step.dtype).toBe('int32')
    expect(optimizer.update([], [], optimizer.init([]), tensor(0.1)).params).toEqual([])
  })
  test('describes itself in JSON', () => {
    const text = optimizer.describe()
    expect(JSON.parse(JSON.stringify(text))).toEqual(text)
    expect(text.name).toBe(optimizer.constructor.name)
  })
  test('refuses what does not belong together', () => {
    const params = [ones([2])]
    const state = optimizer.init(params)
    expect(() => optimizer.update(params, [], state, tensor(0.1))).toThrow(ValueError)
    expect(() => optimizer.update(params, [ones([1])], state, tensor(0.1))).toThrow(/gradient 0 is of another shape/)
    expect(() => optimizer.update(params, params, state, ones([2]))).toThrow(ShapeError)
    if (Object.keys(state).length > 1) expect(() => optimizer.update(params, params, { step: state.step }, tensor(0.1))).toThrow(/init\(params\)/)
  })
})

test('settings', () => {
  expect(new nn.Adam(nn.cosine(1e-3, 10)).describe()).toEqual({
    name: 'Adam', lr: { name: 'cosine', lr: 1e-3, steps: 10, min: 0 }, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: false,
  })
  expect(new nn.SGD((step: number) => 1 / (step + 1)).describe().lr).toEqual({ name: 'custom' })
  expect(new nn.SGD((step: number) => 1 / (step + 1)).rate(3)).toBe(0.25)
  expect(new nn.AdamW().describe().weightDecay).toBe(0.01)
})

test.each([new nn.SGD(0.1, { momentum: 0.9 }), new nn.RMSProp(0.05, { alpha: 0.5 }), new nn.Adam(0.1, { betas: [0.9, 0.5] })])('$constructor.name: what is remembered of a gradient that is gone becomes 0, not subnormal', async (optimizer) => {
  const step = jit((params: Tensor[], g: Tensor, state: nn.OptimizerState) => optimizer.update(params, [g], state, tensor(0.1)))
  let { params, state } = step([ones([2])], tensor([1, -1]), optimizer.init([ones([2])]))
  for (let i = 0; i < 900; i++) ({ params, state } = step(params, zeros([2]), state))
  for (const [name, x] of treeEntries(state)) if (name !== 'step') expect([...(await (x as Tensor).data())].map(Math.abs)).toEqual([0, 0])
  expect([...(await params[0]!.data())].every(Number.isFinite)).toBe(true)
})

test('the bias correction keeps its digits at the first step', async () => {
  // with β₂ = 0.999 a float32 power of β leaves an error of 1e-5 in 1 − β
  const adam = new nn.Adam(1, { eps: 0 })
  const { params } = adam.update([tensor([0])], [tensor([0.3])], adam.init([zeros([1])]), tensor(1))
  expect(Math.abs((await params[0]!.item()) + 1)).toBeLessThan(3e-7)
})

test('centred RMSProp survives a constant gradient', async () => {
  const optimizer = new nn.RMSProp(0.01, { centered: true, alpha: 0.5 })
  let params: Tensor[] = [tensor([1])]
  let state = optimizer.init(params)
  for (let i = 0; i < 100; i++) ({ params, state } = optimizer.update(params, [tensor([0.1])], state, tensor(0.01)))
  expect(Number.isFinite((await (state.square as Tensor[])[0]!.data())[0]!)).toBe(true)
  expect(await params[0]!.isNaN().any().item()).toBe(0)
})

describe('clipping', () => {
  test('takes trees: modules and records', async () => {
    const g = new nn.Linear(2, 1, { weight: nn.init.ones, bias: nn.init.ones })
    const { clipped, norm } = nn.clipByGlobalNorm(g, 0.1)
    expect(clipped).toBeInstanceOf(nn.Linear)
    expect(await norm.item()).toBeCloseTo(Math.sqrt(3))
    expect((await clipped.bias!.array() as number[])[0]).toBeCloseTo(0.1 / Math.sqrt(3))
    expect(await nn.clipByValue({ a: tensor([-3, 0.5]) }, 1).a.array()).toEqual([-1, 0.5])
  })
  test('keeps the type of each gradient, and nothing at all', async () => {
    const { clipped } = nn.clipByGlobalNorm([ones([2]), ones([2], 'float64')], 1)
    expect(clipped.map((t) => t.dtype)).toEqual(['float32', 'float64'])
    expect(await nn.clipByGlobalNorm([], 1).norm.item()).toBe(0)
  })
})

test.each<[string, () => unknown]>([
  ['a negative rate', () => new nn.SGD(-1)],
  ['a rate that is no number', () => new nn.Adam(Number.NaN)],
  ['β = 1', () => new nn.Adam(1e-3, { betas: [0.9, 1] })],
  ['negative eps', () => new nn.AdamW(1e-3, { eps: -1 })],
  ['Nesterov without momentum', () => new nn.SGD(0.1, { nesterov: true })],
  ['Nesterov with dampening', () => new nn.SGD(0.1, { nesterov: true, momentum: 0.9, dampening: 0.1 })],
  ['alpha above 1', () => new nn.RMSProp(0.1, { alpha: 1.5 })],
  ['negative decay', () => new nn.Adagrad(0.1, { lrDecay: -1 })],
  ['a negative norm', () => nn.clipByGlobalNorm([], -1)],
  ['a negative limit', () => nn.clipByValue([], -1)],
])('refused: %s', (_, run) => {
  expect(run).toThrow(ValueError)
})
