// State of the lab: the picture, edited filters, the pixel that is looked at, the recipe. What was learned follows from recipe and step.
import { type Form, type Formed, ShapeFault, integer, list, narrowed, number, oneOf, record, text } from '../../core/shape.ts'
import { between, dab, fromHex, pixels } from '../../core/pixels.ts'
import { random } from '../../core/random.ts'

export const SIDE = 28
export const FIRST = 6
export const SECOND = 12
export const LAYERS = ['conv1', 'pool1', 'conv2', 'pool2'] as const
export type LayerName = (typeof LAYERS)[number]
export const channelsOf = (layer: LayerName): number => (layer === 'conv1' || layer === 'pool1' ? FIRST : SECOND)
export const sideOf = (layer: LayerName): number => ({ conv1: 28, pool1: 14, conv2: 14, pool2: 7 })[layer]

const maybe = <T>(of: Form<T>): Form<T | null> => narrowed(of, (value, path = '') => (value === null ? null : of(value, path)))
const filter = record({ w: list(number(-10, 10), 9), b: number(-10, 10) })
/** Nine weights, row by row, and the bias. */
export type Filter = Formed<typeof filter>

type Weights = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>
export const SHAPES = { 'conv1.weight': [FIRST, 1, 3, 3], 'conv1.bias': [FIRST], 'conv2.weight': [SECOND, FIRST, 3, 3], 'conv2.bias': [SECOND], 'out.weight': [10, SECOND * 49], 'out.bias': [10] } as const
const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
const PARAMETERS = Object.values(SHAPES).reduce((n, shape) => n + sizeOf(shape), 0)

/** All weights in the order of SHAPES, 32 bits each, as text (base64). */
export function packed(weights: Weights): string {
  const all = new Float32Array(PARAMETERS)
  let at = 0
  for (const name of Object.keys(SHAPES)) {
    all.set(weights[name]!.data, at)
    at += weights[name]!.data.length
  }
  let bytes = ''
  for (const b of new Uint8Array(all.buffer)) bytes += String.fromCharCode(b)
  return btoa(bytes)
}
/** Null where the text is no such weights. */
function unpacked(from: string): Weights | null {
  let bytes: Uint8Array
  try {
    bytes = Uint8Array.from(atob(from), (c) => c.charCodeAt(0))
  } catch {
    return null
  }
  if (bytes.length !== 4 * PARAMETERS) return null
  const all = new Float32Array(bytes.buffer)
  if (!all.every(Number.isFinite)) return null
  let at = 0
  return Object.fromEntries(Object.entries(SHAPES).map(([name, shape]) => [name, { shape, data: all.slice(at, (at += sizeOf(shape))) }]))
}
const packedForm: Form<string> = (value, path = '') => {
  if (typeof value !== 'string' || unpacked(value) === null) throw new ShapeFault(path, { kind: 'packed', count: PARAMETERS }, value)
  return value
}

const fields = record({
  pixels: pixels(SIDE * SIDE),
  /** Filters of the first convolution set by hand; null: as trained. */
  edits: list(maybe(filter), FIRST),
  layer: oneOf(...LAYERS),
  channel: integer(0, SECOND - 1),
  row: integer(0, SIDE - 1),
  column: integer(0, SIDE - 1),
  eta: number(0.0001, 1),
  batch: oneOf(32, 64, 128),
  epochs: integer(1, 20),
  seed: integer(1, 9999),
  steps: integer(0, 200_000),
  /** A network from a file: training begins with its weights. Null: with weights drawn from the seed. */
  own: maybe(record({ file: text(200), weights: packedForm })),
})
export type State = Formed<typeof fields>
/** Links made before networks could be opened have none. */
export const form: Form<State> = narrowed(fields, (value, path = '') => fields(typeof value === 'object' && value !== null ? { own: null, ...value } : value, path))

/** Strokes on an empty sheet: [row, column] to [row, column]. */
const drawn = (strokes: readonly (readonly [number, number, number, number])[]): string =>
  strokes.reduce((sheet, [r0, c0, r1, c1]) => between([r0, c0], [r1, c1]).reduce((text, [r, c]) => dab(text, SIDE, r, c, 255, 0.5), sheet), '00'.repeat(SIDE * SIDE))

