// Augmentation: one example changed at random. The random numbers belong to (seed, epoch, example), so a run can be
// resumed anywhere and repeated to the bit.
import { type Shape, ShapeError, type TypedArray, optionsOf, showShape } from '../base/index.ts'
import { described } from './described.ts'
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
 * ```ts
 * import { imageDataset, randomAffine } from 'gradus/data'
 *
 * const images = { dtype: 'uint8', shape: [1, 4, 4], data: new Uint8Array(16).fill(200) } as const
 * const data = imageDataset(images, { dtype: 'uint8', shape: [1], data: Uint8Array.of(0) })
 * const moved = data.with({ augment: randomAffine({ shift: 1, rotate: 10 }) })
 * moved.length // → 1
 * ```
 */
export function randomAffine(options: AffineOptions): Augment {
  optionsOf('randomAffine', options)
  const { shift = 0, rotate = 0, scale = 0, shear = 0 } = options
  return described<Augment>('randomAffine', [options], (input, output, { random, shape }) => {
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
  })
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
  for (let y = 0; y < height; y++) {
    // along a row the place in the input moves by (xx, yx)
    const startX = m.xx * (-cx - dx) + m.xy * (y - cy - dy) + cx
    const startY = m.yx * (-cx - dx) + m.yy * (y - cy - dy) + cy
    for (let x = 0; x < width; x++) {
      const px = startX + m.xx * x
      const py = startY + m.yx * x
      if (!(px > -1 && py > -1 && px < width && py < height)) continue
      const x0 = Math.floor(px)
      const y0 = Math.floor(py)
      const fx = px - x0
      const fy = py - y0
      const at = from + y0 * width + x0
      const left = x0 >= 0
      const right = x0 + 1 < width
      let value = round
      if (y0 >= 0) value += (1 - fy) * ((left ? input[at]! * (1 - fx) : 0) + (right ? input[at + 1]! * fx : 0))
      if (y0 + 1 < height) value += fy * ((left ? input[at + width]! * (1 - fx) : 0) + (right ? input[at + width + 1]! * fx : 0))
      output[from + y * width + x] = value
    }
  }
}

/** Shifts images (…, H, W) by whole pixels, up to `most` either way along both axes; zeros come in. */
export function randomShift(most = 1): Augment {
  return described<Augment>('randomShift', [most], (input, output, { random, shape }) => {
    if (shape.length < 2) throw new ShapeError('randomShift', 'not an image', { expected: '(…, H, W)', received: showShape(shape) })
    const [height, width] = shape.slice(-2) as [number, number]
    const dx = random.below(2 * most + 1) - most
    const dy = random.below(2 * most + 1) - most
    if (Math.abs(dx) >= width || Math.abs(dy) >= height) return
    // rows lie end to end: one move, then zeros where a row ran over into the next
    const by = dy * width + dx
    const [first, end] = [Math.max(0, -dy) * width + Math.max(0, -dx), (height - Math.max(0, dy)) * width - Math.max(0, dx)]
    for (let from = 0; from < input.length; from += height * width) {
      output.set(input.subarray(from + first, from + end), from + first + by)
      for (let y = 0; y < height; y++) {
        const row = from + y * width
        for (let x = 0; x < dx; x++) output[row + x] = 0
        for (let x = width + dx; x < width; x++) output[row + x] = 0
      }
    }
  })
}
