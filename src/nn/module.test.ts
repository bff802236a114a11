// Modules: parameters by walking, state, copies with other tensors, tying, trees, summary.
import { describe, expect, test } from 'vitest'
import { DTypeError, ShapeError, type Tensor, ValueError, grad, jit, manualSeed, ones, tensor, treeEntries, treeMap, zeros } from '../tensor/index.ts'
import { BatchNorm1d, Dropout, Embedding, Flatten, Linear, Module, ReLU, Sequential, relu, withTensors } from './index.ts'

class Net extends Module {
  hidden = new Linear(4, 3)
  out = new Linear(3, 2)
  forward(x: Tensor) {
    return this.out.call(relu(this.hidden.call(x)))
  }
}
class Blocks extends Module {
  static override readonly buffers = ['mask']
  mask = ones([2])
  table = tensor([1, 2], { dtype: 'int32' })
  norm = new BatchNorm1d(2)
  blocks = { first: [new Linear(2, 2)], gain: tensor([1.5]) }
  forward(x: Tensor) {
    return this.blocks.first[0]!.call(this.norm.call(x.mul(this.mask))).mul(this.blocks.gain)
  }
}
/** Weight tying as language models have it: one table reads and writes. */
class Tied extends Module {
  embed = new Embedding(5, 3)
  out = new Linear(3, 5, { bias: false })
  constructor() {
    super()
    this.out.weight = this.embed.weight
  }
  forward(x: Tensor) {
    return this.out.call(this.embed.call(x))
  }
}
const names = (list: [string, Tensor][]) => list.map(([n]) => n)

test('parameters and buffers are found in order of fields', () => {
  const net = new Net()
  expect(names(net.namedParameters())).toEqual(['hidden.weight', 'hidden.bias', 'out.weight', 'out.bias'])
  expect(net.parameterCount()).toBe(4 * 3 + 3 + 3 * 2 + 2)
  const blocks = new Blocks()
  expect(names(blocks.namedParameters())).toEqual(['norm.weight', 'norm.bias', 'blocks.first.0.weight', 'blocks.first.0.bias', 'blocks.gain'])
  expect(names(blocks.namedBuffers())).toEqual(['mask', 'table', 'norm.runningMean', 'norm.runningVar', 'norm.numBatches'])
})

test('a class adds to the buffers of its base class', () => {
  class More extends Blocks {
    static override readonly buffers = ['extra']
    extra = ones([1])
  }
  expect(names(new More().namedBuffers())).toEqual(['mask', 'table', 'norm.runningMean', 'norm.runningVar', 'norm.numBatches', 'extra'])
})

test('train and eval reach every module', () => {
  const model = new Sequential(new Dropout(), new Sequential(new BatchNorm1d(2)))
  expect(model.eval().training).toBe(false)
  expect((model.layers[1] as Sequential).layers[0]).toMatchObject({ training: false })
  model.train()
  expect((model.layers[0] as Dropout).training).toBe(true)
})

test('the same seed gives the same model', async () => {
  manualSeed(7)
  const a = new Net()
  manualSeed(7)
  const b = new Net()
  expect(await a.out.weight.array()).toEqual(await b.out.weight.array())
  expect(await a.hidden.weight.array()).not.toEqual(await new Net().hidden.weight.array())
})

test('modules are trees: grad, jit and treeMap take them', async () => {
  const net = new Net()
  expect(treeEntries(net).map(([p]) => p)).toEqual(names(net.namedParameters()))
  const x = ones([2, 4])
  const loss = (model: Net, input: Tensor) => model.call(input).square().sum()
  const g = grad(loss)(net, x)
  expect(g).toBeInstanceOf(Net)
  const eager = await g.hidden.weight.array()
  expect(await jit(grad(loss))(net, x).hidden.weight.array()).toEqual(eager)
  const twice = treeMap((t) => t.mul(2), net)
  expect(twice).toBeInstanceOf(Net)
  expect(await twice.out.bias!.array()).toEqual(await net.out.bias!.mul(2).array())
  expect(twice.call(x).shape).toEqual([2, 2])
})

test('jit compiles anew when the mode changes', async () => {
  const model = new Sequential(new BatchNorm1d(2))
  const run = jit((m: Sequential, x: Tensor) => m.call(x))
  const x = tensor([[1, 2], [3, 4]])
  const trained = await run(model, x).array()
  expect(await run(model.eval(), x).array()).not.toEqual(trained)
  expect(run.programs().length).toBe(2)
})

