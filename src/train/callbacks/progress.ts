// A line of text after every epoch, for programs that call fit themselves.
import { functionOf } from '../../base/index.ts'
import type { Callback } from '../types.ts'

/**
 * Hands a line about every epoch to `write`, such as "epoch 2/10: loss 0.1304, accuracy 0.9609 (2.9 s)".
 *
 * @example
 * ```ts
 * import { Dataset } from 'gradus/data'
 * import { Linear, SGD, mse } from 'gradus/nn'
 * import { fit, progress } from 'gradus/train'
 *
 * const lines: string[] = []
 * const data = Dataset.of([[1], [2], [3]], [[2], [4], [6]])
 * await fit(new Linear(1, 1), data, { epochs: 2, loss: mse, optimizer: new SGD(0.01), callbacks: [progress((line) => lines.push(line))] })
 * lines.length // → 2
 * ```
 */
export function progress(write: (line: string) => void): Callback {
  functionOf('progress', write)
  return {
    onEpoch(run, { epoch, seconds, learningRate: _, ...values }) {
      const numbers = Object.entries(values).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
      write(`epoch ${epoch}/${run.epochs}: ${numbers.join(', ')} (${seconds.toFixed(1)} s)`)
    },
  }
}
