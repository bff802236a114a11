// What fit refuses before it begins.
import { type NDArray, ValueError, isFloat } from '../base/index.ts'
import { Dataset, type TrainingData } from '../data/index.ts'

export function checkFit(data: TrainingData, options: { readonly epochs: number; readonly dropLast?: boolean; readonly seed?: number; readonly clipNorm?: number }, batchSize: number): void {
  const whole = (name: string, value: number, least: number): void => {
    if (!Number.isSafeInteger(value) || value < least) throw new ValueError('fit', `bad ${name}`, { expected: `a whole number from ${least}`, received: String(value) })
  }
  whole('epochs', options.epochs, 0)
  whole('batchSize', batchSize, 1)
  if (options.clipNorm !== undefined && !(options.clipNorm > 0)) throw new ValueError('fit', 'bad clipNorm', { expected: 'a number above 0', received: String(options.clipNorm) })
  if (options.seed !== undefined) whole('seed', options.seed, Number.MIN_SAFE_INTEGER)
  if (data.length === 0) throw new ValueError('fit', 'the data set is empty')
  if (options.dropLast === true && data.batchCount(batchSize, true) === 0) {
    throw new ValueError('fit', 'there is not one whole batch', { expected: `at least ${batchSize} examples with dropLast`, received: String(data.length), remedy: 'Choose a smaller batchSize.' })
  }
}

/** Integer targets (N) beside outputs (B, C) are classes: each must exist. */
export function checkLabels(data: TrainingData, output: readonly number[]): void {
  if (data instanceof Dataset) checkBatch(data.targets, output)
}

/** The same for targets of a batch; `examples` are their numbers. */
export function checkBatch({ dtype, shape, data: labels }: NDArray, output: readonly number[], examples?: ArrayLike<number>): void {
  if (output.length !== 2 || shape.length !== 1 || isFloat(dtype)) return
  const classes = output[1]!
  const at = labels.findIndex((label) => label < 0 || label >= classes)
  if (at === -1) return
  throw new ValueError('fit', 'a label has no output', { expected: `0 … ${classes - 1} (the model has ${classes} outputs)`, received: `${labels[at]} in example ${examples?.[at] ?? at}` })
}
