// Fully connected layers: found in a state dict by names and shapes, or in the nodes of an ONNX graph. Pure, no engine.
import type { Weights } from './trainer.ts'

export const ACTIVATIONS = ['identity', 'relu', 'sigmoid', 'tanh', 'softplus', 'step', 'softmax'] as const
export type Activation = (typeof ACTIVATIONS)[number]
export interface DenseLayer {
  readonly name: string
  /** [outputs, inputs], row by row: row k holds the weights into neuron k. */
  readonly weight: { readonly shape: readonly [number, number]; readonly data: Float32Array }
  /** One a neuron; zeros where the file has none. */
  readonly bias: Float32Array
  readonly activation: Activation
}
/** Numbers of neurons, inputs first. */
export const sizesOfLayers = (layers: readonly DenseLayer[]): readonly number[] => [layers[0]!.weight.shape[1], ...layers.map(({ weight }) => weight.shape[0])]
export const activationsOf = (layers: readonly DenseLayer[]): readonly Activation[] => layers.map(({ activation }) => activation)

/** "hidden.2" before "hidden.10", and "out" after what is hidden. */
const parts = (name: string): readonly (string | number)[] => name.split(/(\d+)/).map((part) => (/^\d+$/.test(part) ? Number(part) : part))
function inOrder(a: string, b: string): number {
  const [x, y] = [parts(a), parts(b)]
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const [p, q] = [x[i] ?? '', y[i] ?? '']
    if (p !== q) return typeof p === 'number' && typeof q === 'number' ? p - q : String(p) < String(q) ? -1 : 1
  }
  return 0
}
/** The name of a layer's tensor in a state dict. */
export const inside = (layer: string, field: string): string => (layer === '' ? field : `${layer}.${field}`)
const WEIGHT = /(^|\.)weight$/

/**
 * The layers of a state dict in which every tensor is a weight (outputs, inputs) or its bias, and each layer takes what the
 * one before gives; null when there is anything else in it.
 */
export function layersOfWeights(weights: Weights): { readonly layers: readonly DenseLayer[]; readonly assumed: boolean } | null {
  const names = Object.keys(weights).filter((name) => WEIGHT.test(name))
  const prefixes = names.map((name) => name.replace(/\.?weight$/, '')).sort(inOrder)
  const rest = new Set(Object.keys(weights))
  const layers: DenseLayer[] = []
  for (const prefix of prefixes) {
    const { shape, data } = weights[inside(prefix, 'weight')]!
    const [bias, hidden] = [weights[inside(prefix, 'bias')], weights[inside(prefix, 'hiddenBias')]] // a Boltzmann machine's: σ
    const own = bias ?? hidden
    if (shape.length !== 2 || (own !== undefined && (own.shape.length !== 1 || own.shape[0] !== shape[0]))) return null
    const before = layers.at(-1)
    if (before !== undefined && before.weight.shape[0] !== shape[1]) return null
    layers.push({ name: prefix, weight: { shape: [shape[0]!, shape[1]!], data }, bias: own?.data ?? new Float32Array(shape[0]!), activation: hidden === undefined ? 'relu' : 'sigmoid' })
    for (const field of ['weight', 'bias', ...(hidden === undefined ? [] : ['hiddenBias', 'visibleBias'])]) rest.delete(inside(prefix, field))
  }
  if (layers.length === 0 || rest.size > 0) return null
  // layers.0, layers.1, … without a gap: the lecture's network, σ everywhere
  const lecture = layers.every(({ name, activation }, l) => name === `layers.${l}` && activation === 'relu')
  return {
    layers: layers.map((layer, l): DenseLayer => ({ ...layer, activation: lecture ? 'sigmoid' : l === layers.length - 1 ? 'identity' : layer.activation })),
    assumed: !lecture && layers.slice(0, -1).some(({ activation }) => activation === 'relu'),
  }
}

// ---- ONNX ----------------------------------------------------------------------------------------------------------

export interface GraphStep {
  readonly op: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, number | string | readonly number[]>>
}
/** Operators that leave the numbers as they are, in order. */
export const VIEWS: ReadonlySet<string> = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity', 'Dropout', 'Cast'])
const NAMED: Readonly<Record<string, Activation>> = { Relu: 'relu', Sigmoid: 'sigmoid', Tanh: 'tanh', Softplus: 'softplus', Softmax: 'softmax', Identity: 'identity' }

