// Orientations: the eight of Exif on a 3×2 picture, as the standard's table says where row 0 and column 0 belong.
import jpeg from 'jpeg-js'
import { expect, test } from 'vitest'
import { jpegOrientation, upright } from './exif.ts'

/** A letter a pixel, as RGBA. */
const picture = (rows: string[]) => ({ width: rows[0]!.length, height: rows.length, data: Uint8Array.from([...rows.join('')].flatMap((c) => [c.charCodeAt(0), 0, 0, 255])) })
const letters = ({ data, width, height }: ReturnType<typeof upright>) =>
  Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => String.fromCharCode(data[4 * (y * width + x)]!)).join(''))

// stored row 0 is the picture's …, stored column 0 its …: 1 top left, 2 top right, 3 bottom right, 4 bottom left, 5 left top, 6 right top, 7 right bottom, 8 left bottom
test.each([
  [1, ['abc', 'def']], [2, ['cba', 'fed']], [3, ['fed', 'cba']], [4, ['def', 'abc']],
  [5, ['ad', 'be', 'cf']], [6, ['da', 'eb', 'fc']], [7, ['fc', 'eb', 'da']], [8, ['cf', 'be', 'ad']],
])('orientation %i', (orientation, expected) => expect(letters(upright(picture(['abc', 'def']), orientation))).toEqual(expected))

const plain = Uint8Array.from(jpeg.encode({ width: 8, height: 8, data: new Uint8Array(256) }, 50).data)
const withExif = (block: number[]): Uint8Array => Uint8Array.from([0xff, 0xd8, 0xff, 0xe1, (block.length + 8) >> 8, (block.length + 8) & 255, ...Buffer.from('Exif\0\0'), ...block, ...plain.subarray(2)])
const big = (tag: number, value: number) => [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, tag >> 8, tag & 255, 0, 3, 0, 0, 0, 1, 0, value, 0, 0, 0, 0, 0, 0]
const little = (value: number) => [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, value, 0, 0, 0, 0, 0, 0, 0]

test('read in both byte orders; absent, strange or damaged: upright', () => {
  expect(jpegOrientation(plain)).toBe(1)
  expect(jpegOrientation(withExif(big(0x0112, 6)))).toBe(6)
  expect(jpegOrientation(withExif(little(8)))).toBe(8)
  expect(jpegOrientation(withExif(big(0x0110, 6)))).toBe(1)
  expect(jpegOrientation(withExif(big(0x0112, 9)))).toBe(1)
  const whole = withExif(little(8))
  for (let n = 0; n < whole.length; n++) expect([1, 8]).toContain(jpegOrientation(whole.subarray(0, n)))
  for (let i = 2; i < 60; i++) {
    const changed = whole.slice()
    changed[i]! ^= 0xff
    expect(jpegOrientation(changed)).toBeGreaterThanOrEqual(1)
  }
})
