// fit against a hand-written loop; stopping anywhere and resuming to the bit; what callbacks see; what is refused.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FormatError, ValueError } from '../base/index.ts'
import { Dataset, batches, hostRandom } from '../data/index.ts'
import { Adam, BatchNorm1d, Dropout, Linear, Module, SGD, crossEntropy, mse, oneCycle, relu } from '../nn/index.ts'
import { type Tensor, manualSeed, tensor } from '../tensor/index.ts'
import { type Callback, type EpochRecord, type FitOptions, type TrainingState, checkpoints, csvLog, earlyStopping, evaluate, fit as learn, loadCheckpoint, predict, progress, reduceOnPlateau } from './index.ts'

/** Two noisy classes, separable by x₀ + x₁. */
const points = (n: number, seed = 1): Dataset => {
  const random = hostRandom(seed, 100)
  const data = Float32Array.from({ length: 3 * n }, () => random.normal())
  return new Dataset({ dtype: 'float32', shape: [n, 3], data }, { dtype: 'uint8', shape: [n], data: Uint8Array.from({ length: n }, (_, i) => Number(data[3 * i]! + data[3 * i + 1]! > 0)) })
}
class Small extends Module {
  first = new Linear(3, 5)
  norm = new BatchNorm1d(5)
  drop = new Dropout(0.2)
  second = new Linear(5, 2)
  forward(x: Tensor): Tensor {
    return this.second.call(this.drop.call(relu(this.norm.call(this.first.call(x)))))
  }
}
const small = (): Small => {
  manualSeed(7)
  return new Small()
}
const weights = async (model: Module): Promise<Record<string, unknown>> =>
  Object.fromEntries(await Promise.all(Object.entries(model.state()).map(async ([path, t]) => [path, [...new Uint8Array((await t.data()).buffer)]])))

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'gradus-fit-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('the same weights as gradient descent written by hand', async () => {
  const data = new Dataset(
    { dtype: 'float32', shape: [5, 2], data: Float32Array.of(1, 2, -1, 0.5, 0, 1, 2, -2, 0.3, 0.7) },
    { dtype: 'float32', shape: [5, 1], data: Float32Array.of(1, 0, 2, -1, 0.5) },
  )
  manualSeed(1)
  const model = new Linear(2, 1)
  const w = [...(await model.weight.data())]
  let b = await model.bias!.item()
  const history = await learn(model, data, { epochs: 3, batchSize: 2, seed: 5, loss: mse, optimizer: new SGD(0.1) })
  const losses: number[] = []
  for (let epoch = 0; epoch < 3; epoch++) {
    let sum = 0
    for (const { examples } of batches(data, { batchSize: 2, shuffle: true, seed: 5, epoch })) {
      const gradient = [0, 0, 0]
      for (const i of examples) {
        const [x0, x1] = [data.inputs.data[2 * i]!, data.inputs.data[2 * i + 1]!]
        const error = w[0]! * x0 + w[1]! * x1 + b - data.targets.data[i]!
        sum += error ** 2
        gradient.forEach((_, k) => (gradient[k]! += (2 * error * [x0, x1, 1][k]!) / examples.length))
      }
      w[0]! -= 0.1 * gradient[0]!
      w[1]! -= 0.1 * gradient[1]!
      b -= 0.1 * gradient[2]!
    }
    losses.push(sum / 5)
  }
  const got = [...(await model.weight.data()), await model.bias!.item()]
  ;[...w, b].forEach((v, i) => expect(got[i]).toBeCloseTo(v, 5))
  history.epochs.forEach((record, i) => expect(record.loss).toBeCloseTo(losses[i]!, 5))
  expect(history).toMatchObject({ reason: 'finished', steps: 9 })
})

test('two programs whatever the number of steps: the batch, and the smaller one at the end of an epoch', async () => {
  let traced = 0
  const counted = (output: Tensor, target: Tensor): Tensor => {
    traced++
    return crossEntropy(output, target)
  }
  await learn(small(), points(50), { epochs: 5, batchSize: 8, loss: counted, optimizer: new Adam(oneCycle(0.01, 35)) })
  expect(traced).toBe(2)
})

