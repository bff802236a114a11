// Augmentations against what each must leave: the same pixels elsewhere, holes of the right size, the same for the same seed.
import { describe, expect, test } from 'vitest'
import { type Augment, compose, cutout, hostRandom, randomCrop, randomFlip, randomShift } from './index.ts'

const shape = [2, 4, 5] // two channels
const image = Uint8Array.from({ length: 40 }, (_, i) => i + 1)
const applied = (augment: Augment, seed: number): number[] => {
  const out = new Uint8Array(40)
  augment(image, out, { random: hostRandom(seed, 9), shape })
  return [...out]
}
const seeds = [...Array(60).keys()]
const rows = (flat: readonly number[]): number[][] => Array.from({ length: 8 }, (_, r) => flat.slice(5 * r, 5 * r + 5))

describe('randomFlip', () => {
  test('leaves the image or mirrors it, about equally often', () => {
    const plain = JSON.stringify([...image])
    const mirrored = JSON.stringify(rows([...image]).flatMap((r) => r.slice().reverse()))
    const all = seeds.map((s) => JSON.stringify(applied(randomFlip(), s)))
    expect(new Set(all)).toEqual(new Set([plain, mirrored]))
    expect(all.filter((x) => x === plain).length).toBeGreaterThan(15)
    expect(all.filter((x) => x === mirrored).length).toBeGreaterThan(15)
  })
  test('top and bottom: each channel on its own', () => {
    const upside = JSON.stringify([...rows([...image]).slice(0, 4).slice().reverse(), ...rows([...image]).slice(4).slice().reverse()].flat())
    expect(seeds.map((s) => JSON.stringify(applied(randomFlip({ horizontal: false, vertical: true }), s)))).toContain(upside)
  })
})

describe('randomCrop', () => {
  const padded = (reflect: boolean) => (c: number, y: number, x: number): number => {
    const at = (i: number, n: number): number => (i >= 0 && i < n ? i : reflect ? (i < 0 ? -i : 2 * n - 2 - i) : -1)
    const [sy, sx] = [at(y, 4), at(x, 5)]
    return sy < 0 || sx < 0 ? 0 : image[c * 20 + sy * 5 + sx]!
  }
  test.each(['zero', 'reflect'] as const)('every result is one of the 25 pieces of the frame, all occur: %s', (fill) => {
    const pixel = padded(fill === 'reflect')
    const pieces = new Set<string>()
    for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) pieces.add(JSON.stringify(Array.from(image, (_, i) => pixel(Math.floor(i / 20), (Math.floor(i / 5) % 4) + dy, (i % 5) + dx))))
    const all = new Set(Array.from({ length: 400 }, (_, s) => JSON.stringify(applied(randomCrop(2, { fill }), s))))
    expect(all).toEqual(pieces)
  })
  test('a mirrored frame wider than the image is refused', () => expect(() => applied(randomCrop(4, { fill: 'reflect' }), 0)).toThrow(/padding below 4, received 4/))
})

test.each([0, 1, 2, 3, 6])('randomShift by up to %i: every pixel is where it came from or zero, and all shifts occur', (most) => {
  const moved = (dx: number, dy: number): string => JSON.stringify(Array.from(image, (_, i) => {
    const [y, x] = [(Math.floor(i / 5) % 4) - dy, (i % 5) - dx]
    return y < 0 || y > 3 || x < 0 || x > 4 ? 0 : image[Math.floor(i / 20) * 20 + y * 5 + x]!
  }))
  const steps = Array.from({ length: 2 * most + 1 }, (_, i) => i - most)
  const all = new Set(Array.from({ length: 1500 }, (_, s) => JSON.stringify(applied(randomShift(most), s))))
  expect(all).toEqual(new Set(steps.flatMap((dy) => steps.map((dx) => moved(dx, dy)))))
})

test('cutout: a square hole, the same in every channel; the rest stays', () => {
  for (const s of seeds) {
    const out = applied(cutout(2, { value: 200 }), s)
    const holes = out.flatMap((v, i) => (v === 200 ? [i] : []))
    expect(holes.length).toBeGreaterThan(0)
    expect(holes.length).toBeLessThanOrEqual(8)
    expect(holes.filter((i) => i < 20).map((i) => i + 20)).toEqual(holes.filter((i) => i >= 20))
    out.forEach((v, i) => expect(v === 200 || v === image[i]).toBe(true))
  }
})

test('compose: one after another; nothing leaves the image; the same seed gives the same', () => {
  expect(applied(compose(), 0)).toEqual([...image])
  const both = compose(randomCrop(1), cutout(2))
  for (const s of seeds.slice(0, 5)) expect(applied(both, s)).toEqual(applied(both, s))
  expect(applied(compose(randomFlip({ horizontal: false }), cutout(0)), 3)).toEqual([...image])
})

test('what cannot be is refused', () => {
  expect(() => cutout(-1)).toThrow(/cutout: bad size: expected a whole number from 0, received -1/)
  expect(() => randomFlip()(image, new Uint8Array(40), { random: hostRandom(0, 0), shape: [40] })).toThrow(/randomFlip: not an image/)
})
