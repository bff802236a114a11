// State of the lab: a network, its input, the neuron that is looked at, and what was typed while the numbers are covered.
import { DEEPEST, type Kind, type Net, WIDEST, fitted, netForm, resized, sizesOf, withKind } from '../../core/layered.ts'
import { type Form, type Formed, ShapeFault, boolean, integer, list, narrowed, number, record } from '../../core/shape.ts'

export const INPUT_LIMIT = 10
const typed = record({ layer: integer(1, DEEPEST - 1), k: integer(0, WIDEST - 1), z: number(), a: number() })
export type Typed = Formed<typeof typed>
const fields = record({
  net: netForm,
  x: list(number(-INPUT_LIMIT, INPUT_LIMIT), 1, WIDEST),
  /** [layer, neuron], layer 1 is the first after the input. */
  picked: list(integer(0, WIDEST - 1), 2),
  /** The numbers are hidden until they are typed. */
  covered: boolean,
  typed: list(typed, 0, WIDEST * (DEEPEST - 1)),
})
export type State = Formed<typeof fields>

export const form: Form<State> = narrowed(fields, (value, path = '') => {
  const s = fields(value, path)
  const sizes = sizesOf(s.net)
  if (s.x.length !== sizes[0]) throw new ShapeFault('x', { kind: 'list', min: sizes[0]!, max: sizes[0]! }, s.x)
  const [layer, k] = s.picked as [number, number]
  if (layer < 1 || layer >= sizes.length || k >= sizes[layer]!) throw new ShapeFault('picked', { kind: 'neuron' }, s.picked)
  return s
})

/** The lecture's network: 1 when x₁x₂ or x₃x₄. */
export const initial: State = {
  net: {
    layers: [
      { weights: [[1, 0], [1, 0], [0, 1], [0, 1]], biases: [-1.5, -1.5], activation: 'step' },
      { weights: [[1], [1]], biases: [-0.5], activation: 'step' },
    ],
  },
  x: [1, 1, 0, 1],
  picked: [1, 0],
  covered: false,
  typed: [],
}

/** For a link that would be too long: the sizes and functions, with the first weights of such a network. */
export const light = (s: State): State => ({ ...s, net: { layers: resized(initial.net, sizesOf(s.net)).layers.map((l, i) => ({ ...l, activation: s.net.layers[i]!.activation })) }, typed: [] })

/** Typed numbers belong to the network and input they were typed for. */
export const withNet = (s: State, net: Net): State => ({ ...s, net, typed: [] })
export const withInput = (s: State, j: number, value: number): State => ({ ...s, x: s.x.map((v, i) => (i === j ? value : v)), typed: [] })
export const withSizes = (s: State, sizes: readonly number[]): State => ({ ...s, net: resized(s.net, sizes), x: fitted(s.x, sizes[0]!), picked: [1, 0], typed: [] })
/** Whether all layers have one function; a network from a file need not. */
export const uniform = (net: Net): boolean => new Set(net.layers.map(({ activation }) => activation)).size === 1
/** In all layers; where they differ, in the layer that is looked at. */
export const withActivation = (s: State, kind: Kind): State => withNet(s, uniform(s.net) ? withKind(s.net, kind) : { layers: s.net.layers.map((l, i) => (i === s.picked[0]! - 1 ? { ...l, activation: kind } : l)) })
/** A network from a file, with zeros where its input is longer. */
export const withOpened = (s: State, net: Net): State => ({ ...withNet(s, net), x: fitted(s.x, sizesOf(net)[0]!), picked: [1, 0] })

export const TOLERANCE = 0.01
export const close = (typed: number, truth: number): boolean => Math.abs(typed - truth) <= TOLERANCE + 1e-9
export const typedOf = (s: State, layer: number, k: number): Typed | undefined => s.typed.find((t) => t.layer === layer && t.k === k)
export const withTyped = (s: State, entry: Typed): State => ({ ...s, typed: [...s.typed.filter((t) => t.layer !== entry.layer || t.k !== entry.k), entry] })

/** z_k = Σ w_jk a_j + b_k, term by term: the independent check. */
export function potential(weights: readonly (readonly number[])[], biases: readonly number[], before: readonly number[], k: number): number {
  let z = biases[k]!
  for (let j = 0; j < before.length; j++) z += weights[j]![k]! * before[j]!
  return z
}

/** Every neuron of a layer of σ or tanh is flat here; or every ReLU of a hidden layer is silent. `layer` counts from the first after the input. */
export interface Trouble {
  readonly kind: 'saturated' | 'dead'
  readonly layer: number
}
const FLAT: Partial<Readonly<Record<Kind, (a: number) => boolean>>> = { sigmoid: (a) => a < 0.01 || a > 0.99, tanh: (a) => Math.abs(a) > 0.99 }
export function troubleOf(net: Net, signals: readonly (readonly number[])[]): Trouble | null {
  for (const [i, { activation }] of net.layers.entries()) {
    const [a, flat] = [signals[i]!, FLAT[activation]]
    if (flat !== undefined && a.every(flat)) return { kind: 'saturated', layer: i + 1 }
    if (activation === 'relu' && i < net.layers.length - 1 && a.every((v) => v === 0)) return { kind: 'dead', layer: i + 1 }
  }
  return null
}
const ACT: Readonly<Record<Kind, (z: number) => number>> = { step: (z) => (z > 0 ? 1 : 0), sigmoid: (z) => 1 / (1 + Math.exp(-z)), tanh: Math.tanh, relu: (z) => Math.max(0, z), identity: (z) => z }
/** Layer by layer: weights scaled down until |z| ≤ 2 where σ or tanh would be flat; biases raised where all ReLU are silent. */
export function repaired(s: State): State {
  const tidy = (v: number): number => Number(v.toFixed(4))
  let fed: readonly number[] = s.x
  const layers = s.net.layers.map((old, i) => {
    let layer = old
    const potentials = (): number[] => layer.biases.map((_, k) => potential(layer.weights, layer.biases, fed, k))
    const largest = Math.max(...potentials().map(Math.abs))
    if (FLAT[old.activation] !== undefined && largest > 2) layer = { ...old, weights: old.weights.map((row) => row.map((w) => tidy((2 * w) / largest))), biases: old.biases.map((b) => tidy((2 * b) / largest)) }
    if (old.activation === 'relu' && i < s.net.layers.length - 1 && potentials().every((z) => z <= 0)) layer = { ...old, biases: old.biases.map((b, k) => tidy(b + 0.5 - potentials()[k]!)) }
    fed = potentials().map(ACT[old.activation])
    return layer
  })
  return withNet(s, { layers })
}

/** All inputs of n bits. */
export const bits = (n: number): readonly (readonly number[])[] => Array.from({ length: 2 ** n }, (_, r) => Array.from({ length: n }, (__, i) => (r >> (n - 1 - i)) & 1))