test('it learns, reports accuracy, and evaluates without dropout', async () => {
  const model = small()
  const history = await learn(model, points(200), { epochs: 8, batchSize: 20, loss: crossEntropy, optimizer: new Adam(0.02), validation: points(100, 2) })
  const last = history.epochs.at(-1)!
  expect(last.accuracy).toBeGreaterThan(0.8)
  expect(last.val_accuracy).toBeGreaterThan(0.9)
  expect(model.training).toBe(true)
  const again = await evaluate(model, points(100, 2), { loss: crossEntropy, batchSize: 33 })
  expect(again.accuracy).toBe(last.val_accuracy)
  expect(again.loss).toBeCloseTo(last.val_loss!, 5)
  const outputs = await predict(model, points(100, 2))
  const labels = points(100, 2).targets.data
  const right = [...labels].reduce((n, label, i) => n + Number(Number(outputs.data[2 * i + 1]! > outputs.data[2 * i]!) === label), 0)
  expect(right / 100).toBe(again.accuracy)
})

describe('resume, bit for bit', () => {
  const data = points(50).with({ augment: (input, output, { random }) => output.set(input.map((v) => v + 0.01 * random.normal())) })
  const steps = 4 * 7
  const options = (): FitOptions => ({ epochs: 4, batchSize: 8, seed: 3, loss: crossEntropy, optimizer: new Adam(oneCycle(0.05, steps)), validation: points(20, 9) })
  const plain = async () => {
    const model = small()
    const { epochs } = await learn(model, data, { ...options(), callbacks: [reduceOnPlateau({ patience: 1, factor: 0.5 })] })
    return { weights: await weights(model), epochs: epochs.map(({ seconds: _, ...rest }) => rest) }
  }
  /** Stops the run before update number `at`. */
  const stopAt = (at: number) => {
    const controller = new AbortController()
    let seen = 0
    const counted = data.with({ augment: (input, output, context) => {
      if (seen++ === at * 8) controller.abort()
      data.options.augment!(input, output, context)
    } })
    return { counted, signal: controller.signal }
  }

  test.each([1, 3, 6, 7, 8, 13, 20, 24])('stopped around update %i', async (at) => {
    const whole = await plain()
    const first = small()
    const { counted, signal } = stopAt(at)
    const part = await learn(first, counted, { ...options(), signal, callbacks: [reduceOnPlateau({ patience: 1, factor: 0.5 }), checkpoints(folder, { everySeconds: Infinity })] })
    expect(part.reason).toBe('aborted')
    expect(part.steps).toBeLessThan(steps)
    manualSeed(999)
    const second = new Small()
    const history = await learn(second, data, { ...options(), resume: await loadCheckpoint(folder), callbacks: [reduceOnPlateau({ patience: 1, factor: 0.5 })] })
    expect(history.steps).toBe(steps)
    expect(await weights(second)).toEqual(whole.weights)
    expect(history.epochs.map(({ seconds: _, ...rest }) => rest)).toEqual(whole.epochs)
  })
  test('twice the same seed, twice the same bits; another seed, others', async () => {
    const a = await plain()
    expect((await plain()).weights).toEqual(a.weights)
    const model = small()
    await learn(model, data, { ...options(), seed: 4 })
    expect(await weights(model)).not.toEqual(a.weights)
  })
  test('other settings are refused', async () => {
    await learn(small(), data, { ...options(), epochs: 1, callbacks: [checkpoints(folder)] })
    const resume = await loadCheckpoint(folder)
    await expect(learn(small(), data, { ...options(), seed: 1, resume })).rejects.toThrow(/another seed: expected 3, received 1/)
    await expect(learn(small(), data, { ...options(), batchSize: 9, resume })).rejects.toThrow(/another batchSize/)
    await expect(learn(small(), data, { ...options(), optimizer: new SGD(0.1), resume })).rejects.toThrow(/another optimizer/)
    await expect(learn(small(), points(51), { ...options(), resume })).rejects.toThrow(/another examples/)
    await expect(learn(new Linear(3, 2), data, { ...options(), resume })).rejects.toThrow(/"optimizer.mean.0" has another form/)
  })
})

