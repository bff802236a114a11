// A trained model of digits from files a person drops in (for lab 12): a network of any form (network-file.ts) that reads 28×28
// pixels and answers with ten numbers. Every shape is checked; what does not fit is told with what was expected.
import { type DroppedFile, FileFault, readNetwork } from './network-file.ts'
import { type DenseLayer, activationsOf, inside, sizesOfLayers } from './network-layers.ts'
import type { Weights } from './trainer.ts'

export type ModelKind = 'mlp' | 'lecture' | 'lenet' | 'onnx'
export interface ModelFile {
  readonly file: string
  readonly kind: ModelKind
  /** The numbers of neurons, inputs first; of LeNet and other networks: none. */
  readonly sizes: readonly number[]
  readonly activation: 'relu' | 'sigmoid'
  readonly weights: Weights
  /** Networks that are no chain of layers: the file, run as it is. */
  readonly onnx: Uint8Array | null
}

const LENET: Readonly<Record<string, readonly number[]>> = {
  'conv1.weight': [6, 1, 5, 5], 'conv1.bias': [6], 'conv2.weight': [16, 6, 5, 5], 'conv2.bias': [16],
  'full1.weight': [120, 400], 'full1.bias': [120], 'full2.weight': [84, 120], 'full2.bias': [84], 'out.weight': [10, 84], 'out.bias': [10],
}
const list = (shape: readonly number[] | undefined): string => (shape === undefined ? '—' : `[${shape.join(', ')}]`)
const pick = (weights: Weights, names: readonly string[]): Weights => Object.fromEntries(names.map((name) => [name, weights[name]!]))
/** A layer's weights under its name, as the lab and `gradus train` name them. */
const named = (layers: readonly DenseLayer[]): Weights =>
  Object.fromEntries(layers.flatMap(({ weight, bias }, l) => {
    const name = l === layers.length - 1 ? 'out' : `hidden.${l}`
    return [[`${name}.weight`, weight], [`${name}.bias`, { shape: [bias.length], data: bias }]]
  }))

/** LeNet of `gradus train digits`, every shape checked. */
function leNet(file: string, weights: Weights): ModelFile {
  for (const [name, shape] of Object.entries(LENET)) {
    const got = weights[name]?.shape
    if (got?.join() !== shape.join()) throw new FileFault('shape', file, `${name} ${list(shape)}`, list(got))
  }
  return { file, kind: 'lenet', sizes: [], activation: 'relu', weights: pick(weights, Object.keys(LENET)), onnx: null }
}

/** Fully connected layers from 784 to 10, one function in all hidden ones. */
function dense(file: string, layers: readonly DenseLayer[]): ModelFile | null {
  const [hidden, last] = [activationsOf(layers.slice(0, -1)), layers.at(-1)!.activation]
  const [first = 'relu'] = hidden
  const sizes = sizesOfLayers(layers)
  const base = { file, sizes, weights: named(layers), onnx: null }
  if (last === 'sigmoid' && hidden.every((name) => name === 'sigmoid')) return { ...base, kind: 'lecture', activation: 'sigmoid' }
  // a softmax at the end changes no answer: the lab takes the shares itself
  const plain = last === 'identity' || last === 'softmax'
  return plain && (first === 'relu' || first === 'sigmoid') && hidden.every((name) => name === first) ? { ...base, kind: 'mlp', activation: first } : null
}

/** The model in what was dropped. @throws FileFault */
export async function readModel(files: readonly DroppedFile[]): Promise<ModelFile> {
  const network = await readNetwork(files)
  const { file, layers, weights, run, onnx } = network
  if (run !== null && run.recipe !== 'digits') throw new FileFault('recipe', 'run.json', 'digits', run.recipe)
  if (layers !== null) {
    const [first, last] = [layers[0]!, layers.at(-1)!]
    if (first.weight.shape[1] !== 784) throw new FileFault('shape', file, `${inside(first.name, 'weight')} [n, 784]`, list(first.weight.shape))
    if (last.weight.shape[0] !== 10) throw new FileFault('shape', file, `${inside(last.name, 'weight')} [10, ${last.weight.shape[1]}]`, list(last.weight.shape))
    const model = dense(file, layers)
    if (model !== null) return model
  }
  if (onnx === null && 'conv1.weight' in weights && 'full1.weight' in weights) return leNet(file, weights)
  const { onnxOf, portsOf } = await import('./network-onnx.ts')
  const bytes = await onnxOf(network)
  const { inputs, outputs } = portsOf(bytes)
  const [input, output] = [inputs[0], outputs[0]]
  const fits = inputs.length === 1 && typeof input?.shape?.[0] !== 'number' && [',28,28', ',1,28,28', ',784'].includes(`,${(input?.shape ?? []).slice(1).join()}`) && (output?.shape ?? []).at(-1) === 10
  if (!fits) throw new FileFault('shape', file, '[n, 28, 28] → [n, 10]', `${inputs.map(({ shape }) => `[${shape?.join(', ') ?? '?'}]`).join(', ')} → [${output?.shape?.join(', ') ?? '?'}]`)
  return { file, kind: 'onnx', sizes: [], activation: 'relu', weights, onnx: bytes }
}
