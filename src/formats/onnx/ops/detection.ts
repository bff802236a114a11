// Object detection: NonMaxSuppression, RoiAlign.
import { tensor, stack } from '../../../tensor/index.ts'
import { HOST_COST } from '../budget.ts'
import type { Handler, OpTable } from '../call.ts'
import { int64s, numbersOf, tensorOf } from '../value.ts'
import { fit } from './support.ts'

type Box = readonly [x1: number, y1: number, x2: number, y2: number]

const overlap = (a: Box, b: Box): number => {
  const w = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]))
  const h = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]))
  const area = (r: Box): number => (r[2] - r[0]) * (r[3] - r[1])
  const both = w * h
  const either = area(a) + area(b) - both
  return either > 0 ? both / either : 0
}
const suppress: Handler = (c) => {
  const [boxes, scores] = [c.array(0), c.array(1)]
  const [batch, n] = boxes.shape as [number, number]
  const classes = scores.shape[1]!
  const most = c.maybe(2) === null ? 0 : c.number(2)
  const limit = c.maybe(3) === null ? 0 : c.number(3)
  const least = c.maybe(4) === null ? -Infinity : c.number(4)
  const centred = c.int('center_point_box', 0) === 1
  const b = numbersOf(boxes)
  const s = numbersOf(scores)
  const boxAt = (i: number): Box => {
    const [p, q, u, v] = b.slice(i * 4, i * 4 + 4) as [number, number, number, number]
    if (centred) return [p - u / 2, q - v / 2, p + u / 2, q + v / 2]
    return [Math.min(q, v), Math.min(p, u), Math.max(q, v), Math.max(p, u)]
  }
  const found: number[] = []
  for (let i = 0; i < batch; i++) {
    for (let k = 0; k < classes; k++) {
      const score = (j: number): number => s[(i * classes + k) * n + j]!
      const order = Array.from({ length: n }, (_, j) => j).filter((j) => score(j) > least).sort((p, q) => score(q) - score(p) || p - q)
      const kept: Box[] = []
      for (const j of order) {
        if (kept.length >= most) break
        const box = boxAt(i * n + j)
        c.budget.spend(4 * HOST_COST * (1 + kept.length))
        if (kept.some((other) => overlap(box, other) > limit)) continue
        kept.push(box)
        found.push(i, k, j)
      }
    }
  }
  return int64s(found, [found.length / 3, 3])
}

/** Corners around a point and their weights; nothing far outside. */
function corners(y0: number, x0: number, h: number, w: number): [number, number][] {
  if (y0 < -1 || y0 > h || x0 < -1 || x0 > w) return [[0, 0], [0, 0], [0, 0], [0, 0]]
  let [y, x] = [Math.max(y0, 0), Math.max(x0, 0)]
  let [top, left] = [Math.floor(y), Math.floor(x)]
  let [bottom, right] = [top + 1, left + 1]
  if (top >= h - 1) y = top = bottom = h - 1
  if (left >= w - 1) x = left = right = w - 1
  const [fy, fx] = [y - top, x - left]
  return [[top * w + left, (1 - fy) * (1 - fx)], [top * w + right, (1 - fy) * fx], [bottom * w + left, fy * (1 - fx)], [bottom * w + right, fy * fx]]
}
const roiAlign: Handler = (c) => {
  const x = c.array(0)
  const [, channels, h, w] = x.shape as [number, number, number, number]
  const rois = c.numbers(1)
  const batch = c.numbers(2)
  const [oh, ow] = [c.int('output_height', 1), c.int('output_width', 1)]
  const ratio = c.int('sampling_ratio', 0)
  const scale = c.float('spatial_scale', 1)
  const half = c.text('coordinate_transformation_mode', c.opset < 16 ? 'output_half_pixel' : 'half_pixel') === 'half_pixel'
  const largest = c.text('mode', 'avg') === 'max'
  const flat = tensorOf(x).reshape(x.shape[0]!, channels, h * w)
  const results = batch.map((image, r) => {
    const [x1, y1, x2, y2] = rois.slice(r * 4, r * 4 + 4).map((v) => v * scale - (half ? 0.5 : 0)) as [number, number, number, number]
    const [rw, rh] = half ? [x2 - x1, y2 - y1] : [Math.max(x2 - x1, 1), Math.max(y2 - y1, 1)]
    const [bh, bw] = [rh / oh, rw / ow]
    const [sy, sx] = ratio > 0 ? [ratio, ratio] : [Math.ceil(bh), Math.ceil(bw)]
    const count = Math.max(1, sy * sx)
    c.room(4 * oh * ow * count)
    const index: number[] = []
    const weight: number[] = []
    for (let i = 0; i < oh; i++) {
      for (let j = 0; j < ow; j++) {
        for (let p = 0; p < sy; p++) {
          for (let q = 0; q < sx; q++) {
            for (const [at, v] of corners(y1 + (i + (p + 0.5) / sy) * bh, x1 + (j + (q + 0.5) / sx) * bw, h, w)) {
              index.push(at)
              weight.push(v)
            }
          }
        }
      }
    }
    const taps = flat.at(image).take(tensor(Int32Array.from(index)), 1).mul(tensor(Float32Array.from(weight))).reshape(channels, oh, ow, -1)
    return largest ? taps.max(-1) : taps.sum(-1).div(count)
  })
  return fit(x.type, stack(results))
}
export const detection: OpTable = { NonMaxSuppression: suppress, RoiAlign: roiAlign }
