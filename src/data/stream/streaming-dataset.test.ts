// A stream trains as the same examples in memory do; it goes on where it stopped; bad examples are named.
import { expect, test } from 'vitest'
import { Linear, SGD, crossEntropy, mse } from '../../nn/index.ts'
import { manualSeed } from '../../tensor/index.ts'
import { type TrainingState, evaluate, fit, predict } from '../../train/index.ts'
import { Dataset } from '../dataset.ts'
import { Stream } from './stream.ts'
import { type Example, StreamingDataset } from './streaming-dataset.ts'

const inputs = Array.from({ length: 50 }, (_, i) => [Math.sin(i), Math.cos(3 * i)])
const targets = inputs.map(([a, b]) => [2 * a! - b!])
const examples: Example[] = inputs.map((x, i) => ({ inputs: x, targets: targets[i]! }))
const weights = async (model: Linear): Promise<number[]> => [...(await model.weight.data()), ...(await model.bias!.data())]

test('the same weights to the bit as a set in memory, with and without a known length', async () => {
  const trained = async (data: Dataset | StreamingDataset): Promise<number[]> => {
    manualSeed(1)
    const model = new Linear(2, 1)
    const { epochs } = await fit(model, data, { epochs: 3, batchSize: 8, loss: mse, optimizer: new SGD(0.1), shuffle: false, validation: data })
    expect(epochs.every((e) => Number.isFinite(e.val_loss))).toBe(true)
    return [...(await weights(model)), ...(await predict(model, data)).data, (await evaluate(model, data, { loss: mse })).loss!]
  }
  const expected = await trained(Dataset.of(inputs, targets))
  expect(await trained(new StreamingDataset(Stream.from(examples)))).toEqual(expected)
  expect(await trained(new StreamingDataset(Stream.from(async function* () { yield* examples })))).toEqual(expected)
})

test('a run that was stopped goes on to the bit, in the middle of a shuffled epoch', async () => {
  const data = new StreamingDataset(Stream.from(examples).shuffle(16).map(({ inputs: x, targets: y }, { random }) => ({ inputs: (x as number[]).map((v) => v + 0.1 * random.normal()), targets: y })))
  const options = { epochs: 3, batchSize: 8, loss: mse, optimizer: new SGD(0.1), seed: 5 }
  manualSeed(1)
  const whole = new Linear(2, 1)
  await fit(whole, data, options)

  manualSeed(1)
  const first = new Linear(2, 1)
  const stop = new AbortController()
  let state: TrainingState | undefined
  let seen = 0
  const halted = new StreamingDataset(data.stream.map((e) => {
    // the eleventh batch: the second epoch, its fourth
    if (seen++ === 11 * 8) stop.abort()
    return e
  }))
  const { reason } = await fit(first, halted, { ...options, signal: stop.signal, callbacks: [{ async onStop(run) { state = await run.state() } }] })
  expect(reason).toBe('aborted')
  expect(state!.progress.epoch).toBe(1)
  expect(state!.progress.batch).toBeGreaterThan(0)
  manualSeed(2)
  const second = new Linear(2, 1)
  await fit(second, data, { ...options, resume: state! })
  expect(await weights(second)).toEqual(await weights(whole))
})

test('examples that do not fit are named', async () => {
  const run = (list: Example[], labels = false) => fit(new Linear(2, 3), new StreamingDataset(Stream.from(list), { labels }), { epochs: 1, batchSize: 2, loss: labels ? crossEntropy : mse, optimizer: new SGD(0.1) })
  const good = { inputs: [1, 2], targets: 0 }
  await expect(run([good, good, { inputs: [1, 2, 3], targets: 0 }], true)).rejects.toThrow(/inputs of example 2 have another form than those of the first: expected float32 \[2\], received float32 \[3\]/)
  await expect(run([good, { inputs: [1, Number.NaN], targets: 0 }], true)).rejects.toThrow(/inputs hold a number that is not finite: received NaN in example 1/)
  await expect(run([good, good, good, { inputs: [1, 2], targets: 3 }], true)).rejects.toThrow(/a label has no output: expected 0 … 2 .*received 3 in example 3/)
  await expect(run([good, { inputs: [1, 2], targets: 0.5 }], true)).rejects.toThrow(/a label is no whole number/)
  await expect(run([])).rejects.toThrow(/the data set is empty/)
  await expect(run([{ inputs: [1, 2], targets: undefined as unknown as number }])).rejects.toThrow(/an example has no targets that are numbers/)
})
