// StreamingDataset: a stream of examples as training data. An epoch is a pass; a run that goes on opens the pass where it stopped.
import { type DType, type NDArray, ShapeError, type TypedArray, ValueError, allocate, dtypeOf, isFloat, sameShape, showShape, sizeOf } from '../../base/index.ts'
import type { Tensor } from '../../tensor/index.ts'
import { augmented, batchCount } from '../batches.ts'
import { type Values, nested } from '../nested.ts'
import { toTensor } from '../rows.ts'
import type { Batch, BatchOptions, DatasetOptions, ExampleForm, TrainingData } from '../training-data.ts'
import type { Stream } from './stream.ts'

/** Numbers of an example: one, nested lists (float32), a typed array, or an array with a shape. */
export type ExampleValue = Values | TypedArray | NDArray
export interface Example {
  readonly inputs: ExampleValue
  readonly targets: ExampleValue
}
export interface StreamingOptions extends DatasetOptions {
  /** Targets given as plain numbers are classes (int32); default: with `classes`. */
  readonly labels?: boolean
}

/**
 * Examples from a stream, for `fit` and `evaluate`. They come in the stream's order (`shuffle` it); inputs of one stream have
 * one shape and type, and so have targets.
 *
 * @throws ShapeError or ValueError, when an epoch comes to it, for an example of another shape, a number that is not finite, or
 *   a label that is no class.
 * @example
 * ```ts
 * import { Stream, StreamingDataset } from 'gradus/data'
 * import { Linear, SGD, mse } from 'gradus/nn'
 * import { fit } from 'gradus/train'
 *
 * function* line() {
 *   for (let x = 0; x < 100; x++) yield { inputs: [x / 100], targets: [x / 50] }
 * }
 * const data = new StreamingDataset(Stream.from(line).shuffle(20))
 * const { steps } = await fit(new Linear(1, 1), data, { epochs: 2, batchSize: 30, loss: mse, optimizer: new SGD(0.1) })
 * steps // → 8
 * ```
 */
export class StreamingDataset implements TrainingData {
  readonly stream: Stream<Example>
  readonly options: StreamingOptions
  private seen: ExampleForm | null = null

  constructor(stream: Stream<Example>, options: StreamingOptions = {}) {
    this.stream = stream
    this.options = options
  }

  get length(): number | null {
    return this.stream.length
  }
  batchCount(batchSize: number, dropLast = false): number | null {
    const count = batchCount(this.length ?? 0, batchSize, dropLast)
    return this.length === null ? null : count
  }
  prepare(inputs: Tensor): Tensor {
    return this.options.prepare === undefined ? inputs : this.options.prepare(inputs)
  }
  with(options: StreamingOptions): StreamingDataset {
    return new StreamingDataset(this.stream, { ...this.options, ...options })
  }
  /** Reads the first example. */
  async form(): Promise<ExampleForm> {
    if (this.seen !== null) return this.seen
    for await (const example of this.stream.take(1)) {
      const [inputs, targets] = this.arrays(example)
      return (this.seen = { inputs: { dtype: inputs.dtype, shape: inputs.shape }, targets: { dtype: targets.dtype, shape: targets.shape } })
    }
    throw new ValueError('StreamingDataset', 'the stream is empty')
  }

  async *batches(options: BatchOptions): AsyncGenerator<Batch, void, undefined> {
    const { batchSize, seed = 0, epoch = 0, start = 0, dropLast = false } = options
    batchCount(0, batchSize)
    const form = await this.form()
    let index = start
    let held: (readonly [NDArray, NDArray])[] = []
    const made = (): Batch => {
      const first = index * batchSize
      const examples = Int32Array.from(held, (_, i) => first + i)
      const inputs = stacked('inputs', held.map(([x]) => x), form.inputs, first)
      const targets = stacked('targets', held.map(([, y]) => y), form.targets, first)
      const changed = augmented(options.augment === true ? this.options.augment : undefined, inputs, examples, { seed, epoch })
      const batch = { index, size: held.length, inputs: toTensor(changed), targets: toTensor(targets), examples, labels: targets }
      held = []
      index++
      return batch
    }
    for await (const example of this.stream.open({ seed, epoch }, start * batchSize)) {
      held.push(this.arrays(example))
      if (held.length === batchSize) yield made()
    }
    if (held.length > 0 && !dropLast) yield made()
  }

  private arrays({ inputs, targets }: Example): readonly [NDArray, NDArray] {
    const { classes } = this.options
    const labels = this.options.labels ?? classes !== undefined
    const y = arrayOf('targets', targets, labels ? 'int32' : 'float32')
    if (classes !== undefined && y.shape.length === 0 && !isFloat(y.dtype) && !(y.data[0]! >= 0 && y.data[0]! < classes.length)) throw new ValueError('StreamingDataset', 'a label has no class', { expected: `0 … ${classes.length - 1}`, received: String(y.data[0]) })
    return [arrayOf('inputs', inputs, 'float32'), y]
  }
}

function arrayOf(name: string, value: ExampleValue, dtype: 'float32' | 'int32'): NDArray {
  if (typeof value === 'number' || Array.isArray(value)) return nested('StreamingDataset', name, value as Values, dtype)
  if (ArrayBuffer.isView(value)) return { dtype: dtypeOf(value as TypedArray), shape: [(value as TypedArray).length], data: value as TypedArray }
  const array = value as NDArray | undefined
  if (array?.data === undefined || sizeOf(array.shape) !== array.data.length) throw new ShapeError('StreamingDataset', `an example has no ${name} that are numbers`, { expected: '{ inputs, targets } of numbers, lists, typed arrays or { dtype, shape, data }', received: String(value).slice(0, 60) })
  return array
}

/** Arrays of one form as one, a row each. */
function stacked(name: string, arrays: readonly NDArray[], form: { readonly dtype: DType; readonly shape: readonly number[] }, first: number): NDArray {
  const row = sizeOf(form.shape)
  const data = allocate(form.dtype, arrays.length * row)
  arrays.forEach((array, i) => {
    if (array.dtype !== form.dtype || !sameShape(array.shape, form.shape)) throw new ShapeError('StreamingDataset', `${name} of example ${first + i} have another form than those of the first`, { expected: `${form.dtype} ${showShape(form.shape)}`, received: `${array.dtype} ${showShape(array.shape)}` })
    data.set(array.data, i * row)
  })
  if (isFloat(form.dtype)) {
    const at = data.findIndex((x) => !Number.isFinite(x))
    if (at !== -1) throw new ValueError('StreamingDataset', `${name} hold a number that is not finite`, { received: `${data[at]} in example ${first + Math.floor(at / Math.max(1, row))}`, remedy: 'Leave the example out (filter) or fill in a number (map).' })
  }
  return { dtype: form.dtype, shape: [arrays.length, ...form.shape], data }
}
