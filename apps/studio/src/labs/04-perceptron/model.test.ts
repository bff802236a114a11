// What the rule cannot learn is named, and repaired by taking away as few points as it takes.
import { describe, expect, test } from 'vitest'
import { random } from '../../core/random.ts'
import { caught } from '../../../test/caught.ts'
import { learn } from './compute.ts'
import { MIXED, NARROW, SEPARABLE, type State, form, initial, light, longest, marginByTriangles, troubleOf, weightsAfter, withoutMisplaced } from './model.ts'
import { answerCheck, boundCheck, marginCheck, mistakesCheck, radiusCheck, signalCheck, weightCheck } from './proofs.ts'

describe('the rule', () => {
  test.each([['wide', SEPARABLE], ['narrow', NARROW], ['crossed', MIXED]])('%s: the engine and plain arithmetic agree at every look', async (_, points) => {
    for (const steps of [0, 1, 7, 40]) {
      const s: State = { points, eta: 0.7, steps }
      const { w, b, mistakes } = weightsAfter(s)
      const got = await learn(s)
      expect(got.mistakes).toBe(mistakes)
      ;[...w, b].forEach((v, i) => expect(got.weights[i]).toBeCloseTo(v, 12))
    }
  })
})

test('the margin is the distance to the nearest triangle of ±(x, 1), R the longest of them', async () => {
  const draw = random(5)
  const own = Array.from({ length: 24 }, (_, i) => ({ x: (i % 2 === 0 ? 0.4 : -0.4) + 4 * (i % 2 === 0 ? draw() - 0.1 : 0.1 - draw()) * 0.8, y: 3 * (draw() - 0.5), c: i % 2 === 0 ? 1 : 0 }))
  for (const points of [SEPARABLE, NARROW, own, SEPARABLE.slice(0, 1), SEPARABLE.slice(0, 2)]) {
    const { margin, radius, bound } = await learn({ points, eta: 1, steps: 0 })
    expect(margin).toBeGreaterThan(0)
    expect(marginByTriangles(points)).toBeCloseTo(margin, 9)
    expect(longest(points)).toBeCloseTo(radius, 12)
    expect(bound!).toBeCloseTo((longest(points) / marginByTriangles(points)) ** 2, 5)
  }
})

test('every proof passes its number and refuses one a little off', async () => {
  for (const [points, steps] of [[SEPARABLE, 5], [NARROW, 40], [MIXED, 9]] as const) {
    const s: State = { points, eta: 0.3, steps }
    const got = await learn(s)
    for (const i of [0, 1, 2] as const) await caught(weightCheck(s, i), got.weights[i]!, `weight ${i}`)
    await caught(mistakesCheck(s, steps), got.mistakes, 'mistakes', 1)
    await caught(radiusCheck(s), got.radius, 'R')
    if (got.bound !== null) {
      await caught(marginCheck(s), got.margin, 'γ')
      await caught(boundCheck(s), got.bound, '(R/γ)²')
    }
    for (const p of points) await caught(signalCheck(s, p), got.weights[2]! + got.weights[0]! * p.x + got.weights[1]! * p.y, 'z')
    const last = got.last!
    await caught(signalCheck(s, points[last.row]!, steps - 1), last.z, 'z of the last')
    await caught(answerCheck(s, points[last.row]!, steps - 1), last.a, 'a of the last')
  }
})

describe('troubles', () => {
  const found = async (s: State) => troubleOf(s, (await learn(s)).bound)
  test('points no line separates: named after two passes, not where a line does', async () => {
    expect(await found({ points: MIXED, eta: 1, steps: 8 })).toBe('endless')
    expect(await found({ points: MIXED, eta: 1, steps: 3 })).toBeNull()
    expect(await found({ points: NARROW, eta: 1, steps: 100 })).toBeNull()
  })
  test('one class', async () => expect(await found({ ...initial, points: SEPARABLE.filter((p) => p.c === 1) })).toBe('oneClass'))
  test('the repair leaves points that a line separates, and takes few away', async () => {
    const astray = { x: 2.3, y: 1.6, c: 0 }
    const s: State = { points: [...SEPARABLE, astray], eta: 1, steps: 40 }
    expect(await found(s)).toBe('endless')
    const points = withoutMisplaced(s)
    expect(points).toEqual(SEPARABLE)
    expect(await found({ ...s, points })).toBeNull()
    expect(withoutMisplaced({ points: MIXED, eta: 1, steps: 8 }).length).toBe(3)
  })
  test('a link without the points is a state', () => expect(form(light({ ...initial, points: MIXED }))).toEqual(initial))
})