/** The layers of a graph that is one chain of products with weights, sums with biases and activations; else null. */
export function layersOfGraph(steps: readonly GraphStep[], weights: Weights, input: string): readonly DenseLayer[] | null {
  /** A weight as it stands in the file, or turned. */
  const turned = new Map(Object.keys(weights).map((name): [string, { name: string; across: boolean }] => [name, { name, across: false }]))
  const layers: DenseLayer[] = []
  const passed = new Set<string>()
  let at = input
  for (let i = 0; i < steps.length; i++) {
    const { op, inputs, outputs, attributes } = steps[i]!
    const known = turned.get(inputs[0] ?? '')
    if (known !== undefined && (op === 'Transpose' || VIEWS.has(op))) {
      const swaps = op === 'Transpose' && weights[known.name]!.shape.length === 2 && String(attributes.perm ?? '1,0') === '1,0'
      if (op === 'Transpose' && !swaps) return null
      turned.set(outputs[0]!, { name: known.name, across: known.across !== swaps })
      continue
    }
    if (op === 'Shape') continue
    if (!inputs.includes(at)) {
      if (inputs.some((x) => passed.has(x))) return null // a branch
      continue // what depends on weights and sizes only
    }
    passed.add(at)
    const last = layers.at(-1)
    const factor = turned.get(inputs[1] ?? '')
    if (op === 'MatMul' || op === 'Gemm') {
      if (inputs[0] !== at || factor === undefined || (attributes.alpha ?? 1) !== 1 || (attributes.beta ?? 1) !== 1 || Number(attributes.transA ?? 0) !== 0) return null
      const matrix = weights[factor.name]!
      if (matrix.shape.length !== 2) return null
      const rows = factor.across !== (Number(attributes.transB ?? 0) === 1) // the file has [outputs, inputs]
      const weight = rows ? { shape: [matrix.shape[0]!, matrix.shape[1]!] as const, data: matrix.data } : across(matrix)
      if (last !== undefined && last.weight.shape[0] !== weight.shape[1]) return null
      const bias = op === 'Gemm' && (inputs[2] ?? '') !== '' ? biasOf(inputs[2]!, weight.shape[0]) : new Float32Array(weight.shape[0])
      if (bias === null) return null
      layers.push({ name: factor.name.replace(/\.?weight$/, ''), weight, bias, activation: 'identity' })
    } else if (op === 'Add') {
      const bias = last === undefined ? null : biasOf(inputs[0] === at ? inputs[1]! : inputs[0]!, last.weight.shape[0])
      if (bias === null || last!.activation !== 'identity' || last!.bias.some((v) => v !== 0)) return null
      layers[layers.length - 1] = { ...last!, bias }
    } else if (softmaxFrom(steps, i, at)) {
      if (last === undefined || last.activation !== 'identity') return null
      layers[layers.length - 1] = { ...last, activation: 'softmax' }
      i += steps.slice(i).findIndex((step) => step.op === 'Div')
      at = steps[i]!.outputs[0]!
      continue
    } else if (NAMED[op] !== undefined && op !== 'Identity') {
      if (last === undefined || last.activation !== 'identity') return null
      layers[layers.length - 1] = { ...last, activation: NAMED[op] }
    } else if (!VIEWS.has(op)) return null
    at = outputs[0]!
  }
  return layers.length === 0 ? null : layers

  function biasOf(from: string, size: number): Float32Array | null {
    const found = turned.get(from)
    return found !== undefined && weights[found.name]!.data.length === size ? weights[found.name]!.data : null
  }
}
/** e^(z − max) / Σ: how Gradus writes a softmax. */
function softmaxFrom(steps: readonly GraphStep[], i: number, at: string): boolean {
  const ops = steps.slice(i).filter(({ op }) => !VIEWS.has(op)).map(({ op }) => op)
  return steps[i]!.inputs[0] === at && ops.slice(0, 5).join() === 'ReduceMax,Sub,Exp,ReduceSum,Div'
}
function across({ shape, data }: Weights[string]): DenseLayer['weight'] {
  const [n, m] = [shape[0]!, shape[1]!]
  return { shape: [m, n], data: Float32Array.from({ length: n * m }, (_, i) => data[(i % n) * m + Math.floor(i / n)]!) }
}
