// The lab's numbers: layers against plain loops, receptive fields by enumeration, counts, filters for strokes.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tensor } from 'gradus'
import { Conv2d, Linear } from 'gradus/nn'
import { describe, expect, test } from 'vitest'
import { folderOfPrograms, runGradus } from '../../../test/programs.ts'
import { softmaxOf } from '../../core/digit-test.ts'
import { toHex } from '../../core/pixels.ts'
import { code } from './code.ts'
import * as compute from './compute.ts'
import { COUNTS, type Filter, LAYERS, ORIENTATION, type State, begin, channelsOf, denseCount, edit, fieldSide, form, initial, keyOf, light, look, negated, orientations, receptiveField, sideOf, strokeImage, turned, windowOf, windowValues, withOwn } from './model.ts'

const small: State = { ...initial, epochs: 1, batch: 128 }
async function last<T>(all: AsyncGenerator<T | null>): Promise<T> {
  let value: T | null = null
  for await (const next of all) value = next ?? value
  return value!
}
const rows = (...w: number[]): Filter => ({ w, b: 0 })

test('the layers: the outputs by plain loops; every number is its window times the kernel, or the largest of four', async () => {
  const s = edit(initial, 2, { w: [0, 1, 0, -1, 0.5, 0, 2, 0, 0], b: 0.25 })
  const got = await compute.layers(s)
  const loops = await compute.plain(s)
  got.outputs.forEach((v, i) => expect(v).toBeCloseTo(loops[i]!, 4))
  for (const [layer, channel, row, column] of [['conv1', 2, 9, 17], ['conv1', 0, 0, 0], ['conv2', 7, 5, 8], ['conv2', 11, 13, 0], ['pool1', 4, 7, 7], ['pool2', 9, 3, 6]] as const) {
    const place = { layer, row, column }
    const at = row * sideOf(layer) + column
    if (layer === 'conv1') {
      const z = windowValues(got.x, 28, windowOf(place)).reduce((sum, v, i) => sum + v * got.filters[channel]!.w[i]!, got.filters[channel]!.b)
      expect(got.z1[channel]![at]).toBeCloseTo(z, 5)
      expect(got.conv1[channel]![at]).toBeCloseTo(Math.max(0, z), 5)
    } else if (layer === 'conv2') {
      const z = got.pool1.reduce((total, map, i) => windowValues(map, 14, windowOf(place)).reduce((sum, v, k) => sum + v * got.kernels[(channel * 6 + i) * 9 + k]!, total), got.biases[channel]!)
      expect(got.z2[channel]![at]).toBeCloseTo(z, 4)
      // a window by plain loops from the picture on: what its proofs compare with
      for (const source of [0, 2]) {
        const again = await compute.windowAgain({ ...s, ...place, channel }, source)
        expect(again.values).toEqual(windowValues(got.pool1[source]!, 14, windowOf(place)).map((v) => expect.closeTo(v, 4)))
        expect(again.weights).toEqual(Array.from(got.kernels.subarray((channel * 6 + source) * 9, (channel * 6 + source) * 9 + 9)))
      }
    } else expect(got[layer][channel]![at]).toBe(Math.max(...windowValues((layer === 'pool1' ? got.conv1 : got.conv2)[channel]!, 2 * sideOf(layer), windowOf(place))))
  }
  expect(got.filters[2]).toEqual(s.edits[2])
  expect(got.trained[2]).not.toEqual(s.edits[2])
})

test('the receptive field: exactly the pixels whose change is seen, found by trying every one', async () => {
  const { conv2d, maxPool2d } = await import('gradus')
  const weights = begin({ seed: 3, own: null })
  const positive = (name: string) => tensor(weights[name]!.data.map((v) => Math.abs(v) + 0.01), { shape: weights[name]!.shape })
  const single = new Float32Array(784 * 784)
  for (let i = 0; i < 784; i++) single[i * 784 + i] = 1
  const conv1 = conv2d(tensor(single, { shape: [784, 1, 28, 28] }), positive('conv1.weight'), { padding: 1 }).relu()
  const pool1 = maxPool2d(conv1, 2)
  const conv2 = conv2d(pool1, positive('conv2.weight'), { padding: 1 }).relu()
  const maps = { conv1, pool1, conv2, pool2: maxPool2d(conv2, 2) }
  for (const layer of LAYERS) {
    const all = await maps[layer].data()
    const [side, channels] = [sideOf(layer), channelsOf(layer)]
    for (const [row, column] of [[0, 0], [3, 4], [side - 1, 2], [Math.floor(side / 2), Math.floor(side / 2)]] as const) {
      const seen: number[] = []
      for (let i = 0; i < 784; i++) if (all[(i * channels * side + row) * side + column] !== 0) seen.push(i)
      const { row: top, column: left, height, width } = receptiveField({ layer, row, column })
      const expected = Array.from({ length: height * width }, (_, i) => (top + Math.floor(i / width)) * 28 + left + (i % width))
      expect(seen, `${layer} ${row},${column}`).toEqual(expected)
    }
    const middle = Math.floor(side / 2)
    expect(receptiveField({ layer, row: middle, column: middle }).width).toBe(fieldSide(layer))
  }
})

