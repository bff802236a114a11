// A small picture as SVG: one square a pixel, in its colour and place.
import { expect, test } from 'vitest'
import { pixelRects, pixelsToSvg } from './picture.ts'

test('pixels as squares', () => {
  const svg = pixelsToSvg({ width: 2, height: 1, data: [255, 0, 16, 255, 1, 2, 3, 255] }, 10)
  expect(svg).toContain('width="20" height="10"')
  expect(svg).toContain('<rect x="0" y="0" width="10" height="10" fill="#ff0010"/><rect x="10" y="0" width="10" height="10" fill="#010203"/>')
})
test('a run of one colour is one rectangle; all are put where the picture stands', () => {
  const row = (...colours: number[]): number[] => colours.flatMap((c) => [c, c, c, 255])
  const svg = pixelRects({ width: 3, height: 2, data: [...row(1, 1, 2), ...row(2, 2, 2)] }, 5, 7, 30, 20)
  expect(svg.match(/<rect/g)?.length).toBe(3)
  expect(svg).toContain('<rect x="5" y="7" width="20" height="10" fill="#010101"/><rect x="25" y="7" width="10" height="10" fill="#020202"/><rect x="5" y="17" width="30" height="10" fill="#020202"/>')
})
