// Metrics: sums over a batch, computed inside the compiled step.
import { ShapeError, isFloat, showShape } from '../base/index.ts'
import type { TrainingData } from '../data/index.ts'
import type { Tensor } from '../tensor/index.ts'
import type { Metric } from './types.ts'

/** How many outputs (B, C) have their largest number at the target's class; targets are classes (B) or distributions (B, C). */
export const accuracy: Metric = {
  name: 'accuracy',
  sum: (output, target) => {
    if (output.ndim !== 2) throw new ShapeError('accuracy', 'the output has no axis of classes', { expected: '(B, C)', received: showShape(output.shape) })
    const wanted = target.ndim === output.ndim ? target.argmax(-1) : target.to('int32')
    return output.argmax(-1).to('int32').eq(wanted.to('int32')).to('float32').sum()
  },
}

/** How many outputs (B, 1) or (B), read as a probability (or as a logit, with `threshold` 0), fall on the target's side. */
export const binaryAccuracy = (threshold = 0.5): Metric => ({
  name: 'accuracy',
  sum: (output, target) => output.reshape(-1).gt(threshold).eq(target.reshape(-1).gt(0.5)).to('float32').sum(),
})

/** Σ |output − target|, averaged over each example's numbers. */
export const absoluteError: Metric = {
  name: 'mae',
  sum: (output: Tensor, target: Tensor) => output.sub(target).abs().reshape(output.shape[0]!, -1).mean(1).sum(),
}

/** Accuracy where the targets are classes, nothing otherwise. */
export async function metricsFor(data: TrainingData): Promise<readonly Metric[]> {
  const { targets } = await data.form()
  return !isFloat(targets.dtype) && targets.shape.length === 0 ? [accuracy] : []
}
