// The troubles of the labs without training: named where they are by enumeration, mended by their repair.
import { describe, expect, test } from 'vitest'
import * as neuron from '../labs/03-neuron/model.ts'
import * as line from '../labs/07-line/model.ts'
import * as xor from '../labs/08-xor/model.ts'
import * as sigmoid from '../labs/14-sigmoid/model.ts'
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
