// Layers where no golden values reach: randomness, modes, starting values, refusals. Values: test/golden-nn.test.ts.
import { describe, expect, test } from 'vitest'
import { DTypeError, ShapeError, type Tensor, ValueError, grad, jit, manualSeed, ones, tensor, vmap, zeros } from '../../tensor/index.ts'
import * as nn from '../index.ts'

const numbers = async (x: Tensor): Promise<number[]> => Array.from(await x.data())
const mean = (xs: readonly number[]): number => xs.reduce((s, x) => s + x, 0) / xs.length

describe('dropout', () => {
  test.each([0.1, 0.5, 0.8])('p = %s: the share of zeros and the mean are right', async (p) => {
    manualSeed(3)
    const y = await numbers(new nn.Dropout(p).call(ones([100, 100])))
    const zerosSeen = y.filter((v) => v === 0).length / y.length
    // four standard deviations of 10 000 draws
    expect(Math.abs(zerosSeen - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 1e4))
    expect(new Set(y)).toEqual(new Set([0, Math.fround(1 / Math.fround(1 - p))]))
    expect(mean(y)).toBeCloseTo(1, 0)
  })
  test('rows and columns are independent of each other', async () => {
    manualSeed(4)
    const y = (await nn.dropout(ones([200, 200]), 0.5).array()) as number[][]
    const both = mean(y.flatMap((row, i) => row.map((v, j) => (v > 0 && y[(i + 1) % 200]![j]! > 0 ? 1 : 0))))
    const next = mean(y.flatMap((row) => row.map((v, j) => (v > 0 && row[(j + 1) % 200]! > 0 ? 1 : 0))))
    for (const share of [both, next]) expect(Math.abs(share - 0.25)).toBeLessThan(0.015)
  })
  test('evaluation leaves the input, and draws nothing', async () => {
    manualSeed(1)
    const x = ones([3])
    expect(new nn.Dropout(0.9).eval().call(x)).toBe(x)
    const after = await numbers(nn.dropout(ones([50])))
    manualSeed(1)
    expect(await numbers(nn.dropout(ones([50])))).toEqual(after)
  })
  test('every call of a compiled function drops others; the gradient is the mask', async () => {
    const layer = new nn.Dropout(0.5)
    const f = jit((x: Tensor) => grad((z: Tensor) => layer.call(z).sum())(x))
    const x = ones([64])
    const first = await numbers(f(x))
    expect(await numbers(f(x))).not.toEqual(first)
    expect(f.programs().length).toBe(1)
    expect(new Set(first)).toEqual(new Set([0, 2]))
  })
  test('nothing and everything dropped', async () => {
    const x = tensor([1, -2])
    expect(nn.dropout(x, 0)).toBe(x)
    expect((await numbers(nn.dropout(x, 1))).map(Math.abs)).toEqual([0, 0])
    expect(() => new nn.Dropout(1.1)).toThrow(ValueError)
    expect(() => nn.dropout(x, Number.NaN)).toThrow(ValueError)
  })
})

describe('starting values', () => {
  test.each([
    ['Linear', () => new nn.Linear(25, 400), 1 / 5],
    ['Conv1d', () => new nn.Conv1d(5, 300, { kernelSize: 5 }), 1 / 5],
    ['Conv2d', () => new nn.Conv2d(4, 200, { kernelSize: 5, groups: 2 }), 1 / Math.sqrt(50)],
    ['Conv3d', () => new nn.Conv3d(2, 200, { kernelSize: [2, 3, 3] }), 1 / 6],
  ] as const)('%s: weight and bias uniform within 1/√fanIn, as PyTorch', async (_, make, bound) => {
    manualSeed(11)
    const layer = make()
    const all = await numbers(layer.weight)
    expect(Math.max(...all.map(Math.abs))).toBeLessThanOrEqual(bound)
    expect(Math.max(...all.map(Math.abs))).toBeGreaterThan(0.98 * bound)
    expect(Math.abs(mean(all))).toBeLessThan((4 * bound) / Math.sqrt(3 * all.length))
    expect(mean(all.map((v) => v * v))).toBeCloseTo((bound * bound) / 3, 2)
    const bias = (await numbers(layer.bias!)).map(Math.abs)
    expect(Math.max(...bias)).toBeLessThanOrEqual(bound)
    expect(Math.max(...bias)).toBeGreaterThan(0.9 * bound)
  })
  test('are the user’s if given', async () => {
    const layer = new nn.Linear(2, 3, { weight: nn.init.ones, bias: nn.init.zeros })
    expect(await layer.call(tensor([1, 2])).array()).toEqual([3, 3, 3])
    expect(new nn.Conv2d(1, 2, { kernelSize: 3, bias: false }).bias).toBeNull()
  })
})

