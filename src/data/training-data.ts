// What `fit` and `evaluate` can read: sets in memory, streams, buckets. One interface: batches of an epoch, from any batch on.
import type { DType, NDArray, Shape } from '../base/index.ts'
import type { Tensor } from '../tensor/index.ts'
import type { Augment } from './augment.ts'

export interface DatasetOptions {
  /** Runs inside the compiled step on every batch of inputs: scaling, normalising, one-hot … */
  readonly prepare?: (inputs: Tensor) => Tensor
  /** Names of the classes, in order, where the targets are classes. */
  readonly classes?: readonly string[]
  /** Changes one example at a time while training (`fit` uses it, `evaluate` does not). */
  readonly augment?: Augment
}

export interface BatchOptions {
  readonly batchSize: number
  /** Random order, another one every epoch; default false. */
  readonly shuffle?: boolean
  readonly seed?: number
  readonly epoch?: number
  /** Leave out a last batch that is smaller; default false. */
  readonly dropLast?: boolean
  /** Apply the data set's augmentation; default false. */
  readonly augment?: boolean
  /** Number of the first batch to give; default 0. */
  readonly start?: number
}
export interface Batch {
  /** Number of the batch in its epoch, from 0. */
  readonly index: number
  readonly size: number
  readonly inputs: Tensor
  readonly targets: Tensor
  /** Which examples these are. */
  readonly examples: Int32Array
  /** The targets on the JavaScript side, where nobody could look at all of them before. */
  readonly labels?: NDArray
}

/** Types and shapes of one example, without the batch axis. */
export interface ExampleForm {
  readonly inputs: { readonly dtype: DType; readonly shape: Shape }
  readonly targets: { readonly dtype: DType; readonly shape: Shape }
}

/** Examples with targets, to be trained or measured on. */
export interface TrainingData {
  /** Examples of an epoch; null: known only when one has passed. */
  readonly length: number | null
  readonly options: DatasetOptions
  /** Batches of an epoch; null: not known. */
  batchCount(batchSize: number, dropLast?: boolean): number | null
  /** The batches of one epoch: the same for the same options. */
  batches(options: BatchOptions): Iterable<Batch> | AsyncIterable<Batch>
  /** What the first example looks like. */
  form(): ExampleForm | Promise<ExampleForm>
  /** The inputs as the model sees them. */
  prepare(inputs: Tensor): Tensor
  /** The same data with other options. */
  with(options: DatasetOptions): TrainingData
}
