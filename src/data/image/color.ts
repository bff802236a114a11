// A photograph as the small square colour pictures of data sets are: the middle of it, scaled. In: RGBA pixels. Out: bytes (3, side, side).
import { ValueError } from '../../base/index.ts'
import type { Rgba } from '../node/decode-picture.ts'
import { resample } from './resample.ts'

/**
 * The largest square in the middle of a picture, scaled to `side`: 3 × side × side bytes, the red plane first. What is transparent shows white.
 *
 * @throws ValueError for a side under 1.
 * @example
 * ```ts
 * import { squareColors } from 'gradus/data'
 *
 * const orange = Uint8Array.from({ length: 4 * 6 * 4 }, (_, i) => [255, 128, 0, 255][i % 4]!)
 * squareColors({ data: orange, width: 6, height: 4 }, 2) // → Uint8Array(12) [ 255, 255, 255, 255, 128, 128, 128, 128, 0, 0, 0, 0 ]
 * ```
 */
export function squareColors({ data, width, height }: Rgba, side: number): Uint8Array {
  if (!Number.isSafeInteger(side) || side < 1) throw new ValueError('squareColors', 'bad side', { expected: 'a whole number from 1', received: String(side) })
  const edge = Math.min(width, height)
  const box = { x: (width - edge) / 2, y: (height - edge) / 2, width: edge, height: edge }
  const out = new Uint8Array(3 * side * side)
  for (let c = 0; c < 3; c++) {
    const plane = new Float32Array(width * height)
    for (let i = 0; i < plane.length; i++) {
      const alpha = data[4 * i + 3]! / 255
      plane[i] = data[4 * i + c]! * alpha + 255 * (1 - alpha)
    }
    out.set(resample({ width, height, data: plane }, box, side, side).data.map(Math.round), c * side * side)
  }
  return out
}
