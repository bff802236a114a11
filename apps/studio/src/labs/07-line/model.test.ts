// The line of a neuron: the engine's numbers against plain geometry; what dragging does to the weights; when a bias is needed.
import { describe, expect, test } from 'vitest'
import { random } from '../../core/random.ts'
import { caught } from '../../../test/caught.ts'
import { line } from './compute.ts'
import { CENTRED, SHIFTED, type State, along, classOf, foot, form, initial, lock, moveThrough, pointNormal, signal, throughOrigin, turnThrough } from './model.ts'
import { distanceCheck, engineCheck, interceptCheck, normCheck, signalCheck, slopeCheck, wrongCheck } from './proofs.ts'

const next = random(11)
const value = (top: number): number => Math.round((next() * 2 - 1) * top * 10) / 10
const states: readonly State[] = [initial, ...Array.from({ length: 8 }, () => ({ ...initial, w1: value(4) || 1, w2: value(4) || -1, b: value(8) }))]

describe.each(states)('$w1 x₁ + $w2 x₂ + $b = 0', (s) => {
  test('norm, slope, intercept, distance and every z by the engine', async () => {
    const points = s.points.map((p) => [p.x, p.y] as const)
    const got = await line(points, [s.w1, s.w2], s.b)
    for (const [i, [x, y]] of points.entries()) expect(got.z[i]).toBeCloseTo(signal(s, x, y), 12)
    expect(got.norm).toBeCloseTo(Math.sqrt(s.w1 * s.w1 + s.w2 * s.w2), 12)
    // two points of the line, one above 0 and one above 1, give its slope and intercept
    const at = (x: number): number => -(s.w1 * x + s.b) / s.w2
    expect(signal(s, 1, at(1))).toBeCloseTo(0, 12)
    expect(got.intercept).toBeCloseTo(at(0), 12)
    expect(got.slope).toBeCloseTo(at(1) - at(0), 10)
    expect(got.distance).toBeCloseTo(Math.hypot(...foot(s)!), 12)
  })
  test('every proof passes its number and refuses one a little off', async () => {
    const got = await line(s.points.map((p) => [p.x, p.y] as const), [s.w1, s.w2], s.b)
    for (const [i, { x, y }] of s.points.entries()) await caught(signalCheck(s, x, y), got.z[i]!, 'z', Math.max(1e-6, 1e-3 * Math.abs(got.z[i]!)))
    await caught(engineCheck({ line }, s, 4, -4), signal(s, 4, -4), 'z of a corner')
    await caught(slopeCheck(s), got.slope, 'slope')
    await caught(interceptCheck(s), got.intercept, 'intercept')
    await caught(distanceCheck(s), got.distance, 'distance')
    await caught(normCheck(s), got.norm, 'norm')
    await caught(wrongCheck(s), s.points.filter((p, i) => (got.z[i]! >= 0 ? 1 : 0) !== p.c).length, 'wrong', 1)
  })
  test('the foot lies on the line, straight below the origin', () => {
    const [fx, fy] = foot(s)!
    const [ax, ay] = along(s)
    expect(signal(s, fx, fy)).toBeCloseTo(0, 12)
    expect(fx * ax + fy * ay).toBeCloseTo(0, 12)
    expect([ax * ax + ay * ay, ax * s.w1 + ay * s.w2]).toEqual([expect.closeTo(1, 12), expect.closeTo(0, 12)])
  })
  test('dragged, the line goes through the point; turned, its weights keep their length unless the limit cuts them', () => {
    const to = [1.3, -0.7] as const
    const moved = moveThrough(s, to)
    expect([moved.w1, moved.w2, form(moved)]).toEqual([s.w1, s.w2, moved])
    expect(signal(moved, ...to)).toBeCloseTo(0, 3)
    const turned = turnThrough(s, to)
    expect(form(turned)).toEqual(turned)
    const [fx, fy] = foot(s)!
    expect(signal(turned, fx, fy)).toBeCloseTo(0, 3)
    if (Math.max(Math.abs(turned.w1), Math.abs(turned.w2)) < 4) {
      expect(signal(turned, ...to)).toBeCloseTo(0, 2)
      expect(Math.hypot(turned.w1, turned.w2)).toBeCloseTo(Math.hypot(s.w1, s.w2), 3)
    }
    const pointed = pointNormal(s, [fx + 1, fy + 2])
    expect([pointed.w1, pointed.w2]).toEqual([expect.closeTo(1, 4), expect.closeTo(2, 4)])
    expect(signal(pointed, fx, fy)).toBeCloseTo(0, 3)
  })
})
test('with b held at 0 the line stays at the origin, however it is dragged', () => {
  const s = lock({ ...initial, b: 2 }, true)
  expect(s.b).toBe(0)
  expect(moveThrough(s, [1, 1])).toBe(s)
  for (const other of [turnThrough(s, [1, 2]), pointNormal(s, [-1, 2])]) expect(other.b).toBe(0)
})
test('a bias is needed by the shifted cloud and not by the centred one', () => {
  const w = throughOrigin(CENTRED)!
  expect(CENTRED.every(({ x, y, c }) => classOf(w[0] * x + w[1] * y) === c)).toBe(true)
  expect(throughOrigin(SHIFTED)).toBeNull()
  // and no direction of ten thousand does it either
  for (let k = 0; k < 10_000; k++) {
    const angle = (2 * Math.PI * k) / 10_000
    expect(SHIFTED.every(({ x, y, c }) => classOf(Math.cos(angle) * x + Math.sin(angle) * y) === c)).toBe(false)
  }
})
