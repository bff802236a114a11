// More ways of changing an image (…, H, W) at random: mirrored, cut out of a larger frame, with a hole; and one after another.
import { type Shape, ShapeError, ValueError, functionOf, optionsOf, showShape } from '../base/index.ts'
import type { Augment } from './augment.ts'
import { described, specOf } from './described.ts'

/**
 * Mirrors images (…, H, W) half of the time: left and right by default, top and bottom on request.
 *
 * @example
 * ```ts
 * import { hostRandom, randomFlip } from 'gradus/data'
 *
 * const [image, out] = [Uint8Array.of(1, 2, 3), new Uint8Array(3)]
 * randomFlip()(image, out, { random: { ...hostRandom(0, 0), next: () => 0.1 }, shape: [1, 3] })
 * Array.from(out) // → [3, 2, 1]
 * ```
 */
export function randomFlip(options: { readonly horizontal?: boolean; readonly vertical?: boolean } = {}): Augment {
  optionsOf('randomFlip', options)
  const { horizontal = true, vertical = false } = options
  return described<Augment>('randomFlip', [options], (input, output, { random, shape }) => {
    const [height, width] = imageSize('randomFlip', shape)
    const across = horizontal && random.next() < 0.5
    const down = vertical && random.next() < 0.5
    for (let from = 0; from < input.length; from += height * width) {
      for (let y = 0; y < height; y++) {
        const [source, target] = [from + y * width, from + (down ? height - 1 - y : y) * width]
        if (across) for (let x = 0; x < width; x++) output[target + x] = input[source + width - 1 - x]!
        else output.set(input.subarray(source, source + width), target)
      }
    }
  })
}

/**
 * Puts images (…, H, W) into a frame wider by `padding` on every side and cuts a piece of the old size out at random. The frame
 * is 0, or mirrors the image (`'reflect'`).
 */
export function randomCrop(padding: number, options: { readonly fill?: 'zero' | 'reflect' } = {}): Augment {
  optionsOf('randomCrop', options)
  whole('randomCrop', 'padding', padding)
  const reflect = options.fill === 'reflect'
  return described<Augment>('randomCrop', [padding, options], (input, output, { random, shape }) => {
    const [height, width] = imageSize('randomCrop', shape)
    if (reflect && padding >= Math.min(height, width)) throw new ValueError('randomCrop', 'the frame is wider than the image', { expected: `padding below ${Math.min(height, width)}`, received: String(padding) })
    const dx = random.below(2 * padding + 1) - padding
    const dy = random.below(2 * padding + 1) - padding
    for (let from = 0; from < input.length; from += height * width) {
      for (let y = 0; y < height; y++) {
        const sy = place(y + dy, height, reflect)
        if (sy < 0) continue
        for (let x = 0; x < width; x++) {
          const sx = place(x + dx, width, reflect)
          if (sx >= 0) output[from + y * width + x] = input[from + sy * width + sx]!
        }
      }
    }
  })
}
/** Where a position is read: itself, mirrored at the edge, or −1. */
const place = (i: number, n: number, reflect: boolean): number => (i >= 0 && i < n ? i : !reflect ? -1 : i < 0 ? -i : 2 * (n - 1) - i)

/** Covers a square of images (…, H, W) with `value` (DeVries & Taylor 2017); its centre is anywhere, so it may reach beyond an edge. */
export function cutout(size: number, options: { readonly value?: number } = {}): Augment {
  optionsOf('cutout', options)
  whole('cutout', 'size', size)
  const { value = 0 } = options
  return described<Augment>('cutout', [size, options], (input, output, { random, shape }) => {
    const [height, width] = imageSize('cutout', shape)
    output.set(input)
    const top = random.below(height) - (size >> 1)
    const left = random.below(width) - (size >> 1)
    for (let from = 0; from < input.length; from += height * width) {
      for (let y = Math.max(0, top); y < Math.min(height, top + size); y++) output.fill(value, from + y * width + Math.max(0, left), from + y * width + Math.max(0, Math.min(width, left + size)))
    }
  })
}

/**
 * One augmentation after another.
 *
 * @example
 * ```ts
 * import { compose, cutout, imageDataset, randomCrop, randomFlip } from 'gradus/data'
 *
 * const images = { dtype: 'uint8', shape: [1, 8, 8], data: new Uint8Array(64).fill(9) } as const
 * const data = imageDataset(images, { dtype: 'uint8', shape: [1], data: Uint8Array.of(0) })
 * data.with({ augment: compose(randomCrop(2), randomFlip(), cutout(3)) }).length // → 1
 * ```
 */
export function compose(...augments: readonly Augment[]): Augment {
  for (const augment of augments) functionOf('compose', augment, 'augmentation')
  const composed: Augment = (input, output, context) => {
    let now = input
    augments.forEach((augment, i) => {
      const next = i === augments.length - 1 ? output : (new (input.constructor as new (length: number) => typeof input)(input.length))
      augment(now, next, context)
      now = next
    })
    if (augments.length === 0) output.set(input)
  }
  const specs = augments.map(specOf)
  return specs.includes(null) ? composed : described('compose', specs, composed)
}

function imageSize(operation: string, shape: Shape): [number, number] {
  if (shape.length < 2) throw new ShapeError(operation, 'not an image', { expected: '(…, H, W)', received: showShape(shape) })
  return shape.slice(-2) as [number, number]
}
function whole(operation: string, name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new ValueError(operation, `bad ${name}`, { expected: 'a whole number from 0', received: String(value) })
}
