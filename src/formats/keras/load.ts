// Keras' weights into a Gradus Sequential: layers are paired in order; kernels are turned to PyTorch's layout.
import { ValueError, argumentOf, showShape } from '../../base/index.ts'
import { BatchNorm1d, BatchNorm2d, BatchNorm3d, Conv1d, Conv2d, Conv3d, Embedding, LayerNorm, Linear, Module, Sequential } from '../../nn/index.ts'
import { type Tensor, tensor } from '../../tensor/index.ts'
import { quote } from '../fault.ts'
import type { FileInput } from '../source/source.ts'
import { type KerasArray, type KerasLayer, readKeras } from './read.ts'

const CLASSES = new Map(Object.entries<readonly (abstract new (...args: never[]) => Module)[]>({
  Dense: [Linear], Conv1D: [Conv1d], Conv2D: [Conv2d], Conv3D: [Conv3d], Embedding: [Embedding],
  BatchNormalization: [BatchNorm1d, BatchNorm2d, BatchNorm3d], LayerNormalization: [LayerNorm],
}))
/** Ours ← theirs. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  weight: ['kernel', 'embeddings', 'gamma'], bias: ['bias', 'beta'], runningMean: ['moving_mean'], runningVar: ['moving_variance'],
}

/**
 * Loads the weights of a Sequential model that Keras saved (`.keras`, or the older `.h5` of a whole model) into a Gradus
 * Sequential; returns the model. Layers with weights are paired in order: Dense, Conv1D/2D/3D, BatchNormalization,
 * LayerNormalization, Embedding. Kernels are turned (Keras has channels last), also those of the Dense layer after a Flatten.
 *
 * What is no weight is yours to give as Keras had it: activations, padding, strides. Epsilons are compared: Keras' default is
 * 10⁻³, ours 10⁻⁵.
 *
 * @throws ValueError that lists what is missing, unexpected, of another shape or kind; FormatError for a damaged file. The model
 * is unchanged then.
 */
export async function loadKeras<M extends Sequential>(model: M, input: FileInput): Promise<M> {
  argumentOf('loadKeras', model instanceof Sequential, 'model', 'a Sequential', model)
  const { name, layers, unexpected } = await readKeras(input)
  const problems = unexpected.length > 0 ? [`unexpected: ${unexpected.slice(0, 12).map(quote).join(', ')}`] : []
  const theirs = layers.filter((l) => CLASSES.has(l.kind))
  const ours = model.layers.flatMap((layer, i) => (layer instanceof Module && Object.keys(layer.state()).length > 0 ? [{ layer, at: i }] : []))
  if (theirs.length !== ours.length) problems.push(`the file has ${theirs.length} layers with weights (${theirs.map((l) => `${l.kind} ${quote(l.name)}`).join(', ')}), the model ${ours.length}`)
  const values: Record<string, Tensor> = {}
  ours.slice(0, theirs.length).forEach(({ layer, at }, i) => {
    const from = theirs[i]!
    const where = `layers.${at} and ${quote(from.name)}`
    if (!CLASSES.get(from.kind)!.some((kind) => layer instanceof kind)) {
      problems.push(`${where}: a ${from.kind} is no ${layer.constructor.name}`)
      return
    }
    const epsilon = from.config.get('epsilon')
    if ('eps' in layer && typeof epsilon === 'number' && layer.eps !== epsilon) problems.push(`${where}: eps must be ${epsilon}, not ${String(layer.eps)}`)
    const left = new Set(from.arrays.keys())
    const channels = channelsBefore(layers, from)
    for (const [path, own] of Object.entries(layer.state())) {
      const variable = NAMES[path]?.find((n) => from.arrays.has(n))
      if (variable === undefined) {
        // counters of batches are ours alone
        if (NAMES[path] !== undefined) problems.push(`${where}: missing ${path}`)
        else values[`layers.${at}.${path}`] = own
        continue
      }
      left.delete(variable)
      const array = turned(from, variable, channels)
      if (array.shape.join() === own.shape.join()) values[`layers.${at}.${path}`] = tensor(array.data, { shape: array.shape })
      else problems.push(`${where}: ${path} needs ${showShape(own.shape)}, theirs gives ${showShape(array.shape)}`)
    }
    if (left.size > 0) problems.push(`${where}: unexpected ${[...left].join(', ')}`)
  })
  if (problems.length > 0) throw new ValueError('loadKeras', `${name} does not hold the weights of this model: ${problems.join('; ')}`, { remedy: 'Build the model with the layers and sizes the file was saved with.' })
  return model.loadState(values)
}

/** How many channels a Flatten right before a Dense layer laid out last; null: there is none. */
function channelsBefore(layers: readonly KerasLayer[], dense: KerasLayer): number | null {
  if (dense.kind !== 'Dense') return null
  let flattened = false
  for (let i = layers.indexOf(dense) - 1; i >= 0; i--) {
    const { kind, arrays } = layers[i]!
    if (kind === 'Flatten') flattened = true
    else if (kind === 'Dense' || kind.startsWith('Global') || kind === 'Embedding') return null
    else if (flattened && kind.startsWith('Conv')) return arrays.get('kernel')?.shape.at(-1) ?? null
  }
  return null
}

/** Theirs in our layout: kernels (…taps, in, out) → (out, in, …taps); the Dense layer after a Flatten reads (H·W, C), ours (C, H·W). */
function turned(layer: KerasLayer, variable: string, channels: number | null): KerasArray {
  const { shape, data } = layer.arrays.get(variable)!
  if (variable !== 'kernel' || shape.length < 2) return { shape, data }
  const [input, output] = [shape.at(-2)!, shape.at(-1)!]
  const taps = shape.slice(0, -2)
  const n = taps.reduce((a, b) => a * b, 1)
  const out = new Float32Array(data.length)
  // (2⁵⁰, 0): no numbers, many of them
  if (data.length === 0) return { shape: [output, input, ...taps], data: out }
  const places = channels === null || input % channels !== 0 ? 1 : input / channels
  const per = channels === null || input % channels !== 0 ? input : channels
  for (let t = 0; t < n; t++) {
    for (let i = 0; i < input; i++) {
      const own = places === 1 ? i : (i % per) * places + Math.floor(i / per)
      for (let o = 0; o < output; o++) out[(o * input + own) * n + t] = data[(t * input + i) * output + o]!
    }
  }
  return { shape: [output, input, ...taps], data: out }
}
