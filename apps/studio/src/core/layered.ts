// A fully connected network as the state of a lab: its form, sizes as text ("4-2-1"), pure changes. weights[j][k] = w_jk
// leads from neuron j of the layer before to neuron k. The engine computes; here only the shape is handled.
import { type Form, type Formed, ShapeFault, list, narrowed, number, oneOf, record } from './shape.ts'

export const WIDEST = 100
/** Layers with the input. */
export const DEEPEST = 10
/** Weights and biases together: what a page can show, and an address can hold. */
export const MOST = 3000
export const WEIGHT_LIMIT = 20
export const KINDS = ['step', 'sigmoid', 'tanh', 'relu', 'identity'] as const
export type Kind = (typeof KINDS)[number]

const layer = record({
  weights: list(list(number(-1e4, 1e4), 1, WIDEST), 1, WIDEST),
  biases: list(number(-1e4, 1e4), 1, WIDEST),
  activation: oneOf(...KINDS),
})
const layers = list(layer, 1, DEEPEST - 1)
export type Net = { readonly layers: Formed<typeof layers> }

/** Checks that the layers fit together, not only each by itself. */
const netFields = record({ layers })
export const netForm: Form<Net> = narrowed(netFields, (value, path = '') => {
  const net = netFields(value, path)
  const count = parameterCount(sizesOf(net))
  if (count > MOST) throw new ShapeFault(`${path}.layers`, { kind: 'parameters', count: MOST }, count)
  net.layers.forEach(({ weights, biases }, i) => {
    const at = `${path}.layers[${i}]`
    const before = net.layers[i - 1]?.biases.length ?? weights.length
    if (weights.length !== before) throw new ShapeFault(`${at}.weights`, { kind: 'list', min: before, max: before }, weights)
    weights.forEach((row, j) => {
      if (row.length !== biases.length) throw new ShapeFault(`${at}.weights[${j}]`, { kind: 'list', min: biases.length, max: biases.length }, row)
    })
  })
  return net
})

export const sizesOf = (net: Net): readonly number[] => [net.layers[0]!.weights.length, ...net.layers.map((l) => l.biases.length)]
export const sizesText = (net: Net): string => sizesOf(net).join('-')

/** "4-2-1" (hyphens, spaces or commas between); undefined when it is no such network. */
export function parseSizes(text: string): readonly number[] | undefined {
  const parts = text.trim().split(/\s*[-–—−,;\s]\s*/)
  const sizes = parts.map(Number)
  const good = parts.length >= 2 && parts.length <= DEEPEST && parts.every((p) => /^\d+$/.test(p)) && sizes.every((n) => n >= 1 && n <= WIDEST) && parameterCount(sizes) <= MOST
  return good ? sizes : undefined
}

/** The network in other sizes: weights that have a place in both are kept, new ones are small and different. */
export function resized(net: Net, sizes: readonly number[]): Net {
  const activation = net.layers[0]!.activation
  return {
    layers: sizes.slice(1).map((to, i) => {
      const old = net.layers[i]
      return {
        activation: old?.activation ?? activation,
        weights: Array.from({ length: sizes[i]! }, (_, j) => Array.from({ length: to }, (__, k) => old?.weights[j]?.[k] ?? fresh(i, j, k))),
        biases: Array.from({ length: to }, (_, k) => old?.biases[k] ?? -0.5),
      }
    }),
  }
}
/** Weights that differ from each other, so that no two new neurons are the same. */
const fresh = (i: number, j: number, k: number): number => (((7 * i + 5 * j + 3 * k) % 9) - 4) / 4 || 0.75

export const withKind = (net: Net, activation: Kind): Net => ({ layers: net.layers.map((l) => ({ ...l, activation })) })
const replaced = <T>(all: readonly T[], at: number, value: T): readonly T[] => all.map((v, i) => (i === at ? value : v))
/** w_jk of layer i + 2 (i counts the lists of weights). */
export const setNetWeight = (net: Net, i: number, j: number, k: number, value: number): Net => {
  const l = net.layers[i]!
  return { layers: replaced(net.layers, i, { ...l, weights: replaced(l.weights, j, replaced(l.weights[j]!, k, value)) }) }
}
export const setNetBias = (net: Net, i: number, k: number, value: number): Net => {
  const l = net.layers[i]!
  return { layers: replaced(net.layers, i, { ...l, biases: replaced(l.biases, k, value) }) }
}
/** x cut or filled with zeros to a length. */
export const fitted = (x: readonly number[], length: number): readonly number[] => Array.from({ length }, (_, i) => x[i] ?? 0)
/** Numbers of weights and biases of a network of these sizes. */
export const parameterCount = (sizes: readonly number[]): number => sizes.slice(1).reduce((sum, to, i) => sum + to * (sizes[i]! + 1), 0)

const SUBSCRIPTS = '₀₁₂₃₄₅₆₇₈₉'
export const subscript = (n: number): string => [...String(n)].map((d) => SUBSCRIPTS[Number(d)]).join('')
