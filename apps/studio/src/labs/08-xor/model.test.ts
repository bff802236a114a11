// The three machines by the engine against sums by hand; the certificate that one neuron cannot do it; the solutions.
import { describe, expect, test } from 'vitest'
import { random } from '../../core/random.ts'
import { caught } from '../../../test/caught.ts'
import { layers, lift, one } from './compute.ts'
import { LIMIT, ROWS, SOLVED, type State, XOR, bestOfOne, demands, form, initial, plain, plainRight, potential, reachable, setAt, step } from './model.ts'
import { answerCheck, hiddenCheck, rightCheck, signalCheck, spotsCheck } from './proofs.ts'

const next = random(8)
const neuron = (n = 3): number[] => Array.from({ length: n }, () => Math.round((next() * 2 - 1) * LIMIT * 4) / 4)

describe('the engine and sums by hand', () => {
  test('one neuron', async () => {
    for (let k = 0; k < 6; k++) {
      const w = neuron()
      const { z, a } = await one(w)
      expect(z).toEqual(ROWS.map((x) => potential(w, x)))
      expect(a).toEqual(z.map(step))
    }
  })
  test('two lines and a neuron on their answers', async () => {
    for (let k = 0; k < 6; k++) {
      const [h1, h2, out] = [neuron(), neuron(), neuron()]
      const got = await layers(h1, h2, out)
      for (const [i, x] of ROWS.entries()) {
        const hidden = [potential(h1, x), potential(h2, x)]
        expect(got.hiddenZ[i]).toEqual(hidden)
        expect(got.hidden[i]).toEqual(hidden.map(step))
        expect(got.z[i]).toBe(potential(out, [step(hidden[0]!), step(hidden[1]!)]))
        expect(got.a[i]).toBe(step(got.z[i]!))
      }
    }
  })
  test('every proof passes its number and refuses one a little off', async () => {
    for (const weights of [{}, SOLVED, { one: neuron(), h1: neuron(), h2: neuron(), out: neuron(), lift: neuron(4) }]) {
      for (const way of ['one', 'layers', 'lift'] as const) {
        const s: State = { ...initial, ...weights, way }
        const got = way === 'one' ? await one(s.one) : way === 'layers' ? await layers(s.h1, s.h2, s.out) : await lift(s.lift)
        for (const row of [0, 1, 2, 3]) {
          await caught(signalCheck(s, row), got.z[row]!, `z of ${row}`)
          await caught(answerCheck(s, row), got.a[row]!, `a of ${row}`, 1)
          if (way === 'layers') for (const k of [0, 1] as const) await caught(hiddenCheck(s, row, k), got.hidden[row]![k]!, `h${k} of ${row}`, 1)
        }
        await caught(rightCheck(s), got.a.filter((a, i) => a === XOR[i]).length, 'rows', 1)
        if (way === 'layers') await caught(spotsCheck(s), new Set(got.hidden.map((h) => h.join())).size, 'places', 1)
      }
    }
  })
  test('the product as a third input', async () => {
    for (let k = 0; k < 6; k++) {
      const [w1, w2, w3, b] = neuron(4) as [number, number, number, number]
      const { z, a } = await lift([w1, w2, w3, b])
      expect(z).toEqual(ROWS.map(([p, q]) => b + w1 * p + w2 * q + w3 * p * q))
      expect(a).toEqual(z.map(step))
    }
  })
})
test('what the engine answers and the rows it has right, by plain arithmetic, each way', async () => {
  const seen = new Set<number>()
  for (let k = 0; k < 60; k++) {
    const s: State = { way: (['one', 'layers', 'lift'] as const)[k % 3]!, one: neuron(), h1: neuron(), h2: neuron(), out: neuron(), lift: neuron(4) }
    const { z, a } = s.way === 'one' ? await one(s.one) : s.way === 'lift' ? await lift(s.lift) : await layers(s.h1, s.h2, s.out)
    expect(z).toEqual(ROWS.map((_, row) => plain(s, row)))
    const right = [a[0] === 0, a[1] === 1, a[2] === 1, a[3] === 0].filter(Boolean).length
    expect(plainRight(s)).toBe(right)
    seen.add(right)
  }
  expect(seen.size).toBeGreaterThan(2)
  expect([plainRight({ ...initial, ...SOLVED, way: 'layers' }), plainRight({ ...initial, ...SOLVED, way: 'lift' }), plainRight(initial)]).toEqual([4, 4, 3])
})
test('one neuron reaches 14 of the 16 tables, not XOR nor its opposite, and three rows of XOR at best', () => {
  const tables = reachable()
  const mask = (table: readonly number[]): number => table.reduce((all, v, i) => all | (v << i), 0)
  expect([tables.size, tables.has(mask(XOR)), tables.has(mask(XOR.map((v) => 1 - v))), bestOfOne()]).toEqual([14, false, false, 3])
})
test('the certificate: whatever the weights, outer and inner pair add up to the same, and one demand fails', () => {
  for (let k = 0; k < 500; k++) {
    const all = demands(neuron())
    expect(all[0]!.left + all[3]!.left).toBeCloseTo(all[1]!.left + all[2]!.left, 12)
    expect(all.every(({ holds }) => holds)).toBe(false)
    expect(all.map(({ sign }) => sign)).toEqual(['≤', '>', '>', '≤'])
  }
})
test('the solutions are right in all four rows, both ways; what is set keeps its form', async () => {
  expect((await layers(SOLVED.h1, SOLVED.h2, SOLVED.out)).a).toEqual(XOR)
  expect((await lift(SOLVED.lift)).a).toEqual(XOR)
  const s = setAt(initial, 'lift', 2, -2)
  expect([form(s), s.lift, initial.lift]).toEqual([s, [1, 1, -2, -0.5], [1, 1, -1, -0.5]])
})
