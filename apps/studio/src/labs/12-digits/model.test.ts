// The lab's numbers against plain loops, the engine and the files of a real run.
import { type Dataset, batches } from 'gradus/data'
import { DeviceError, type Tensor, concat, manualSeed, tensor, zeros } from 'gradus'
import { exportOnnx, importOnnx } from 'gradus/formats'
import { Mlp } from 'gradus/models'
import { Adam, Linear, SGD } from 'gradus/nn'
import { recipes, runRecipe, settingsOf } from 'gradus/recipes'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { softmaxOf } from '../../core/digit-test.ts'
import { between, dab, fromHex, toHex } from '../../core/pixels.ts'
import { digits } from '../../core/mnist.ts'
import { type Plan, Trainer } from '../../core/trainer.ts'
import { agrees } from '../../core/proof.ts'
import { troubleOf } from '../../core/trouble.ts'
import * as compute from './compute.ts'
import { type State, begin, calmer, cellOf, clear, form, initial, paint, parameterCount, plainOutputs, vectorOf } from './model.ts'
import { type Rule, plainShare, shareFormula, shareInNumbers } from './proofs.ts'

const small: State = { ...initial, hidden: [12], batch: 256, epochs: 2 }
async function last<T>(all: AsyncGenerator<T | null>): Promise<T> {
  let value: T | null = null
  for await (const next of all) value = next ?? value
  return value!
}

test('a share by the rule of the network: a softmax of outputs, or signals by their sum', () => {
  const [outputs, signals] = [[2, 1000, 999, -3], [0.9, 0.1, 0, 0.25]]
  for (const digit of [0, 1, 2, 3]) {
    expect(plainShare('softmax', outputs, digit)).toBeCloseTo(softmaxOf(outputs)[digit]!, 12)
    expect(plainShare('sum', signals, digit)).toBeCloseTo(signals[digit]! / 1.25, 12)
  }
  expect(plainShare('sum', [0, 0, 0, 0], 2)).toBe(0.25)
  const words = (rule: Rule, of: readonly number[]): string => `${shareFormula(rule).html} ${shareInNumbers(rule, of, 0, plainShare(rule, of, 0), 'en').html}`
  expect([words('softmax', [2, 1, 0, -1]), words('sum', signals)].map((html) => html.includes('<mi>e</mi>'))).toEqual([true, false])
  expect(words('sum', signals)).toMatch(/1\.25.*0\.72/)
})

