// The reader of networks, with files that the public API writes: every form gives the same layers and the same outputs.
import { type Tensor, manualSeed, normal, tensor } from 'gradus'
import { exportOnnx, importOnnx, writeSafetensors } from 'gradus/formats'
import { Cnn, DeepBeliefNetwork, LeNet, LectureNetwork, Mlp } from 'gradus/models'
import { Linear, type Module, ReLU, Residual, Sequential, Sigmoid, Softmax, Tanh } from 'gradus/nn'
import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { type DroppedFile, FileFault, type NetworkFile, readNetwork } from './network-file.ts'
import { type DenseLayer, activationsOf, layersOfWeights, sizesOfLayers } from './network-layers.ts'
import { onnxOf, onnxOfLayers } from './network-onnx.ts'

beforeEach(() => void manualSeed(3))
const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
async function stateOf(model: Module): Promise<Uint8Array> {
  const entries = await Promise.all(Object.entries(model.state()).map(async ([name, t]) => [name, { dtype: 'float32' as const, shape: t.shape, data: Float32Array.from(await t.data()) }] as const))
  return writeSafetensors(Object.fromEntries(entries))
}
/** Numbers that need no drawing: what large networks are tried with. */
const filled = (model: Module): Uint8Array =>
  writeSafetensors(Object.fromEntries(Object.entries(model.state()).map(([name, { shape }]) => [name, { dtype: 'float32' as const, shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i + name.length) % 7) / 8) }])))
const read = (name: string, bytes: Uint8Array): Promise<NetworkFile> => readNetwork([{ name, bytes }])
/** Outputs of the layers by plain loops. */
function plain(layers: readonly DenseLayer[], x: readonly number[]): number[] {
  let a = [...x]
  for (const { weight: { shape: [m, n], data }, bias, activation } of layers) {
    const z = Array.from({ length: m }, (_, k) => bias[k]! + Array.from({ length: n }, (__, j) => data[k * n + j]! * a[j]!).reduce((p, q) => p + q, 0))
    const top = z.map((v) => Math.exp(v - Math.max(...z)))
    a = activation === 'softmax' ? top.map((v) => v / top.reduce((p, q) => p + q, 0)) : z.map((v) => ({ identity: v, relu: Math.max(0, v), sigmoid: 1 / (1 + Math.exp(-v)), tanh: Math.tanh(v), softplus: Math.log1p(Math.exp(v)), step: v > 0 ? 1 : 0 })[activation])
  }
  return a
}
const close = (got: ArrayLike<number>, want: ArrayLike<number>): void => {
  expect(got.length).toBe(want.length)
  Array.from(want).forEach((v, i) => expect(got[i]).toBeCloseTo(v, 4))
}

const same = (a: ArrayLike<number>, b: ArrayLike<number>): boolean => a.length === b.length && Array.from(a).every((v, i) => v === b[i])

