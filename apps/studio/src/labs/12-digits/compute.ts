// Training, testing and asking the network of the lab, on MNIST, with Gradus.
import { type DeviceName, type Tensor, jit, tensor } from 'gradus'
import { centerDigit, randomAffine, toUnit } from 'gradus/data'
import { writeSafetensors } from 'gradus/formats'
import { LeNet } from 'gradus/models'
import { Adam, SGD, oneCycle, withTensors } from 'gradus/nn'
import { onTrainingDevice, trainingDevice } from '../../core/device.ts'
import { type TestResult, softmaxOf, testDigits } from '../../core/digit-test.ts'
import { type ModelFile, readModel } from '../../core/model-file.ts'
import { type DroppedFile, type ToldFault, toldOf } from '../../core/network-file.ts'
import type { DenseLayer } from '../../core/network-layers.ts'
import { digits } from '../../core/mnist.ts'
import { type Info, type Progress, Sessions } from '../../core/sessions.ts'
import type { Look, Recount, Signals, Weights } from '../../core/trainer.ts'
import { COLUMNS, ROWS, SIDE, type State, begin, drawingOf, keyOf, matrixOf, plainOutputs } from './model.ts'
import type { Rule } from './proofs.ts'

type Params = Readonly<Record<string, Tensor>>


/** Fully connected layers in the order of the weights; `lastToo`: the activation also at the output. */
function layered(params: Params, x: Tensor, activation: 'relu' | 'sigmoid', lastToo = false): Signals {
  const names = Object.keys(params).filter((name) => name.endsWith('.weight'))
  const hidden: Tensor[] = []
  let a = x.flatten(1) // (B,28,28) → (B,784)
  for (const [l, name] of names.entries()) {
    const z = a.matmul(params[name]!.transpose()).add(params[name.replace(/weight$/, 'bias')]!) // (B,n)·(n,m) + (m) → (B,m)
    if (l === names.length - 1) return { logits: lastToo ? z.sigmoid() : z, hidden }
    a = activation === 'relu' ? z.relu() : z.sigmoid()
    hidden.push(a)
  }
  return { logits: a, hidden }
}

// ---- one training, one dropped-in model --------------------------------------------------------------------------

interface Loaded extends ModelFile {
  /** x: (B, 28, 28) from 0 to 1. */
  readonly forward: (params: Params, x: Tensor) => Signals
  readonly signals: (device: DeviceName) => (images: Tensor) => Signals
  result: TestResult | null
}
let loaded: Loaded | null = null

const sessions = new Sessions<State>(keyOf, async (s) => {
  const [{ train }, device] = await Promise.all([digits(), trainingDevice()])
  const data = s.augment ? train.with({ augment: randomAffine({ shift: 1.5, rotate: 10, scale: 0.1, shear: 0.1 }) }) : train
  const rate = oneCycle(s.eta, Math.ceil(train.length / s.batch) * s.epochs)
  return {
    data, start: begin(s), forward: (p, x) => layered(p, x, s.activation), optimizer: s.optimizer === 'adam' ? new Adam(rate) : new SGD(rate),
    batchSize: s.batch, epochs: s.epochs, seed: s.seed, device: device.name,
  }
})
/** Loads the data if need be, and says where the training of this recipe stands. */
export const info = (s: State): Promise<Info> => sessions.info(s)
/** Trains (or goes back) to `target`; tests after every epoch and at the end. */
export const train = (s: State, target: number): AsyncGenerator<Progress | null> => sessions.train(s, target)
/** The test of the weights as they stand (of the dropped-in model if there is one). */
export async function* test(s: State): AsyncGenerator<TestResult | null> {
  if (loaded === null) return yield* sessions.test(s)
  const { test: data } = await digits()
  const model = loaded
  for await (const result of onTrainingDevice((device) => testDigits(data, model.signals(device), SHARES[ruleOf(model)]))) {
    if (result !== null) model.result = result
    yield result
  }
}
/** What the check looks at: the last test of the weights as they stand; null when there is none. */
export const measured = async (s: State): Promise<TestResult | null> => (loaded === null ? sessions.tested(s) : loaded.result)