describe('callbacks', () => {
  const run = (callbacks: Callback[], more: Partial<FitOptions> = {}) => learn(small(), points(40), { epochs: 6, batchSize: 10, loss: crossEntropy, optimizer: new SGD(0), callbacks, ...more })
  test('early stopping ends a run that stands still', async () => {
    const history = await run([earlyStopping({ monitor: 'loss', minDelta: 10, patience: 2 })])
    expect(history).toMatchObject({ reason: 'stopped', why: expect.stringMatching(/^loss has not improved on .* for 2 epochs$/) })
    expect(history.epochs).toHaveLength(3)
  })
  test('a run stopped early stays stopped when it is resumed', async () => {
    const stop = () => earlyStopping({ monitor: 'loss', minDelta: 10, patience: 2 })
    await run([stop(), checkpoints(folder)])
    const history = await run([stop()], { resume: await loadCheckpoint(folder) })
    expect(history.epochs).toHaveLength(3)
    expect(history.reason).toBe('stopped')
  })
  test('the rate falls on a plateau, not below the least', async () => {
    const rates: number[] = []
    const watch: Callback = { onEpoch: (_, record) => void rates.push(record.learningRate) }
    await run([reduceOnPlateau({ monitor: 'loss', minDelta: 10, patience: 1, factor: 0.1, least: 0.05 }), watch], { optimizer: new SGD(1e-9) })
    expect(rates.map((r) => Math.round(r * 1e12) / 1e12)).toEqual([1e-9, 1e-9, 1e-10, 5e-11, 5e-11, 5e-11].map((r) => Math.round(r * 1e12) / 1e12))
  })
  test('an unknown value to watch is named', async () => {
    await expect(run([earlyStopping({ monitor: 'val_los' })])).rejects.toThrow(/no value called "val_los".*expected epoch, loss/)
  })
  test('the CSV log has a line an epoch, also over a resume', async () => {
    const file = join(folder, 'log.csv')
    await run([csvLog(file), checkpoints(folder)], { epochs: 2 })
    await run([csvLog(file)], { resume: await loadCheckpoint(folder) })
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    expect(lines[0]).toBe('epoch,loss,accuracy,seconds,learningRate')
    expect(lines.slice(1).map((l) => l.split(',')[0])).toEqual(['1', '2', '3', '4', '5', '6'])
  })
  test('the model in a callback is current and stays usable', async () => {
    const kept: Tensor[] = []
    const look: Callback = { onEpoch: (r) => void kept.push((r.model as Small).first.weight) }
    await run([look], { optimizer: new SGD(0.1), epochs: 3 })
    const values = await Promise.all(kept.map((t) => t.data()))
    expect(values[0]).not.toEqual(values[1])
    expect(values[1]).not.toEqual(values[2])
  })
  test('a line an epoch', async () => {
    const lines: string[] = []
    await run([progress((line) => lines.push(line))], { epochs: 2 })
    expect(lines).toEqual([expect.stringMatching(/^epoch 1\/2: loss [\d.]+, accuracy [\d.]+ \([\d.]+ s\)$/), expect.stringMatching(/^epoch 2\/2: /)])
  })
  test('best and last', async () => {
    await run([checkpoints(folder)], { validation: points(20, 4), optimizer: new SGD(0.1) })
    const best = await loadCheckpoint(folder, 'best')
    const { history } = (await loadCheckpoint(folder)).progress
    const lowest = Math.min(...history.map((r: EpochRecord) => r.val_loss!))
    expect(best.progress.history.at(-1)!.val_loss).toBe(lowest)
  })
})

