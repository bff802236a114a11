// A picture's file as a network is given it, and as a person sees what that was.
import { readRegularFile } from '../base/index.ts'
import { centerDigit, decodeRgba, squareColors, toUnit } from '../data/index.ts'
import type { PictureForm } from '../recipes/index.ts'
import { type Tensor, tensor } from '../tensor/index.ts'
import { decodeImage } from './decode-image.ts'

export interface SeenPicture {
  /** (1, 28, 28) or (1, 3, side, side). */
  readonly x: Tensor
  /** side × side grey values, for people. */
  readonly pixels: Uint8Array
  readonly side: number
  readonly about: string
}

const SIDE = 28

export async function seePicture(file: string, form: PictureForm): Promise<SeenPicture> {
  if (!('colors' in form)) {
    const { pixels, polarity } = centerDigit(await decodeImage(file), form)
    return { x: toUnit(tensor(pixels, { shape: [1, SIDE, SIDE] })), pixels, side: SIDE, about: polarity }
  }
  const { colors: side, prepare } = form
  const colors = squareColors(await decodeRgba(await readRegularFile('picture', file), file), side)
  const count = side * side
  const pixels = Uint8Array.from({ length: count }, (_, i) => Math.round(0.299 * colors[i]! + 0.587 * colors[count + i]! + 0.114 * colors[2 * count + i]!))
  return { x: prepare(tensor(colors, { shape: [1, 3, side, side] })), pixels, side, about: `${side} × ${side} colours of its middle (shown in grey)` }
}
