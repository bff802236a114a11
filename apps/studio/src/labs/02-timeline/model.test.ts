// The cards' formulas against plain arithmetic; every model: how long it runs, names for what it shows, the same seed the
// same numbers. What the cards promise is measured in test/timeline.heavy.test.ts.
import { describe, expect, test } from 'vitest'
import { heart, last, picturesAgain, pointAgain, recount } from './compute.ts'
import { figureFormula } from './formulas.ts'
import { plainHeart } from './heart-check.ts'
import { MACHINES } from './machines.ts'
import { checks } from './checks.ts'
import { CARDS, LIFTED, LIMITS, RUNS, initial, solved } from './model.ts'
import type { Picture } from './models/machine.ts'
import { roman } from './models/roman.ts'
import { texts } from './texts.ts'

/** Their figures are counted again as the others' are, by the reference device; that takes it seconds. */
const LONG = new Set<string>(['seq2seq', 'resnet', 'transformer', 'bert', 'gpt', 'diffusion'])

describe.each(CARDS)('%s', (card) => {
  test('its formula gives what plain arithmetic gives', async () => {
    expect(await heart(card)).toBeCloseTo(plainHeart[card](), 9)
  })
  test('runs as long as the page thinks; everything it shows has a name', async () => {
    expect(MACHINES[card].steps).toBe(RUNS[card].steps)
    const some = Math.min(RUNS[card].steps, MACHINES[card].every)
    const { figures, curves, pictures, step } = await last({ card, seed: 3, variant: 0, steps: some })
    expect(step).toBe(some)
    for (const t of [texts.en, texts.ru]) {
      for (const key of Object.keys(figures)) expect(t.figures[key], key).toBeDefined()
      for (const key of Object.keys(curves)) expect(t.curves[key], key).toBeDefined()
      for (const picture of pictures) {
        expect(t.pictures[picture.key], picture.key).toBeDefined()
        if (picture.kind === 'table') for (const head of picture.head) expect(t.heads[head], head).toBeDefined()
        if (picture.kind === 'cells') for (const { mark } of picture.items) if (mark !== undefined) expect(t.marks[mark], mark).toBeDefined()
      }
      expect(t.variants[card]?.length ?? 1).toBe(RUNS[card].variants)
    }
    for (const v of Object.values(figures)) expect(Number.isFinite(v)).toBe(true)
    const again = await last({ card, seed: 3, variant: 0, steps: some })
    expect(again.figures).toEqual(figures)
    // where they come from: counted again, and of how many
    const counted = LONG.has(card) ? null : await recount({ card, seed: 3, variant: 0, steps: some })
    for (const [key, v] of Object.entries(figures)) {
      if (counted !== null) expect(Math.abs(counted[key]! - v), key).toBeLessThan(1e-5)
      expect(figureFormula(card, key).html.length).toBeGreaterThan(3)
      const n = again.cases?.[key]
      if (n !== undefined) expect(Math.abs(v * n - Math.round(v * n)), `${key} is a share of ${n}`).toBeLessThan(1e-9)
    }
    for (const key of Object.keys(again.cases ?? {})) expect(Object.keys(figures)).toContain(key)
  })
})

test('what is counted again is this very run: another seed or length is run anew', async () => {
  const asked = { card: 'rosenblatt', seed: 2, variant: 0, steps: 40 } as const
  const { figures } = await last(asked)
  await last({ ...asked, seed: 4, steps: 80 })
  expect(await recount(asked)).toEqual(figures)
})
test('Roman numerals', () => expect([1, 4, 9, 14, 40, 88, 99].map(roman)).toEqual(['I', 'IV', 'IX', 'XIV', 'XL', 'LXXXVIII', 'XCIX']))

test('a point of a curve again is what the run had there', async () => {
  const asked = { card: 'rosenblatt', seed: 2, variant: 0, steps: 3 * MACHINES.rosenblatt.every } as const
  const { curves } = await last(asked)
  for (const [name, points] of Object.entries(curves)) {
    const [step, value] = points[1]!
    expect((await pointAgain({ ...asked, steps: step }))[name]).toBe(value)
  }
  expect(Object.keys(curves).length).toBeGreaterThan(0)
})
test('made points again, by the reference device from the same weights', async () => {
  const asked = { card: 'gan', seed: 2, variant: 0, steps: MACHINES.gan.every } as const
  const [[one], [two]] = [(await last(asked)).pictures, await picturesAgain(asked)] as const
  if (one?.kind !== 'cloud' || two?.kind !== 'cloud') throw new Error('no cloud')
  expect(two.made.length).toBe(one.made.length)
  one.made.forEach((p, i) => p.forEach((v, k) => expect(two.made[i]![k]!).toBeCloseTo(v, 4)))
})

