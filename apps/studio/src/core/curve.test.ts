// Zoom, points in sight and the picture of a long curve.
import { expect, test } from 'vitest'
import { type CurvePicture, MARGIN, heightOf, pointsIn, spread, svgOfCurve, ticksOf, within, zoomed } from './curve.ts'

const WHOLE = [0, 1000] as const

test('a zoom keeps what is under the cursor where it is, and stays within the whole', () => {
  expect(zoomed(WHOLE, WHOLE, 250, 0.5, 2)).toEqual([125, 625]) // 250 is a quarter from the left, before and after
  expect(zoomed([125, 625], WHOLE, 250, 0.5, 2)).toEqual([187.5, 437.5])
  expect(zoomed([0, 500], WHOLE, 500, 0.5, 2)).toEqual([250, 500])
  expect(zoomed([600, 1000], WHOLE, 600, 2, 2)).toEqual([200, 1000]) // it would go past the end
  expect(zoomed([100, 200], WHOLE, 900, 0.5, 2)).toEqual([850, 900]) // the cursor was out of sight
  expect(zoomed([100, 900], WHOLE, 500, 2, 2)).toBe(null)
  expect(zoomed([100, 103], WHOLE, 100, 0.5, 2)).toEqual([100, 102]) // no less than this
  expect(zoomed([0, 3], [0, 3], 0, 0.5, 4)).toBe(null)
  expect(within([-50, 50], WHOLE)).toEqual([0, 100])
  expect(within([950, 1050], WHOLE)).toEqual([900, 1000])
  expect(within([0, 1000], WHOLE)).toBe(null)
})
test('the points of a range, against looking at each', () => {
  const xs = [1, 2, 5, 5.5, 9, 14, 20]
  for (const range of [[0, 30], [2, 9], [2.5, 5.2], [5.6, 8], [20, 25], [21, 25], [0, 0.5]] as const) {
    const [first, end] = pointsIn(xs, range)
    expect(xs.slice(first, end)).toEqual(xs.filter((x) => x >= range[0] && x <= range[1]))
  }
})
test('some of many points, with both ends', () => {
  expect(spread([3, 8], 40)).toEqual([3, 4, 5, 6, 7])
  const some = spread([0, 5000], 40)
  expect(some.length).toBeLessThanOrEqual(41)
  expect([some[0], some.at(-1)]).toEqual([0, 4999])
  expect(spread([4, 4], 40)).toEqual([])
})
test('heights: what is no number is passed over; one value has a place in the middle', () => {
  expect(heightOf([1, Number.NaN, 3, Number.POSITIVE_INFINITY], false)).toEqual([0.84, 3.16])
  expect(heightOf([0, -1, 10, 0.1], true)).toEqual([0.1 / 1.3, 13])
  const [low, high] = heightOf([2], false)!
  expect((low + high) / 2).toBeCloseTo(2, 12)
  expect(high).toBeGreaterThan(low)
  expect(heightOf([0], false)).toEqual([-0.05, 0.05])
  expect(heightOf([Number.NaN], false)).toBe(null)
})
test('ticks: even numbers; powers of ten where there would be many', () => {
  expect(ticksOf([0, 1000], 330, false)).toEqual([0, 200, 400, 600, 800, 1000])
  expect(ticksOf([1e-6, 10], 200, true)).toEqual([1e-6, 1e-4, 0.01, 1].map((v) => expect.closeTo(v, 12)))
})
test('the picture: points of the data where the axes put them, dashes, squares, nothing that could be mark-up', () => {
  const p: CurvePicture = {
    width: 100 + MARGIN.left + MARGIN.right, height: 50 + MARGIN.top + MARGIN.bottom, xs: [0, 10, 20, 30, 40], x: [10, 30], y: [0, 5], log: false,
    curves: [{ label: 'a', values: [5, 4, Number.NaN, 2, 1], colour: '#111' }, { label: 'b', values: [1, 1, 1, 1, 1], colour: '#222', dash: [7, 4] }],
    marks: [[20, 2.5], [5, 1], [30, Number.NaN]], markColour: '#333', xLabel: 'a < "b"', yLabel: 'L', tick: (v) => `${v},0`, paper: '#fff', grid: '#eee', soft: '#777', ink: '#000', font: '"A B", c', mathFont: '"C", math',
  }
  const svg = svgOfCurve(p)
  expect(svg).toContain('stroke="#111" stroke-width="2.5" d="M-50,0L0,10L100,30L150,40"') // 5 px a step, 10 px a unit
  expect(svg).toContain('stroke="#222" stroke-width="2.5" stroke-dasharray="7 4" d="M-50,40L0,40')
  expect(svg.match(/fill="#333"/g)?.length).toBe(1)
  expect(svg).toContain('<rect x="46" y="21" width="8" height="8" fill="#333"/>')
  expect(svg).toContain(`>a &lt; 'b'</text>`)
  expect(svg).toContain(`font-family="'A B', c"`)
  expect(svg).toContain('>20,0</text>')
  const log = svgOfCurve({ ...p, log: true, y: [0.1, 10], curves: [{ label: 'a', values: [10, 1, 0, 0.1, -1], colour: '#111' }] })
  expect(log).toContain('d="M-50,0L0,25L100,50"')
})