export const initial: State = {
  pixels: drawn([[5, 10, 14, 7], [14, 7, 14, 20], [6, 17, 23, 17]]), edits: [null, null, null, null, null, null],
  layer: 'conv1', channel: 0, row: 9, column: 17, eta: 0.005, batch: 64, epochs: 3, seed: 5, steps: 0, own: null,
}
/** What training depends on, but for how far it went. */
export const keyOf = ({ eta, batch, epochs, seed, own }: State): string => JSON.stringify({ eta, batch, epochs, seed, own: own?.weights })
/** A network from a file takes the place of the one that is here; its filters are as the file has them. */
export const withOwn = (s: State, own: NonNullable<State['own']> | null): State => ({ ...s, own, steps: 0, edits: s.edits.map(() => null) })
/** For a link that would be too long: without the network from a file, and so without what was trained from it. */
export const light = (s: State): State => (s.own === null ? s : { ...s, own: null, steps: 0 })
export const stroke = (s: State, cells: readonly (readonly [number, number])[], ink: boolean): State => ({ ...s, pixels: cells.reduce((text, [r, c]) => dab(text, SIDE, r, c, ink ? 255 : 0), s.pixels) })
export const picture = (s: Pick<State, 'pixels'>): readonly number[] => Array.from(fromHex(s.pixels), (v) => v / 255)

/** Looks at a place of a layer; kept inside it. */
export function look(s: State, part: Partial<Pick<State, 'layer' | 'channel' | 'row' | 'column'>>): State {
  const layer = part.layer ?? s.layer
  const [side, channels] = [sideOf(layer), channelsOf(layer)]
  const scale = side / sideOf(s.layer)
  const inside = (v: number, top: number): number => Math.max(0, Math.min(top - 1, Math.floor(v)))
  return { ...s, layer, channel: inside(part.channel ?? s.channel, channels), row: inside(part.row ?? s.row * scale, side), column: inside(part.column ?? s.column * scale, side) }
}

// ---- filters -----------------------------------------------------------------------------------------------------

export const ZERO: Filter = { w: [0, 0, 0, 0, 0, 0, 0, 0, 0], b: 0 }
export const edit = (s: State, channel: number, to: Filter | null): State => ({ ...s, edits: s.edits.map((old, i) => (i === channel ? to : old)) })
/** With as many digits as its fields and a link hold. */
export const rounded = ({ w, b }: Filter): Filter => ({ w: w.map((v) => Number(v.toFixed(4))), b: Number(b.toFixed(4)) })
/** A quarter turn clockwise. */
export const turned = ({ w, b }: Filter): Filter => ({ w: [6, 3, 0, 7, 4, 1, 8, 5, 2].map((i) => w[i]!), b })
export const negated = ({ w, b }: Filter): Filter => ({ w: w.map((v) => (v === 0 ? 0 : -v)), b: b === 0 ? 0 : -b })

let last: { readonly text: string; readonly weights: Weights } | null = null
function ofFile(own: NonNullable<State['own']>): Weights {
  if (last?.text !== own.weights) last = { text: own.weights, weights: unpacked(own.weights)! }
  return last.weights
}
/** The weights before training: those of the file; else even numbers from −r to r, r = √(6 / inputs) (He et al., 2015), biases 0. */
export function begin(s: Pick<State, 'seed' | 'own'>): Weights {
  if (s.own !== null) return ofFile(s.own)
  const next = random(s.seed)
  return Object.fromEntries(
    Object.entries(SHAPES).map(([name, shape]) => {
      const size = sizeOf(shape)
      const reach = Math.sqrt((6 * shape[0]) / size)
      return [name, { shape, data: Float32Array.from({ length: size }, () => (name.endsWith('bias') ? 0 : (2 * next() - 1) * reach)) }]
    }),
  )
}
/** A filter of the first convolution as it stands. */
export const filterOf = (s: Pick<State, 'edits'>, weights: Weights, channel: number): Filter =>
  s.edits[channel] ?? { w: Array.from(weights['conv1.weight']!.data.subarray(9 * channel, 9 * channel + 9)), b: weights['conv1.bias']!.data[channel]! }

// ---- what a number sees ------------------------------------------------------------------------------------------

