// Batches of a data set: the order of an epoch depends on (seed, epoch) alone, and any batch can be the first.
import { type NDArray, ValueError, allocate, describeValue, sizeOf } from '../base/index.ts'
import type { Augment } from './augment.ts'
import { STREAM, hostRandom, shuffled } from './random.ts'
import { gather, toTensor } from './rows.ts'
import type { Batch, BatchOptions, DatasetOptions } from './training-data.ts'

/** A `Dataset`: what is read of it here. */
interface InMemory {
  readonly inputs: NDArray
  readonly targets: NDArray
  readonly length: number
  readonly options: DatasetOptions
}

/** Number of batches in an epoch. */
export function batchCount(length: number, batchSize: number, dropLast = false): number {
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) throw new ValueError('batches', 'bad batchSize', { expected: 'a whole number from 1', received: describeValue(batchSize) })
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
export function* batches(data: InMemory, options: BatchOptions): Generator<Batch, void, undefined> {
  const { seed = 0, epoch = 0 } = options
  for (const { index, examples } of epochBatches(data.length, options)) {
    const inputs = augmented(options.augment === true ? data.options.augment : undefined, gather(data.inputs, examples), examples, { seed, epoch })
    yield { index, size: examples.length, inputs: toTensor(inputs), targets: toTensor(gather(data.targets, examples)), examples }
  }
}

/** Which examples are in the batches of an epoch. */
export function* epochBatches(length: number, options: BatchOptions): Generator<{ readonly index: number; readonly examples: Int32Array }, void, undefined> {
  const { batchSize, seed = 0, epoch = 0, start = 0 } = options
  const count = batchCount(length, batchSize, options.dropLast)
  const order = options.shuffle === true ? shuffled(length, hostRandom(seed, STREAM.shuffle, epoch)) : Int32Array.from({ length }, (_, i) => i)
  for (let index = start; index < count; index++) yield { index, examples: order.subarray(index * batchSize, (index + 1) * batchSize) }
}

/** Examples (B, …) changed by `augment`, each with the random numbers that belong to it in this epoch. */
export function augmented(augment: Augment | undefined, inputs: NDArray, examples: ArrayLike<number>, { seed, epoch }: { readonly seed: number; readonly epoch: number }): NDArray {
  if (augment === undefined) return inputs
  const out = allocate(inputs.dtype, inputs.data.length)
  const shape = inputs.shape.slice(1)
  const row = sizeOf(shape)
  for (let i = 0; i < examples.length; i++) {
    const random = hostRandom(seed, STREAM.augment, epoch, examples[i]!)
    augment(inputs.data.subarray(i * row, (i + 1) * row), out.subarray(i * row, (i + 1) * row), { random, shape })
  }
  return { ...inputs, data: out }
}
