// From outputs and labels: the confusion matrix, and precision, recall and F1 of every class.
import { type NDArray, ShapeError, ValueError, argumentOf, arrayOf, listOf, showShape } from '../base/index.ts'

export interface ClassReport {
  readonly name: string
  /** Of those taken for this class, how many were; 0 if none was taken for it. */
  readonly precision: number
  /** Of this class, how many were found. */
  readonly recall: number
  readonly f1: number
  /** Examples of this class. */
  readonly support: number
}

/** The place of the largest number in each row of outputs (N, C). */
export function argmaxRows(scores: NDArray): Int32Array {
  const { shape, data } = arrayOf('argmaxRows', 'scores', scores)
  if (shape.length !== 2) throw new ShapeError('argmaxRows', 'no rows of classes', { expected: '(N, C)', received: showShape(shape) })
  const [n, c] = shape as [number, number]
  return Int32Array.from({ length: n }, (_, i) => {
    let best = 0
    for (let j = 1; j < c; j++) if (data[i * c + j]! > data[i * c + best]!) best = j
    return best
  })
}

/** counts[true class][taken for] */
export function confusionMatrix(predicted: ArrayLike<number>, labels: ArrayLike<number>, classes: number): number[][] {
  listOf('confusionMatrix', 'predictions', predicted)
  listOf('confusionMatrix', 'labels', labels)
  argumentOf('confusionMatrix', Number.isSafeInteger(classes) && classes >= 0 && classes <= 2 ** 15, 'number of classes', 'a whole number up to 32768', classes)
  if (predicted.length !== labels.length) throw new ShapeError('confusionMatrix', 'lengths differ', { expected: `${labels.length} predictions`, received: String(predicted.length) })
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  for (let i = 0; i < labels.length; i++) {
    const row = counts[labels[i]!]
    if (row?.[predicted[i]!] === undefined) throw new ValueError('confusionMatrix', 'no such class', { expected: `0 … ${classes - 1}`, received: `${labels[i]}, ${predicted[i]}` })
    row[predicted[i]!]!++
  }
  return counts
}

/** Precision, recall, F1 and number of examples of each class. */
export function classReports(matrix: readonly (readonly number[])[], names: readonly string[]): ClassReport[] {
  for (const row of listOf('classReports', 'matrix', matrix)) listOf('classReports', 'row', row)
  listOf('classReports', 'names', names)
  return matrix.map((row, k) => {
    const right = row[k]!
    const support = row.reduce((a, b) => a + b, 0)
    const taken = matrix.reduce((sum, r) => sum + r[k]!, 0)
    const precision = taken === 0 ? 0 : right / taken
    const recall = support === 0 ? 0 : right / support
    return { name: names[k] ?? String(k), precision, recall, f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall), support }
  })
}
