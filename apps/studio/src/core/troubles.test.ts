// The troubles of the labs without training: named where they are by enumeration, mended by their repair.
import { describe, expect, test } from 'vitest'
import * as neuron from '../labs/03-neuron/model.ts'
import { chain } from '../labs/06-activations/compute.ts'
import * as activations from '../labs/06-activations/model.ts'
import * as line from '../labs/07-line/model.ts'
import * as xor from '../labs/08-xor/model.ts'
import { signals } from '../labs/09-signals/compute.ts'
import * as net from '../labs/09-signals/model.ts'
import * as sigmoid from '../labs/14-sigmoid/model.ts'
import * as losses from '../labs/15-losses/model.ts'
import { trace } from '../labs/17-backprop/compute.ts'
import * as backprop from '../labs/17-backprop/model.ts'
import { KINDS, withKind } from './layered.ts'
import { random } from './random.ts'

describe('lab 3: a neuron that always says the same', () => {
  test('exactly where the truth table has one value; the repair gives it two', () => {
    const next = random(5)
    const value = (): number => Math.round((next() * 2 - 1) * 4) / 2
    let found = 0
    for (let k = 0; k < 400; k++) {
      const s: neuron.State = { n: 1 + (k % 4), x: [0, 0, 0, 0], w: [value(), value(), value(), value()], b: 2 * value() }
      const table = neuron.rows(s.n).map((x) => (neuron.potential(x, s.w, s.b, s.n) > 0 ? 1 : 0))
      expect(neuron.troubleOf(s) !== null).toBe(new Set(table).size === 1)
      if (neuron.troubleOf(s) === null) continue
      found++
      const mended = neuron.repaired(s)
      expect(neuron.form(mended)).toEqual(mended)
      expect(neuron.troubleOf(mended), JSON.stringify(s)).toBeNull()
    }
    expect(found).toBeGreaterThan(40)
  })
  test('names', () => {
    expect(neuron.troubleOf({ ...neuron.initial, w: [0, 0, 1, 1] })).toBe('blank')
    expect(neuron.troubleOf({ ...neuron.initial, b: -3 })).toBe('silent')
    expect(neuron.troubleOf({ ...neuron.initial, b: 1 })).toBe('firing')
    expect(neuron.troubleOf(neuron.initial)).toBeNull()
  })
})

describe('lab 7: a line that does not part', () => {
  const cases: readonly (readonly [line.Trouble, Partial<line.State>])[] = [
    ['noLine', { w1: 0, w2: 0 }],
    ['needsBias', { locked: true, b: 0, points: line.SHIFTED }],
    ['outside', { b: -20, points: line.SHIFTED }],
  ]
  test.each(cases)('%s', (trouble, part) => {
    const s = { ...line.initial, ...part }
    expect(line.troubleOf(s)).toBe(trouble)
    const mended = line.repaired(s, trouble)
    expect(line.form(mended)).toEqual(mended)
    expect(line.troubleOf(mended)).not.toBe(trouble)
  })
  test('the line brought between the classes parts them', () => {
    for (const points of [line.CENTRED, line.SHIFTED]) {
      const s = line.repaired({ ...line.initial, points, b: -20 }, 'outside')
      expect(points.filter((p) => line.classOf(line.signal(s, p.x, p.y)) !== p.c)).toEqual([])
    }
  })
  test('none where all is well, nor without points', () => {
    expect(line.troubleOf(line.initial)).toBeNull()
    expect(line.troubleOf({ ...line.initial, points: [], b: 20 })).toBeNull()
    expect(line.troubleOf({ ...line.initial, locked: true, b: 0 })).toBeNull()
  })
})

describe('lab 8: hidden signals that cannot be parted', () => {
  test('merged exactly where no output neuron at all is right', () => {
    const values = [-1, 1]
    const biases = [-1.5, -0.5, 0.5, 1.5]
    const neurons = values.flatMap((a) => values.flatMap((b) => biases.map((c) => [a, b, c])))
    const outputs = [-2, -1, 0, 1, 2].flatMap((a) => [-2, -1, 0, 1, 2].flatMap((b) => [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5].map((c) => [a, b, c])))
    const right = (h1: readonly number[], h2: readonly number[]): boolean =>
      outputs.some((out) => xor.ROWS.every((x, i) => xor.step(xor.potential(out, [xor.step(xor.potential(h1, x)), xor.step(xor.potential(h2, x))])) === xor.XOR[i]))
    for (const h1 of neurons) for (const h2 of neurons) expect(xor.troubleOf({ ...xor.initial, way: 'layers', h1, h2 }) === null, `${h1} ${h2}`).toBe(right(h1, h2))
  })
  test('names and repairs', () => {
    const dead: xor.State = { ...xor.initial, way: 'layers', h2: [1, 1, 5] }
    expect(xor.troubleOf(dead)).toEqual({ kind: 'dead', neuron: 2 })
    const merged: xor.State = { ...xor.initial, way: 'layers' }
    expect(xor.troubleOf(merged)).toEqual({ kind: 'merged', rows: [1, 3] })
    const flat: xor.State = { ...xor.initial, way: 'lift', lift: [1, 1, 0, -0.5] }
    expect(xor.troubleOf(flat)).toEqual({ kind: 'noLift' })
    for (const s of [dead, merged, flat]) expect(xor.troubleOf(xor.repaired(s, xor.troubleOf(s)!))).toBeNull()
    expect(xor.troubleOf(xor.initial)).toBeNull()
  })
})

