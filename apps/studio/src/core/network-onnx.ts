// Networks and ONNX (in the Worker, loaded on use): a file read; any network that was read, written as ONNX.
import { type Tensor, tensor, zeros } from 'gradus'
import { exportOnnx, importOnnx } from 'gradus/formats'
import { Cnn, LeNet } from 'gradus/models'
import type { Module } from 'gradus/nn'
import { FileFault, type NetworkFile, type Why, finite } from './network-fault.ts'
import { type Activation, type DenseLayer, inside, layersOfGraph, sizesOfLayers } from './network-layers.ts'
import type { Weights } from './trainer.ts'

const said = (error: unknown): Why => ({ code: 'library', said: error instanceof Error ? error.message : String(error) })

/** @throws FileFault for what is no ONNX file, or needs what Gradus does not read. */
export async function networkOfOnnx(file: string, bytes: Uint8Array): Promise<NetworkFile> {
  let model: ReturnType<typeof importOnnx>
  try {
    model = importOnnx(bytes)
  } catch (error) {
    throw new FileFault('unreadable', file, 'ONNX', '', (await import('./unreadable.ts')).whyNotOnnx(bytes, error))
  }
  const weights: Weights = Object.fromEntries(await Promise.all(Object.entries(model.weights).map(async ([name, t]) => [name, { shape: t.shape, data: Float32Array.from(await t.data()) }] as const)))
  const [input] = model.inputs
  const layers = input !== undefined && model.inputs.length === 1 && model.outputs.length === 1 ? layersOfGraph(model.nodes, weights, input.name) : null
  if (layers !== null) finite(file, weights) // other graphs may hold −∞ in a mask, or NaN for what lies outside a table
  return { file, source: 'onnx', run: null, weights, layers, assumed: false, onnx: bytes }
}

/** What a model takes and gives: sizes of its inputs and outputs. */
export function portsOf(bytes: Uint8Array): Pick<ReturnType<typeof importOnnx>, 'inputs' | 'outputs'> {
  const { inputs, outputs } = importOnnx(bytes)
  return { inputs, outputs }
}
/** An ONNX file as a network of digits: (B, 28, 28) → (B, 10), whatever form its input has. */
export function digitsOf(bytes: Uint8Array): (x: Tensor) => Tensor {
  const net = importOnnx(bytes)
  const shape = net.inputs[0]!.shape!.slice(1) as number[]
  return (x) => net(x.reshape([x.shape[0]!, ...shape]))[0]!
}

const PHI: Readonly<Record<Activation, (z: Tensor) => Tensor>> = {
  identity: (z) => z, relu: (z) => z.relu(), sigmoid: (z) => z.sigmoid(), tanh: (z) => z.tanh(), softplus: (z) => z.softplus(), step: (z) => z.gt(0).to('float32'), softmax: (z) => z.softmax(-1),
}
/** Fully connected layers as an ONNX file; `shape` is one example's, without the batch. */
export function onnxOfLayers(layers: readonly DenseLayer[], shape: readonly number[] = [sizesOfLayers(layers)[0]!], metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const tensors = layers.map(({ weight, bias }) => [tensor(weight.data, { shape: weight.shape }), tensor(bias)] as const)
  const parameters = Object.fromEntries(layers.flatMap(({ name }, l) => [[inside(name, 'weight'), tensors[l]![0]], [inside(name, 'bias'), tensors[l]![1]]]))
  const forward = (x: Tensor): Tensor => layers.reduce((a, { activation }, l) => PHI[activation](a.matmul(tensors[l]![0].transpose()).add(tensors[l]![1])), x.flatten(1)) // (B, …) → (B,n) → (B,m)
  return exportOnnx(forward, zeros([1, ...shape]), { parameters, metadata })
}

/** Any network as ONNX. @throws FileFault when only its weights are known, not what it does with them. */
export async function onnxOf(network: NetworkFile): Promise<Uint8Array> {
  const { file, onnx, layers, weights, run } = network
  if (onnx !== null) return onnx
  if (layers !== null) return onnxOfLayers(layers)
  const { model, example } = run === null ? ofNames(file, weights) : await ofRun(run)
  const own = model.state() // counters are whole numbers
  for (const name of new Set([...Object.keys(own), ...Object.keys(weights)])) {
    const [wanted, got] = [own[name]?.shape, weights[name]?.shape]
    if (wanted?.join() !== got?.join()) throw new FileFault('shape', file, `${name} ${wanted === undefined ? '—' : `[${wanted.join(', ')}]`}`, got === undefined ? '—' : `[${got.join(', ')}]`)
  }
  try {
    model.loadState(Object.fromEntries(Object.entries(weights).map(([name, { shape, data }]) => [name, tensor(data, { shape }).to(own[name]?.dtype ?? 'float32')])))
    return exportOnnx(model, example)
  } catch (error) {
    throw new FileFault('export', file, 'ONNX', run?.model ?? '', said(error))
  }
}

interface Built {
  readonly model: Module
  readonly example: readonly unknown[]
}
/** The networks that their names tell. */
function ofNames(file: string, weights: Weights): Built {
  const image = [zeros([1, 28, 28])]
  const classes = weights['out.weight']?.shape[0] ?? 10
  if (weights['conv1.weight'] !== undefined && weights['full1.weight'] !== undefined) return { model: new LeNet(classes), example: image }
  const first = weights['first.conv.weight']
  if (first !== undefined) return { model: new Cnn({ width: first.shape[0]!, classes }), example: image }
  throw new FileFault('unknown', file, 'hidden.0.weight, layers.0.weight, 0.weight, conv1.weight', Object.entries(weights).slice(0, 3).map(([name, { shape }]) => `${name} [${shape.join(', ')}]`).join(', '))
}
/** What `gradus train` builds for a run. */
async function ofRun({ recipe: name, model, assets }: NonNullable<NetworkFile['run']>): Promise<Built> {
  const { recipes } = await import('gradus/recipes')
  const recipe = Object.hasOwn(recipes, name) ? recipes[name]! : undefined
  const plan = recipe !== undefined && Object.hasOwn(recipe.models, model) ? recipe.models[model] : undefined
  if (recipe === undefined || plan === undefined) throw new FileFault('recipe', 'run.json', Object.keys(recipes).join(', '), `${name}, ${model}`)
  const colours = recipe.pictures !== undefined && 'colors' in recipe.pictures ? recipe.pictures.colors : null
  try {
    return { model: plan.build(assets), example: recipe.example?.(assets) ?? [colours === null ? zeros([1, 28, 28]) : zeros([1, 3, colours, colours])] }
  } catch (error) {
    throw new FileFault('assets', 'run.json', `${name} (${model})`, Object.keys(assets).map((asset) => `${asset}.json`).join(', ') || '—', said(error))
  }
}