test('numbers of parameters, in the network and in the layers of gradus/nn', async () => {
  expect(await compute.parameters()).toEqual(COUNTS.map(({ parameters }) => parameters))
  expect([new Conv2d(1, 6, { kernelSize: 3 }).parameterCount(), new Conv2d(6, 12, { kernelSize: 3 }).parameterCount(), new Linear(588, 10).parameterCount()]).toEqual(COUNTS.map(({ parameters }) => parameters))
  expect(COUNTS[0]!.dense).toBe(3_692_640)
  expect(COUNTS.map(denseCount)).toEqual(COUNTS.map(({ dense }) => dense))
})

test('looking and editing keep the state in its form', () => {
  const deep = look(look(initial, { layer: 'pool2', channel: 11 }), { row: 99 })
  expect(form(deep)).toEqual(deep)
  expect([deep.row, deep.column]).toEqual([6, 4])
  expect(look(deep, { layer: 'conv1' })).toMatchObject({ channel: 5, row: 24, column: 16 })
  const f = rows(1, 2, 3, 4, 5, 6, 7, 8, 9)
  expect(turned(turned(turned(turned(f))))).toEqual(f)
  expect(turned(f).w).toEqual([7, 4, 1, 8, 5, 2, 9, 6, 3])
  expect(negated(negated(f))).toEqual(f)
  expect(() => form({ ...initial, edits: [null] })).toThrow('a list of 6')
})

test('strokes: which way they run is seen; filters that find vertical ones pass, others fail with the example that shows it', async () => {
  const upright = orientations(Array.from(strokeImage('vertical', 2, 13), (v) => v / 255))
  expect([upright[14 * 28 + 13], upright[14 * 28 + 5]]).toEqual([ORIENTATION.vertical, ORIENTATION.none])
  expect(orientations(Array.from(strokeImage('horizontal', 2, 13), (v) => v / 255))[13 * 28 + 14]).toBe(ORIENTATION.horizontal)
  for (const good of [rows(-1, 2, -1, -1, 2, -1, -1, 2, -1), rows(-1, 0, 1, -2, 0, 2, -1, 0, 1), rows(1, 0, -1, 1, 0, -1, 1, 0, -1), rows(-0.5, 1, -0.5, -0.5, 1, -0.5, -0.5, 1, -0.5)]) {
    expect(await compute.strokes(good)).toMatchObject({ ok: true })
  }
  expect(await compute.strokes(rows(-1, -1, -1, 2, 2, 2, -1, -1, -1))).toMatchObject({ ok: false, why: 'misses' })
  expect(await compute.strokes(rows(0, 0, 0, 0, 1, 0, 0, 0, 0))).toMatchObject({ ok: false, why: 'flat', full: true })
  expect(await compute.strokes({ w: [0, 0, 0, 0, 0, 0, 0, 0, 0], b: 1 })).toMatchObject({ ok: false, why: 'flat' })
  expect(await compute.strokes(rows(0, 0, 0, 0, 0, 0, 0, 0, 0))).toMatchObject({ ok: false, why: 'misses' })
  expect(await compute.strokes(rows(-1, -1, -1, -1, 8, -1, -1, -1, -1))).toMatchObject({ ok: false, why: 'other' })
  expect(await compute.strokes(rows(2, -1, -1, -1, 2, -1, -1, -1, 2))).toMatchObject({ ok: false })
})

test('it trains: filters change, the test error falls under 6 % in an epoch; set by hand, a filter changes the answer only', async () => {
  const { stepsPerEpoch } = await compute.info(small)
  const before = await compute.layers(small)
  const end = await last(compute.train(small, stepsPerEpoch))
  expect(end.test!.wrong / end.test!.count).toBeLessThan(0.06)
  const after = await compute.layers(small)
  expect(after.filters[0]).not.toEqual(before.filters[0])
  const loops = await compute.plain(small)
  after.outputs.forEach((v, i) => expect(v).toBeCloseTo(loops[i]!, 3))
  const without = edit(small, 0, { w: [0, 0, 0, 0, 0, 0, 0, 0, 0], b: 0 })
  const own = await last(compute.test(without, true))
  expect((await last(compute.test(without, false))).wrong).toBe(end.test!.wrong)
  expect(own.wrong).not.toBe(end.test!.wrong)
  expect((await compute.layers(without)).conv1[0]!.every((v) => v === 0)).toBe(true)
  // again by plain loops, the first 200 images: as many wrong as in their answers one by one
  let wrong = 0
  for (let i = 0; i < 200; i++) {
    const { pixels, label } = await compute.image(i)
    const { shares } = i % 10 === 0 ? await compute.layers({ ...small, pixels: toHex(pixels) }) : { shares: await compute.plain({ ...small, pixels: toHex(pixels) }) }
    if (shares.indexOf(Math.max(...shares)) !== label) wrong++
  }
  expect(await last(compute.recount(small, false, 200))).toBe(wrong)
  // the loss of the same images from weights found again at this step, and earlier (the last steps are hardly any: the rate has fallen to nothing)
  const losses = await Promise.all([0, 40].map((ago) => last(compute.retest(small, stepsPerEpoch - ago, 200))))
  let expected = 0
  for (let i = 0; i < 200; i++) {
    const { pixels: image, label: of } = await compute.image(i)
    expected -= Math.log(softmaxOf(await compute.plain({ ...small, pixels: toHex(image) }))[of]!) / 200
  }
  expect(losses[0]!).toBeCloseTo(expected, 4)
  expect(Math.abs(losses[1]! - expected)).toBeGreaterThan(1e-4)
  const { pixels, label } = await compute.image(3)
  expect([label, toHex(pixels).length]).toEqual([0, 1568])
})