describe('refused', () => {
  const options: FitOptions = { epochs: 1, loss: crossEntropy, optimizer: new SGD(0.1) }
  test('numbers that cannot be', async () => {
    await expect(learn(small(), points(4), { ...options, epochs: 1.5 })).rejects.toThrow(ValueError)
    await expect(learn(small(), points(4), { ...options, batchSize: 0 })).rejects.toThrow(ValueError)
    await expect(learn(small(), points(0), options)).rejects.toThrow(/empty/)
    await expect(learn(small(), points(4), { ...options, batchSize: 8, dropLast: true })).rejects.toThrow(/not one whole batch/)
  })
  test('a label without an output', async () => {
    const data = new Dataset(points(4).inputs, { dtype: 'uint8', shape: [4], data: Uint8Array.of(0, 1, 2, 0) })
    await expect(learn(small(), data, options)).rejects.toThrow(/0 … 1 \(the model has 2 outputs\), received 2 in example 2/)
  })
  test('a loss that is no number: cause and remedy, the model keeps the last good weights', async () => {
    const model = new Linear(3, 1)
    const data = new Dataset(points(40).inputs, { dtype: 'float32', shape: [40, 1], data: new Float32Array(40).fill(1e3) })
    await expect(learn(model, data, { epochs: 400, batchSize: 10, loss: mse, optimizer: new SGD(100) })).rejects.toThrow(/loss became (NaN|infinite) in epoch 2, at step \d+: the gradient of "(weight|bias)" .*weights have grown beyond all bounds \("(weight|bias)"\).*Lower the learning rate \(now 100; try 10: --lr\), or clip/)
    expect((await model.weight.data()).every(Number.isFinite)).toBe(true)
  })
  test('a model without parameters', async () => {
    await expect(learn(new Dropout(0.5), points(4), { ...options, loss: (x) => x.mean(), metrics: [] })).rejects.toThrow(/no parameters/)
  })
})

describe('checkpoints on disk', () => {
  const save = async (): Promise<TrainingState> => {
    await learn(small(), points(20), { epochs: 1, loss: crossEntropy, optimizer: new Adam(0.1), callbacks: [checkpoints(folder)] })
    return loadCheckpoint(folder)
  }
  test('one set of files and a manifest, nothing else, however often it is saved', async () => {
    await save()
    await save()
    expect(readdirSync(folder).map((name) => name.replace(/-[0-9a-f]{8}/, '')).sort()).toEqual(['last-1.progress.json', 'last-1.training.safetensors', 'last-1.weights.safetensors', 'last.json'])
  })
  test.each(['weights', 'training', 'progress'])('a changed byte in %s is noticed, so is a missing file', async (part) => {
    await save()
    const file = join(folder, readdirSync(folder).find((name) => name.includes(part))!)
    const bytes = readFileSync(file)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(file, bytes)
    await expect(loadCheckpoint(folder)).rejects.toThrow(FormatError)
    await expect(loadCheckpoint(folder)).rejects.toThrow(/SHA-256/)
    writeFileSync(file, bytes.subarray(1))
    await expect(loadCheckpoint(folder)).rejects.toThrow(/another length/)
    rmSync(file)
    await expect(loadCheckpoint(folder)).rejects.toThrow(/is missing/)
  })
  test('no checkpoint; a damaged manifest', async () => {
    await expect(loadCheckpoint(folder)).rejects.toThrow(/no checkpoint in/)
    writeFileSync(join(folder, 'last.json'), '{"version":1,"files":{"weights":{"name":"../x"}}}')
    await expect(loadCheckpoint(folder)).rejects.toThrow(/damaged/)
  })
  test('what an interrupted save left is ignored and swept away', async () => {
    const state = await save()
    writeFileSync(join(folder, 'last-99-00000000.weights.safetensors'), 'half')
    writeFileSync(join(folder, '.last-99-00000000.training.safetensors.1.tmp'), 'ha')
    expect((await loadCheckpoint(folder)).weights).toEqual(state.weights)
    await save()
    expect(readdirSync(folder)).toHaveLength(4)
  })
})
test('tensors of a saved state are those of the model', async () => {
  const model = small()
  let state: TrainingState | undefined
  await learn(model, points(20), { epochs: 1, loss: crossEntropy, optimizer: new SGD(0.1), callbacks: [{ onEpoch: async (run) => void (state = await run.state()) }] })
  expect([...state!.weights.keys()].sort()).toEqual(Object.keys(model.state()).sort())
  for (const [path, array] of state!.weights) expect(array.data).toEqual(await model.state()[path]!.data())
  expect(await tensor(1).item()).toBe(1)
})
