// Small networks from and to files as the labs keep them (for compute.ts, loaded on use): weights[j][k] from j to k.
import { writeSafetensors } from 'gradus/formats'
import { type DroppedFile, FileFault, readNetwork } from './network-file.ts'
import { type Activation, type DenseLayer, inside } from './network-layers.ts'
import { onnxOfLayers } from './network-onnx.ts'

export interface PlainLayer {
  readonly weights: readonly (readonly number[])[]
  readonly biases: readonly number[]
  readonly activation: Activation
}
export interface PlainNetwork {
  readonly file: string
  /** ReLU was taken: the file names no activation. */
  readonly assumed: boolean
  readonly layers: readonly PlainLayer[]
  /** Numbers of neurons, inputs first. */
  readonly sizes: readonly number[]
}
/** Nine digits give a 32-bit number again. */
const written = (v: number): number => Number(v.toPrecision(9))

/** The fully connected network in files, of at most so many neurons in a layer. @throws FileFault */
export async function plainNetwork(files: readonly DroppedFile[], widest: number): Promise<PlainNetwork> {
  const { file, layers, assumed, weights } = await readNetwork(files)
  if (layers === null) throw new FileFault('chain', file, 'n-m-…', Object.values(weights).slice(0, 3).map(({ shape }) => `[${shape.join(', ')}]`).join(', '))
  const sizes = [layers[0]!.weight.shape[1], ...layers.map(({ weight }) => weight.shape[0])]
  if (sizes.some((n) => n > widest)) throw new FileFault('sizes', file, `≤ ${widest}`, sizes.join('-'))
  return {
    file, assumed, sizes,
    layers: layers.map(({ weight: { shape: [m, n], data }, bias, activation }) => ({ weights: Array.from({ length: n }, (_, j) => Array.from({ length: m }, (__, k) => written(data[k * n + j]!))), biases: Array.from(bias, written), activation })),
  }
}
/** As a file: the weights alone under layers.0.weight, …, or the whole as ONNX. */
export function networkBytes(layers: readonly PlainLayer[], as: 'safetensors' | 'onnx'): Uint8Array {
  const dense = layers.map(({ weights, biases, activation }, l): DenseLayer => {
    const [m, n] = [biases.length, weights.length]
    return { name: `layers.${2 * l}`, weight: { shape: [m, n], data: Float32Array.from({ length: m * n }, (_, i) => weights[i % n]![Math.floor(i / n)]!) }, bias: Float32Array.from(biases), activation }
  })
  if (as === 'onnx') return onnxOfLayers(dense)
  return writeSafetensors(Object.fromEntries(dense.flatMap(({ name, weight, bias }) => [[inside(name, 'weight'), { dtype: 'float32' as const, shape: weight.shape, data: weight.data }], [inside(name, 'bias'), { dtype: 'float32' as const, shape: [bias.length], data: bias }]])))
}