// ---- asking ------------------------------------------------------------------------------------------------------

/** The 784 bytes the network reads; null for an empty sheet. */
export async function see(s: Pick<State, 'mode' | 'grid' | 'pixels' | 'centred'>): Promise<Uint8Array | null> {
  const { mode, centred } = s
  const matrix = matrixOf(s)
  if (matrix.every((v) => v === 0)) return null
  if (mode === 'pixels') return centred ? centerDigit({ width: SIDE, height: SIDE, data: matrix }).pixels : matrix
  if (!centred) return Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [row, column] = [Math.floor(i / SIDE) - 7, (i % SIDE) - 9] // the grid in the middle, a cell a pixel
    return row >= 0 && column >= 0 && row < ROWS && column < COLUMNS ? 255 * matrix[row * COLUMNS + column]! : 0
  })
  const [cell, margin] = [8, 16]
  const [width, height] = [COLUMNS * cell + 2 * margin, ROWS * cell + 2 * margin]
  const data = Uint8Array.from({ length: width * height }, (_, i) => {
    const [row, column] = [Math.floor((Math.floor(i / width) - margin) / cell), Math.floor(((i % width) - margin) / cell)]
    return row >= 0 && column >= 0 && row < ROWS && column < COLUMNS ? 255 * matrix[row * COLUMNS + column]! : 0
  })
  return centerDigit({ width, height, data }).pixels
}

export interface Answer {
  /** The step from which WebAssembly went on because the GPU was lost. */
  readonly lostAt: number | null
  readonly seen: Uint8Array
  readonly outputs: readonly number[]
  readonly shares: readonly number[]
  /** How the shares come from the outputs. */
  readonly rule: Rule
  readonly digit: number
}
/** The lecture's network gives signals from 0 to 1: their shares. */
const normalised = (out: ArrayLike<number>): readonly number[] => {
  const sum = Array.from(out).reduce((a, b) => a + b, 0)
  return Array.from(out, (v) => (sum === 0 ? 0.1 : v / sum))
}
const ruleOf = (model: { readonly kind: string }): Rule => (model.kind === 'lecture' ? 'sum' : 'softmax')
const SHARES: Readonly<Record<Rule, (out: ArrayLike<number>) => readonly number[]>> = { softmax: softmaxOf, sum: normalised }

const untrained = jit((params: Params, x: Tensor, sigmoid: Tensor): Tensor => {
  const [a, b] = [layered(params, toUnit(x), 'relu').logits, layered(params, toUnit(x), 'sigmoid').logits]
  return a.add(b.sub(a).mul(sigmoid))
})
let firstWeights: { readonly key: string; readonly weights: Weights } | null = null
function beginning(s: State): Weights {
  const key = JSON.stringify([s.hidden, s.seed])
  if (firstWeights?.key !== key) firstWeights = { key, weights: begin(s) }
  return firstWeights.weights
}
const toParams = (weights: Weights): Params => Object.fromEntries(Object.entries(weights).map(([name, { shape, data }]) => [name, tensor(data, { shape })]))

/** What the network says to the drawing; before the data are there, the network as it begins. */
export async function predict(s: State): Promise<Answer | null> {
  const seen = await see(drawingOf(s))
  if (seen === null) return null
  const images = tensor(seen, { shape: [1, SIDE, SIDE], dtype: 'uint8' })
  const [trainer, model] = [sessions.current(s), loaded]
  const read = async (out: Tensor): Promise<number[]> => Array.from(await out.data())
  let outputs: number[] = []
  if (model !== null) for await (const out of onTrainingDevice(async function* (device) { yield await read(model.signals(device)(images).logits) })) outputs = out
  else if (trainer !== null) outputs = await trainer.safely(() => read(trainer.signals(images).logits))
  else outputs = await read(untrained(toParams(beginning(s)), images, tensor(s.activation === 'sigmoid' ? 1 : 0)))
  const rule = model === null ? 'softmax' : ruleOf(model)
  const shares = SHARES[rule](outputs)
  return { lostAt: trainer?.lostAt ?? null, seen, outputs, shares, rule, digit: shares.indexOf(Math.max(...shares)) }
}

