// mixup (Zhang et al., 2018): every training example is mixed with another of its batch, and so are their targets.
import { type NDArray, ShapeError, ValueError, isFloat, objectOf, optionsOf, showShape } from '../base/index.ts'
import type { Tensor } from '../tensor/index.ts'
import { type HostRandom, STREAM, hostRandom, shuffled } from './random.ts'
import { toTensor } from './rows.ts'
import type { Batch, BatchOptions, DatasetOptions, ExampleForm, TrainingData } from './training-data.ts'

export interface MixupOptions {
  /** λ is drawn from Beta(alpha, alpha): near 0 hardly anything is mixed, 1 is uniform; default 0.2. */
  readonly alpha?: number
  /** How many classes there are; default: as many as the data has names for. */
  readonly classes?: number
}

/**
 * Training data whose batches are mixed while training: λ·x + (1 − λ)·x′ with x′ another example of the batch, one λ a batch, drawn
 * by (seed, epoch, batch). Classes become distributions (B, C), which `crossEntropy` takes. `evaluate` sees the data as it is.
 *
 * @throws ValueError for a bad alpha, or classes of unknown number.
 * @example
 * ```ts
 * import { Dataset, mixup } from 'gradus/data'
 *
 * const data = Dataset.of([[1, 0], [0, 1]], [0, 1], { labels: true, classes: ['a', 'b'] })
 * const batches = mixup(data, { alpha: 1 }).batches({ batchSize: 2, augment: true, seed: 4 })
 * for await (const { inputs, targets } of batches) {
 *   // each picture is its own class here: both are mixed alike
 *   if ((await inputs.sub(targets).abs().max().item()) > 0) throw new Error('mixed otherwise')
 * }
 * ```
 */
export function mixup(data: TrainingData, options: MixupOptions = {}): TrainingData {
  objectOf('mixup', 'data', data, 'a data set', 'batches')
  optionsOf('mixup', options)
  const { alpha = 0.2, classes = data.options.classes?.length } = options
  if (!(alpha > 0 && alpha < 1e6)) throw new ValueError('mixup', 'bad alpha', { expected: 'a number above 0', received: String(alpha) })
  return new Mixed(data, alpha, classes)
}

class Mixed implements TrainingData {
  private readonly data: TrainingData
  private readonly alpha: number
  private readonly classes: number | undefined
  constructor(data: TrainingData, alpha: number, classes: number | undefined) {
    this.data = data
    this.alpha = alpha
    this.classes = classes
  }
  get length(): number | null {
    return this.data.length
  }
  get options(): DatasetOptions {
    return this.data.options
  }
  form(): ExampleForm | Promise<ExampleForm> {
    return this.data.form()
  }
  batchCount(batchSize: number, dropLast?: boolean): number | null {
    return this.data.batchCount(batchSize, dropLast)
  }
  prepare(inputs: Tensor): Tensor {
    return this.data.prepare(inputs)
  }
  with(options: DatasetOptions): TrainingData {
    return new Mixed(this.data.with(options), this.alpha, this.classes)
  }
  async *batches(options: BatchOptions): AsyncGenerator<Batch, void, undefined> {
    const { seed = 0, epoch = 0 } = options
    for await (const batch of this.data.batches(options)) {
      if (options.augment !== true) {
        yield batch
        continue
      }
      const random = hostRandom(seed, STREAM.mixup, epoch, batch.index)
      const share = beta(this.alpha, random)
      const partner = shuffled(batch.size, random)
      const [inputs, targets] = [await arrayOf(batch.inputs), await arrayOf(batch.targets)]
      for (const used of [batch.inputs, batch.targets]) used.dispose()
      const { labels: _, ...rest } = batch
      yield { ...rest, inputs: toTensor(mixed(inputs, partner, share)), targets: toTensor(mixed(this.distributions(targets), partner, share)) }
    }
  }
  /** Classes (B) as rows (B, C) with a 1 each; other targets as they are. */
  private distributions(targets: NDArray): NDArray {
    if (isFloat(targets.dtype)) return targets
    if (targets.shape.length !== 1) throw new ShapeError('mixup', 'targets are neither classes nor numbers', { expected: 'classes (B), or floats', received: `${targets.dtype} ${showShape(targets.shape)}` })
    const { classes } = this
    if (classes === undefined) throw new ValueError('mixup', 'the number of classes is not known', { remedy: 'Pass classes: …, or data with names of its classes.' })
    const data = new Float32Array(targets.data.length * classes)
    targets.data.forEach((label, i) => {
      if (!(label >= 0 && label < classes)) throw new ValueError('mixup', 'a label has no class', { expected: `0 … ${classes - 1}`, received: String(label) })
      data[i * classes + label] = 1
    })
    return { dtype: 'float32', shape: [targets.data.length, classes], data }
  }
}

const arrayOf = async (t: Tensor): Promise<NDArray> => ({ dtype: t.dtype, shape: t.shape, data: await t.data() })

/** share·row + (1 − share)·row of the partner, as floats. */
function mixed({ dtype, shape, data }: NDArray, partner: Int32Array, share: number): NDArray {
  const out = dtype === 'float64' ? new Float64Array(data.length) : new Float32Array(data.length)
  const row = data.length / Math.max(1, partner.length)
  for (let i = 0; i < partner.length; i++) {
    const [own, other] = [i * row, partner[i]! * row]
    for (let k = 0; k < row; k++) out[own + k] = share * data[own + k]! + (1 - share) * data[other + k]!
  }
  return { dtype: dtype === 'float64' ? 'float64' : 'float32', shape, data: out }
}

/** Beta(a, a): x/(x + y) of two gamma numbers. */
export function beta(a: number, random: HostRandom): number {
  const [x, y] = [logGamma(a, random), logGamma(a, random)]
  return 1 / (1 + Math.exp(y - x))
}
/** The logarithm of a number from the gamma distribution (Marsaglia & Tsang, 2000): for small a the number itself underflows. */
function logGamma(a: number, random: HostRandom): number {
  if (a < 1) return logGamma(a + 1, random) + Math.log(1 - random.next()) / a
  const d = a - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = random.normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v)
  }
}
