// BucketedDataset: sequences of many lengths in batches of like length, each padded only to the end of its bucket.
import { type NDArray, type Shape, ValueError, listOf, objectOf, optionsOf } from '../base/index.ts'
import { type Tensor, tensorOf } from '../tensor/index.ts'
import { batchCount } from './batches.ts'
import { STREAM, hostRandom, shuffled } from './random.ts'
import { toTensor } from './rows.ts'
import type { Batch, BatchOptions, DatasetOptions, ExampleForm, TrainingData } from './training-data.ts'

export interface Sequence {
  /** Tokens (T). */
  readonly inputs: ArrayLike<number>
  /** A class, or as many tokens as `inputs` has. */
  readonly targets: number | ArrayLike<number>
}
export interface BucketOptions extends Omit<DatasetOptions, 'augment'> {
  /** The longest sequence of each bucket, rising; the last is the longest there is. Or how many buckets (default 6), of about equal filling. */
  readonly buckets?: number | readonly number[]
  /** What fills inputs up; default 0. */
  readonly pad?: number
  /** What fills targets up; default `pad`: hand it to `crossEntropy` as `ignoreIndex`. */
  readonly targetPad?: number
}

/**
 * Sequences for `fit`. Each batch comes from one bucket: inputs int32 (B, L) with L the bucket's longest, so that a run compiles a
 * step for each bucket and computes little padding. An epoch has every example once; which ones share a batch, and the order of the
 * batches, depend on (seed, epoch).
 *
 * @throws ValueError for an empty sequence, one longer than the last bucket, or targets of another length.
 * @example
 * ```ts
 * import { BucketedDataset } from 'gradus/data'
 *
 * const texts = [[5], [6, 7], [5, 6, 7, 8], [9, 9]].map((inputs, i) => ({ inputs, targets: i % 2 }))
 * const data = new BucketedDataset(texts, { buckets: [2, 4] })
 * const shapes = [...data.batches({ batchSize: 2 })].map(({ inputs }) => inputs.shape)
 * shapes // → [[2, 2], [1, 2], [1, 4]]
 * ```
 */
export class BucketedDataset implements TrainingData {
  readonly options: BucketOptions
  /** The longest sequence of each bucket. */
  readonly boundaries: readonly number[]
  /** Numbers of the examples in each bucket. */
  private readonly members: readonly Int32Array[]
  private readonly sequences: readonly Sequence[]

  constructor(sequences: readonly Sequence[], options: BucketOptions = {}) {
    for (const one of listOf('BucketedDataset', 'sequences', sequences)) listOf('BucketedDataset', 'inputs', objectOf('BucketedDataset', 'sequence', one, 'an object { inputs, targets }').inputs)
    optionsOf('BucketedDataset', options)
    this.sequences = sequences
    this.options = options
    sequences.forEach(({ inputs, targets }, i) => {
      if (inputs.length === 0) throw new ValueError('BucketedDataset', `example ${i} has no tokens`)
      if (typeof targets !== 'number' && targets.length !== inputs.length) throw new ValueError('BucketedDataset', `example ${i} has other targets than inputs`, { expected: `${inputs.length} targets, or a class`, received: String(targets.length) })
      if (typeof targets !== typeof sequences[0]!.targets) throw new ValueError('BucketedDataset', `example ${i} has another kind of targets than the first`)
    })
    const { buckets = 6 } = options
    this.boundaries = typeof buckets === 'number' ? evenly(sequences.map((s) => s.inputs.length), buckets) : rising(buckets)
    const members = this.boundaries.map((): number[] => [])
    sequences.forEach(({ inputs }, i) => {
      const bucket = this.boundaries.findIndex((longest) => inputs.length <= longest)
      if (bucket === -1) throw new ValueError('BucketedDataset', `example ${i} is longer than the last bucket`, { expected: `at most ${this.boundaries.at(-1)} tokens`, received: String(inputs.length), remedy: 'Cut it, leave it out, or add a bucket.' })
      members[bucket]!.push(i)
    })
    this.members = members.map((list) => Int32Array.from(list))
  }

