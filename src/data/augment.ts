// Augmentation: one example changed at random. The random numbers belong to (seed, epoch, example), so a run can be
// resumed anywhere and repeated to the bit.
import { type Shape, ShapeError, type TypedArray, showShape } from '../base/index.ts'
import type { HostRandom } from './random.ts'

/** Writes a changed copy of `input` (one example of `shape`) to `output`, which is zero before. */
export type Augment = (input: TypedArray, output: TypedArray, context: { readonly random: HostRandom; readonly shape: Shape }) => void

export interface AffineOptions {
  /** Largest shift in pixels, either way, along both axes. */
  readonly shift?: number
  /** Largest turn in degrees, either way. */
  readonly rotate?: number
  /** Largest change of size: 0.1 gives 0.9 … 1.1. */
  readonly scale?: number
  /** Largest slant: 0.1 moves a row by a tenth of its distance from the middle. */
  readonly shear?: number
}

/**
 * Shifts, turns, scales and slants images (…, H, W) by random amounts (bilinear, what comes in from outside is 0).
 * Works on bytes and on floats.
 *
 * @example
 * const train = mnist.train.with({ augment: randomAffine({ shift: 1, rotate: 10 }) })
 */
export function randomAffine(options: AffineOptions): Augment {
  const { shift = 0, rotate = 0, scale = 0, shear = 0 } = options
  return (input, output, { random, shape }) => {
    const [height, width] = shape.slice(-2) as [number, number]
    if (shape.length < 2) throw new ShapeError('randomAffine', 'not an image', { expected: '(…, H, W)', received: showShape(shape) })
    const angle = (random.between(-rotate, rotate) * Math.PI) / 180
    const size = 1 + random.between(-scale, scale)
    const slant = random.between(-shear, shear)
    const dx = random.between(-shift, shift)
    const dy = random.between(-shift, shift)
    // from the place in the output back to the place in the input
    const cos = Math.cos(angle) / size
    const sin = Math.sin(angle) / size
    const matrix = { xx: cos + slant * sin, xy: sin, yx: -sin + slant * cos, yy: cos }
    for (let from = 0; from < input.length; from += height * width) warp(input, output, from, height, width, matrix, dx, dy)
  }
}

interface Matrix {
  readonly xx: number
  readonly xy: number
  readonly yx: number
  readonly yy: number
}
function warp(input: TypedArray, output: TypedArray, from: number, height: number, width: number, m: Matrix, dx: number, dy: number): void {
  const cx = (width - 1) / 2
  const cy = (height - 1) / 2
  const round = input instanceof Uint8Array || input instanceof Int32Array ? 0.5 : 0
  const at = (x: number, y: number): number => (x < 0 || y < 0 || x >= width || y >= height ? 0 : input[from + y * width + x]!)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const px = m.xx * (x - cx - dx) + m.xy * (y - cy - dy) + cx
      const py = m.yx * (x - cx - dx) + m.yy * (y - cy - dy) + cy
      const x0 = Math.floor(px)
      const y0 = Math.floor(py)
      if (x0 < -1 || y0 < -1 || x0 >= width || y0 >= height) continue
      const fx = px - x0
      const fy = py - y0
      const top = at(x0, y0) * (1 - fx) + at(x0 + 1, y0) * fx
      const low = at(x0, y0 + 1) * (1 - fx) + at(x0 + 1, y0 + 1) * fx
      output[from + y * width + x] = top * (1 - fy) + low * fy + round
    }
  }
}

/** Shifts images (…, H, W) by whole pixels, up to `most` either way along both axes; zeros come in. */
export function randomShift(most = 1): Augment {
  return (input, output, { random, shape }) => {
    if (shape.length < 2) throw new ShapeError('randomShift', 'not an image', { expected: '(…, H, W)', received: showShape(shape) })
    const [height, width] = shape.slice(-2) as [number, number]
    const dx = random.below(2 * most + 1) - most
    const dy = random.below(2 * most + 1) - most
    const left = Math.max(0, -dx)
    const right = Math.min(width, width - dx)
    for (let from = 0; from < input.length; from += height * width) {
      for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++) {
        if (right > left) output.set(input.subarray(from + y * width + left, from + y * width + right), from + (y + dy) * width + left + dx)
      }
    }
  }
}
