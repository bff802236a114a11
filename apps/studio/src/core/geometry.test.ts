import { expect, test } from 'vitest'
import { type Box, clipHalfPlane, corners, lineInBox } from './geometry.ts'

const box: Box = [-1, 1, -1, 1]
const area = (p: readonly (readonly [number, number])[]): number =>
  Math.abs(p.reduce((sum, a, i) => sum + a[0] * p[(i + 1) % p.length]![1] - a[1] * p[(i + 1) % p.length]![0], 0)) / 2

test('a half plane cuts the box; the two halves make the whole', () => {
  for (const [w, b] of [[[1, 0], 0], [[1, 1], 0.5], [[-0.3, 2], 1], [[1, 1], 5], [[1, 1], -5]] as const) {
    const one = clipHalfPlane(corners(box), w, b)
    const other = clipHalfPlane(corners(box), [-w[0], -w[1]], -b)
    expect(area(one) + area(other)).toBeCloseTo(4, 10)
  }
})

test('a line across the box ends on its edges', () => {
  const ends = lineInBox([1, 2], -0.5, box)!
  for (const p of ends) {
    expect(p[0] + 2 * p[1] - 0.5).toBeCloseTo(0, 12)
    expect(Math.max(Math.abs(p[0]), Math.abs(p[1]))).toBeCloseTo(1, 12)
  }
  expect(lineInBox([1, 1], 5, box)).toBeNull()
  expect(lineInBox([0, 0], 1, box)).toBeNull()
  expect(lineInBox([0, 0], 0, box)).toBeNull()
})
