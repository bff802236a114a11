import { describe, expect, it } from 'vitest'
import { key, uniform } from '../tensor/index.ts'
import { nearestPoint } from './margin.ts'
import { allInputs, countErrors, lessonBack, lessonForward, lessonState, novikoffBound, perceive, perceptronLesson, perceptronStart, perceptronStep, separate, trainPerceptron } from './index.ts'

const and = { points: allInputs(2), labels: [0, 0, 0, 1] }
const xor = { points: allInputs(2), labels: [0, 1, 1, 0] }

async function cloud(seed: number, count: number, gap: number): Promise<{ points: number[][]; labels: number[] }> {
  const flat = [...(await uniform([count, 2], { key: key(seed), low: -1, high: 1, dtype: 'float64' }).data())]
  const points = Array.from({ length: count }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!])
  const kept = points.filter(([x, y]) => Math.abs(x! + 0.5 * y! - 0.2) > gap)
  return { points: kept, labels: kept.map(([x, y]) => (x! + 0.5 * y! > 0.2 ? 1 : 0)) }
}

/** The best margin by trying directions of (b, w) on a fine grid: slow and independent of the method under test. */
function marginByGrid({ points, labels }: { points: readonly (readonly number[])[]; labels: readonly number[] }, n = 700): number {
  const signed = points.map((x, i) => [1, ...x].map((v) => (labels[i] === 1 ? v : -v)))
  let best = -Infinity
  for (let i = 0; i <= n; i++) {
    const theta = (Math.PI * i) / n
    for (let j = 0; j < 2 * n; j++) {
      const phi = (Math.PI * j) / n
      const u = [Math.cos(theta), Math.sin(theta) * Math.cos(phi), Math.sin(theta) * Math.sin(phi)]
      let least = Infinity
      for (const p of signed) {
        least = Math.min(least, p[0]! * u[0]! + p[1]! * u[1]! + p[2]! * u[2]!)
        if (least < best) break
      }
      best = Math.max(best, least)
    }
  }
  return best
}

