// Dataset: examples and their targets in memory, one typed array each. Images stay bytes; the step converts them.
import { type NDArray, type Shape, ShapeError, ValueError, arrayOf, isFloat, listOf, optionsOf, showShape, sizeOf } from '../base/index.ts'
import type { Tensor } from '../tensor/index.ts'
import { batchCount, batches } from './batches.ts'
import { type Values, nested } from './nested.ts'
import { STREAM, hostRandom, shuffled } from './random.ts'
import { gather } from './rows.ts'
import type { Batch, BatchOptions, DatasetOptions, ExampleForm, TrainingData } from './training-data.ts'

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
export class Dataset implements TrainingData {
  readonly inputs: NDArray
  readonly targets: NDArray
  readonly options: DatasetOptions

  constructor(inputs: NDArray, targets: NDArray, options: DatasetOptions = {}) {
    arrayOf('Dataset', 'inputs', inputs)
    arrayOf('Dataset', 'targets', targets)
    optionsOf('Dataset', options)
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
    listOf('Dataset.of', 'inputs', inputs)
    listOf('Dataset.of', 'targets', targets)
    optionsOf('Dataset.of', options)
    const { labels = false, ...rest } = options
    return new Dataset(nested('Dataset.of', 'inputs', inputs, 'float32'), nested('Dataset.of', 'targets', targets, labels ? 'int32' : 'float32'), rest)
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
  form(): ExampleForm {
    const one = ({ dtype, shape }: NDArray): ExampleForm['inputs'] => ({ dtype, shape: shape.slice(1) })
    return { inputs: one(this.inputs), targets: one(this.targets) }
  }
  batchCount(batchSize: number, dropLast = false): number {
    return batchCount(this.length, batchSize, dropLast)
  }
  batches(options: BatchOptions): Iterable<Batch> {
    return batches(this, options)
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

function rows(x: NDArray, start: number, stop: number): NDArray {
  const row = sizeOf(x.shape.slice(1))
  const n = Math.max(0, stop - start)
  return { dtype: x.dtype, shape: [n, ...x.shape.slice(1)], data: x.data.subarray(start * row, (start + n) * row) }
}


function refuseNonFinite(name: string, { shape, data }: NDArray): void {
  const at = data.findIndex((x) => !Number.isFinite(x))
  if (at === -1) return
  const row = Math.max(1, sizeOf(shape.slice(1)))
  throw new ValueError('Dataset', `${name} hold a number that is not finite`, { received: `${data[at]} in example ${Math.floor(at / row)}`, remedy: 'Leave the example out or fill in a number.' })
}
