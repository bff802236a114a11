// A photograph as the small square colour pictures of data sets are: the middle of it, scaled. In: RGBA pixels. Out: bytes (3, side, side).
import { argumentOf, listOf, objectOf } from '../../base/index.ts'
import { pictureBytes } from '../folder/decode.ts'
import type { Rgba } from '../node/decode-picture.ts'

/**
 * The largest square in the middle of a picture, scaled to `side`: 3 × side × side bytes, the red plane first. What is transparent shows white.
 *
 * @throws ValueError for a side under 1 or over 4096.
 * @example
 * ```ts
 * import { squareColors } from 'gradus/data'
 *
 * const orange = Uint8Array.from({ length: 4 * 6 * 4 }, (_, i) => [255, 128, 0, 255][i % 4]!)
 * Array.from(squareColors({ data: orange, width: 6, height: 4 }, 2)) // → [255, 255, 255, 255, 128, 128, 128, 128, 0, 0, 0, 0]
 * ```
 */
export function squareColors(picture: Rgba, side: number): Uint8Array {
  argumentOf('squareColors', Number.isSafeInteger(side) && side >= 1 && side <= 4096, 'side', 'pixels of a side, 1 to 4096', side)
  listOf('squareColors', 'picture', objectOf('squareColors', 'picture', picture, 'an object { data, width, height }').data)
  return pictureBytes(picture, { height: side, width: side, color: 'rgb', fit: 'cover' })
}
