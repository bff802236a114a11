// What the rule cannot learn is named, and repaired by taking away as few points as it takes.
import { describe, expect, test } from 'vitest'
import { learn } from './compute.ts'
import { MIXED, NARROW, SEPARABLE, type State, form, initial, light, troubleOf, weightsAfter, withoutMisplaced } from './model.ts'

describe('the rule', () => {
  test.each([['wide', SEPARABLE], ['narrow', NARROW], ['crossed', MIXED]])('%s: the engine and plain arithmetic agree at every look', async (_, points) => {
    for (const steps of [0, 1, 7, 40]) {
      const s: State = { points, eta: 0.7, steps }
      const { w, b } = weightsAfter(s)
      const got = await learn(s)
      ;[...w, b].forEach((v, i) => expect(got.weights[i]).toBeCloseTo(v, 12))
    }
  })
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
