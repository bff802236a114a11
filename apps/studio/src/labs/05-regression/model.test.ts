// The surface, the path of descent and the safe rate against plain arithmetic; every trouble where it is, and its repair.
import { describe, expect, test } from 'vitest'
import { caught } from '../../../test/caught.ts'
import { descend, fit, leastSquares, surface } from './compute.ts'
import { CLASSES, LINE, type State, type Trouble, answer, descentTrouble, form, initial, light, measuredRate, placesOf, plainMse, repaired, safeRate, stateTrouble, windowOf } from './model.ts'
import { answerCheck, errorCheck, mseCheck, placeCheck, rateCheck, slopeCheck, stepCheck } from './proofs.ts'

const slopes = (s: State): [number, number] => (['w', 'b'] as const).map((k) => (plainMse({ ...s, [k]: s[k] + 1e-6 }) - plainMse({ ...s, [k]: s[k] - 1e-6 })) / 2e-6) as [number, number]

describe('numbers', () => {
  test('the surface is the error at each place', async () => {
    for (const kind of ['linear', 'threshold', 'logistic'] as const) {
      const places = placesOf(4).filter((_, i) => i % 97 === 0)
      const got = await surface({ kind, points: CLASSES }, places)
      places.forEach(([w, b], i) => expect(got[i]).toBeCloseTo(plainMse({ ...initial, kind, points: CLASSES, w, b }), 12))
    }
  })
  test('descent goes against the slope, step by step', async () => {
    for (const kind of ['linear', 'logistic'] as const) {
      const s: State = { ...initial, kind, points: kind === 'linear' ? LINE : CLASSES, w: 0.3, b: -0.2, eta: 0.07 }
      const path = await descend(s, 5)
      expect(path.length).toBe(6)
      for (let k = 0; k < 5; k++) {
        const [w, b] = path[k]!
        const g = slopes({ ...s, w, b })
        expect(path[k + 1]![0]).toBeCloseTo(w - s.eta * g[0], 7)
        expect(path[k + 1]![1]).toBeCloseTo(b - s.eta * g[1], 7)
      }
    }
  })
  test('the safe rate is where descent turns: below it comes nearer, above it goes away', async () => {
    const [w, b] = (await leastSquares(initial))!
    const far = async (eta: number): Promise<number> => {
      const [u, v] = (await descend({ ...initial, eta }, 300)).at(-1)!
      return Math.hypot(u - w, v - b)
    }
    expect(await far(0.98 * safeRate(initial))).toBeLessThan(0.05)
    expect(await far(1.02 * safeRate(initial))).toBeGreaterThan(10)
  })
  test('every proof passes its number and refuses one a little off', async () => {
    for (const kind of ['linear', 'threshold', 'logistic'] as const) {
      const s: State = { ...initial, kind, points: kind === 'linear' ? LINE : CLASSES, w: 0.3, b: -0.2, eta: 0.07 }
      const [{ mse, gradient }, path] = [await fit(s, [1]), await descend(s, 2)]
      for (const p of s.points.slice(0, 3)) {
        await caught(answerCheck({ fit, surface }, s, p.x), answer(s, p.x), 'a')
        await caught(errorCheck({ fit, surface }, s, p), answer(s, p.x) - p.y, 'a − y', 1e-4)
      }
      await caught(placeCheck({ fit, surface }, s, 1.5, -1), plainMse({ ...s, w: 1.5, b: -1 }), 'MSE of a place')
      await caught(mseCheck(s), mse, 'MSE')
      for (const [i, part] of (['w', 'b'] as const).entries()) {
        await caught(slopeCheck(s, part), gradient[i]!, `slope of ${part}`)
        await caught(stepCheck({ ...s, w: path[1]![0], b: path[1]![1] }, part), path[2]![i]!, `step of ${part}`, 1e-5)
      }
      await caught(rateCheck(s), safeRate(s), 'η')
    }
  })
  test('the safe rate, measured by differences of the error', () => {
    for (const points of [LINE, CLASSES, LINE.slice(0, 3)]) expect(measuredRate(points)).toBeCloseTo(safeRate({ points }), 8)
  })
  test('the window holds the places', () => {
    expect([windowOf([[0, 0]]), windowOf([[1.9, 0]]), windowOf([[3, -7]]), windowOf([[20, 40]])]).toEqual([2, 4, 8, 40])
    expect(placesOf(2)[0]).toEqual([-2, 2])
    expect(placesOf(2).at(-1)).toEqual([2, -2])
  })
  test('a link without the points is a state', () => expect(form(light({ ...initial, points: CLASSES }))).toEqual(initial))
})

describe('troubles', () => {
  const whereOf = async (s: State): Promise<Trouble | null> => {
    if (s.kind === 'threshold') return descentTrouble(s, [[s.w, s.b]])
    return stateTrouble(s, (await fit(s, [0])).gradient) ?? descentTrouble(s, await descend(s, 30))
  }
  const cases: readonly (readonly [Trouble, Partial<State>])[] = [
    ['diverged', { eta: 1.5 }],
    ['jumps', { eta: 1.05 * safeRate(initial), w: 0.4 }],
    ['saturated', { kind: 'logistic', points: CLASSES, w: 20, b: 40, eta: 1 }],
    ['flat', { kind: 'threshold', points: CLASSES }],
    ['wrongModel', { points: CLASSES, w: 0.5, b: 0.5 }],
  ]
  test.each(cases)('%s is named and repaired', async (trouble, part) => {
    const s = { ...initial, ...part }
    expect(await whereOf(s)).toBe(trouble)
    const next = { ...s, ...repaired(s, trouble) }
    expect(form(next)).toEqual(next)
    expect(await whereOf(next)).not.toBe(trouble)
  })
  test('where all is well there is none', async () => {
    expect(await whereOf(initial)).toBeNull()
    expect(await whereOf({ ...initial, kind: 'logistic', points: CLASSES, eta: 1 })).toBeNull()
  })
})
