// Tests a classifier of digits over a data set (for compute.ts, in the Worker): error, confusion matrix, the worst mistakes.
import type { Tensor } from 'gradus'
import { type Dataset, batches } from 'gradus/data'
import type { Signals } from './trainer.ts'

export interface Mistake {
  /** Its number in the data set. */
  readonly index: number
  readonly label: number
  readonly said: number
  /** How sure the network was, and what it gave the right digit. */
  readonly sure: number
  readonly right: number
  readonly pixels: Uint8Array
}
export interface TestResult {
  readonly count: number
  readonly wrong: number
  readonly loss: number
  /** confusion[digit][taken for] */
  readonly confusion: readonly (readonly number[])[]
  /** What every image of the set was taken for. */
  readonly said: Uint8Array
  readonly labels: Uint8Array
  /** The surest first; at most SHOWN of each pair (digit, taken for). */
  readonly mistakes: readonly Mistake[]
  /** Of every hidden layer: how many neurons gave 0 for all images; how many hardly moved (their signal within 0.01 of 0 or 1). */
  readonly dead: readonly number[]
  readonly saturated: readonly number[]
}
/** The loss of a test, and after how many steps. */
export interface Tested { readonly step: number; readonly loss: number; readonly count: number }
const SHOWN = 12

/** p = e^z / Σe^z, steadily. */
export function softmaxOf(z: ArrayLike<number>): number[] {
  const top = Math.max(...Array.from(z))
  const powers = Array.from(z, (v) => Math.exp(v - top))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((v) => v / sum)
}

/** Yields null while under way and the result at the end. `probabilities`: how outputs become shares that sum to 1. */
export async function* testDigits(data: Dataset, signals: (images: Tensor) => Signals, probabilities: (out: ArrayLike<number>) => readonly number[] = softmaxOf, batchSize = 250): AsyncGenerator<TestResult | null> {
  const confusion = Array.from({ length: 10 }, () => new Array<number>(10).fill(0))
  const found: Omit<Mistake, 'pixels'>[] = []
  const { data: labels } = data.targets
  const answers = new Uint8Array(data.length)
  let [loss, wrong] = [0, 0]
  const highest: Float32Array[] = []
  const edges: Float64Array[] = []
  for (const { inputs, targets, examples } of batches(data, { batchSize })) {
    const { logits, hidden } = signals(inputs)
    const out = await logits.data()
    for (const [l, layer] of hidden.entries()) {
      const [width, values] = [layer.shape[1]!, await layer.data()]
      const top = (highest[l] ??= new Float32Array(width))
      const at = (edges[l] ??= new Float64Array(width))
      for (let i = 0; i < values.length; i++) {
        const k = i % width
        if (values[i]! > top[k]!) top[k] = values[i]!
        if (values[i]! < 0.01 || values[i]! > 0.99) at[k]!++
      }
    }
    for (const used of [inputs, targets, logits, ...hidden]) used.dispose()
    for (const [i, index] of examples.entries()) {
      const p = probabilities(out.subarray(10 * i, 10 * i + 10))
      const label = labels[index]!
      let said = 0
      for (let c = 1; c < 10; c++) if (p[c]! > p[said]!) said = c
      answers[index] = said
      confusion[label]![said]!++
      loss -= Math.log(Math.max(1e-30, p[label]!))
      if (said === label) continue
      wrong++
      found.push({ index, label, said, sure: p[said]!, right: p[label]! })
    }
    yield null
  }
  found.sort((a, b) => a.right / a.sure - b.right / b.sure)
  const shown = new Map<string, number>()
  const mistakes = found.filter(({ label, said }) => {
    const seen = (shown.get(`${label}${said}`) ?? 0) + 1
    shown.set(`${label}${said}`, seen)
    return seen <= SHOWN
  })
  yield {
    count: data.length, wrong, loss: loss / data.length, confusion, said: answers, labels: Uint8Array.from(labels),
    mistakes: mistakes.map((m) => ({ ...m, pixels: Uint8Array.from(data.inputs.data.subarray(784 * m.index, 784 * (m.index + 1))) })),
    dead: highest.map((top) => top.reduce((n, v) => n + (v <= 0 ? 1 : 0), 0)),
    saturated: edges.map((at) => at.reduce((n, v) => n + (v >= 0.99 * data.length ? 1 : 0), 0)),
  }
}
