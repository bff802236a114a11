// Where a run diverged, against loops in plain numbers; what is kept; that a healthy run looks at no gradient.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Dataset } from '../data/index.ts'
import { Adam, type Layer, Linear, Module, SGD, Sequential, Tanh, mse } from '../nn/index.ts'
import { type Tensor, manualSeed, tensor } from '../tensor/index.ts'
import { DivergedError, type FitOptions, checkpoints, fit, loadCheckpoint } from './index.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'gradus-diverged-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const line = (n: number, change: Readonly<Record<number, number>> = {}): Dataset => Dataset.of(Array.from({ length: n }, (_, i) => [1 + (i % 3)]), Array.from({ length: n }, (_, i) => [change[i] ?? 2]))
const diverges = async (model: Layer, data: Dataset, options: Partial<FitOptions>): Promise<DivergedError> => {
  const error: unknown = await fit(model, data, { epochs: 5, batchSize: 4, loss: mse, optimizer: new SGD(0.01), shuffle: false, ...options }).catch((e: unknown) => e)
  expect(error).toBeInstanceOf(DivergedError)
  return error as DivergedError
}
/** w → w − rate·mean 2(wx − y)x in float32, until the loss overflows: its step, from 1. */
function byHand(start: number, rate: number, data: Dataset): number {
  let w = start
  for (let step = 1; ; step++) {
    let [loss, slope] = [0, 0]
    for (let i = 0; i < 4; i++) {
      const at = ((step - 1) * 4 + i) % data.length
      const [x, y] = [data.inputs.data[at]!, data.targets.data[at]!]
      const error = Math.fround(Math.fround(w * x) - y)
      loss += Math.fround(error * error) / 4
      slope += (2 * error * x) / 4
    }
    if (!Number.isFinite(Math.fround(loss))) return step
    w = Math.fround(w - rate * slope)
  }
}

describe('a rate that is too high', () => {
  test('the step at which the loss overflows is the one of a loop written by hand, and the gradient exploded before', async () => {
    const data = line(400)
    const model = new Linear(1, 1, { bias: false })
    model.weight = tensor([[0.5]])
    const { divergence, message } = await diverges(model, data, { optimizer: new SGD(1.5) })
    const step = byHand(0.5, 1.5, data)
    expect(step).toBeLessThan(100)
    expect(divergence!.loss).toEqual({ epoch: 1, step, value: Infinity })
    expect(divergence!.exploded).toMatchObject({ epoch: 1, parameter: 'weight' })
    expect(divergence!.exploded!.step).toBeLessThan(step)
    expect(message).toMatch(/^fit: the loss became infinite in epoch 1, at step \d+: the gradient of "weight" exploded at step \d+ \(largest value [\d.e]+, before that about [\d.e-]+\): the weights have grown .* Lower the learning rate \(now 1\.5; try 0\.15: --lr\), or clip the gradients \(clipNorm: 1, --clip 1\)/)
  })
  test('clipping is no advice to one who clips', async () => {
    const { message } = await diverges(new Linear(1, 1), line(40), { epochs: 3, optimizer: new SGD(1e30), clipNorm: 1e6 })
    expect(message).toMatch(/Lower the learning rate/)
    expect(message).not.toMatch(/clip the gradients/)
  })
  test('in a later epoch: found from the checkpoint, or from the beginning of the epoch, at the same step; the checkpoint stays good', async () => {
    const options = { optimizer: new Adam((step: number) => (step < 13 ? 1e-3 : 1e30)) }
    const build = (): Layer => {
      manualSeed(3)
      return new Sequential(new Linear(1, 4), new Tanh(), new Linear(4, 1))
    }
    const kept = await diverges(build(), line(40), { ...options, callbacks: [checkpoints(folder)] })
    const plain = await diverges(build(), line(40), options)
    // step 14 has the rate that breaks the weights, step 15 shows it
    expect(kept.divergence!.loss).toMatchObject({ epoch: 2, step: 15 })
    expect(plain.divergence).toEqual(kept.divergence)
    const { weights, progress } = await loadCheckpoint(folder)
    expect(progress).toMatchObject({ epoch: 1, step: 10 })
    for (const { data } of weights.values()) expect(data.every((x) => Number.isFinite(x) && Math.abs(x) < 10)).toBe(true)
  })
  test('weights that break in the very last step of an epoch reach neither the model nor a checkpoint', async () => {
    const model = new Linear(1, 1)
    const error = await diverges(model, line(8), { epochs: 2, optimizer: new SGD((step: number) => (step < 3 ? 0.01 : Infinity)), callbacks: [checkpoints(folder)] })
    expect(error.message).toMatch(/the weights became NaN or infinite in epoch 2, at or before step 4/)
    expect((await loadCheckpoint(folder)).progress.step).toBe(2)
    expect((await model.weight.data()).every(Number.isFinite)).toBe(true)
  })
})

describe('which layer', () => {
  class Roots extends Module {
    readonly first = new Linear(1, 2)
    readonly middle = new Linear(2, 2)
    readonly last = new Linear(2, 1)
    forward(x: Tensor): Tensor {
      // √ of a difference that is 0 for x = 3: the value is fine, the derivative is not
      const a = this.middle.call(this.first.call(x))
      return this.last.call(a.add(a.mul(x.sub(3).abs()).sum(1, { keepdims: true }).abs().sqrt()))
    }
  }
  test('a derivative that does not exist: the layer nearest to it, while the loss is a number', async () => {
    const data = Dataset.of(Array.from({ length: 24 }, (_, i) => [i === 14 ? 3 : 1]), Array.from({ length: 24 }, () => [2]))
    const { divergence, message } = await diverges(new Roots(), data, { epochs: 2 })
    expect(divergence).toMatchObject({ loss: null, exploded: null, notFinite: { epoch: 1, step: 4, parameter: 'middle.bias' } })
    expect(message).toMatch(/the gradient of "middle\.bias" became (NaN|infinite) at step 4 in epoch 1, while the loss was a number still\. A function has no derivative there/)
  })
  test('an example that is off the scale: its step, and the gradients that exploded there', async () => {
    const { divergence } = await diverges(new Linear(1, 1), line(400, { 41: 1.8e19, 46: 1.8e19 }), { optimizer: new SGD(1e-12) })
    // one loss of 2·10³⁸ is still a number, their sum over an epoch is not
    expect(divergence).toMatchObject({ loss: null, exploded: { epoch: 1, step: 11 } })
    expect(divergence!.exploded!.largest).toBeGreaterThan(1e18)
  })
  test('a target that no loss can hold: the weights are blameless', async () => {
    const { divergence, message } = await diverges(new Linear(1, 1), line(40, { 22: 1e30 }), {})
    expect(divergence!.loss).toMatchObject({ epoch: 1, step: 6, value: Infinity })
    expect(message).toMatch(/at step 6: .*Scale the inputs and targets/)
  })
})
