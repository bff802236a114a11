// The built network against the sum of its bumps and a search for its error; the trained one improves on a bad start.
import { expect, test } from 'vitest'
import { type Training, bumps, errors, grid, train } from './compute.ts'
import { PRESETS, curveAt, drawAt, form, hiddenOf, initial, steepest, sumOfBumps, withCount, xAt } from './model.ts'

test('the curve passes through its points and is straight between', () => {
  PRESETS.wave.forEach((h, i) => expect(curveAt(PRESETS.wave, xAt(i))).toBeCloseTo(h, 12))
  expect(curveAt(PRESETS.wave, (xAt(3) + xAt(4)) / 2)).toBeCloseTo((PRESETS.wave[3]! + PRESETS.wave[4]!) / 2, 12)
})
test('drawing moves the nearest point and stays inside', () => {
  expect(drawAt(initial, 0.26, 9).heights[3]).toBe(2)
  expect(form(drawAt(initial, 0.99, -9)).heights.at(-1)).toBe(-2)
})
test.each(['pairs', 'shared'] as const)('the network of %s is the sum of its bumps; the error is the largest of a finer search', async (kind) => {
  const s = { ...initial, form: kind }
  const got = await bumps(s)
  expect(got.hidden).toBe(hiddenOf(s))
  const fine = grid(4001)
  let worst = 0
  for (const x of fine) worst = Math.max(worst, Math.abs(sumOfBumps(got.bumps, got.steepness, x) - curveAt(s.heights, x)))
  grid().forEach((x, i) => expect(got.curve[i]).toBeCloseTo(sumOfBumps(got.bumps, got.steepness, x), 4))
  expect(got.error).toBeCloseTo(worst, 2)
})
test('bump after bump: the first k of them, none gives 0', async () => {
  const some = await bumps({ ...initial, shown: 4 })
  grid().forEach((x, i) => expect(some.curve[i]).toBeCloseTo(sumOfBumps(some.bumps.slice(0, 4), some.steepness, x), 9))
  expect((await bumps({ ...initial, shown: 0 })).curve.every((y) => y === 0)).toBe(true)
})
test('more bumps, smaller error; a cliff needs more than a hill', async () => {
  const rows = await errors(initial)
  expect(rows.at(-1)!.error).toBeLessThan(rows[2]!.error / 3)
  expect(steepest(PRESETS.cliff)).toBeGreaterThan(steepest(PRESETS.hill))
  const error = async (heights: readonly number[]): Promise<number> => (await bumps(withCount({ ...initial, heights }, 20))).error
  expect(await error(PRESETS.cliff)).toBeGreaterThan(await error(PRESETS.hill))
})
test('training: the loss falls, the curve comes near; left early it stops', async () => {
  let last: Training | null = null
  for await (const now of train({ heights: PRESETS.hill, hidden: 8, seed: 1 })) last = now
  expect(last!.losses.at(-1)![1]).toBeLessThan(last!.losses[0]![1] / 10)
  const worst = Math.max(...grid().map((x, i) => Math.abs(last!.curve![i]! - curveAt(PRESETS.hill, x))))
  expect(last!.error!).toBeGreaterThanOrEqual(worst - 1e-3)
  for await (const now of train({ heights: PRESETS.hill, hidden: 8, seed: 1 })) {
    expect(now.losses.length).toBeGreaterThan(0)
    break
  }
})
