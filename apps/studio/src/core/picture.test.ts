// A small picture as SVG: one square a pixel, in its colour and place.
import { expect, test } from 'vitest'
import { pixelsToSvg } from './picture.ts'

test('pixels as squares', () => {
  const svg = pixelsToSvg({ width: 2, height: 1, data: [255, 0, 16, 255, 1, 2, 3, 255] }, 10)
  expect(svg).toContain('width="20" height="10"')
  expect(svg).toContain('<rect x="0" y="0" width="10" height="10" fill="#ff0010"/><rect x="10" y="0" width="10" height="10" fill="#010203"/>')
})
