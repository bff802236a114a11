// Picture files as arrays of one size: decoded, scaled, cut. Node.
import { FormatError, type NDArray, readRegularFile } from '../../base/index.ts'
import { resample } from '../image/resample.ts'
import { type Rgba, decodeRgba } from '../node/decode-picture.ts'

export interface PictureForm {
  readonly height: number
  readonly width: number
  /** Three planes, or one of brightness. */
  readonly color: 'rgb' | 'gray'
  /** `cover`: as large as needed and the middle cut out; `contain`: whole, with black beside it; `stretch`: both sides to size. */
  readonly fit: 'cover' | 'contain' | 'stretch'
  /** Bytes of a file. */
  readonly maxBytes: number
}

/** (3, H, W) or (H, W). */
export const pictureShape = ({ height, width, color }: PictureForm): number[] => (color === 'rgb' ? [3, height, width] : [height, width])

/** The pictures of some numbers: uint8 (B, 3, H, W) or (B, H, W). */
export async function decodePictures({ root, files, form }: { readonly root: string; readonly files: readonly string[]; readonly form: PictureForm }, examples: ArrayLike<number>): Promise<NDArray> {
  const shape = pictureShape(form)
  const size = shape.reduce((a, b) => a * b)
  const data = new Uint8Array(examples.length * size)
  for (let i = 0; i < examples.length; i++) data.set(await decodePicture(root, files[examples[i]!]!, form), i * size)
  return { dtype: 'uint8', shape: [examples.length, ...shape], data }
}

/** One file. @throws FormatError that names it. */
export async function decodePicture(root: string, file: string, form: PictureForm): Promise<Uint8Array> {
  const path = `${root}/${file}`
  const bytes = await readRegularFile('imageFolder', path, { limit: form.maxBytes })
  try {
    return pictureBytes(await decodeRgba(bytes, path), form)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new FormatError('imageFolder', error.message.replace(/^picture: /, '').replace(/\.$/, ''), { remedy: 'Take it out; check() lists all such files.' })
  }
}

/** Pixels of any size as bytes of the wanted form; transparent parts are white. */
export function pictureBytes(picture: Rgba, { height, width, color, fit }: Omit<PictureForm, 'maxBytes'>): Uint8Array {
  const size = height * width
  const planes = color === 'rgb' ? 3 : 1
  const out = new Uint8Array(planes * size)
  const across = width / picture.width
  const down = height / picture.height
  const scale = fit === 'cover' ? Math.max(across, down) : Math.min(across, down)
  // the part of the picture that is seen, and where it comes to lie
  const seen = fit === 'cover' ? { width: width / scale, height: height / scale } : { width: picture.width, height: picture.height }
  const box = { x: (picture.width - seen.width) / 2, y: (picture.height - seen.height) / 2, ...seen }
  const [w, h] = fit === 'contain' ? [Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale))] : [width, height]
  const [left, top] = [(width - w) >> 1, (height - h) >> 1]
  for (let p = 0; p < planes; p++) {
    const plane = planeOf(picture, color === 'rgb' ? p : null)
    const data = picture.width === w && picture.height === h ? plane : resample({ width: picture.width, height: picture.height, data: plane }, box, w, h).data
    for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) out[p * size + (top + y) * width + left + x] = Math.min(255, Math.max(0, Math.round(data[y * w + x]!)))
  }
  return out
}

/** One colour, or the brightness (ITU-R BT.601), over white. */
function planeOf({ data, width, height }: Rgba, channel: number | null): Float32Array {
  const out = new Float32Array(width * height)
  for (let i = 0; i < out.length; i++) {
    const alpha = data[4 * i + 3]! / 255
    const value = channel === null ? 0.299 * data[4 * i]! + 0.587 * data[4 * i + 1]! + 0.114 * data[4 * i + 2]! : data[4 * i + channel]!
    out[i] = alpha * value + 255 * (1 - alpha)
  }
  return out
}
