// The training step as one compiled program: forward, backward, optimiser, and the sums the progress display reads.
import type { Dataset } from '../data/index.ts'
import { type Layer, type Module, type Optimizer, type OptimizerState, clipByGlobalNorm, withTensors } from '../nn/index.ts'
import { type Tensor, jit, tensor, valueAndGrad, withKey } from '../tensor/index.ts'
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
  readonly data: Dataset
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
export function trainStep({ model, data, loss, metrics, clipNorm }: StepParts, optimizer: Optimizer, paths: readonly string[], seen: (output: readonly number[]) => void): Step {
  return jit(
    (carry: Carry, inputs: Tensor, targets: Tensor, key: Tensor, rate: Tensor): Carry => {
      const size = inputs.shape[0]!
      const run = (params: Tensor[]): [Tensor, { buffers: Record<string, Tensor>; output: Tensor }] => {
        const copy = withTensors(model, { ...Object.fromEntries(paths.map((path, i) => [path, params[i]!])), ...carry.buffers })
        copy.train()
        const output = withKey(key, () => copy.call(data.prepare(inputs)))
        seen(output.shape)
        return [loss(output, targets), { buffers: buffersOf(copy), output }]
      }
      const [[value, { buffers, output }], grads] = valueAndGrad(run, { hasAux: true })(carry.params)
      const used = clipNorm === undefined ? grads : clipByGlobalNorm(grads, clipNorm).clipped
      const next = optimizer.update(carry.params, used, carry.optimizer, rate)
      return { params: next.params, buffers, optimizer: next.state, sums: addSums(carry.sums, value, output, targets, size, metrics) }
    },
    { donate: [0] },
  )
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
