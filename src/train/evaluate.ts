// A model's outputs, its mean loss and metrics over a data set: compiled once per model, in eval mode, no augmentation.
import { type NDArray, ValueError, objectOf, optionsOf } from '../base/index.ts'
import { type TrainingData, concatRows } from '../data/index.ts'
import { type Layer, withTensors } from '../nn/index.ts'
import { type Tensor, jit } from '../tensor/index.ts'
import { metricsFor } from './metrics.ts'
import { type Sums, addSums, readSums, zeroSums } from './step.ts'
import type { Loss, Metric } from './types.ts'

export interface EvaluateOptions {
  readonly loss?: Loss
  /** Default: accuracy where the targets are classes. */
  readonly metrics?: readonly Metric[]
  /** Default 500; changes the speed, not the result. */
  readonly batchSize?: number
}

type Tensors = Record<string, Tensor>
type Forward = (tensors: Tensors, inputs: Tensor) => Tensor
const forwards = new WeakMap<Layer, WeakMap<object, Forward>>()
const NO_PREPARE = {}

/** The compiled forward pass of a model for one way of preparing inputs. */
function forwardOf(model: Layer, prepare: ((x: Tensor) => Tensor) | undefined): Forward {
  let own = forwards.get(model)
  if (own === undefined) forwards.set(model, (own = new WeakMap()))
  let forward = own.get(prepare ?? NO_PREPARE)
  if (forward === undefined) {
    forward = jit((tensors: Tensors, inputs: Tensor) => {
      const copy = withTensors(model, tensors)
      copy.eval()
      return copy.call(prepare === undefined ? inputs : prepare(inputs))
    })
    own.set(prepare ?? NO_PREPARE, forward)
  }
  return forward
}
const tensorsOf = (model: Layer): Tensors => model.state()

/**
 * Mean loss and metrics of a model over a data set.
 *
 * @example
 * ```ts
 * import { Dataset } from 'gradus/data'
 * import { Linear, mse } from 'gradus/nn'
 * import { evaluate } from 'gradus/train'
 *
 * const data = Dataset.of([[1], [2], [3]], [[2], [4], [6]])
 * const { loss } = await evaluate(new Linear(1, 1), data, { loss: mse })
 * loss! > 0 // → true
 * ```
 */
export async function evaluate(model: Layer, data: TrainingData, options: EvaluateOptions = {}): Promise<{ readonly [name: string]: number }> {
  objectOf('evaluate', 'model', model, 'a module', 'namedParameters')
  objectOf('evaluate', 'data', data, 'a data set, as Dataset.of(inputs, targets)', 'batches')
  optionsOf('evaluate', options)
  if (data.length === 0) throw new ValueError('evaluate', 'the data set is empty')
  const metrics = options.metrics ?? (await metricsFor(data))
  const forward = forwardOf(model, data.options.prepare)
  const tensors = tensorsOf(model)
  const add = jit((sums: Sums, output: Tensor, targets: Tensor): Sums => addSums(sums, options.loss === undefined ? output.sum().mul(0) : options.loss(output, targets), output, targets, output.shape[0]!, metrics))
  let sums = zeroSums(metrics)
  for await (const { inputs, targets } of data.batches({ batchSize: options.batchSize ?? 500 })) {
    const output = forward(tensors, inputs)
    sums = add(sums, output, targets)
    for (const used of [inputs, output, targets]) used.dispose()
    await breathe()
  }
  const { loss, ...rest } = await readSums(sums)
  if (Number.isNaN(loss) && (await sums.count.item()) === 0) throw new ValueError('evaluate', 'the data set is empty')
  return options.loss === undefined ? rest : { loss, ...rest }
}

/** The model's outputs for every example, (N, …), in order. */
export async function predict(model: Layer, data: TrainingData, options: { readonly batchSize?: number } = {}): Promise<NDArray> {
  objectOf('predict', 'model', model, 'a module', 'namedParameters')
  objectOf('predict', 'data', data, 'a data set, as Dataset.of(inputs, targets)', 'batches')
  optionsOf('predict', options)
  const forward = forwardOf(model, data.options.prepare)
  const tensors = tensorsOf(model)
  const parts: NDArray[] = []
  for await (const { inputs } of data.batches({ batchSize: options.batchSize ?? 500 })) {
    const output = forward(tensors, inputs)
    parts.push({ dtype: output.dtype, shape: output.shape, data: await output.data() })
    inputs.dispose()
    output.dispose()
    await breathe()
  }
  if (parts.length === 0) throw new ValueError('predict', 'the data set is empty')
  return concatRows(parts)
}

/** Lets timers and signals have their turn. */
export const breathe = (): Promise<void> => new Promise((resolve) => ('setImmediate' in globalThis ? setImmediate(resolve) : setTimeout(resolve, 0)))
