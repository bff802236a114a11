// The training step as one compiled program: forward, backward, optimiser, and the sums the progress display reads.
import type { TrainingData } from '../data/index.ts'
import { type Layer, type Module, type Optimizer, type OptimizerState, clipByGlobalNorm, withTensors } from '../nn/index.ts'
import { type Tensor, jit, stack, tensor, valueAndGrad, withKey } from '../tensor/index.ts'
import type { Loss, Metric } from './types.ts'

/** What changes from step to step, all of it tensors; given away to every step and replaced by its result. */
export interface Carry {
  readonly params: Tensor[]
  readonly buffers: Record<string, Tensor>
  readonly optimizer: OptimizerState
  readonly sums: Sums
}
/** Since the epoch began: Σ loss·B, examples, and Σ of each metric. */
export interface Sums {
  readonly loss: Tensor
  readonly count: Tensor
  readonly metrics: Readonly<Record<string, Tensor>>
}

export const zeroSums = (metrics: readonly Metric[]): Sums => ({
  loss: tensor(0),
  count: tensor(0),
  metrics: Object.fromEntries(metrics.map(({ name }) => [name, tensor(0)])),
})

export interface StepParts {
  readonly model: Layer
  readonly data: TrainingData
  readonly loss: Loss
  readonly metrics: readonly Metric[]
  readonly clipNorm?: number | undefined
}
/** (carry, inputs, targets, key, learning rate) → the next carry. */
export type Step = (carry: Carry, inputs: Tensor, targets: Tensor, key: Tensor, rate: Tensor) => Carry

/**
 * Compiles the step. `paths` names the parameters in order. `seen` learns the output's shape when the step is traced, so
 * that labels can be checked against it.
 */
export function trainStep(parts: StepParts, optimizer: Optimizer, paths: readonly string[], seen: (output: readonly number[]) => void): Step {
  const { metrics, clipNorm } = parts
  return jit(
    (carry: Carry, inputs: Tensor, targets: Tensor, key: Tensor, rate: Tensor): Carry => {
      const size = inputs.shape[0]!
      const run = (params: Tensor[]): [Tensor, Forward] => forward(parts, paths, { params, buffers: carry.buffers, inputs, targets, key })
      const [[value, { buffers, output }], grads] = valueAndGrad(run, { hasAux: true })(carry.params)
      seen(output.shape)
      const used = clipNorm === undefined ? grads : clipByGlobalNorm(grads, clipNorm).clipped
      const next = optimizer.update(carry.params, used, carry.optimizer, rate)
      return { params: next.params, buffers, optimizer: next.state, sums: addSums(carry.sums, value, output, targets, size, metrics) }
    },
    { donate: [0] },
  )
}

interface Forward {
  readonly buffers: Record<string, Tensor>
  readonly output: Tensor
}
interface Point {
  readonly params: readonly Tensor[]
  readonly buffers: Readonly<Record<string, Tensor>>
  readonly inputs: Tensor
  readonly targets: Tensor
  readonly key: Tensor
}
/** The loss of a batch as training sees it, and the buffers afterwards. */
function forward({ model, data, loss }: StepParts, paths: readonly string[], { params, buffers, inputs, targets, key }: Point): [Tensor, Forward] {
  const copy = withTensors(model, { ...Object.fromEntries(paths.map((path, i) => [path, params[i]!])), ...buffers })
  copy.train()
  const output = withKey(key, () => copy.call(data.prepare(inputs)))
  return [loss(output, targets), { buffers: buffersOf(copy), output }]
}

/** (carry, inputs, targets, key) → the loss, and the largest absolute value in each parameter and in its gradient (P), NaN if it has one. */
export type Probe = (carry: Carry, inputs: Tensor, targets: Tensor, key: Tensor) => { readonly loss: Tensor; readonly weights: Tensor; readonly largest: Tensor }
/** Compiles a look at a step's gradients, which changes nothing. */
export function gradientProbe(parts: StepParts, paths: readonly string[]): Probe {
  return jit(({ params, buffers }: Carry, inputs: Tensor, targets: Tensor, key: Tensor) => {
    const run = (at: Tensor[]): [Tensor, Forward] => forward(parts, paths, { params: at, buffers, inputs, targets, key })
    const [[loss], grads] = valueAndGrad(run, { hasAux: true })(params)
    const largest = (tensors: readonly Tensor[]): Tensor => stack(tensors.map((t) => t.abs().max().to('float32')))
    return { loss: loss.to('float32').reshape([]), weights: largest(params), largest: largest(grads) }
  })
}

/** The sums with one batch more. */
export function addSums(sums: Sums, loss: Tensor, output: Tensor, targets: Tensor, size: number, metrics: readonly Metric[]): Sums {
  return {
    loss: sums.loss.add(loss.to('float32').reshape([]).mul(size)),
    count: sums.count.add(size),
    metrics: Object.fromEntries(metrics.map((m) => [m.name, sums.metrics[m.name]!.add(m.sum(output, targets).to('float32').reshape([]))])),
  }
}

/** The means so far, on the JavaScript side. */
export async function readSums(sums: Sums): Promise<{ loss: number; [metric: string]: number }> {
  const count = await sums.count.item()
  const out: { loss: number; [metric: string]: number } = { loss: (await sums.loss.item()) / count }
  for (const [name, sum] of Object.entries(sums.metrics)) out[name] = (await sum.item()) / count
  return out
}

export const buffersOf = (model: Module): Record<string, Tensor> => Object.fromEntries(model.namedBuffers())
