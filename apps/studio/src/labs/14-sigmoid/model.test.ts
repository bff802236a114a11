// The nudged weight by the engine against plain arithmetic: outputs, slope by differences, the error that shrinks as Δw².
import { describe, expect, test } from 'vitest'
import { caught } from '../../../test/caught.ts'
import { curve, nudge } from './compute.ts'
import { type State, grid, halvings, initial, jumpAt, missAt, outputAt, sigmoid, slopeAt, step } from './model.ts'
import { changeCheck, errorCheck, outputCheck, promiseCheck, ratioCheck, slopeCheck, stepChangeCheck, stepCheck } from './proofs.ts'

const states: readonly State[] = [initial, { w: -2, b: 1, x: 2.5, dw: -0.8, k: 3 }, { w: 0.5, b: -1, x: 2, dw: 0.1, k: 1 }, { w: 1, b: 0.3, x: 0, dw: 1, k: 20 }]

describe.each(states)('w = $w, b = $b, x = $x, k = $k', (s) => {
  test('both neurons before and after; the true changes; the slope', async () => {
    const steps = halvings(s.dw)
    const got = await nudge(s, steps)
    const z = (w: number): number => s.b + w * s.x
    expect(got.z).toBeCloseTo(z(s.w), 12)
    expect(got.soft).toEqual([expect.closeTo(sigmoid(s.k * z(s.w)), 12), expect.closeTo(sigmoid(s.k * z(s.w + s.dw)), 12)])
    expect(got.hard).toEqual([step(z(s.w)), step(z(s.w + s.dw))])
    for (const [i, dw] of steps.entries()) expect(got.changes[i]).toBeCloseTo(outputAt(s, s.w + dw) - outputAt(s, s.w), 12)
    for (const [i, dw] of steps.entries()) expect(got.changes[i]! - got.slope * dw).toBeCloseTo(missAt(s, dw), 12)
    expect(got.slope).toBeCloseTo(slopeAt(s, s.w), 12)
    expect(got.slope).toBeCloseTo((outputAt(s, s.w + 1e-5) - outputAt(s, s.w - 1e-5)) / 2e-5, 7)
  })
  test('every proof passes its number and refuses one a little off', async () => {
    const steps = halvings(s.dw)
    const { soft, hard, slope, changes } = await nudge(s, steps)
    for (const [i, w] of [s.w, s.w + s.dw].entries()) {
      await caught(outputCheck(s, w), soft[i]!, `a(${w})`)
      await caught(stepCheck(s, w), hard[i]!, `step(${w})`)
    }
    await caught(stepChangeCheck(s), hard[1] - hard[0], 'Δ of the step')
    await caught(slopeCheck(s), slope, 'slope')
    for (const [i, dw] of steps.entries()) {
      const error = changes[i]! - slope * dw
      await caught(changeCheck(s, dw), changes[i]!, 'Δa')
      await caught(promiseCheck(s, dw), slope * dw, 'a′Δw')
      await caught(errorCheck(s, dw), error, 'error')
      await caught(ratioCheck(s, dw), error / dw ** 2, 'error / Δw²')
    }
  })
  test('the curve', async () => {
    const a = await curve(s, grid())
    for (const [i, w] of grid().entries()) expect(a[i]).toBeCloseTo(outputAt(s, w), 12)
  })
  test('the step jumps where jumpAt says, or nowhere', () => {
    const at = jumpAt(s)
    if (at === null) expect(s.x).toBe(0)
    else expect([step(s.b + (at - 1e-9) * s.x), step(s.b + (at + 1e-9) * s.x)].sort()).toEqual([0, 1])
  })
})
test('half the nudge, a quarter of the error of a′Δw', async () => {
  const steps = halvings(0.4)
  const { changes, slope } = await nudge({ ...initial, w: 2 }, steps) // where the curve bends: at z = 0 the error is smaller still
  const errors = steps.map((dw, i) => changes[i]! - slope * dw)
  for (let i = 3; i < errors.length; i++) {
    expect(errors[i - 1]! / errors[i]!).toBeGreaterThan(3.7)
    expect(errors[i - 1]! / errors[i]!).toBeLessThan(4.3)
  }
})
