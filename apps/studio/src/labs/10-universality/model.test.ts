// The built network against the sum of its bumps and a search for its error; the trained one improves on a bad start.
import { expect, test } from 'vitest'
import { checks } from './checks.ts'
import { caught } from '../../../test/caught.ts'
import * as compute from './compute.ts'
import { type Training, bumps, errors, grid, lossAt, train } from './compute.ts'
import { POINTS, PRESETS, curveAt, draw, form, hiddenOf, initial, networkAt, plainBumps, setHeight, stairs, steepest, sumOfSteps, withCount, withForm, xAt } from './model.ts'
import { betweenCheck, builtAt, gapCheck, networkCheck, neuronsCheck, placeCheck, steepnessCheck, supCheck, supOfCheck, trainedAt } from './proofs.ts'

test('the curve passes through its points and is straight between', () => {
  PRESETS.wave.forEach((h, i) => expect(curveAt(PRESETS.wave, xAt(i))).toBeCloseTo(h, 12))
  expect(curveAt(PRESETS.wave, (xAt(3) + xAt(4)) / 2)).toBeCloseTo((PRESETS.wave[3]! + PRESETS.wave[4]!) / 2, 12)
})
test('a stroke takes the points it passes along, stays inside, and a click moves the nearest', () => {
  expect(draw(initial, [0.26, 9], [0.26, 9])).toEqual(setHeight(initial, 3, 2))
  expect(form(draw(initial, [0.99, -9], [0.99, -9])).heights.at(-1)).toBe(-2)
  for (const [from, to] of [[[0, -1], [1, 1]], [[1, 1], [0, -1]]] as const) {
    draw(initial, from, to).heights.forEach((h, i) => expect(h).toBeCloseTo(-1 + (2 * i) / (POINTS - 1), 2))
  }
  const some = draw(initial, [0.2, 1.9], [0.52, -1.9])
  expect(some.heights.map((h, i) => (h === initial.heights[i] ? '' : i)).join('')).toBe('3456')
})
test.each(['pairs', 'shared'] as const)('the network of %s is the sum of its steps, neuron by neuron; the error is the largest of a finer search', async (kind) => {
  const all = hiddenOf(withForm(initial, kind))
  for (const shown of [0, 1, 4, 7, all]) {
    const s = { ...withForm(initial, kind), shown }
    const got = await bumps(s)
    expect(got.hidden).toBe(all)
    let worst = 0
    for (const x of grid(4001)) worst = Math.max(worst, Math.abs(sumOfSteps(got.bumps, got.steepness, kind, shown, x) - curveAt(s.heights, x)))
    grid().forEach((x, i) => expect(got.curve[i]).toBeCloseTo(sumOfSteps(got.bumps, got.steepness, kind, shown, x), 9))
    expect(got.error).toBeCloseTo(worst, 2)
    // away from the steps the stairs are what the neurons give
    const drawn = stairs(got.bumps, kind, shown)
    for (const x of grid(40).map((v) => v * 0.9 + 0.051)) {
      if (got.bumps.some(({ from, to }) => Math.abs(x - from) < 0.02 || Math.abs(x - to) < 0.02)) continue
      expect(drawn.reduce((sum, b) => sum + (x > b.from && x < b.to ? b.height : 0), 0)).toBeCloseTo(sumOfSteps(got.bumps, got.steepness, kind, shown, x), 1)
    }
  }
  expect(form(withForm(withCount(initial, 1), kind)).shown).toBe(kind === 'pairs' ? 2 : 0)
})
test('every proof of a built network passes its number and refuses one a little off', async () => {
  const middle = xAt(3) + 0.5 / (POINTS - 1)
  await caught(betweenCheck(initial.heights, 7), curveAt(initial.heights, middle), 'f')
  for (const kind of ['pairs', 'shared'] as const) {
    const whole = withForm(initial, kind)
    for (const shown of [3, hiddenOf(whole)]) {
      const s = { ...whole, shown }
      const got = await bumps(s)
      const plain = builtAt(s, got.bumps, got.steepness, shown)
      for (const i of [24, 132, 300]) {
        await caught(networkCheck(plain, grid()[i]!), got.curve[i]!, 'F', 1e-3)
        await caught(gapCheck(plain, s.heights, grid()[i]!), got.curve[i]! - curveAt(s.heights, grid()[i]!), 'F − f', 1e-3)
      }
      await caught(supCheck(plain, s.heights), got.error, 'sup')
      await caught(placeCheck(plain, s.heights, got.at), got.at, 'its place')
      expect(await placeCheck(plain, s.heights, (got.at + 0.31) % 1).check()).not.toBeCloseTo((got.at + 0.31) % 1, 3)
      await caught(neuronsCheck(s, got.bumps), got.hidden, 'neurons', 1)
      await caught(steepnessCheck(got.bumps, got.steepness), got.steepness, 'steepness')
    }
  }
  for (const { count, error } of await errors(initial)) await caught(supOfCheck(initial, count), error, `sup of ${count}`)
})
test('a network of no bump at all: pairs answer 0, shared ones the first height', async () => {
  expect((await bumps({ ...initial, shown: 0 })).curve.every((y) => y === 0)).toBe(true)
  const one = await bumps(withForm(withCount(initial, 1), 'shared'))
  expect(new Set(one.curve)).toEqual(new Set([one.bumps[0]!.height]))
})
test('more bumps, smaller error; a cliff needs more than a hill', async () => {
  const rows = await errors(initial)
  // each once more: plain bumps, their steps added one by one
  for (const { count, error } of rows) {
    const worst = Math.max(...grid(2001).map((x) => Math.abs(sumOfSteps(plainBumps(initial.heights, count), initial.sharpness * count, 'shared', count - 1, x) - curveAt(initial.heights, x))))
    expect(worst).toBeCloseTo(error, 2)
    expect(worst).toBeLessThanOrEqual(error + 1e-9) // the library looks between its points too
  }
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
  // its weights by plain arithmetic give its curve; the same training again comes by the same loss
  grid().forEach((x, i) => expect(networkAt(last!.network!, x)).toBeCloseTo(last!.curve![i]!, 5))
  for (const [step, loss] of [last!.losses[3]!, last!.losses.at(-1)!]) expect(await lossAt({ heights: PRESETS.hill, hidden: 8, seed: 1 }, step)).toBe(loss)
  const plain = trainedAt(last!.network!)
  await caught(networkCheck(plain, grid()[77]!), last!.curve![77]!, 'F', 1e-3)
  await caught(gapCheck(plain, PRESETS.hill, grid()[77]!), last!.curve![77]! - curveAt(PRESETS.hill, grid()[77]!), 'F − f', 1e-3)
  await caught(supCheck(plain, PRESETS.hill), last!.error!, 'sup')
  for await (const now of train({ heights: PRESETS.hill, hidden: 8, seed: 1 })) {
    expect(now.losses.length).toBeGreaterThan(0)
    break
  }
})

test('a small error is looked for in the network on the screen: trained or built, as far as it stands', async () => {
  const { verify } = checks.find(({ id }) => id === 'small')!
  const ok = async (part: object): Promise<boolean> => (await verify({ ...initial, ...part }, compute as never, Number.NaN)).ok
  const near = { count: 41, shown: 40, form: 'shared', sharpness: 8 }
  expect(await ok(near)).toBe(true)
  expect(await ok({ ...near, shown: 20 }), 'half built').toBe(false)
  expect(await ok({ ...near, way: 'training' }), 'not trained').toBe(false)
  expect(await ok({ way: 'training', trained: true, hidden: 16 })).toBe(true)
  expect(await ok({ ...near, way: 'training', trained: true, hidden: 1 }), 'good bumps that are not on the screen').toBe(false)
  expect(await ok({ way: 'training', trained: true, hidden: 48 }), 'too many neurons').toBe(false)
})
