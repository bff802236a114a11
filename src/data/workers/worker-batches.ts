// The batches of an epoch whose inputs are made by worker threads, ahead of time, in order.
import { type NDArray, ValueError, objectOf, optionsOf } from '../../base/index.ts'
import type { Tensor } from '../../tensor/index.ts'
import type { Augment } from '../augment.ts'
import { epochBatches } from '../batches.ts'
import type { Dataset } from '../dataset.ts'
import { specOf } from '../described.ts'
import { gather, toTensor } from '../rows.ts'
import type { Batch, BatchOptions, DatasetOptions, ExampleForm, TrainingData } from '../training-data.ts'
import makeBatches, { type BatchSetup, type BatchSource, type BatchTask } from './batch-task.ts'
import { type WorkerPool, workerPool } from './pool.ts'

export type BatchPool = WorkerPool<BatchTask, NDArray>

/**
 * Threads for a source.
 *
 * @throws ValueError for an augmentation of the user's own: a function cannot be sent to a thread.
 */
export function batchPool(operation: string, source: BatchSource, augment: Augment | undefined, workers: number): BatchPool {
  const spec = augment === undefined ? null : !(workers > 0) ? augment : specOf(augment)
  if (augment !== undefined && spec === null) throw new ValueError(operation, 'a function of your own cannot be sent to worker threads', { expected: 'augmentations of gradus/data', remedy: 'Take workers: 0.' })
  const here = import.meta.url
  return workerPool<BatchSetup, BatchTask, NDArray>({ operation, workers, module: new URL(here.endsWith('.ts') ? './batch-task.ts' : './batch-task.js', here), make: makeBatches, setup: { source, augment: spec } })
}

/** Batches with inputs from the pool. */
export async function* workerBatches(pool: BatchPool, targets: NDArray, options: BatchOptions, ahead: number): AsyncGenerator<Batch, void, undefined> {
  const { seed = 0, epoch = 0, augment = false } = options
  const plan = [...epochBatches(targets.shape[0]!, options)]
  let at = 0
  for await (const inputs of pool.results(plan.map(({ examples }) => ({ examples: examples.slice(), seed, epoch, augment })), ahead)) {
    const { index, examples } = plan[at++]!
    yield { index, size: examples.length, inputs: toTensor(inputs), targets: toTensor(gather(targets, examples)), examples }
  }
}

/**
 * A data set whose augmentation is done by worker threads while the model learns. The batches are the same to the bit, however many
 * threads there are; with 0 they are made in line. The inputs are copied once into memory that the threads share. Node.
 *
 * @throws ValueError for an augmentation that is a function of the user's own: it cannot be sent to a thread.
 * @example
 * ```ts no-run
 * import { cifar10, inWorkers, randomCrop } from 'gradus/data'
 *
 * const { train } = await cifar10()
 * const data = inWorkers(train.with({ augment: randomCrop(4) }), { workers: 2 })
 * console.log(data.length)
 * ```
 */
export function inWorkers(data: Dataset, options: { readonly workers: number }): TrainingData {
  objectOf('inWorkers', 'data', data, 'a Dataset', 'inputs')
  optionsOf('inWorkers', options, 'options such as { workers: 2 }')
  return new WorkerDataset(data, options.workers)
}

class WorkerDataset implements TrainingData {
  readonly length: number
  readonly options: DatasetOptions
  private readonly data: Dataset
  private readonly workers: number
  private readonly pool: BatchPool
  constructor(data: Dataset, workers: number) {
    this.data = data
    this.workers = workers
    this.length = data.length
    this.options = data.options
    this.pool = batchPool('inWorkers', { kind: 'array', inputs: workers === 0 ? data.inputs : shared(data.inputs) }, data.options.augment, workers)
  }
  form(): ExampleForm {
    return this.data.form()
  }
  batchCount(batchSize: number, dropLast?: boolean): number {
    return this.data.batchCount(batchSize, dropLast)
  }
  batches(options: BatchOptions): AsyncGenerator<Batch, void, undefined> {
    return workerBatches(this.pool, this.data.targets, options, 2 * this.workers)
  }
  prepare(inputs: Tensor): Tensor {
    return this.data.prepare(inputs)
  }
  with(options: DatasetOptions): TrainingData {
    return new WorkerDataset(this.data.with(options), this.workers)
  }
}

/** An array in memory that threads share, copied once. */
function shared(x: NDArray): NDArray {
  const memory = new SharedArrayBuffer(x.data.byteLength)
  const data = new (x.data.constructor as new (buffer: SharedArrayBuffer) => NDArray['data'])(memory)
  data.set(x.data)
  return { ...x, data }
}