describe('a network from a file', () => {
  const set = edit({ ...initial, seed: 8 }, 2, { w: [0, 1, 0, -1, 0.5, 0, 2, 0, 0], b: 0.25 })
  const opened = async (name: string, bytes: Uint8Array) => {
    const got = await compute.openNetwork([{ name, bytes }])
    if (!got.ok) throw new Error(`${got.problem}: ${got.expected}; ${got.received}`)
    return got.own
  }

  test.each(['safetensors', 'onnx'] as const)('what the lab saves as %s comes back with the same numbers, filters set by hand included', async (as) => {
    const own = await opened(`mine.${as}`, await compute.save(set, as))
    const s = form(JSON.parse(JSON.stringify(withOwn(initial, own))))
    expect([s.own!.file, s.edits[2]]).toEqual([`mine.${as}`, null])
    const [before, after] = [await compute.layers(set), await compute.layers(s)]
    expect(after.outputs).toEqual(before.outputs)
    expect(after.trained[2]).toEqual(set.edits[2])
    expect(begin(s)['conv2.weight']!.data).toEqual(begin(set)['conv2.weight']!.data)
  })
  test('training begins with its weights; the lighter link leaves it out; links of before there were any are read', async () => {
    const s = withOwn({ ...initial, epochs: 1, batch: 128, eta: 0.0001 }, await opened('mine.safetensors', await compute.save(set, 'safetensors')))
    await last(compute.train(s, 1))
    const [first, start] = [(await compute.layers({ ...s, steps: 1 })).trained, begin(s)['conv1.weight']!.data]
    first.forEach(({ w }, k) => w.forEach((v, i) => expect(Math.abs(v - start[9 * k + i]!)).toBeLessThan(2e-4)))
    expect(keyOf(s)).not.toBe(keyOf({ ...s, own: null }))
    expect(light({ ...s, steps: 9 })).toEqual({ ...s, own: null, steps: 0 })
    const { own: _, ...old } = initial
    expect(form(old)).toEqual(initial)
  })
  test('another network, numbers that are none, a damaged state: told with its place, nothing changes', async () => {
    const dense = { 'hidden.0.weight': { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] } }
    const file = (tensors: object): { name: string; bytes: Uint8Array }[] => [{ name: 'other.json', bytes: new TextEncoder().encode(JSON.stringify({ tensors })) }]
    expect(await compute.openNetwork(file(dense))).toMatchObject({ ok: false, problem: 'shape', file: 'other.json', expected: 'conv1.weight [6, 1, 3, 3]', received: 'hidden.0.weight [2, 3]' })
    const own = Object.fromEntries(Object.entries(begin(initial)).map(([name, { shape, data }]) => [name, { shape, data: Array.from(data) }]))
    expect(await compute.openNetwork(file({ ...own, 'out.weight': { shape: [10, 3], data: Array.from({ length: 30 }, () => 0) } }))).toMatchObject({ ok: false, problem: 'shape', expected: 'out.weight [10, 588]', received: '[10, 3]' })
    expect(await compute.openNetwork(file({ ...own, 'out.bias': { shape: [10], data: [0, 0, 1e300, 0, 0, 0, 0, 0, 0, 0] } }))).toMatchObject({ ok: false, problem: 'number', expected: 'out.bias' })
    for (const weights of ['', 'AAAA', '%%%']) expect(() => form({ ...initial, own: { file: 'x', weights } })).toThrow('own.weights: expected 6610 weights')
  })
  test('its program reads what the lab saves and prints the numbers on the screen', async () => {
    const files = folderOfPrograms()
    try {
      const bytes = await compute.save(set, 'safetensors')
      writeFileSync(join(files, 'cnn.safetensors'), bytes)
      const s = { ...withOwn(initial, await opened('mine.safetensors', bytes)), layer: 'conv2', channel: 7, row: 5, column: 8 } as const
      const printed = (await runGradus(code(s).gradus, files)) as { value: number; shares: readonly number[] }
      const got = await compute.layers(s)
      expect(printed.value).toBeCloseTo(got.conv2[7]![5 * 14 + 8]!, 4)
      expect(printed.shares).toEqual(got.shares.map((v) => expect.closeTo(v, 5)))
    } finally {
      rmSync(files, { recursive: true, force: true })
    }
  })
})
