// The weights of another library's checkpoint into a model, by name: everything is compared before anything is read.
import { type NDArray, type Shape, ValueError, listOf, objectOf, optionsOf, sameShape, showShape, textOf } from '../base/index.ts'
import type { Module } from '../nn/index.ts'
import { type Tensor, tensor } from '../tensor/index.ts'
import { quote } from './fault.ts'
import type { WeightsFile } from './weights-file.ts'

/** Where a tensor of ours is found in the file (`foreignNames` of gradus/models gives these). */
export interface TensorPlace {
  readonly name: string
  /** Theirs is [in, out]. */
  readonly transposed?: boolean
  /** Ours is the i-th of n equal parts along the outputs (after turning, if transposed). */
  readonly part?: readonly [number, number] | null
}
export interface LoadWeightsOptions {
  /** Our path → its place in the file. Without it the names are ours. */
  readonly places?: Readonly<Record<string, TensorPlace>>
  /** Stands before all names in some files and is absent from others. */
  readonly prefix?: string
  /** Names in the file that have no place in the model (patterns with `*`): masks, tied copies. */
  readonly ignored?: readonly string[]
  /** false: what is missing or unexpected is let pass; shapes must fit all the same. Default true. */
  readonly strict?: boolean
}

interface Wanted {
  readonly path: string
  readonly tensor: Tensor
  readonly place: TensorPlace
  /** Its name in the file, with or without the prefix; undefined: missing. */
  readonly name: string | undefined
}

/**
 * Loads the weights of a file into a model; returns the model. Names are taken from `places` (a table beside each
 * architecture), matrices are turned and joined ones cut where it says so.
 *
 * @throws ValueError that lists everything wrong at once: missing and unexpected names, shapes that differ. The model is unchanged then.
 * @example
 * ```ts
 * import { Linear } from 'gradus/nn'
 * import { loadWeights, openWeights, writeSafetensors } from 'gradus/formats'
 *
 * const file = await openWeights(writeSafetensors({
 *   'fc.weight': { dtype: 'float32', shape: [1, 2], data: Float32Array.of(3, 4) },
 *   'fc.bias': { dtype: 'float32', shape: [1], data: Float32Array.of(5) },
 * }))
 * const model = await loadWeights(new Linear(2, 1), file, { places: { weight: { name: 'fc.weight' }, bias: { name: 'fc.bias' } } })
 * await model.weight.array() // → [[3, 4]]
 * ```
 */
export async function loadWeights<M extends Module>(model: M, file: WeightsFile, options: LoadWeightsOptions = {}): Promise<M> {
  objectOf('loadWeights', 'model', model, 'a module', 'namedParameters')
  objectOf('loadWeights', 'file', file, 'an open file of weights (openWeights opens one)', 'tensors')
  const { places, prefix = '', strict = true } = optionsOf('loadWeights', options)
  if (places !== undefined) objectOf('loadWeights', 'places', places, 'places in the file by our paths')
  const wanted = Object.entries(model.state()).map(([path, own]): Wanted => {
    const place = places === undefined ? { name: path } : (places[path] ?? { name: path })
    return { path, tensor: own, place, name: [place.name, prefix + place.name].find((name) => file.tensors.has(name)) }
  })
  compare(wanted, file, options)
  const values: Record<string, Tensor> = {}
  // each of theirs is read once, however many of ours lie in it
  const byName = new Map<string, Wanted[]>()
  for (const one of wanted) if (one.name !== undefined) byName.set(one.name, [...(byName.get(one.name) ?? []), one])
  for (const [name, list] of byName) {
    const array = await file.read(name)
    for (const { path, place } of list) values[path] = take(array, place)
  }
  return model.loadState(values, { strict: strict && Object.keys(values).length === wanted.length })
}

/** The shape ours has in their file. */
function theirShape(own: Shape, { transposed = false, part = null }: TensorPlace): number[] {
  const whole = part === null || part === undefined ? [...own] : [own[0]! * part[1], ...own.slice(1)]
  return transposed ? whole.reverse() : whole
}

function compare(wanted: readonly Wanted[], file: WeightsFile, { prefix = '', ignored = [], strict = true }: LoadWeightsOptions): void {
  const problems: string[] = []
  const list = (title: string, items: readonly string[]): void => {
    if (items.length > 0) problems.push(`${title}: ${items.slice(0, 12).join(', ')}${items.length > 12 ? `, … (${items.length})` : ''}`)
  }
  if (strict) {
    list('missing', [...new Set(wanted.filter((w) => w.name === undefined).map((w) => quote(w.place.name)))])
    const used = new Set(wanted.map((w) => w.name))
    const passed = listOf('loadWeights', 'ignored', ignored, 'a list of names').map((pattern) => new RegExp(`^${textOf('loadWeights', 'ignored name', pattern).replace(/[.[\]()+?^$|]/g, '\\$&').replaceAll('*', '.*')}$`))
    const known = (name: string): boolean => used.has(name) || passed.some((p) => p.test(name) || (name.startsWith(prefix) && p.test(name.slice(prefix.length))))
    list('unexpected', [...file.tensors.keys()].filter((name) => !known(name)).map(quote))
  }
  const shapes = wanted.flatMap(({ path, tensor: own, place, name }) => {
    if (name === undefined) return []
    const [expected, received] = [theirShape(own.shape, place), file.tensors.get(name)!.shape]
    return sameShape(expected, received) ? [] : [`${quote(name)} is ${showShape(received)} where ${path} needs ${showShape(expected)}`]
  })
  list('another shape', shapes)
  if (problems.length > 0) throw new ValueError('loadWeights', `${file.name} does not hold the weights of this model: ${problems.join('; ')}`, { remedy: 'Build the model with the sizes the file was saved with, and pass the names of its library.' })
}

/** Ours out of theirs: turned, then cut. */
function take({ dtype, shape, data }: NDArray, { transposed = false, part = null }: TensorPlace): Tensor {
  const turned = transposed ? turn(data, shape) : data
  const sizes = transposed ? [...shape].reverse() : shape
  if (part === null || part === undefined) return tensor(turned, { dtype, shape: sizes })
  const rows = sizes[0]! / part[1]
  const row = sizes.slice(1).reduce((n, d) => n * d, 1)
  return tensor(turned.slice(part[0] * rows * row, (part[0] + 1) * rows * row), { dtype, shape: [rows, ...sizes.slice(1)] })
}

/** (rows, columns) → (columns, rows); vectors as they are. */
function turn(data: NDArray['data'], shape: Shape): NDArray['data'] {
  if (shape.length !== 2) return data
  const [rows, columns] = shape as [number, number]
  const out = data.slice()
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c]!
  return out
}
