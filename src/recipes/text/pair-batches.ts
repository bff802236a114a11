// Pairs of sequences for `fit`: pairs of like length share a batch, padded no further than the longest of their bucket. What does
// not fill a batch moves on to the next bucket, so that a run compiles a step for each bucket and one for the last batch.
import type { NDArray } from '../../base/index.ts'
import { type Batch, type BatchOptions, type DatasetOptions, type ExampleForm, type TrainingData, batchCount, hostRandom, shuffled, toTensor } from '../../data/index.ts'
import type { Tensor } from '../../tensor/index.ts'

/** Tokens of a source and of a target, each with its end. */
export type Sizes = readonly [source: number, target: number]
export interface PairRow {
  /** The source with its end. */
  readonly source: readonly number[]
  /** The target with its end. */
  readonly target: readonly number[]
}
interface PairOptions extends DatasetOptions {
  /** Room for source and target in each bucket, rising. */
  readonly buckets: readonly Sizes[]
  /** What fills sequences up. */
  readonly pad: number
  /** What the decoder is given first. */
  readonly begin: number
}

/** Streams of random numbers of their own (src/data/random.ts has 1 to 8). */
const [ORDER, WITHIN] = [21, 22] as const

/** Buckets of about as many pairs each, at most `count`, each with room for all of the one before it; no two of one whole length. */
export function pairBuckets(rows: readonly PairRow[], count: number): Sizes[] {
  const sorted = [...rows].sort((a, b) => a.source.length + a.target.length - b.source.length - b.target.length)
  const out: Sizes[] = []
  let [S, T, at] = [0, 0, 0]
  for (let k = 1; k <= count; k++) {
    for (; at < Math.ceil((k * sorted.length) / count); at++) [S, T] = [Math.max(S, sorted[at]!.source.length), Math.max(T, sorted[at]!.target.length)]
    const last = out.at(-1)
    if (S > 0 && (last === undefined || S + T > last[0] + last[1])) out.push([S, T])
  }
  return out
}

/** Inputs (B, S + T): the source, filled up, then the target from its beginning on; targets (B, T): one token further. */
export class PairBatches implements TrainingData {
  readonly options: PairOptions
  private readonly rows: readonly PairRow[]
  private readonly members: readonly Int32Array[]

  constructor(rows: readonly PairRow[], options: PairOptions) {
    this.rows = rows
    this.options = options
    const members = options.buckets.map((): number[] => [])
    rows.forEach((row, i) => members[options.buckets.findIndex(([S, T]) => row.source.length <= S && row.target.length <= T)]!.push(i))
    this.members = members.map((list) => Int32Array.from(list))
  }
  get length(): number {
    return this.rows.length
  }
  form(): ExampleForm {
    const [S, T] = this.options.buckets.at(-1)!
    return { inputs: { dtype: 'int32', shape: [S + T] }, targets: { dtype: 'int32', shape: [T] } }
  }
  batchCount(batchSize: number, dropLast = false): number {
    return batchCount(this.rows.length, batchSize, dropLast)
  }
  prepare(inputs: Tensor): Tensor {
    return this.options.prepare === undefined ? inputs : this.options.prepare(inputs)
  }
  with(options: DatasetOptions): PairBatches {
    return new PairBatches(this.rows, { ...this.options, ...options })
  }
  *batches(options: BatchOptions): Generator<Batch, void, undefined> {
    const { batchSize, seed = 0, epoch = 0, start = 0, shuffle = false, dropLast = false } = options
    const plan: { readonly sizes: Sizes; readonly examples: Int32Array }[] = []
    let left: number[] = []
    this.members.forEach((list, bucket) => {
      const own = shuffle ? Array.from(shuffled(list.length, hostRandom(seed, WITHIN, epoch, bucket)), (i) => list[i]!) : [...list]
      const all = [...left, ...own]
      const full = bucket === this.members.length - 1 && !dropLast ? all.length : all.length - (all.length % batchSize)
      for (let at = 0; at < full; at += batchSize) plan.push({ sizes: this.options.buckets[bucket]!, examples: Int32Array.from(all.slice(at, at + batchSize)) })
      left = all.slice(full)
    })
    const order = shuffle ? shuffled(plan.length, hostRandom(seed, ORDER, epoch)) : plan.map((_, i) => i)
    for (let index = start; index < plan.length; index++) {
      const { sizes, examples } = plan[order[index]!]!
      const { inputs, targets } = this.filled(examples, sizes)
      yield { index, size: examples.length, inputs: toTensor(inputs), targets: toTensor(targets), examples, labels: targets }
    }
  }

  private filled(examples: Int32Array, [S, T]: Sizes): { readonly inputs: NDArray; readonly targets: NDArray } {
    const { pad, begin } = this.options
    const inputs = new Int32Array(examples.length * (S + T)).fill(pad)
    const targets = new Int32Array(examples.length * T).fill(pad)
    examples.forEach((example, i) => {
      const { source, target } = this.rows[example]!
      inputs.set(source, i * (S + T))
      inputs.set([begin, ...target.slice(0, -1)], i * (S + T) + S)
      targets.set(target, i * T)
    })
    return { inputs: { dtype: 'int32', shape: [examples.length, S + T], data: inputs }, targets: { dtype: 'int32', shape: [examples.length, T], data: targets } }
  }
}