export interface Field {
  readonly row: number
  readonly column: number
  readonly height: number
  readonly width: number
}
/** First and last place along one axis, in the picture, that a place of a layer depends on. */
function span(layer: LayerName, at: number): readonly [number, number] {
  if (layer === 'conv1') return [Math.max(0, at - 1), Math.min(27, at + 1)]
  if (layer === 'pool1') return [span('conv1', 2 * at)[0], span('conv1', 2 * at + 1)[1]]
  if (layer === 'conv2') return [span('pool1', Math.max(0, at - 1))[0], span('pool1', Math.min(13, at + 1))[1]]
  return [span('conv2', 2 * at)[0], span('conv2', 2 * at + 1)[1]]
}
/** The receptive field, cut at the border of the picture. */
export function receptiveField({ layer, row, column }: Pick<State, 'layer' | 'row' | 'column'>): Field {
  const [[top, bottom], [left, right]] = [span(layer, row), span(layer, column)]
  return { row: top, column: left, height: bottom - top + 1, width: right - left + 1 }
}
/** Its side away from the border. */
export const fieldSide = (layer: LayerName): number => ({ conv1: 3, pool1: 4, conv2: 8, pool2: 10 })[layer]
/** The window on the layer before: 3×3 around the place, or the 2×2 it is the largest of. May reach over the border. */
export const windowOf = ({ layer, row, column }: Pick<State, 'layer' | 'row' | 'column'>): Field =>
  layer === 'conv1' || layer === 'conv2' ? { row: row - 1, column: column - 1, height: 3, width: 3 } : { row: 2 * row, column: 2 * column, height: 2, width: 2 }

/** Whether a place is on a map, not in the border of zeros around it. */
export const insideMap = ([row, column]: readonly [number, number], side: number): boolean => row >= 0 && column >= 0 && row < side && column < side
/** The numbers in a window of a map (side × side); 0 outside. */
export function windowValues(map: ArrayLike<number>, side: number, { row, column, height, width }: Field): readonly number[] {
  return Array.from({ length: height * width }, (_, i) => {
    const [r, c] = [row + Math.floor(i / width), column + (i % width)]
    return insideMap([r, c], side) ? map[r * side + c]! : 0
  })
}

// ---- numbers of parameters ---------------------------------------------------------------------------------------

export interface Count {
  readonly name: 'conv1' | 'conv2' | 'out'
  readonly inputs: number
  readonly outputs: number
  readonly parameters: number
  /** A fully connected layer between the same maps. */
  readonly dense: number
}
export const COUNTS: readonly Count[] = [
  { name: 'conv1', inputs: 784, outputs: FIRST * 784, parameters: (9 + 1) * FIRST, dense: (784 + 1) * FIRST * 784 },
  { name: 'conv2', inputs: FIRST * 196, outputs: SECOND * 196, parameters: (9 * FIRST + 1) * SECOND, dense: (FIRST * 196 + 1) * SECOND * 196 },
  { name: 'out', inputs: SECOND * 49, outputs: 10, parameters: (SECOND * 49 + 1) * 10, dense: (SECOND * 49 + 1) * 10 },
]

/** Neuron by neuron: a weight for every input, and a bias. */
export function denseCount({ inputs, outputs }: Pick<Count, 'inputs' | 'outputs'>): number {
  let all = 0
  for (let k = 0; k < outputs; k++) all += inputs + 1
  return all
}

// ---- is it a filter for vertical strokes? ------------------------------------------------------------------------

export type Kind = 'vertical' | 'horizontal' | 'rising' | 'falling'
/** A straight stroke through the whole sheet, `width` pixels thick. `at`: where it crosses the middle. */
export function strokeImage(kind: Kind, width: number, at: number): Uint8Array {
  return Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [r, c] = [Math.floor(i / SIDE), i % SIDE]
    const along = kind === 'vertical' ? c : kind === 'horizontal' ? r : kind === 'falling' ? c - r + 14 : c + r - 13
    return along >= at && along < at + width ? 255 : 0
  })
}
export const ORIENTATION = { vertical: 1, horizontal: 2, none: 0 } as const
/** Which way the stroke runs at each inked pixel: from the gradients in its 3×3 neighbourhood (structure tensor). */
export function orientations(x: ArrayLike<number>): Uint8Array {
  const value = (r: number, c: number): number => (r < 0 || c < 0 || r >= SIDE || c >= SIDE ? 0 : x[r * SIDE + c]!)
  return Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [r, c] = [Math.floor(i / SIDE), i % SIDE]
    if (value(r, c) < 0.5) return ORIENTATION.none
    let [across, down] = [0, 0]
    for (let dr = -1; dr <= 1; dr++) {
      for (let dc = -1; dc <= 1; dc++) {
        across += (value(r + dr, c + dc + 1) - value(r + dr, c + dc - 1)) ** 2
        down += (value(r + dr + 1, c + dc) - value(r + dr - 1, c + dc)) ** 2
      }
    }
    return across + down < 0.5 ? ORIENTATION.none : across > 4 * down ? ORIENTATION.vertical : down > 4 * across ? ORIENTATION.horizontal : ORIENTATION.none
  })
}