describe('fully connected networks', () => {
  const model = (): Sequential => new Sequential(new Linear(3, 5), new Tanh(), new Linear(5, 4), new ReLU(), new Linear(4, 2), new Softmax())
  const x = [0.3, -1.2, 0.7]

  test('ONNX of a Sequential: weights, biases and activations of every layer; the same outputs', async () => {
    const net = model()
    const { layers, assumed, source } = await read('net.onnx', exportOnnx(net, tensor([x])))
    expect([sizesOfLayers(layers!), activationsOf(layers!), assumed, source]).toEqual([[3, 5, 4, 2], ['tanh', 'relu', 'softmax'], false, 'onnx'])
    close(plain(layers!, x), await net.call(tensor([x])).data())
    expect(layers!.map(({ name }) => name)).toEqual(['layers.0', 'layers.2', 'layers.4'])
  })
  test('its state dict as safetensors: the same layers; the activations are not in it, which is said', async () => {
    const net = model()
    const { layers, assumed } = await read('net.safetensors', await stateOf(net))
    const { layers: other } = await read('net.onnx', exportOnnx(net, tensor([x])))
    expect([sizesOfLayers(layers!), activationsOf(layers!), assumed]).toEqual([[3, 5, 4, 2], ['relu', 'relu', 'identity'], true])
    layers!.forEach(({ weight, bias }, l) => expect([weight, bias]).toEqual([other![l]!.weight, other![l]!.bias]))
  })
  test('names of PyTorch, of a single layer, of an MLP; no bias; order by number, not by letter', () => {
    const w = (out: number, inputs: number) => ({ shape: [out, inputs], data: new Float32Array(out * inputs) })
    expect(sizesOfLayers(layersOfWeights({ '0.weight': w(4, 2), '2.weight': w(1, 4), '0.bias': { shape: [4], data: new Float32Array(4) } })!.layers)).toEqual([2, 4, 1])
    expect(layersOfWeights({ weight: w(4, 2) })).toMatchObject({ assumed: false, layers: [{ activation: 'identity' }] })
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`hidden.${i}.weight`, w(i + 2, i + 1)]))
    expect(sizesOfLayers(layersOfWeights({ ...many, 'out.weight': w(1, 13) })!.layers)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 1])
    expect(layersOfWeights({ 'a.weight': w(4, 2), 'b.weight': w(1, 3) })).toBeNull()
    expect(layersOfWeights({ 'a.weight': w(4, 2), 'norm.running_mean': { shape: [4], data: new Float32Array(4) } })).toBeNull()
  })
  test('the lecture’s network has σ everywhere; a belief network σ in its machines', async () => {
    const lecture = await read('w.safetensors', await stateOf(new LectureNetwork([6, 3, 2])))
    expect([activationsOf(lecture.layers!), lecture.assumed]).toEqual([['sigmoid', 'sigmoid'], false])
    const belief = new DeepBeliefNetwork({ inputs: 6, hidden: [4, 3], classes: 2 })
    const { layers, assumed } = await read('w.safetensors', await stateOf(belief))
    expect([sizesOfLayers(layers!), activationsOf(layers!), assumed]).toEqual([[6, 4, 3, 2], ['sigmoid', 'sigmoid', 'identity'], false])
    const input = [1, 0, 1, 0, 0, 1]
    close(plain(layers!, input), await belief.call(tensor([input])).data())
  })
  test('layers written as ONNX come back the same, and compute the same: every activation', async () => {
    for (const activation of ['identity', 'relu', 'sigmoid', 'tanh', 'softplus', 'step', 'softmax'] as const) {
      const first: DenseLayer = { name: 'first', weight: { shape: [3, 2], data: Float32Array.from(await normal([6]).data()) }, bias: Float32Array.of(0.1, -0.2, 0.3), activation: 'tanh' }
      const last: DenseLayer = { name: 'last', weight: { shape: [2, 3], data: Float32Array.from(await normal([6]).data()) }, bias: Float32Array.of(0, 0.5), activation }
      const bytes = onnxOfLayers([first, last])
      close(await importOnnx(bytes)(tensor([[0.5, -1]]))[0]!.data(), plain([first, last], [0.5, -1]))
      const { layers } = await read('a.onnx', bytes)
      if (activation === 'step') expect(layers).toBeNull() // comparisons are no chain of layers
      else expect(layers).toEqual([first, last])
    }
  })
  test('what branches or is not a product with weights is no chain', async () => {
    const residual = new Sequential(new Linear(3, 3), new Residual(new Linear(3, 3)), new Sigmoid())
    const twice = (a: Tensor): Tensor => a.tanh().mul(a)
    for (const bytes of [exportOnnx(residual, tensor([x])), exportOnnx(twice, tensor([x]))]) expect((await read('a.onnx', bytes)).layers).toBeNull()
  })
})

