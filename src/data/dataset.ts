// Dataset: examples and their targets in memory, one typed array each. Images stay bytes; the step converts them.
import { type NDArray, type Shape, ShapeError, ValueError, allocate, isFloat, showShape, sizeOf } from '../base/index.ts'
import { type Tensor, tensor } from '../tensor/index.ts'
import type { Augment } from './augment.ts'
import { STREAM, hostRandom, shuffled } from './random.ts'

export interface DatasetOptions {
  /** Runs inside the compiled step on every batch of inputs: scaling, normalising, one-hot … */
  readonly prepare?: (inputs: Tensor) => Tensor
  /** Names of the classes, in order, where the targets are classes. */
  readonly classes?: readonly string[]
  /** Changes one example at a time while training (`fit` uses it, `evaluate` does not). */
  readonly augment?: Augment
}

/**
 * Inputs (N, …) and targets (N, …) of one length.
 *
 * @throws ShapeError when the lengths differ; ValueError on NaN or infinite numbers.
 * @example
 * ```ts
 * import { Dataset } from 'gradus/data'
 *
 * const xor = new Dataset(
 *   { dtype: 'float32', shape: [4, 2], data: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1) },
 *   { dtype: 'float32', shape: [4, 1], data: Float32Array.of(0, 1, 1, 0) },
 * )
 * xor.length // → 4
 * ```
 */
export class Dataset {
  readonly inputs: NDArray
  readonly targets: NDArray
  readonly options: DatasetOptions

  constructor(inputs: NDArray, targets: NDArray, options: DatasetOptions = {}) {
    for (const [name, part] of [['inputs', inputs], ['targets', targets]] as const) {
      if (part.shape.length === 0 || sizeOf(part.shape) !== part.data.length) {
        throw new ShapeError('Dataset', `bad ${name}`, { expected: `shape (N, …) with ${part.data.length} elements`, received: showShape(part.shape) })
      }
      if (isFloat(part.dtype)) refuseNonFinite(name, part)
    }
    if (inputs.shape[0] !== targets.shape[0]) {
      throw new ShapeError('Dataset', 'inputs and targets differ in length', { expected: `${inputs.shape[0]} targets`, received: String(targets.shape[0]) })
    }
    this.inputs = inputs
    this.targets = targets
    this.options = options
  }

  /**
   * A data set from nested arrays: inputs as float32; targets as float32, or as classes (int32) with `labels`.
   *
   * @throws ShapeError when rows differ in length or there is not one target for every input.
   * @example
   * ```ts
   * import { Dataset } from 'gradus/data'
   *
   * const xor = Dataset.of([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], { labels: true })
   * xor.exampleShape // → [2]
   * ```
   */
  static of(inputs: readonly Values[], targets: readonly Values[], options: DatasetOptions & { readonly labels?: boolean } = {}): Dataset {
    const { labels = false, ...rest } = options
    return new Dataset(nested('inputs', 'float32', inputs), nested('targets', labels ? 'int32' : 'float32', targets), rest)
  }

  /** Number of examples. */
  get length(): number {
    return this.inputs.shape[0]!
  }
  get classes(): readonly string[] | undefined {
    return this.options.classes
  }
  /** Shape of one input. */
  get exampleShape(): Shape {
    return this.inputs.shape.slice(1)
  }

  /** The inputs as the model sees them: `prepare` applied. */
  prepare(inputs: Tensor): Tensor {
    return this.options.prepare === undefined ? inputs : this.options.prepare(inputs)
  }
  /** The same data with other options. */
  with(options: DatasetOptions): Dataset {
    return new Dataset(this.inputs, this.targets, { ...this.options, ...options })
  }
  /** The examples from `start` up to `stop` (not included), sharing memory; negative numbers count from the end. */
  slice(start: number, stop: number = this.length): Dataset {
    const at = (i: number): number => Math.min(this.length, Math.max(0, i < 0 ? i + this.length : i))
    return new Dataset(rows(this.inputs, at(start), at(stop)), rows(this.targets, at(start), at(stop)), this.options)
  }
  /** The first n examples. */
  take(n: number): Dataset {
    return this.slice(0, n)
  }
  /** The examples of the given numbers, copied. */
  select(indices: ArrayLike<number>): Dataset {
    return new Dataset(gather(this.inputs, indices), gather(this.targets, indices), this.options)
  }
  /** Two parts, the second with `share` of the examples (0 … 1), drawn at random by `seed`. */
  split(share: number, seed = 0): [Dataset, Dataset] {
    if (!(share >= 0 && share <= 1)) throw new ValueError('Dataset.split', 'bad share', { expected: 'a number from 0 to 1', received: String(share) })
    const order = shuffled(this.length, hostRandom(seed, STREAM.split))
    const cut = this.length - Math.round(this.length * share)
    return [this.select(order.subarray(0, cut).sort()), this.select(order.subarray(cut).sort())]
  }
}

/** Numbers in nested arrays. */
export type Values = number | readonly Values[]

function nested(name: string, dtype: 'float32' | 'int32', values: readonly Values[]): NDArray {
  const shape: number[] = []
  for (let v: Values | undefined = values; Array.isArray(v); v = v[0]) shape.push(v.length)
  const flat: number[] = []
  const walk = (v: Values, depth: number): void => {
    if (Array.isArray(v) !== depth < shape.length || (Array.isArray(v) && v.length !== shape[depth])) {
      throw new ShapeError('Dataset.of', `the ${name} are ragged`, { expected: `${shape[depth] ?? 'one number'} at depth ${depth}`, received: Array.isArray(v) ? `${v.length} values` : `the number ${String(v)}` })
    }
    if (!Array.isArray(v)) {
      if (dtype === 'int32' && !Number.isInteger(v)) throw new ValueError('Dataset.of', 'a label is no whole number', { received: String(v) })
      flat.push(v as number)
    } else for (const item of v) walk(item, depth + 1)
  }
  walk(values, 0)
  return { dtype, shape, data: dtype === 'int32' ? Int32Array.from(flat) : Float32Array.from(flat) }
}

function rows(x: NDArray, start: number, stop: number): NDArray {
  const row = sizeOf(x.shape.slice(1))
  const n = Math.max(0, stop - start)
  return { dtype: x.dtype, shape: [n, ...x.shape.slice(1)], data: x.data.subarray(start * row, (start + n) * row) }
}

/** Rows of an array in any order, copied. */
export function gather(x: NDArray, indices: ArrayLike<number>): NDArray {
  const row = sizeOf(x.shape.slice(1))
  const data = allocate(x.dtype, indices.length * row)
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * row
    if (row === 1) data[i] = x.data[from]!
    else data.set(x.data.subarray(from, from + row), i * row)
  }
  return { dtype: x.dtype, shape: [indices.length, ...x.shape.slice(1)], data }
}

/** An array as a tensor of its own. */
export const toTensor = ({ dtype, shape, data }: NDArray): Tensor => tensor(data, { dtype, shape })

function refuseNonFinite(name: string, { shape, data }: NDArray): void {
  const at = data.findIndex((x) => !Number.isFinite(x))
  if (at === -1) return
  const row = Math.max(1, sizeOf(shape.slice(1)))
  throw new ValueError('Dataset', `${name} hold a number that is not finite`, { received: `${data[at]} in example ${Math.floor(at / row)}`, remedy: 'Leave the example out or fill in a number.' })
}
