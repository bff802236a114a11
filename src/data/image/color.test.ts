// Colour pictures made square and small: whole blocks average, the middle is kept, what is transparent is white.
import { expect, test } from 'vitest'
import { squareColors } from '../index.ts'

function rgba(width: number, height: number, at: (x: number, y: number) => readonly number[]) {
  const data = new Uint8Array(4 * width * height)
  for (let i = 0; i < width * height; i++) data.set(at(i % width, Math.floor(i / width)), 4 * i)
  return { width, height, data }
}

test('a picture of that size already keeps its bytes, plane by plane', () => {
  const picture = rgba(3, 3, (x, y) => [10 * x, 20 * y, x + y, 255])
  expect([...squareColors(picture, 3)]).toEqual([0, 10, 20, 0, 10, 20, 0, 10, 20, 0, 0, 0, 20, 20, 20, 40, 40, 40, 0, 1, 2, 1, 2, 3, 2, 3, 4])
})
test('the middle of a wide one; transparent is white', () => {
  // black, with a red square in the middle, in which nothing is left of what stands beside it
  const picture = rgba(12, 4, (x) => (x >= 4 && x < 8 ? [200, 0, 0, 255] : [0, 0, 0, 255]))
  const middle = [...squareColors(picture, 4)]
  expect(middle.slice(5, 7)).toEqual([200, 200])
  expect(middle.slice(16)).toEqual(Array.from({ length: 32 }, () => 0))
  expect([...squareColors(rgba(2, 2, () => [9, 9, 9, 0]), 2)]).toEqual(Array.from({ length: 12 }, () => 255))
  expect(() => squareColors(picture, 0)).toThrow(/pixels of a side, 1 to 4096/)
})