describe('other networks become ONNX', () => {
  test('LeNet and the CNN by the names of their weights', async () => {
    for (const model of [new LeNet(), new Cnn({ width: 2 })]) {
      const network = await read('w.safetensors', filled(model))
      expect(network.layers).toBeNull()
      const net = importOnnx(await onnxOf(network))
      expect([net.inputs[0]!.shape, net.outputs[0]!.shape]).toEqual([['batch', 28, 28], ['batch', 10]])
      for (const [name, t] of Object.entries(net.weights)) if (name in network.weights) expect(same(await t.data(), network.weights[name]!.data), name).toBe(true)
      if (model instanceof LeNet) expect(Object.keys(net.weights).sort()).toEqual(Object.keys(network.weights).sort())
    }
  })
  test('a run’s folder says what was trained; its list is checked', async () => {
    const bytes = filled(new Mlp())
    const weights = { name: 'last.3.weights.safetensors', bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
    const files: DroppedFile[] = [{ name: 'r/run.json', bytes: text({ version: 1, recipe: 'fashion', model: 'mlp' }) }, { name: 'r/last.json', bytes: text({ files: { weights } }) }, { name: `r/${weights.name}`, bytes }, { name: 'r/last.3.training.safetensors', bytes: new Uint8Array() }]
    const network = await readNetwork(files)
    expect(network).toMatchObject({ source: 'run', assumed: false, run: { recipe: 'fashion', model: 'mlp' } })
    expect(activationsOf(network.layers!)).toEqual(['relu', 'relu', 'identity'])
    // by the recipe: pictures in, the same layers
    const again = await read('again.onnx', await onnxOf({ ...network, layers: null }))
    for (const [l, { weight, bias, activation }] of again.layers!.entries()) {
      const own = network.layers![l]!
      expect([activation, weight.shape, same(weight.data, own.weight.data), same(bias, own.bias)]).toEqual([own.activation, own.weight.shape, true, true])
    }
    await expect(onnxOf({ ...network, layers: null, run: { recipe: 'weather', model: 'mlp', assets: {} } })).rejects.toMatchObject({ told: { problem: 'recipe', received: 'weather, mlp' } })
    await expect(onnxOf({ ...network, layers: null, run: { recipe: 'chars', model: 'gpt', assets: {} } })).rejects.toMatchObject({ told: { problem: 'assets', received: '—', why: { code: 'library' } } })
    await expect(readNetwork(files.slice(0, 2))).rejects.toMatchObject({ told: { problem: 'missing', file: weights.name } })
  })
})

test('what is no network is told with file and place', async () => {
  const told = async (files: readonly DroppedFile[]): Promise<unknown> => readNetwork(files).then((network) => onnxOf(network)).then(() => 'read', (error: unknown) => (error instanceof FileFault ? [error.told.problem, error.told.file, error.told.expected, error.told.received] : error))
  const onnx = exportOnnx(new Sequential(new Linear(3, 2)), tensor([[1, 2, 3]]))
  expect(await told([{ name: 'a.onnx', bytes: onnx.slice(0, -9) }])).toEqual(['unreadable', 'a.onnx', 'ONNX', ''])
  expect(await told([{ name: 'a.safetensors', bytes: await stateOf(new Linear(3, 2)) }])).toBe('read')
  const sick = writeSafetensors({ 'out.weight': { dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, Number.NaN) } })
  expect(await told([{ name: 'a.safetensors', bytes: sick }])).toEqual(['number', 'a.safetensors', 'out.weight', 'NaN'])
  expect(await told([{ name: 'a.safetensors', bytes: writeSafetensors({}) }])).toMatchObject(['unknown', 'a.safetensors', expect.any(String), '—'])
  const other = writeSafetensors({ table: { dtype: 'float32', shape: [2, 2], data: new Float32Array(4) } })
  expect(await told([{ name: 'a.safetensors', bytes: other }])).toMatchObject(['unknown', 'a.safetensors', expect.any(String), 'table [2, 2]'])
  expect(await told([{ name: 'a.json', bytes: text({ tensors: { 'out.weight': null } }) }])).toMatchObject(['tensor', 'a.json', 'out.weight', 'shape: —, data: —'])
  expect(await told([{ name: 'a.json', bytes: text([1]) }])).toMatchObject(['object', 'a.json', '{…}', '[1]'])
  expect(await told([{ name: 'cat.png', bytes: new Uint8Array(3) }])).toEqual(['none', 'cat.png', '', ''])
  expect(await told([])).toEqual(['none', '—', '', ''])
})