describe("Rosenblatt's rule", () => {
  it('moves the weights by η(y − a)x', () => {
    const start = perceptronStart(2)
    const step = perceptronStep(start, { points: [[2, 3]], labels: [1] }, 0, 0.5)
    expect(step).toMatchObject({ z: 0, a: 0, y: 1, error: 1 })
    expect(step.after).toEqual({ weights: [1, 1.5], bias: 0.5, steps: 1, mistakes: 1 })
    const right = perceptronStep(step.after, { points: [[2, 3]], labels: [1] }, 0, 0.5)
    expect(right.after).toEqual({ weights: [1, 1.5], bias: 0.5, steps: 2, mistakes: 1 })
    const wrong = perceptronStep(step.after, { points: [[1, 1]], labels: [0] }, 0, 0.5)
    expect(wrong.after).toEqual({ weights: [0.5, 1], bias: 0, steps: 2, mistakes: 2 })
  })
  it('learns AND: the trace worked out by hand', () => {
    // from zero, η = 1, rows 00 01 10 11 in turn: the first mistake is row 11
    const result = trainPerceptron(and)
    expect(result.converged).toBe(true)
    expect(result.corrections[0]).toMatchObject({ row: 3, error: 1, after: { weights: [1, 1], bias: 1 } })
    expect(result.corrections[1]).toMatchObject({ row: 0, error: -1, after: { weights: [1, 1], bias: 0 } })
    expect(result.corrections[2]).toMatchObject({ row: 1, error: -1, after: { weights: [1, 0], bias: -1 } })
    expect(result.corrections[3]).toMatchObject({ row: 3, error: 1, after: { weights: [2, 1], bias: 0 } })
    expect(and.points.map((x) => perceive(result.state, x))).toEqual([0, 0, 0, 1])
    expect(result.mistakesPerEpoch.reduce((a, b) => a + b, 0)).toBe(result.mistakes)
    expect(result.mistakesPerEpoch.at(-1)).toBe(0)
  })
  it('does not converge on XOR; the pocket keeps the best weights', () => {
    const result = trainPerceptron(xor, { maxEpochs: 50 })
    expect(result.converged).toBe(false)
    expect(result.epochs).toBe(50)
    expect(countErrors(result.pocket, xor)).toBe(result.pocket.errors)
    const random = trainPerceptron(xor, { maxEpochs: 50, seed: 1 })
    expect(random.converged).toBe(false)
    expect(random.pocket.errors).toBe(1) // no line does better on XOR
    expect(trainPerceptron(xor, { maxEpochs: 50, seed: 1 })).toEqual(random)
    expect(novikoffBound(xor)).toMatchObject({ margin: 0, bound: Infinity, weights: null })
  })
  it('stays below the bound (R/γ)² on random separable data, for any η', async () => {
    for (let seed = 0; seed < 12; seed++) {
      const data = await cloud(seed, 60, 0.04)
      const { bound } = novikoffBound(data)
      expect(bound).toBeLessThan(Infinity)
      for (const learningRate of [0.1, 1, 7]) {
        const result = trainPerceptron(data, { learningRate, maxEpochs: 100_000 })
        expect(result.converged).toBe(true)
        expect(result.mistakes).toBeLessThanOrEqual(bound)
        expect(countErrors(result.state, data)).toBe(0)
      }
    }
  })
  it('computes the widest margin: as a search over directions finds it', async () => {
    for (let seed = 20; seed < 23; seed++) {
      const data = await cloud(seed, 25, 0.1)
      const { margin, radius, weights, bias } = novikoffBound(data)
      const grid = marginByGrid(data)
      expect(margin).toBeGreaterThanOrEqual(grid - 1e-12)
      expect(margin).toBeLessThan(grid * 1.01 + 1e-3)
      expect(Math.hypot(bias, ...weights!)).toBeCloseTo(1, 12)
      expect(radius).toBeCloseTo(Math.max(...data.points.map(([x, y]) => Math.hypot(1, x!, y!))), 12)
    }
  })
  it('satisfies the optimality condition on larger data: every ±(1, x) reaches the margin, and some combination is it', async () => {
    for (const [count, dimension, seed] of [[300, 8, 1], [500, 3, 2], [50, 30, 3]] as const) {
      const flat = [...(await uniform([count, dimension], { key: key(seed), low: -1, high: 1, dtype: 'float64' }).data())]
      const points = Array.from({ length: count }, (_, i) => flat.slice(i * dimension, (i + 1) * dimension)).filter((x) => Math.abs(x[0]! - x[1]! + 0.1) > 0.05)
      const labels = points.map((x) => (x[0]! - x[1]! + 0.1 > 0 ? 1 : 0))
      const signed = points.map((x, i) => [1, ...x].map((v) => (labels[i] === 1 ? v : -v)))
      const { point, weights } = nearestPoint(signed)
      const squared = point.reduce((s, v) => s + v * v, 0)
      for (const p of signed) expect(p.reduce((s, v, i) => s + v * point[i]!, 0)).toBeGreaterThan(squared - 1e-9)
      expect([...weights.values()].reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
      expect(Math.min(...weights.values())).toBeGreaterThan(0)
      point.forEach((v, d) => expect([...weights].reduce((s, [i, w]) => s + w * signed[i]![d]!, 0)).toBeCloseTo(v, 10))
      expect(novikoffBound({ points, labels }).margin).toBeCloseTo(Math.sqrt(squared), 9)
    }
  })
  it('finds the margin of a pair exactly', () => {
    // (1, 1) against −(1, −1) = (−1, 1): the hull is the segment between them, nearest point (0, 1)
    expect(novikoffBound({ points: [[1], [-1]], labels: [1, 0] })).toMatchObject({ margin: 1, radius: Math.SQRT2, weights: [1], bias: 0 })
  })
  it('agrees with the exact method on whether data is separable', async () => {
    for (let seed = 40; seed < 60; seed++) {
      const flat = [...(await uniform([7, 2], { key: key(seed), dtype: 'float64' }).data())]
      const points = Array.from({ length: 7 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!])
      const labels = points.map((_, i) => (seed >> (i % 5)) & 1)
      expect(novikoffBound({ points, labels }).margin > 0).toBe(separate(points, labels).separable)
    }
  })
})

describe('a lesson', () => {
  it('goes forward, back, and through JSON', () => {
    let lesson = perceptronLesson(and)
    for (let i = 0; i < 9; i++) lesson = lessonForward(lesson)
    const there = lessonState(lesson)
    const back = lessonBack(lesson)
    expect(lessonState(back)).toEqual(lesson.steps.at(-1)!.before)
    expect(lessonState(lessonForward(back))).toEqual(there)
    expect(lessonState(lessonForward(JSON.parse(JSON.stringify(back))))).toEqual(there)
    for (let i = 0; i < 20; i++) lesson = lessonBack(lesson)
    expect(lessonState(lesson)).toEqual(perceptronStart(2))
  })
  it('refuses what it does not take', () => {
    expect(() => perceptronLesson({ points: [], labels: [] })).toThrow(/no data/)
    expect(() => trainPerceptron({ points: [[Number.NaN]], labels: [1] })).toThrow(/finite/)
    expect(() => trainPerceptron({ points: [[1]], labels: [-1] })).toThrow(/bit/)
    expect(() => trainPerceptron(and, { learningRate: 0 })).toThrow(/positive/)
    expect(() => trainPerceptron(and, { weights: [1, Number.NaN] })).toThrow(/finite/)
    expect(() => perceptronStep(perceptronStart(2), and, 4)).toThrow(/row/)
  })
})