describe('shapes', () => {
  test('a layer works on one example through vmap as on a batch', async () => {
    const layer = new nn.Sequential(new nn.Linear(3, 4), nn.tanh, new nn.LayerNorm(4), new nn.Linear(4, 2))
    const x = tensor([[1, 2, 3], [0, -1, 5]])
    const one = await vmap((row: Tensor) => layer.call(row))(x).data()
    const all = await layer.call(x).data()
    one.forEach((v, i) => expect(v).toBeCloseTo(all[i]!, 5))
  })
  test('an empty batch passes', () => {
    expect(new nn.Linear(3, 2).call(zeros([0, 3])).shape).toEqual([0, 2])
    expect(new nn.Conv2d(1, 2, { kernelSize: 3 }).call(zeros([0, 1, 5, 5])).shape).toEqual([0, 2, 3, 3])
  })
  test('Flatten merges the axes asked for', () => {
    expect(new nn.Flatten().call(zeros([2, 3, 4])).shape).toEqual([2, 12])
    expect(new nn.Flatten(0, 1).call(zeros([2, 3, 4])).shape).toEqual([6, 4])
  })
  test('Identity and functions in Sequential', async () => {
    const x = tensor([-1, 2])
    expect(new nn.Identity().call(x)).toBe(x)
    expect(await new nn.Sequential(nn.relu, (y) => y.mul(3), new nn.Identity()).call(x).array()).toEqual([0, 6])
    expect(new nn.Sequential().call(x)).toBe(x)
  })
})

test('activation layers are their functions', async () => {
  const x = tensor([[-2, -0.5, 0, 0.5, 2]])
  const pairs: [nn.Layer, Tensor][] = [
    [new nn.Step(), nn.step(x)], [new nn.Sign(), nn.sign(x)], [new nn.Sigmoid(), nn.sigmoid(x)], [new nn.Tanh(), nn.tanh(x)],
    [new nn.ReLU(), nn.relu(x)], [new nn.Softplus(), nn.softplus(x)], [new nn.LeakyReLU(0.2), nn.leakyRelu(x, 0.2)],
    [new nn.ELU(2), nn.elu(x, 2)], [new nn.GELU(), nn.gelu(x)], [new nn.GELU({ approximate: 'tanh' }), nn.gelu(x, { approximate: 'tanh' })],
    [new nn.SiLU(), nn.silu(x)], [new nn.Softmax(), nn.softmax(x)], [new nn.LogSoftmax(0), nn.logSoftmax(x, 0)],
  ]
  for (const [layer, want] of pairs) {
    expect(await layer.call(x).array(), layer.constructor.name).toEqual(await want.array())
    expect(layer.parameterCount()).toBe(0)
  }
})

test('BatchNorm: evaluation changes nothing, training counts', async () => {
  const norm = new nn.BatchNorm1d(2)
  const before = norm.runningMean
  norm.eval().call(ones([1, 2]))
  expect(norm.runningMean).toBe(before)
  norm.train()
  for (let i = 0; i < 3; i++) norm.call(tensor([[1, 2], [3, 5]]))
  expect(await norm.numBatches.item()).toBe(3)
  expect(norm.numBatches.dtype).toBe('int32')
})

test('an index outside of the table shows as NaN, in values alone', async () => {
  const layer = new nn.Embedding(3, 2, { weight: nn.init.ones })
  expect(await layer.call(tensor([0, 3, -1], { dtype: 'int32' })).array()).toEqual([[1, 1], [Number.NaN, Number.NaN], [Number.NaN, Number.NaN]])
  expect(() => layer.call(tensor([0.5]))).toThrow(DTypeError)
})

describe('refused', () => {
  const x = zeros([2, 3])
  test.each<[string, () => unknown, new (...args: never[]) => Error, RegExp]>([
    ['a fraction of a unit', () => new nn.Linear(2.5, 1), ValueError, /Linear: bad inFeatures: expected a whole number ≥ 1, received 2.5/],
    ['another number of features', () => new nn.Linear(4, 2).call(x), ShapeError, /expected \[…, 4\], received \[2,3\]/],
    ['a scalar', () => new nn.Linear(1, 2).call(tensor(1)), ShapeError, /expected \[…, 1\], received \[\]/],
    ['no kernel size', () => new nn.Conv2d(1, 2, {} as never), ValueError, /bad kernelSize/],
    ['two sizes for three axes', () => new nn.Conv3d(1, 2, { kernelSize: [3, 3] }), ValueError, /expected a number, or 3 of them/],
    ['groups that do not divide', () => new nn.Conv2d(3, 4, { kernelSize: 1, groups: 2 }), ValueError, /multiples of 2/],
    ['an image without channels', () => new nn.Conv2d(1, 2, { kernelSize: 3 }).call(zeros([2, 28, 28])), ShapeError, /expected \[N, 1, size, size\]/],
    ['a kernel too large', () => new nn.Conv2d(1, 2, { kernelSize: 5 }).call(zeros([1, 1, 3, 3])), ShapeError, /larger than the padded input/],
    ['pooling of a vector', () => new nn.MaxPool2d(2).call(x), ShapeError, /\[N, C, size, size\]/],
    ['one example to normalise', () => new nn.BatchNorm1d(3).call(zeros([1, 3])), ShapeError, /at least 2 in training/],
    ['other channels', () => new nn.BatchNorm2d(3).call(zeros([2, 4, 5, 5])), ShapeError, /\[N, 3, size, size\]/],
    ['momentum above 1', () => new nn.BatchNorm1d(3, { momentum: 2 }), ValueError, /momentum/],
    ['nothing to normalise over', () => new nn.LayerNorm([]), ValueError, /a number, or a list of them, received \[\]/],
    ['other axes', () => new nn.LayerNorm([2, 3]).call(zeros([3, 2])), ShapeError, /\[…, 2, 3\]/],
    ['a slope that is no number', () => new nn.LeakyReLU(Number.NaN), ValueError, /slope/],
  ])('%s', (_, run, type, message) => {
    expect(run).toThrow(type)
    expect(run).toThrow(message)
  })
})