  get length(): number {
    return this.sequences.length
  }
  /** Share of all input places that is padding when every batch is full. */
  get padding(): number {
    const places = this.members.reduce((sum, list, b) => sum + list.length * this.boundaries[b]!, 0)
    return places === 0 ? 0 : 1 - this.sequences.reduce((sum, s) => sum + s.inputs.length, 0) / places
  }
  form(): ExampleForm {
    const one = (shape: Shape): ExampleForm['inputs'] => ({ dtype: 'int32', shape })
    const longest = [this.boundaries.at(-1) ?? 0]
    return { inputs: one(longest), targets: one(typeof this.sequences[0]?.targets === 'number' ? [] : longest) }
  }
  batchCount(batchSize: number, dropLast = false): number {
    return this.members.reduce((sum, list) => sum + batchCount(list.length, batchSize, dropLast), 0)
  }
  prepare(inputs: Tensor): Tensor {
    return this.options.prepare === undefined ? inputs : this.options.prepare(inputs)
  }
  with(options: DatasetOptions): BucketedDataset {
    return new BucketedDataset(this.sequences, { ...this.options, ...options, buckets: this.boundaries })
  }
  *batches(options: BatchOptions): Generator<Batch, void, undefined> {
    const { batchSize, seed = 0, epoch = 0, start = 0, shuffle = false, dropLast = false } = options
    const plan = this.members.flatMap((list, bucket) => {
      const order = shuffle ? shuffled(list.length, hostRandom(seed, STREAM.bucket, epoch, bucket)).map((i) => list[i]!) : list
      return Array.from({ length: batchCount(list.length, batchSize, dropLast) }, (_, i) => ({ bucket, examples: order.slice(i * batchSize, (i + 1) * batchSize) }))
    })
    const order = shuffle ? shuffled(plan.length, hostRandom(seed, STREAM.shuffle, epoch)) : plan.map((_, i) => i)
    for (let index = start; index < plan.length; index++) {
      const { bucket, examples } = plan[order[index]!]!
      const { inputs, targets } = this.padded(examples, this.boundaries[bucket]!)
      yield { index, size: examples.length, inputs: toTensor(inputs), targets: toTensor(targets), examples, labels: targets }
    }
  }

  private padded(examples: Int32Array, longest: number): { readonly inputs: NDArray; readonly targets: NDArray } {
    const { pad = 0, targetPad = pad } = this.options
    const inputs = new Int32Array(examples.length * longest).fill(pad)
    const classes = typeof this.sequences[0]!.targets === 'number'
    const targets = new Int32Array(classes ? examples.length : examples.length * longest).fill(targetPad)
    examples.forEach((example, i) => {
      const sequence = this.sequences[example]!
      inputs.set(sequence.inputs, i * longest)
      if (typeof sequence.targets === 'number') targets[i] = sequence.targets
      else targets.set(sequence.targets, i * longest)
    })
    const shape = [examples.length, longest]
    return { inputs: { dtype: 'int32', shape, data: inputs }, targets: { dtype: 'int32', shape: classes ? [examples.length] : shape, data: targets } }
  }
}

/** Which places of tokens (B, T) are no padding: bool (B, T), for attention masks. */
export const paddingMask = (tokens: Tensor, pad = 0): Tensor => tensorOf('paddingMask', tokens).ne(pad)
/** How many places of each row (B, T) are no padding: int32 (B), for packed recurrence. */
export const sequenceLengths = (tokens: Tensor, pad = 0): Tensor => tensorOf('sequenceLengths', tokens).ne(pad).to('int32').sum(1).to('int32')

/** Boundaries between buckets of about as many examples each. */
function evenly(lengths: readonly number[], buckets: number): number[] {
  if (!Number.isSafeInteger(buckets) || buckets < 1) throw new ValueError('BucketedDataset', 'bad buckets', { expected: 'a whole number from 1, or boundaries', received: String(buckets) })
  const sorted = [...lengths].sort((a, b) => a - b)
  const ends = Array.from({ length: buckets }, (_, i) => sorted[Math.ceil(((i + 1) * sorted.length) / buckets) - 1] ?? 0)
  return [...new Set(ends)].filter((end) => end > 0)
}
function rising(boundaries: readonly number[]): readonly number[] {
  if (boundaries.length === 0 || boundaries.some((b, i) => !Number.isSafeInteger(b) || b < 1 || (i > 0 && b <= boundaries[i - 1]!))) throw new ValueError('BucketedDataset', 'bad buckets', { expected: 'rising whole numbers from 1', received: `[${boundaries.join(', ')}]` })
  return boundaries
}
