// State of the lab: the drawing and the network's recipe. What was learned follows from recipe, data and step.
import { type Form, type Formed, ShapeFault, boolean, integer, list, number, oneOf, record } from '../../core/shape.ts'

import { dab, fromHex, pixels } from '../../core/pixels.ts'
import { random } from '../../core/random.ts'

/** The lecture's grid. */
export const ROWS = 13
export const COLUMNS = 10
export const SIDE = 28
/** The lecture's figure: average test error of neural networks on MNIST. The slide names no source. */
export const LECTURE_ERROR = 0.0175

const bits: Form<string> = (value, path = '') => {
  if (typeof value !== 'string' || !/^[01]{130}$/.test(value)) throw new ShapeFault(path, { kind: 'cells', count: 130 }, value)
  return value
}
export const form = record({
  mode: oneOf('grid', 'pixels'),
  grid: bits,
  pixels: pixels(SIDE * SIDE),
  /** Brought to MNIST's place and size before the network sees it. */
  centred: boolean,
  hidden: list(integer(4, 512), 1, 3),
  activation: oneOf('relu', 'sigmoid'),
  optimizer: oneOf('adam', 'sgd'),
  eta: number(0.0001, 100),
  batch: oneOf(32, 64, 128, 256),
  epochs: integer(1, 60),
  augment: boolean,
  seed: integer(1, 9999),
  /** Updates made. */
  steps: integer(0, 200_000),
})
export type State = Formed<typeof form>

/** A zero on the lecture's grid. */
const ZERO = [
  '0000000000', '0000110000', '0001111000', '0011001100', '0110000110', '0110000110', '0110000110',
  '0110000110', '0110000110', '0011001100', '0001111000', '0000110000', '0000000000',
].join('')

export const initial: State = {
  mode: 'grid', grid: ZERO, pixels: '00'.repeat(SIDE * SIDE), centred: true,
  hidden: [128], activation: 'relu', optimizer: 'adam', eta: 0.004, batch: 128, epochs: 10, augment: false, seed: 7, steps: 0,
}
/** A recipe that beat 1.75 % on the packed part and on the full set when it was measured. */
export const GOOD: Partial<State> = { hidden: [256], activation: 'relu', optimizer: 'adam', eta: 0.004, batch: 128, epochs: 30, augment: true, seed: 7 }

type Recipe = Pick<State, 'hidden' | 'activation' | 'optimizer' | 'eta' | 'batch' | 'epochs' | 'augment' | 'seed'>
/** What training depends on, but for how far it went. */
export const keyOf = ({ hidden, activation, optimizer, eta, batch, epochs, augment, seed }: Recipe): string => JSON.stringify({ hidden, activation, optimizer, eta, batch, epochs, augment, seed })
/** What the network's answer to the drawing depends on. */
export const drawingOf = ({ mode, grid, pixels, centred }: State): Pick<State, 'mode' | 'grid' | 'pixels' | 'centred'> => ({ mode, grid, pixels, centred })

export const sizeOf = (mode: State['mode']): { readonly rows: number; readonly columns: number } => (mode === 'grid' ? { rows: ROWS, columns: COLUMNS } : { rows: SIDE, columns: SIDE })
/** The matrix, row by row: 0/1 on the grid, bytes on 28×28. */
export const matrixOf = (s: Pick<State, 'mode' | 'grid' | 'pixels'>): Uint8Array => (s.mode === 'grid' ? Uint8Array.from(s.grid, Number) : fromHex(s.pixels))
/** The vector the lecture means: the rows one after another, from 0 to 1. */
export const vectorOf = (s: Pick<State, 'mode' | 'grid' | 'pixels'>): readonly number[] => Array.from(matrixOf(s), (v) => (s.mode === 'grid' ? v : v / 255))

/** Cells painted (ink) or wiped. */
export function paint(s: State, cells: readonly (readonly [number, number])[], ink: boolean): State {
  if (s.mode === 'pixels') return { ...s, pixels: cells.reduce((text, [r, c]) => dab(text, SIDE, r, c, ink ? 255 : 0), s.pixels) }
  const grid = [...s.grid]
  for (const [r, c] of cells) if (r >= 0 && c >= 0 && r < ROWS && c < COLUMNS) grid[r * COLUMNS + c] = ink ? '1' : '0'
  return { ...s, grid: grid.join('') }
}
export const clear = (s: State): State => (s.mode === 'grid' ? { ...s, grid: '0'.repeat(130) } : { ...s, pixels: '00'.repeat(784) })

// ---- the network -------------------------------------------------------------------------------------------------

export interface Layer {
  readonly name: string
  readonly inputs: number
  readonly outputs: number
}
export function layersOf(hidden: readonly number[]): readonly Layer[] {
  const sizes = [784, ...hidden, 10]
  return sizes.slice(1).map((outputs, l) => ({ name: l === hidden.length ? 'out' : `hidden.${l}`, inputs: sizes[l]!, outputs }))
}
export const parameterCount = (hidden: readonly number[]): number => layersOf(hidden).reduce((n, { inputs, outputs }) => n + (inputs + 1) * outputs, 0)

type Weights = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>
/** The weights before training: even numbers from −r to r, r = √(6 / inputs) (He et al., 2015), biases 0. Names as `gradus train` has them. */
export function begin(s: Pick<State, 'hidden' | 'seed'>): Weights {
  const next = random(s.seed)
  return Object.fromEntries(
    layersOf(s.hidden).flatMap(({ name, inputs, outputs }) => {
      const reach = Math.sqrt(6 / inputs)
      return [
        [`${name}.weight`, { shape: [outputs, inputs], data: Float32Array.from({ length: outputs * inputs }, () => (2 * next() - 1) * reach) }],
        [`${name}.bias`, { shape: [outputs], data: new Float32Array(outputs) }],
      ]
    }),
  )
}

/** The outputs of a fully connected network by plain loops over its layers in order: the independent check. */
export function plainOutputs(weights: Weights, activation: 'relu' | 'sigmoid', x: ArrayLike<number>, lastToo = false): Float64Array {
  const names = Object.keys(weights).filter((name) => name.endsWith('.weight'))
  let a = Float64Array.from(x)
  for (const [l, name] of names.entries()) {
    const { shape, data } = weights[name]!
    const bias = weights[name.replace(/weight$/, 'bias')]!.data
    const z = new Float64Array(shape[0]!)
    for (let k = 0; k < z.length; k++) {
      let sum = bias[k]!
      for (let j = 0; j < a.length; j++) sum += data[k * a.length + j]! * a[j]!
      z[k] = sum
    }
    a = l < names.length - 1 || lastToo ? z.map((v) => (activation === 'relu' ? Math.max(0, v) : 1 / (1 + Math.exp(-v)))) : z
  }
  return a
}

/** One click against it: a rate that is known to train, and never more than a tenth of this one; from the beginning. */
export const calmer = (s: State): State => ({ ...s, eta: Math.max(0.0001, Math.min(s.optimizer === 'adam' ? 0.004 : 0.1, Number((s.eta / 10).toPrecision(3)))), steps: 0 })

/** The numbers of the test images that fell into a cell of the confusion matrix. */
export function cellOf({ labels, said }: { readonly labels: Uint8Array; readonly said: Uint8Array }, digit: number, taken: number): readonly number[] {
  const found: number[] = []
  for (let i = 0; i < labels.length; i++) if (labels[i] === digit && said[i] === taken) found.push(i)
  return found
}
