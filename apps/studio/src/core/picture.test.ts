// A small picture as SVG: one square a pixel, in its colour and place. Which letters a font file has.
import { expect, test } from 'vitest'
import { hasOne } from './fonts.ts'
import { pixelRects } from './picture.ts'

test('pixels as squares', () => {
  const svg = pixelRects({ width: 2, height: 1, data: [255, 0, 16, 255, 1, 2, 3, 255] }, 0, 0, 20, 10)
  expect(svg).toBe('<rect x="0" y="0" width="10" height="10" fill="#ff0010"/><rect x="10" y="0" width="10" height="10" fill="#010203"/>')
})
test('a run of one colour is one rectangle; all are put where the picture stands', () => {
  const row = (...colours: number[]): number[] => colours.flatMap((c) => [c, c, c, 255])
  const svg = pixelRects({ width: 3, height: 2, data: [...row(1, 1, 2), ...row(2, 2, 2)] }, 5, 7, 30, 20)
  expect(svg.match(/<rect/g)?.length).toBe(3)
  expect(svg).toContain('<rect x="5" y="7" width="20" height="10" fill="#010101"/><rect x="25" y="7" width="10" height="10" fill="#020202"/><rect x="5" y="17" width="30" height="10" fill="#020202"/>')
})
test('the letters of a range', () => {
  const of = (text: string): Set<number> => new Set(Array.from(text, (c) => c.codePointAt(0)!))
  const cyrillic = 'U+0301, U+0400-045F, u+2116'
  expect(['abc', 'шаг', '№', '\u0301', '\u0460'].map((text) => hasOne(cyrillic, of(text)))).toEqual([false, true, true, true, false])
})