async function weightsNow(s: State): Promise<{ readonly weights: Weights; readonly activation: 'relu' | 'sigmoid'; readonly lastToo: boolean }> {
  if (loaded !== null) return { weights: loaded.weights, activation: loaded.activation, lastToo: loaded.kind === 'lecture' }
  return { weights: (await sessions.weights(s)) ?? beginning(s), activation: s.activation, lastToo: false }
}
/** The outputs once more, by plain loops in 64 bits. LeNet and other graphs: by the same program on the slow reference device. */
export async function plain(s: State): Promise<readonly number[]> {
  const seen = await see(drawingOf(s))
  if (seen === null) return []
  if (loaded !== null && loaded.sizes.length === 0) {
    const { forward } = loaded
    const slow = jit((p: Params, x: Tensor) => forward(p, toUnit(x)).logits, { device: 'reference' })
    return Array.from(await slow(toParams(loaded.weights), tensor(seen, { shape: [1, SIDE, SIDE], dtype: 'uint8' })).data())
  }
  const { weights, activation, lastToo } = await weightsNow(s)
  return Array.from(plainOutputs(weights, activation, Float64Array.from(seen, (v) => v / 255), lastToo))
}
/** How many of the test images the network takes for another digit, counted by plain loops in 64 bits, a few at a time. */
export async function* recount(s: State): AsyncGenerator<number | null> {
  const { test: data } = await digits()
  const { weights, activation, lastToo } = await weightsNow(s)
  let wrong = 0
  for (let i = 0; i < data.length; i++) {
    const out = plainOutputs(weights, activation, Float64Array.from(data.inputs.data.subarray(784 * i, 784 * (i + 1)), (v) => v / 255), lastToo)
    if (out.indexOf(Math.max(...out)) !== data.targets.data[i]) wrong++
    if (i % 25 === 24) yield null
  }
  yield wrong
}

/** The images of one digit read again by plain loops: how many were taken for 0, 1, … 9. */
export async function* recountDigit(s: State, digit: number): AsyncGenerator<readonly number[] | null> {
  const { test: data } = await digits()
  const { weights, activation, lastToo } = await weightsNow(s)
  const taken = new Array<number>(10).fill(0)
  for (const [i, label] of data.targets.data.entries()) {
    if (label !== digit) continue
    const out = plainOutputs(weights, activation, Float64Array.from(data.inputs.data.subarray(784 * i, 784 * (i + 1)), (v) => v / 255), lastToo)
    taken[out.indexOf(Math.max(...out))]!++
    if (i % 200 === 0) yield null
  }
  yield taken
}
/** A look's training steps once more: images read rightly and their loss, by plain loops; null before it is done or without a training. */
export async function* recountTraining(s: State, look: Pick<Look, 'from' | 'step'>): AsyncGenerator<Recount | null> {
  const trainer = sessions.current(s)
  if (trainer !== null) yield* trainer.recount(look, (weights) => (x) => plainOutputs(weights, s.activation, x))
}
/** The test's loss after some steps of the training once more, by plain loops; null before it is done or without a training. */
export async function* retest(s: State, step: number, count = 10_000): AsyncGenerator<number | null> {
  const trainer = sessions.current(s)
  if (trainer !== null) yield* trainer.retest(step, (await digits()).test, (weights) => (x) => plainOutputs(weights, s.activation, x), count)
}

/** Images of the test set. */
export const images = async (indexes: readonly number[]): Promise<readonly Uint8Array[]> => Promise.all(indexes.map(async (i) => (await image(i)).pixels))
/** An image of the test set. */
export async function image(index: number): Promise<{ readonly pixels: Uint8Array; readonly label: number }> {
  const { test: data } = await digits()
  const i = ((index % data.length) + data.length) % data.length
  return { pixels: Uint8Array.from(data.inputs.data.subarray(784 * i, 784 * (i + 1))), label: data.targets.data[i]! }
}
/** The weights of the first hidden neurons as pictures. */
export async function neurons(s: State, count: number): Promise<readonly Float32Array[]> {
  if (loaded !== null && loaded.sizes.length === 0) return []
  const { weights } = await weightsNow(s)
  const first = Object.values(weights)[0]!
  return Array.from({ length: Math.min(count, first.shape[0]!) }, (_, k) => first.data.slice(784 * k, 784 * (k + 1)))
}