describe('lab 14: a nudge that does nothing', () => {
  test('deaf and saturated, where the difference quotient says so; the repair makes it steepest', () => {
    expect(sigmoid.troubleOf({ ...sigmoid.initial, x: 0 })).toBe('deaf')
    const next = random(3)
    for (let k = 0; k < 300; k++) {
      const s: sigmoid.State = { w: 8 * next() - 4, b: 8 * next() - 4, x: 0.1 + 2.9 * next(), dw: 0.1, k: 0.5 + 19 * next() }
      const slope = (sigmoid.outputAt(s, s.w + 1e-6) - sigmoid.outputAt(s, s.w - 1e-6)) / 2e-6
      const share = slope / ((s.k * s.x) / 4)
      if (Math.abs(share - 0.01) < 1e-4) continue
      expect(sigmoid.troubleOf(s)).toBe(share < 0.01 ? 'saturated' : null)
      const mended = sigmoid.repaired(s, 'saturated')
      expect(sigmoid.form(mended)).toEqual(mended)
      expect(sigmoid.outputAt(mended, mended.w)).toBeCloseTo(0.5, 4)
    }
    expect(sigmoid.troubleOf(sigmoid.initial)).toBeNull()
  })
})

describe('lab 6: a chain without a gradient', () => {
  test('dead, fading, exploding by the engine’s product, wherever it is; one click mends it', async () => {
    const next = random(4)
    const found = new Set<string>()
    for (let k = 0; k < 60; k++) {
      const s: activations.State = { kind: activations.KINDS[k % 4]!, z: Number((12 * next() - 6).toFixed(2)), depth: 1 + Math.floor(40 * next()), w: Number((6 * next() - 3).toFixed(2)) }
      const product = (await chain(s)).products.at(-1)!
      expect(activations.plainProduct(s)).toBeCloseTo(product, 9 - Math.ceil(Math.log10(Math.max(1, Math.abs(product)))))
      const trouble = activations.troubleOf(s, product)
      if (trouble === null) continue
      found.add(trouble)
      const mended = activations.form(activations.repaired(s, trouble))
      expect(activations.troubleOf(mended, (await chain(mended)).products.at(-1)!), `${trouble} ${JSON.stringify(s)}`).toBeNull()
    }
    expect([...found].sort()).toEqual(['dead', 'exploding', 'fading'])
  })
})

describe('lab 9: layers that hear nothing', () => {
  test('no trouble in the lecture’s network; extreme weights under each function are named and mended by one click', async () => {
    const seen = async (s: net.State) => net.troubleOf(s.net, (await signals(s.net, s.x)).a)
    expect(await seen(net.initial)).toBeNull()
    const next = random(6)
    const found = new Set<string>()
    for (let k = 0; k < 60; k++) {
      const layers = withKind(net.initial.net, KINDS[k % KINDS.length]!).layers.map((l) => ({ ...l, weights: l.weights.map((row) => row.map(() => 40 * next() - 20)), biases: l.biases.map(() => 40 * next() - 20) }))
      const s: net.State = { ...net.initial, net: { layers } }
      const trouble = await seen(s)
      const { a, z } = await signals(s.net, s.x)
      // the same from the slopes: |dφ/dz| of every neuron of the layer
      const flat = layers.findIndex(({ activation }, i) => activation === 'sigmoid' || activation === 'tanh' ? z[i]!.every((v) => (activation === 'sigmoid' ? Math.abs(v) > Math.log(99) : Math.abs(v) > Math.atanh(0.99))) : activation === 'relu' && i === 0 && a[i]!.every((v) => v === 0))
      expect(trouble?.layer ?? 0).toBe(flat + 1)
      if (trouble === null) continue
      found.add(`${layers[0]!.activation} ${trouble.kind}`)
      const mended = net.repaired(s)
      expect(net.form(mended)).toEqual(mended)
      expect(await seen(mended), JSON.stringify(s.net)).toBeNull()
    }
    expect([...found].sort()).toEqual(['relu dead', 'sigmoid saturated', 'tanh saturated'])
  })
})

describe('lab 15: a loss that has stopped teaching', () => {
  test('confidently wrong under MSE, where LogLoss still has a slope', () => {
    for (let z = -8; z <= 8; z += 0.5) for (const y of [0, 1]) {
      const s: losses.State = { ...losses.initial, loss: 'mse', z, y }
      expect(losses.troubleOf(s) !== null).toBe(Math.abs(losses.plainSlope('mse', z, y)) < 0.04 && losses.plainLoss('mse', z, y) > 0.9)
      if (losses.troubleOf(s) === null) continue
      const mended = losses.form(losses.repaired(s))
      expect(losses.troubleOf(mended)).toBeNull()
      expect(Math.abs(losses.plainSlope(mended.loss, z, y))).toBeGreaterThan(0.9)
    }
    expect(losses.troubleOf(losses.initial)).toBeNull()
  })
})

describe('lab 17: a saturated neuron', () => {
  test('named where a slope is below 0.01; one click brings every slope back, however large the weights', async () => {
    expect(backprop.troubleOf(await trace(backprop.initial))).toBeNull()
    const next = random(8)
    let found = 0
    for (let k = 0; k < 60; k++) {
      const drawn = backprop.WEIGHTS.reduce((now, name) => backprop.withWeight(now, name, (k % 2 === 0 ? 40 : 8) * (next() - 0.5)), backprop.initial)
      const got = await trace(drawn)
      expect(backprop.troubleOf(got) !== null).toBe([...got.h, got.a].some((v) => v * (1 - v) < 0.01))
      if (backprop.troubleOf(got) === null) continue
      found++
      const mended = backprop.repaired(drawn)
      expect(backprop.form(mended)).toEqual(mended)
      expect(backprop.troubleOf(await trace(mended)), JSON.stringify(drawn)).toBeNull()
    }
    expect(found).toBeGreaterThan(20)
  })
})