describe('state', () => {
  test('goes from one model to another', async () => {
    const a = new Blocks()
    a.call(tensor([[1, 2], [3, 5]]))
    const b = new Blocks().loadState(a.state())
    for (const [path, value] of Object.entries(a.state())) expect(await b.state()[path]!.array(), path).toEqual(await value.array())
    expect(await b.norm.numBatches.item()).toBe(1)
  })
  test('one value given twice does not tie parameters', () => {
    const z = zeros([2, 2])
    const model = new Sequential(new Linear(2, 2, { bias: false }), new Linear(2, 2, { bias: false }))
    model.loadState({ 'layers.0.weight': z, 'layers.1.weight': z })
    expect(model.namedParameters().length).toBe(2)
  })
  test('float64 values are converted to the model', () => {
    const model = new Linear(2, 1, { bias: false }).loadState({ weight: tensor([[1, 2]], { dtype: 'float64' }) })
    expect(model.weight.dtype).toBe('float32')
  })
  test('misfits are named and change nothing', async () => {
    const net = new Net()
    const { 'out.bias': _, ...rest } = net.state()
    const before = net.hidden.weight
    expect(() => net.loadState({ ...rest, 'out.bia': ones([2]) })).toThrow(ValueError)
    expect(() => net.loadState({ ...rest, 'out.bia': ones([2]) })).toThrow(/missing out\.bias; unexpected out\.bia/)
    expect(() => net.loadState({ ...net.state(), 'hidden.weight': ones([4, 3]) })).toThrow(ShapeError)
    expect(() => net.loadState({ ...net.state(), 'hidden.weight': ones([4, 3]) })).toThrow(/hidden\.weight \[3,4\], received \[4,3\]/)
    expect(() => net.loadState({ ...net.state(), 'out.bias': ones([2], 'int32') })).toThrow(DTypeError)
    expect(net.hidden.weight).toBe(before)
    net.loadState({ 'out.bias': ones([2]), other: ones([1]) }, { strict: false })
    expect(await net.out.bias!.array()).toEqual([1, 1])
  })
})

describe('withTensors', () => {
  test('copies the model around other tensors', async () => {
    const net = new Net()
    const copy = withTensors(net, { 'out.bias': tensor([5, 6]) })
    expect(copy).toBeInstanceOf(Net)
    expect(copy).not.toBe(net)
    expect(copy.hidden).not.toBe(net.hidden)
    expect(copy.hidden.weight).toBe(net.hidden.weight)
    expect(await copy.out.bias!.array()).toEqual([5, 6])
    expect(await net.out.bias!.array()).not.toEqual([5, 6])
  })
  test('buffers assigned while running stay in the copy', async () => {
    const model = new Blocks()
    const copy = withTensors(model, {})
    copy.call(tensor([[1, 2], [3, 5]]))
    expect(await model.norm.numBatches.item()).toBe(0)
    const now = Object.fromEntries(copy.namedBuffers())
    expect(await now['norm.numBatches']!.item()).toBe(1)
    expect(await now['norm.runningMean']!.array()).toEqual([expect.closeTo(0.2), expect.closeTo(0.35)])
  })
  test('a training step as one compiled function gives new parameters and buffers', async () => {
    const model = new Blocks()
    const step = jit((params: Record<string, Tensor>, buffers: Record<string, Tensor>, x: Tensor) => {
      let now: Record<string, Tensor> = {}
      const g = grad((p: Record<string, Tensor>) => {
        const copy = withTensors(model, { ...p, ...buffers })
        const loss = copy.call(x).square().mean()
        now = Object.fromEntries(copy.namedBuffers().map(([n, t]) => [n, t.stopGradient()]))
        return loss
      })(params)
      return [treeMap((p, d) => p.sub(d.mul(0.1)), params, g), now] as const
    })
    const x = tensor([[1, 2], [3, 5]])
    let [params, buffers] = step(Object.fromEntries(model.namedParameters()), Object.fromEntries(model.namedBuffers()), x)
    ;[params, buffers] = step(params, buffers, x)
    model.loadState({ ...params, ...buffers })
    expect(await model.norm.numBatches.item()).toBe(2)
    expect(await model.norm.runningMean.array()).toEqual([expect.closeTo(0.38), expect.closeTo(0.665)])
    expect(step.programs().length).toBe(1)
  })
  test('refuses what does not fit', () => {
    expect(() => withTensors(new Net(), { hiden: ones([1]) })).toThrow(/unexpected hiden/)
    expect(() => withTensors(new Net(), { 'out.bias': ones([3]) })).toThrow(ShapeError)
  })
  test('a module used twice stays one module', () => {
    const shared = new Linear(2, 2)
    const model = new Sequential(shared, shared)
    expect(model.namedParameters().length).toBe(2)
    const copy = withTensors(model, {})
    expect(copy.layers[0]).toBe(copy.layers[1])
    expect(copy.layers[0]).not.toBe(shared)
  })
})

