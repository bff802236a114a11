// The cards' formulas against plain arithmetic and against their exported programs; every model: how long it runs, the
// same seed the same numbers, and what its card promises, measured.
import { describe, expect, test } from 'vitest'
import { heart, last } from './compute.ts'
import { plainHeart } from './heart-check.ts'
import { MACHINES } from './machines.ts'
import { CARDS, type CardId, RUNS } from './model.ts'
import { roman } from './models/roman.ts'
import { texts } from './texts.ts'

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
  })
})

const whole = async (card: CardId, variant = 0, steps = RUNS[card].steps): Promise<Readonly<Record<string, number>>> => (await last({ card, seed: 1, variant, steps })).figures

describe('what the cards promise', () => {
  test('1943: the adder is right in all eight rows', async () => expect(await whole('mcculloch')).toEqual({ rowsRight: 8, rowsAll: 8 }))
  test('1958: the line separates', async () => expect((await whole('rosenblatt')).right).toBe(1))
  test('1969: 14 of the 16 functions', async () => expect(await whole('minsky')).toEqual({ possible: 14, impossible: 2 }))
  test('1974: slopes agree with differences', async () => expect((await whole('werbos')).worst).toBeLessThan(1e-8))
  test('1986: all signals restored from codes that differ', async () => {
    const { restored, codes } = await whole('rumelhart')
    expect(restored).toBe(8)
    expect(codes!).toBeGreaterThanOrEqual(6)
  })
  test('1989: shared weights beat as many dense ones', async () => {
    const { convolved, connected, convWeights, denseWeights } = await whole('lenet')
    expect(convolved!).toBeGreaterThan(connected! + 0.1)
    expect(Math.abs(convWeights! - denseWeights!)).toBeLessThan(10)
  })
  test('2006: the prepared network is ahead', async () => {
    const { pretrained, untrained } = await whole('belief', 0, 480)
    expect(pretrained!).toBeGreaterThan(untrained! + 0.1)
  })
  test('2012: ReLU learns where the sigmoid does not', async () => {
    const { reluRight, sigmoidRight } = await whole('alexnet')
    expect(reluRight!).toBeGreaterThan(0.7)
    expect(sigmoidRight!).toBeLessThan(0.5)
  })
  test('2014: the forger finds clusters', async () => expect((await whole('gan')).plausible).toBeGreaterThan(0.5))
  test('2014 and 2017: numerals never seen', async () => {
    expect((await whole('seq2seq')).fresh).toBeGreaterThan(0.4)
    expect((await whole('transformer')).fresh).toBeGreaterThan(0.4)
  })
  test('2015: depth works with shortcuts only', async () => {
    const { plainRight, residualRight } = await whole('resnet')
    expect(residualRight!).toBeGreaterThan(0.95)
    expect(plainRight!).toBeLessThan(0.9)
  })
  test('2018: both sides know what the left cannot', async () => {
    const { bothSides, leftOnly } = await whole('bert')
    expect(bothSides!).toBeGreaterThan(0.95)
    expect(leftOnly!).toBeLessThan(0.7)
  })
  test('2020: chance without an example, the rule after one', async () => {
    const { zeroShot, oneShot } = await whole('gpt')
    expect(zeroShot!).toBeLessThan(0.35)
    expect(oneShot!).toBeGreaterThan(0.9)
  })
  test('2021: known pairs, and new ones far above chance', async () => {
    const { known, fresh } = await whole('clip')
    expect(known!).toBeGreaterThan(0.95)
    expect(fresh!).toBeGreaterThan(0.2)
  })
  test.each([0, 1])('2022: points on the figure of word %i', async (variant) => expect((await whole('diffusion', variant)).onFigure).toBeGreaterThan(0.6))
  test('2023–25: forgotten without rehearsal, kept with it', async () => {
    expect((await whole('continual')).taskA).toBeLessThan(0.3)
    expect((await whole('continual', 1)).taskA).toBeGreaterThan(0.85)
  })
  test('Roman numerals', () => expect([1, 4, 9, 14, 40, 88, 99].map(roman)).toEqual(['I', 'IV', 'IX', 'XIV', 'XL', 'LXXXVIII', 'XCIX']))
})