test('pictures as text; strokes without holes; the brush stays inside', () => {
  const bytes = Uint8Array.of(0, 255, 16, 7)
  expect(fromHex(toHex(bytes))).toEqual(bytes)
  expect(between([0, 0], [2, 4])).toHaveLength(5)
  const corner = fromHex(dab('00'.repeat(784), 28, 0, 27, 255))
  expect([corner[27], corner[28]]).toEqual([255, 0])
  expect(Math.max(...fromHex(dab(toHex(corner), 28, 0, 27, 0)))).toBeLessThan(255)
  expect(() => form({ ...initial, pixels: 'zz' })).toThrow('784 pixels')
  expect(() => form({ ...initial, grid: '2'.repeat(130) })).toThrow('130 cells')
})
test('the matrix becomes the vector row by row', () => {
  const drawn = paint(clear(initial), [[3, 7]], true)
  const x = vectorOf(drawn)
  expect(x).toHaveLength(130)
  expect(x.indexOf(1)).toBe(3 * 10 + 7)
  expect(vectorOf(paint(drawn, [[3, 7], [99, 0]], false)).some((v) => v !== 0)).toBe(false)
})
test('the beginning: Gradus, plain loops and the model of gradus/models agree; parameters are counted', async () => {
  const weights = begin(small)
  const answer = (await compute.predict(small))!
  const loops = await compute.plain(small)
  answer.outputs.forEach((v, i) => expect(v).toBeCloseTo(loops[i]!, 4))
  const model = new Mlp({ hidden: [12] }).loadState(Object.fromEntries(Object.entries(weights).map(([name, { shape, data }]) => [name, tensor(data, { shape })])))
  const other = await model.call(tensor(answer.seen, { shape: [1, 28, 28], dtype: 'uint8' }).to('float32').div(255)).data()
  answer.outputs.forEach((v, i) => expect(v).toBeCloseTo(other[i]!, 4))
  expect(model.parameterCount()).toBe(parameterCount([12]))
  expect(await compute.parameters(small)).toBe(parameterCount([12]))
  expect(answer.shares.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
  expect(softmaxOf([1000, 0])).toEqual([1, 0])
  expect(plainOutputs(weights, 'sigmoid', new Float64Array(784))).toHaveLength(10)
})

test('training: any step again gives the same numbers; the test is counted again by plain loops', async () => {
  const { stepsPerEpoch, kind } = await compute.info(small)
  expect([kind, stepsPerEpoch]).toEqual(['subset', 59])
  const done = await last(compute.train(small, 70))
  expect(done.look.step).toBe(70)
  expect(done.test!.wrong).toBeLessThan(2500)
  expect(await last(compute.recount(small))).toBe(done.test!.wrong)
  expect(done.test!.confusion.flat().reduce((a, b) => a + b)).toBe(10_000)
  expect(done.test!.confusion.reduce((sum, row, k) => sum + row[k]!, 0)).toBe(10_000 - done.test!.wrong)
  // a cell of the matrix: its images by number, and counted again by loops; so the images read rightly while it trained
  const { test } = done
  for (const [d, k] of [[4, 4], [4, 9]] as const) {
    const members = cellOf(test!, d, k)
    expect(members).toHaveLength(test!.confusion[d]![k]!)
    for (const i of members.slice(0, 3)) expect((await compute.image(i)).label).toBe(d)
  }
  expect((await last(compute.recountDigit(small, 4))).reduce((sum, n, k) => sum + Math.abs(n - test!.confusion[4]![k]!), 0)).toBeLessThanOrEqual(2)
  // the test's loss by plain loops from weights found again; a step earlier it was another
  expect(await last(compute.retest(small, 70))).toBeCloseTo(test!.loss, 4)
  expect(Math.abs((await last(compute.retest(small, 69, 2000))) - (await last(compute.retest(small, 70, 2000))))).toBeGreaterThan(1e-4)
  const { from, step, seen, right } = done.look
  expect(from).toBeGreaterThanOrEqual(59)
  expect(seen).toBe(256 * (step - from))
  const again = await last(compute.recountTraining(small, done.look))
  expect(Math.abs(again.right - right)).toBeLessThanOrEqual(2)
  expect(Math.abs(again.loss - done.look.loss)).toBeLessThan(1e-5)
  // and by hand: the first step's images on the first weights, as they were drawn
  const first = await last(compute.train({ ...small, seed: 5 }, 1))
  const { train: data } = await digits()
  const [batch] = batches(data, { batchSize: 256, seed: 5, epoch: 0, shuffle: true, augment: true })
  const [x, y] = [await batch!.inputs.data(), await batch!.targets.data()]
  const mean = Array.from(y, (label, i) => -Math.log(softmaxOf(Array.from(plainOutputs(begin({ ...small, seed: 5 }), small.activation, Float64Array.from(x.subarray(784 * i, 784 * (i + 1)), (v) => v / 255))))[label]!)).reduce((sum, v) => sum + v, 0) / 256
  expect([first.look.from, first.look.seen, first.look.loss]).toEqual([0, 256, expect.closeTo(mean, 5)])
  expect((await last(compute.recountTraining({ ...small, seed: 5 }, first.look))).loss).toBeCloseTo(mean, 12)
  await last(compute.train(small, 70))
  const far = (await compute.predict(small))!.outputs
  // back past a kept step, then forward again
  const back = await last(compute.train(small, 65))
  expect(back.look.step).toBe(65)
  expect((await compute.predict(small))!.outputs).not.toEqual(far)
  await last(compute.train(small, 70))
  expect((await compute.predict(small))!.outputs).toEqual(far)
  expect((await compute.measured(small))!.wrong).toBe(done.test!.wrong)
  expect(await compute.measured({ ...small, seed: 8 })).toBeNull()
  for (const mistake of done.test!.mistakes.slice(0, 5)) expect((await compute.image(mistake.index)).label).toBe(mistake.label)
})
test('too large a rate kills ReLU neurons: it is named, and the repair trains', async () => {
  const wild: State = { ...small, optimizer: 'sgd', eta: 100, hidden: [64, 64] }
  const { look, test: result } = await last(compute.train(wild, 60))
  expect(troubleOf(wild.hidden, 'relu', { ...look, ...result })).toBe('dead')
  const mended = calmer(wild)
  expect([mended.eta, mended.steps]).toEqual([0.1, 0])
  const after = await last(compute.train(mended, 60))
  expect(troubleOf(mended.hidden, 'relu', { ...after.look, ...after.test })).toBeNull()
  expect(after.test!.wrong).toBeLessThan(2000)
})
test('numbers that are none, a runaway loss and saturation are told apart', () => {
  expect(troubleOf([10], 'relu', { loss: Number.NaN })).toBe('broken')
  expect(troubleOf([10], 'relu', { loss: 9 })).toBe('diverged')
  expect(troubleOf([10], 'relu', { loss: 2.3, dead: [4] })).toBe('dead')
  expect(troubleOf([10], 'sigmoid', { loss: 2.3, saturated: [4] })).toBe('saturated')
  expect(troubleOf([10], 'relu', { loss: 0.1, dead: [1], saturated: [10] })).toBeNull()
})
test('a step whose numbers are not finite ends the training and says so; the way back is open', async () => {
  const { train } = await digits()
  const poisoned = new Trainer({
    data: train.take(512), start: begin(small), seed: 1, batchSize: 256, epochs: 3, device: 'wasm', optimizer: new SGD((step) => (step < 2 ? 0.1 : Number.POSITIVE_INFINITY)),
    forward: (p, x) => ({ logits: x.flatten(1).matmul(p['hidden.0.weight']!.transpose()).matmul(p['out.weight']!.transpose()), hidden: [] }),
  })
  const end = await last(poisoned.go(6))
  expect(Number.isFinite(end.loss)).toBe(false)
  expect(poisoned.at).toBeLessThan(6)
  const back = await last(poisoned.go(1))
  expect([back.step, Number.isFinite(back.loss)]).toEqual([1, true])
})

test('a device lost in the middle: WebAssembly goes on from the last look, and ends where a training without a loss ends', async () => {
  const { train } = await digits()
  const tiny = { ...small, hidden: [4] }
  const lose = { at: -1 }
  const plan: Plan = {
    data: train.take(96), start: begin(tiny), seed: 1, batchSize: 32, epochs: 3, device: 'reference',
    optimizer: new Adam((step) => {
      if (step !== lose.at) return 0.01
      lose.at = -1
      throw new DeviceError('webgpu', 'the device was lost')
    }),
    forward: (p, x) => ({ logits: x.flatten(1).matmul(p['hidden.0.weight']!.transpose()).add(p['hidden.0.bias']!).relu().matmul(p['out.weight']!.transpose()).add(p['out.bias']!), hidden: [] }),
  }
  const [calm, hurt] = [new Trainer(plan), new Trainer(plan)]
  await last(calm.go(9))
  await last(hurt.go(4)) // looked at, so kept outside the device
  lose.at = 5
  const end = await last(hurt.go(9))
  expect([end.step, hurt.device, hurt.lostAt, calm.lostAt]).toEqual([9, 'wasm', 4, null])
  for (const [name, { data }] of Object.entries(await calm.weights())) (await hurt.weights())[name]!.data.forEach((v, i) => expect(v).toBeCloseTo(data[i]!, 4))
  // what is asked of a lost device between two trainings
  let asked = 0
  const other = new Trainer(plan)
  expect(await other.safely(() => (asked++ === 0 ? Promise.reject(new DeviceError('webgpu', 'lost')) : Promise.resolve(7)))).toBe(7)
  expect(other.device).toBe('wasm')
  // two notice one loss, the second when all goes on already; a fault of WebAssembly itself is not mended
  const third = new Trainer(plan)
  const loss = new DeviceError('webgpu', 'lost')
  expect([third.rescued(loss, 0), third.rescued(loss, 0), third.rescued(loss, third.era)]).toEqual([true, true, false])
  await expect(new Trainer(plan).safely(() => Promise.reject(new Error('another fault')))).rejects.toThrow('another fault')
})

// ---- files -------------------------------------------------------------------------------------------------------

const folder = mkdtempSync(join(tmpdir(), 'gradus-digits-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const filesOf = (at: string) => readdirSync(at).map((name) => ({ name: `run/${name}`, bytes: new Uint8Array(readFileSync(join(at, name))) }))

test('what `gradus train digits` wrote can be dropped in: its folder, its weights alone; damage and other shapes are told', async () => {
  const out = join(folder, 'run')
  const recipe = recipes.digits!
  const few = { ...recipe, data: async (options: object) => { const { train, test: held } = await recipe.data(options); return { train: (train as Dataset).take(256), test: (held as Dataset).take(100) } } }
  const settings = settingsOf(few, { epochs: 1 }, { recipe: 'digits', file: null, data: null, device: 'wasm' })
  await runRecipe(few, { out, settings, find: { download: false } })
  const files = filesOf(out)
  expect(await compute.load(files)).toMatchObject({ ok: true, kind: 'mlp', sizes: [784, 256, 128, 10] })
  const answer = (await compute.predict(initial))!
  const loops = await compute.plain(initial)
  answer.outputs.forEach((v, i) => expect(v).toBeCloseTo(loops[i]!, 4))

  const weights = files.find(({ name }) => name.endsWith('weights.safetensors'))!
  expect(await compute.load([weights])).toMatchObject({ ok: true, sizes: [784, 256, 128, 10] })
  const cut = files.map((f) => (f === weights ? { ...f, bytes: f.bytes.slice(0, -8) } : f))
  expect(await compute.load(cut)).toMatchObject({ ok: false, problem: 'length' })
  const flipped = files.map((f) => (f === weights ? { ...f, bytes: f.bytes.map((b, i) => (i === f.bytes.length - 1 ? b ^ 1 : b)) } : f))
  expect(await compute.load(flipped)).toMatchObject({ ok: false, problem: 'sum' })
  expect(await compute.load(files.filter((f) => f !== weights))).toMatchObject({ ok: false, problem: 'missing' })
  expect(await compute.load(files.filter(({ name }) => name.endsWith('training.safetensors')))).toMatchObject({ ok: false, problem: 'optimiser' })
  expect(await compute.load([{ name: 'a.safetensors', bytes: Uint8Array.of(1, 2) }])).toMatchObject({ ok: false, problem: 'unreadable' })
  expect(await compute.load([{ name: 'photo.png', bytes: new Uint8Array() }])).toMatchObject({ ok: false, problem: 'none', file: 'photo.png' })
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
  const narrow = { tensors: { 'hidden.0.weight': { shape: [2, 100], data: new Array(200).fill(0) } } }
  expect(await compute.load([{ name: 'm.json', bytes: text(narrow) }])).toMatchObject({ ok: false, problem: 'shape', expected: 'hidden.0.weight [n, 784]', received: '[2, 100]' })
  const wide = exportOnnx(new Linear(12, 10), tensor(new Float32Array(12), { shape: [1, 12] }))
  expect(await compute.load([{ name: 'w.onnx', bytes: wide }])).toMatchObject({ ok: false, problem: 'shape', expected: 'weight [n, 784]', received: '[10, 12]' })
  const odd = exportOnnx((x: Tensor) => x.mul(x), tensor([[1, 2]]))
  expect(await compute.load([{ name: 'o.onnx', bytes: odd }])).toMatchObject({ ok: false, problem: 'shape', expected: '[n, 28, 28] → [n, 10]', received: '[batch, 2] → [batch, 2]' })
  expect(await compute.load([{ name: 'run.json', bytes: text({ recipe: 'fashion', model: 'mlp' }) }, ...files.slice(1)])).toMatchObject({ ok: false, problem: 'recipe', received: 'fashion' })
  // after all these faults the model that was there still answers
  expect((await compute.predict(initial))!.outputs).toEqual(answer.outputs)
  await compute.unload()
})
test('LeNet and the lecture’s network of `gradus train digits` too; saved weights come back the same', async () => {
  for (const model of ['lenet', 'lecture'] as const) {
    const out = join(folder, model)
    const recipe = recipes.digits!
    const few = { ...recipe, data: async (options: object) => { const { train } = await recipe.data(options); return { train: (train as Dataset).take(64) } } }
    await runRecipe(few, { out, settings: settingsOf(few, { model, epochs: 1 }, { recipe: 'digits', file: null, data: null, device: 'wasm' }), find: { download: false } })
    expect(await compute.load(filesOf(out))).toMatchObject({ ok: true, kind: model })
    const answer = (await compute.predict(initial))!
    const loops = await compute.plain(initial)
    answer.outputs.forEach((v, i) => expect(v).toBeCloseTo(loops[i]!, 4))
    // its shares by the rule of this network, and by no other
    expect(answer.rule).toBe(model === 'lecture' ? 'sum' : 'softmax')
    expect(answer.shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6)
    const proven = (rule: Rule, by = 0): readonly boolean[] => answer.shares.map((share, digit) => agrees(share + by, plainShare(rule, loops, digit), { tolerance: 2e-4 }))
    expect(proven(answer.rule)).not.toContain(false)
    expect(proven(answer.rule, 0.0005)).not.toContain(true)
    expect(proven(model === 'lecture' ? 'softmax' : 'sum')).toContain(false)
    // as ONNX it comes back: the lecture's as its layers, LeNet as a graph
    const onnx = await compute.save(initial, 'onnx')
    expect(await compute.load([{ name: 'x.onnx', bytes: onnx }])).toMatchObject({ ok: true, kind: model === 'lenet' ? 'onnx' : 'lecture' })
    if (model === 'lecture') (await compute.predict(initial))!.outputs.forEach((v, i) => expect(v).toBeCloseTo(answer.outputs[i]!, 4))
    await compute.unload()
  }
  // a graph that is no chain of layers
  const w = tensor(Float32Array.from({ length: 7840 }, (_, i) => (((i * 7) % 11) - 5) / 50), { shape: [784, 10] })
  const graph = (x: Tensor): Tensor => [x.flatten(1).matmul(w)].map((z) => z.add(z.tanh()))[0]!
  expect(await compute.load([{ name: 'g.onnx', bytes: exportOnnx(graph, zeros([1, 28, 28])) }])).toMatchObject({ ok: true, kind: 'onnx', parameters: 7840 })
  const { seen, outputs } = (await compute.predict(initial))!
  const direct = await graph(tensor(seen, { shape: [1, 28, 28], dtype: 'uint8' }).to('float32').div(255)).data()
  const slow = await compute.plain(initial)
  outputs.forEach((v, i) => expect([v, slow[i]]).toEqual([expect.closeTo(direct[i]!, 4), expect.closeTo(direct[i]!, 4)]))
  await compute.unload()
  manualSeed(0)
  await last(compute.train(small, 20))
  const before = (await compute.predict(small))!.outputs
  for (const as of ['safetensors', 'json', 'onnx'] as const) {
    const bytes = await compute.save(small, as)
    if (as === 'onnx') {
      // any program that reads ONNX: pictures from 0 to 1, any number of them
      const net = importOnnx(bytes)
      expect([net.inputs[0]!.shape, net.outputs[0]!.shape]).toEqual([['batch', 28, 28], ['batch', 10]])
      const two = tensor([...before, ...before]).reshape([2, 10])
      const x = tensor((await compute.see(small))!, { shape: [1, 28, 28], dtype: 'uint8' }).to('float32').div(255)
      const [got, want] = [await net(concat([x, x]))[0]!.data(), await two.data()]
      want.forEach((v, i) => expect(got[i]).toBeCloseTo(v, 4))
    }
    expect(await compute.load([{ name: `digits.${as}`, bytes }])).toMatchObject({ ok: true, kind: 'mlp', sizes: [784, 12, 10] })
    const after = (await compute.predict(small))!.outputs
    before.forEach((v, i) => expect(after[i]).toBeCloseTo(v, 5))
    await compute.unload()
  }
})
