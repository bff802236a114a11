// The neuron's signals by the engine against sums term by term, for every row of every size; the tables the tasks ask for.
import { expect, test } from 'vitest'
import { random } from '../../core/random.ts'
import { caught } from '../../../test/caught.ts'
import { forward } from './compute.ts'
import { MOST, type State, TARGETS, form, initial, potential, rows, setWeight, toggle, withInputs } from './model.ts'
import { answerCheck, potentialCheck } from './proofs.ts'

test('rows count up in binary, each once', () => {
  for (let n = 1; n <= MOST; n++) expect(rows(n).map((x) => Number.parseInt(x.join(''), 2))).toEqual(Array.from({ length: 2 ** n }, (_, i) => i))
})
test('z and a of every row: the engine and the sum term by term; a is 1 only above 0', async () => {
  const next = random(3)
  const value = (): number => Math.round((next() * 2 - 1) * 8) / 4 // quarters: sums are exact, and meet 0
  let zeros = 0
  for (let k = 0; k < 12; k++) {
    const n = 1 + (k % MOST)
    const [w, b] = [Array.from({ length: MOST }, value), value()]
    const { z, a } = await forward(rows(n), w.slice(0, n), b)
    for (const [i, x] of rows(n).entries()) {
      const want = potential(x, w, b, n)
      expect(z[i]).toBe(want)
      expect(a[i]).toBe(want > 0 ? 1 : 0)
      // the proofs pass them and refuse what is a little off
      await caught(potentialCheck({ n, w, b }, x), z[i]!, 'z')
      await caught(answerCheck({ n, w, b }, x), a[i]!, 'a', 1)
      if (want === 0) zeros++
    }
  }
  expect(zeros, 'a row on the threshold itself was tried').toBeGreaterThan(0)
})
test('what the tasks ask for, by its own truth table', () => {
  const table = (target: keyof typeof TARGETS): string => rows(TARGETS[target].n).map((x) => TARGETS[target].of(x)).join('')
  expect([table('and'), table('or'), table('not'), table('majority')]).toEqual(['0001', '0111', '10', '00010111'])
})
test('changes of the state keep its form and leave the old one alone', () => {
  const next: State = setWeight(toggle(initial, 1), 2, -3)
  expect(form(next)).toEqual(next)
  expect([next.x, next.w]).toEqual([[1, 1, 0, 0], [1, 1, -3, 1]])
  expect([initial.x, initial.w]).toEqual([[1, 0, 0, 0], [1, 1, 1, 1]])
})
test('a row of the table becomes the inputs; those not in use stay; the same row changes nothing', () => {
  const s: State = { ...initial, n: 3, x: [0, 0, 0, 1] }
  for (const row of rows(3)) expect(form(withInputs(s, row)).x).toEqual([...row, 1])
  expect(withInputs(s, [0, 0, 0])).toBe(s)
})