describe('numbers of pictures a second time', () => {
  const tableOf = (pictures: readonly Picture[]): readonly (readonly (string | number)[])[] => {
    const found = pictures.find(({ kind }) => kind === 'table')
    if (found?.kind !== 'table') throw new Error('no table')
    return found.rows.map(({ cells }) => cells)
  }
  test.each([['mcculloch', 8, 16], ['minsky', 16, 42], ['werbos', 6, 18]] as const)('%s: the table another way; a wrong number would differ from it', async (card, steps, numbers) => {
    const asked = { card, seed: 5, variant: 0, steps } as const
    const [shown, again] = [tableOf((await last(asked)).pictures), tableOf(await picturesAgain(asked))]
    expect(again).toEqual(shown)
    expect(shown.flat().filter((cell) => typeof cell === 'number').length).toBe(numbers)
  })
  test('they are right by themselves: sums in binary, functions of their weights, two passes and 2(5n + 1)', async () => {
    for (const [x1, x2, x3, carry, sum] of tableOf(await picturesAgain({ card: 'mcculloch', seed: 1, variant: 0, steps: 8 }))) expect(2 * Number(carry) + Number(sum)).toBe(Number(x1) + Number(x2) + Number(x3))
    const functions = tableOf(await picturesAgain({ card: 'minsky', seed: 1, variant: 0, steps: 16 }))
    expect(functions.filter((row) => row[4] === '—').map((row) => row.slice(0, 4).join(''))).toEqual(['0110', '1001'])
    for (const row of functions.filter((cells) => cells[4] !== '—')) {
      const [w1, w2, b] = row.slice(4) as [number, number, number]
      expect([b, b + w2, b + w1, b + w1 + w2].map((z) => String(Number(z > 0)))).toEqual(row.slice(0, 4))
    }
    expect(tableOf(await picturesAgain({ card: 'werbos', seed: 1, variant: 0, steps: 6 })).map((row) => row.slice(1))).toEqual([1, 2, 4, 8, 16, 32].map((n) => [5 * n + 1, 2, 2 * (5 * n + 1)]))
  })
  test('weights are trained again from the seed, what they answer is computed again by the reference device; another seed has others', async () => {
    const asked = { card: 'belief', seed: 2, variant: 0, steps: 40 } as const
    const cells = (pictures: readonly Picture[], key: string): readonly number[] => {
      const found = pictures.find((one) => one.key === key)
      if (found?.kind !== 'cells') throw new Error(`no ${key}`)
      return found.items.filter(({ given }) => given !== true).flatMap(({ values }) => values)
    }
    const { pictures } = await last(asked)
    expect(cells(await picturesAgain(asked, true), 'features')).toEqual(cells(pictures, 'features'))
    const restored = cells(await picturesAgain(asked), 'restored')
    expect(restored.length).toBe(216)
    restored.forEach((v, i) => expect(v).toBeCloseTo(cells(pictures, 'restored')[i]!, 4))
    const others = cells(await picturesAgain({ ...asked, seed: 3 }, true), 'features')
    expect(others.filter((v, i) => Math.abs(v - cells(pictures, 'features')[i]!) < 1e-3).length).toBeLessThan(20)
  })
})
test('a limit may have been lifted by more than one card: each of them is right, any other is not', async () => {
  const { verify } = checks.find(({ id }) => id === 'match')!
  for (const [i, limit] of LIMITS.entries()) {
    for (const [k, card] of CARDS.entries()) {
      const match = solved.map((at, place) => (place === i ? k : at))
      expect((await verify({ ...initial, match }, {} as never, Number.NaN)).ok, `${limit}: ${card}`).toBe(LIFTED[limit].includes(card))
    }
  }
  expect(LIFTED.oneLine).toContain('werbos')
})
