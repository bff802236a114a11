// What is to be explained: one number for each example, made of the model's outputs.
import { showShape } from '../base/index.ts'
import { ShapeError, type Tensor, ValueError, isTensor, tensor } from '../tensor/index.ts'

/** A class for all examples, one class for each, or any function from the outputs (B, …) to one number an example (B). */
export type Target = number | readonly number[] | ((output: Tensor) => Tensor)

/** (B, classes) → (B): the outputs of the targets. */
export function scores(operation: string, output: Tensor, target: Target): Tensor {
  if (typeof target === 'function') {
    const chosen = target(output)
    if (!isTensor(chosen) || chosen.ndim !== 1 || chosen.shape[0] !== output.shape[0]) throw new ShapeError(operation, 'the target gives not one number an example', { expected: `[${output.shape[0]}]`, received: isTensor(chosen) ? showShape(chosen.shape) : typeof chosen })
    return chosen
  }
  if (output.ndim !== 2) throw new ShapeError(operation, 'a class needs outputs (B, classes)', { expected: '[B, classes]', received: showShape(output.shape), remedy: 'Pass a function of the output as target.' })
  const [batch, classes] = output.shape as [number, number]
  const wanted = typeof target === 'number' ? Array.from({ length: batch }, () => target) : target
  const wrong = wanted.find((c) => !Number.isInteger(c) || c < 0 || c >= classes)
  if (wrong !== undefined) throw new ValueError(operation, 'no such class', { expected: `0 … ${classes - 1}`, received: String(wrong) })
  if (wanted.length !== batch) throw new ShapeError(operation, 'not one class an example', { expected: `${batch} classes`, received: String(wanted.length) })
  const hot = new Float32Array(batch * classes)
  wanted.forEach((c, i) => (hot[i * classes + c] = 1))
  return output.mul(tensor(hot, { shape: [batch, classes] })).sum(1)
}
