// Centring: drawings of known place and size, both polarities, grain, shadows; MNIST's own digits come back as they are.
import { beforeAll, describe, expect, test } from 'vitest'
import { ValueError } from '../../base/index.ts'
import { hostRandom } from '../random.ts'
import { mnist } from '../mnist.ts'
import type { Dataset } from '../dataset.ts'
import { type GrayImage, centerDigit, fromRgba } from './digit.ts'

/** A filled rectangle of `ink` on `paper`. */
function rectangle(width: number, height: number, x: number, y: number, w: number, h: number, ink = 0, paper = 255): GrayImage & { data: Float32Array } {
  const data = new Float32Array(width * height).fill(paper)
  for (let r = y; r < y + h; r++) data.fill(ink, r * width + x, r * width + x + w)
  return { width, height, data }
}
function extent(pixels: Uint8Array) {
  let [left, right, top, bottom, sum, mx, my] = [28, -1, 28, -1, 0, 0, 0]
  pixels.forEach((v, i) => {
    if (v > 40) [left, right, top, bottom] = [Math.min(left, i % 28), Math.max(right, i % 28), Math.min(top, Math.floor(i / 28)), Math.max(bottom, Math.floor(i / 28))]
    ;[sum, mx, my] = [sum + v, mx + v * (i % 28), my + v * Math.floor(i / 28)]
  })
  return { width: right - left + 1, height: bottom - top + 1, x: mx / sum, y: my / sum }
}

describe.each([[0, 255, 'dark on light'], [255, 0, 'light on dark'], [120, 200, 'dark on light'], [90, 40, 'light on dark']] as const)('ink %i on paper %i', (ink, paper, polarity) => {
  test.each([[280, 280, 30, 150, 40, 100], [28, 28, 1, 1, 4, 10], [1200, 900, 700, 100, 100, 400], [57, 200, 3, 20, 50, 20], [40, 40, 10, 10, 6, 6]])('%i×%i, rectangle at %i,%i of %i×%i', (width, height, x, y, w, h) => {
    const result = centerDigit(rectangle(width, height, x, y, w, h, ink, paper))
    expect(result.polarity).toBe(polarity)
    const found = extent(result.pixels)
    const scale = 20 / Math.max(w, h)
    expect(Math.abs(found.width - w * scale)).toBeLessThanOrEqual(1.5)
    expect(Math.abs(found.height - h * scale)).toBeLessThanOrEqual(1.5)
    expect(Math.abs(found.x - 14)).toBeLessThanOrEqual(0.6)
    expect(Math.abs(found.y - 14)).toBeLessThanOrEqual(0.6)
    expect(Math.max(...result.pixels)).toBe(255)
    expect(Math.abs(result.box.x - x)).toBeLessThanOrEqual(3)
    expect(Math.abs(result.box.width - w)).toBeLessThanOrEqual(6)
  })
})

test('grain, a shadow and a speck of dust do not move the digit', () => {
  const image = rectangle(400, 300, 150, 60, 60, 160, 40, 220)
  const random = hostRandom(1, 9)
  image.data.forEach((v, i) => (image.data[i] = v + random.normal() * 6 - ((i % 400) / 400) * 40))
  image.data.fill(60, 20 * 400 + 380, 20 * 400 + 384)
  const found = extent(centerDigit(image).pixels)
  expect(found.height).toBeGreaterThanOrEqual(19)
  expect(found.height).toBeLessThanOrEqual(21)
  expect(found.width).toBeGreaterThanOrEqual(7)
  expect(found.width).toBeLessThanOrEqual(9)
})
test('the paper is told from the border, not from what there is more of', () => {
  const image = rectangle(100, 100, 5, 5, 90, 90, 255, 0)
  expect(centerDigit(image).polarity).toBe('light on dark')
})
test('an empty sheet is an error, so is a wrong number of pixels', () => {
  expect(() => centerDigit({ width: 10, height: 10, data: new Uint8Array(100).fill(200) })).toThrow(ValueError)
  expect(() => centerDigit({ width: 10, height: 10, data: new Uint8Array(99) })).toThrow(/wrong number/)
})
test('transparent pictures: black strokes lie on white, white strokes on black', () => {
  const rgba = (ink: number) => Uint8Array.from({ length: 20 * 20 * 4 }, (_, i) => (i % 4 < 3 ? ink : (i >> 2) % 20 > 8 && (i >> 2) % 20 < 12 ? 255 : 0))
  expect(centerDigit(fromRgba(rgba(0), 20, 20)).polarity).toBe('dark on light')
  expect(centerDigit(fromRgba(rgba(255), 20, 20)).polarity).toBe('light on dark')
})

describe('MNIST', () => {
  let held: Dataset
  beforeAll(async () => void ({ test: held } = await mnist({ download: false })))
  const digit = (i: number) => held.inputs.data.slice(i * 784, (i + 1) * 784) as Uint8Array

  test('its digits come back as they are', () => {
    let same = 0
    for (let i = 0; i < 500; i++) if (Buffer.from(centerDigit({ width: 28, height: 28, data: digit(i) }).pixels).equals(digit(i))) same++
    expect(same).toBeGreaterThan(480)
  })
  test('enlarged, inverted and moved they come back nearly so', () => {
    let far = 0
    for (let i = 0; i < 100; i++) {
      const original = digit(i)
      const data = new Uint8Array(300 * 260).fill(250)
      for (let y = 0; y < 168; y++) for (let x = 0; x < 168; x++) data[(y + 60) * 300 + x + 100] = 250 - (original[Math.floor(y / 6) * 28 + Math.floor(x / 6)]! * 240) / 255
      const { pixels } = centerDigit({ width: 300, height: 260, data })
      let difference = 0
      let total = 0
      for (let p = 0; p < 784; p++) [difference, total] = [difference + Math.abs(pixels[p]! - original[p]!), total + original[p]!]
      if (difference / total > 0.25) far++
    }
    expect(far).toBeLessThanOrEqual(5)
  })
})
