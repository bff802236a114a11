// Batches of a data set: the order of an epoch depends on (seed, epoch) alone, and any batch can be the first.
import { type NDArray, ValueError, allocate, sizeOf } from '../base/index.ts'
import type { Tensor } from '../tensor/index.ts'
import { type Dataset, gather, toTensor } from './dataset.ts'
import { STREAM, hostRandom, shuffled } from './random.ts'

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
}

/** Number of batches in an epoch. */
export function batchCount(length: number, batchSize: number, dropLast = false): number {
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) throw new ValueError('batches', 'bad batchSize', { expected: 'a whole number from 1', received: String(batchSize) })
  return dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize)
}

/**
 * The batches of one epoch.
 *
 * @example
 * ```ts
 * import { Dataset, batches } from 'gradus/data'
 *
 * const data = Dataset.of([[1], [2], [3]], [[2], [4], [6]])
 * const sizes = [...batches(data, { batchSize: 2, shuffle: true, seed: 1, epoch: 0 })].map((b) => b.size)
 * sizes // → [2, 1]
 * ```
 */
export function* batches(data: Dataset, options: BatchOptions): Generator<Batch, void, undefined> {
  const { batchSize, seed = 0, epoch = 0, start = 0 } = options
  const count = batchCount(data.length, batchSize, options.dropLast)
  const order = options.shuffle === true ? shuffled(data.length, hostRandom(seed, STREAM.shuffle, epoch)) : Int32Array.from({ length: data.length }, (_, i) => i)
  for (let index = start; index < count; index++) {
    const examples = order.subarray(index * batchSize, (index + 1) * batchSize)
    let inputs = gather(data.inputs, examples)
    if (options.augment === true && data.options.augment !== undefined) inputs = augmented(data, inputs, examples, seed, epoch)
    yield { index, size: examples.length, inputs: toTensor(inputs), targets: toTensor(gather(data.targets, examples)), examples }
  }
}

function augmented(data: Dataset, inputs: NDArray, examples: Int32Array, seed: number, epoch: number): NDArray {
  const out = allocate(inputs.dtype, inputs.data.length)
  const shape = data.exampleShape
  const row = sizeOf(shape)
  for (let i = 0; i < examples.length; i++) {
    const random = hostRandom(seed, STREAM.augment, epoch, examples[i]!)
    data.options.augment!(inputs.data.subarray(i * row, (i + 1) * row), out.subarray(i * row, (i + 1) * row), { random, shape })
  }
  return { ...inputs, data: out }
}
