import { describe, expect, it } from 'vitest'
import { leastCover } from './set-cover.ts'

function random(seed: number): () => number {
  let state = seed
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
}
function fewest(sets: readonly (readonly number[])[]): number {
  const masks = sets.map((s) => s.reduce((m, e) => m | (1 << e), 0))
  const all = masks.reduce((a, b) => a | b, 0)
  let least = Infinity
  for (let pick = 0; pick < 2 ** sets.length; pick++) {
    let union = 0
    let count = 0
    for (let i = 0; i < sets.length; i++) if ((pick >> i) & 1) [union, count] = [union | masks[i]!, count + 1]
    if (union === all) least = Math.min(least, count)
  }
  return least
}

describe('leastCover', () => {
  it('is as small as trying all choices finds, on random sets', () => {
    const next = random(99)
    for (let trial = 0; trial < 400; trial++) {
      const elements = 1 + Math.floor(next() * 14)
      const density = 0.1 + 0.4 * next()
      const sets = Array.from({ length: 1 + Math.floor(next() * 10) }, () => Array.from({ length: elements }, (_, e) => e).filter(() => next() < density))
      const { chosen, minimal } = leastCover(sets)
      expect(minimal).toBe(true)
      expect(new Set(chosen.flatMap((s) => sets[s]!))).toEqual(new Set(sets.flat()))
      expect(chosen.length).toBe(fewest(sets))
    }
  })
  it('still covers everything when the work runs out, and says so', () => {
    const next = random(7)
    const sets = Array.from({ length: 80 }, () => Array.from({ length: 60 }, (_, e) => e).filter(() => next() < 0.08))
    const hasty = leastCover(sets, 50)
    expect(hasty.minimal).toBe(false)
    expect(new Set(hasty.chosen.flatMap((s) => sets[s]!))).toEqual(new Set(sets.flat()))
    expect(leastCover(sets).chosen.length).toBeLessThanOrEqual(hasty.chosen.length)
  })
  it('needs nothing for nothing', () => {
    expect(leastCover([])).toEqual({ chosen: [], minimal: true })
    expect(leastCover([[]])).toEqual({ chosen: [], minimal: true })
  })
})