describe('tied weights', () => {
  test('count once and are replaced in both places', async () => {
    const model = new Tied()
    expect(names(model.namedParameters())).toEqual(['embed.weight'])
    expect(model.parameterCount()).toBe(15)
    const copy = withTensors(model, { 'embed.weight': ones([5, 3]) })
    expect(copy.out.weight).toBe(copy.embed.weight)
    expect(await copy.call(tensor([2], { dtype: 'int32' })).array()).toEqual([[3, 3, 3, 3, 3]])
    model.loadState({ 'embed.weight': zeros([5, 3]) })
    expect(model.out.weight).toBe(model.embed.weight)
  })
  test('may be named by either path, as files of other frameworks do', () => {
    const model = new Tied().loadState({ 'out.weight': ones([5, 3]), 'embed.weight': ones([5, 3]) })
    expect(names(model.loadState({ 'out.weight': ones([5, 3]) }).namedParameters())).toEqual(['embed.weight'])
  })
  test('the gradient has both parts', async () => {
    const model = new Tied()
    const x = tensor([1], { dtype: 'int32' })
    const f = (w: Tensor) => withTensors(model, { 'embed.weight': w }).call(x).sum()
    // f = w₁ · Σ wⱼ: the gradient by w₁ is Σ wⱼ + w₁, by the others w₁
    const g = (await grad(f)(model.embed.weight).array()) as number[][]
    const w = (await model.embed.weight.array()) as number[][]
    const total = [0, 1, 2].map((c) => w.reduce((s, row) => s + row[c]!, 0))
    for (const c of [0, 1, 2]) {
      expect(g[1]![c]).toBeCloseTo(total[c]! + w[1]![c]!, 5)
      expect(g[3]![c]).toBeCloseTo(w[1]![c]!, 5)
    }
  })
})

describe('summary', () => {
  test('a table of layers', () => {
    const model = new Sequential(new Flatten(), new Linear(784, 30), new ReLU(), new BatchNorm1d(30), new Linear(30, 10))
    expect(model.summary([1, 28, 28]).split('\n')).toEqual([
      'Layer     Type         Output shape  Parameters',
      '───────────────────────────────────────────────',
      'layers.0  Flatten      [1, 784]               0',
      'layers.1  Linear       [1, 30]           23 550',
      'layers.2  ReLU         [1, 30]                0',
      'layers.3  BatchNorm1d  [1, 30]               60',
      'layers.4  Linear       [1, 10]              310',
      '───────────────────────────────────────────────',
      'Total: 23 920 parameters, 61 in buffers (95.9 kB)',
    ])
  })
  test('integer inputs, tying and unused layers', () => {
    class Extra extends Tied {
      spare = new Linear(3, 3)
    }
    const text = new Extra().summary(tensor([[1, 2]], { dtype: 'int32' }))
    expect(text).toMatch(/embed +Embedding +\[1, 2, 3\] +15\n/)
    expect(text).toMatch(/out +Linear +\[1, 2, 5\] +0\n/)
    expect(text).toMatch(/spare +Linear +– +12\n/)
    expect(text).toMatch(/Total: 27 parameters/)
  })
  test('leaves the model as it was', () => {
    const model = new Sequential(new BatchNorm1d(2))
    const mean = (model.layers[0] as BatchNorm1d).runningMean
    model.summary([4, 2])
    expect(model.training).toBe(true)
    expect((model.layers[0] as BatchNorm1d).runningMean).toBe(mean)
    expect(Object.hasOwn(model, 'call')).toBe(false)
  })
  test('a single layer, and what is no input', () => {
    expect(new Linear(2, 3).summary([5, 2])).toMatch(/\(model\) +Linear +\[5, 3\] +9/)
    expect(() => new Linear(2, 3).summary('2' as never)).toThrow(ValueError)
    expect(() => new Linear(2, 3).summary([5, 4])).toThrow(ShapeError)
  })
})

test('a module that contains itself is refused', () => {
  class Loop extends Module {
    self: Module = this
    forward(x: Tensor) {
      return x
    }
  }
  expect(() => new Loop().parameters()).toThrow(/contains itself/)
})