// ---- files -------------------------------------------------------------------------------------------------------

export type Loading =
  | { readonly ok: true; readonly file: string; readonly kind: ModelFile['kind']; readonly sizes: readonly number[]; readonly parameters: number }
  | ToldFault

/** Puts a model from files in the place of the trained one, which is kept. A fault changes nothing. */
export async function load(files: readonly DroppedFile[]): Promise<Loading> {
  try {
    const model = await readModel(files)
    await trainingDevice()
    const params = toParams(model.weights)
    const forward = await forwardOf(model)
    const made = new Map<DeviceName, (p: Params, x: Tensor) => Signals>()
    const run = (device: DeviceName): ((p: Params, x: Tensor) => Signals) => {
      if (!made.has(device)) made.set(device, jit((p: Params, x: Tensor): Signals => forward(p, toUnit(x)), { device }))
      return made.get(device)!
    }
    loaded = { ...model, forward, signals: (device) => (x) => run(device)(params, x), result: null }
    return { ok: true, file: model.file, kind: model.kind, sizes: model.sizes, parameters: Object.values(model.weights).reduce((n, { data }) => n + data.length, 0) }
  } catch (error) {
    return toldOf(error)
  }
}
async function forwardOf(model: ModelFile): Promise<Loaded['forward']> {
  if (model.kind === 'lenet') return (p, x) => ({ logits: withTensors(new LeNet(), p).call(x), hidden: [] })
  if (model.onnx === null) return (p, x) => layered(p, x, model.activation, model.kind === 'lecture')
  const { digitsOf } = await import('../../core/network-onnx.ts')
  const net = digitsOf(model.onnx)
  return (_, x) => ({ logits: net(x), hidden: [] })
}
/** Back to the network trained here. */
export async function unload(): Promise<void> {
  loaded = null
}
/** The network as a file: its weights under the names that `gradus train digits` gives them (and PyTorch reads), or all of it as ONNX. */
export async function save(s: State, as: 'safetensors' | 'json' | 'onnx'): Promise<Uint8Array> {
  const { weights, activation, lastToo } = await weightsNow(s)
  if (as === 'onnx') return onnxNow(weights, activation, lastToo)
  if (as === 'safetensors') return writeSafetensors(Object.fromEntries(Object.entries(weights).map(([name, { shape, data }]) => [name, { dtype: 'float32' as const, shape, data }])))
  const tensors = Object.fromEntries(Object.entries(weights).map(([name, { shape, data }]) => [name, { shape, data: Array.from(data, (v) => Number(v.toPrecision(9))) }]))
  return new TextEncoder().encode(JSON.stringify({ format: 'gradus-digits', version: 1, activation, sizes: loaded?.sizes ?? [784, ...s.hidden, 10], tensors }))
}
/** Input: pictures from 0 to 1, any number of them; output: logits (the lecture's network: signals). */
async function onnxNow(weights: Weights, activation: 'relu' | 'sigmoid', lastToo: boolean): Promise<Uint8Array> {
  const { onnxOf, onnxOfLayers } = await import('../../core/network-onnx.ts')
  if (loaded !== null && loaded.sizes.length === 0) return onnxOf({ file: loaded.file, source: 'safetensors', run: null, weights, layers: null, assumed: false, onnx: loaded.onnx })
  const names = Object.keys(weights).filter((name) => name.endsWith('.weight'))
  const layers = names.map((name, l): DenseLayer => {
    const { shape, data } = weights[name]!
    return { name: name.replace(/\.weight$/, ''), weight: { shape: [shape[0]!, shape[1]!], data }, bias: weights[name.replace(/weight$/, 'bias')]!.data, activation: l < names.length - 1 || lastToo ? activation : 'identity' }
  })
  return onnxOfLayers(layers, [SIDE, SIDE])
}
export const parameters = async (s: State): Promise<number> => Object.values(beginning(s)).reduce((n, { data }) => n + data.length, 0)
