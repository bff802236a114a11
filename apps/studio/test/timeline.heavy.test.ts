// The models of the timeline trained to their end: what each card promises, measured.
import { describe, expect, test } from 'vitest'
import { last } from '../src/labs/02-timeline/compute.ts'
import { type CardId, RUNS } from '../src/labs/02-timeline/model.ts'

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
})
