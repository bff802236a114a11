// PNG and JPEG files as grey pixels. The format is told from the first bytes, not from the name.
import { readFile } from 'node:fs/promises'
import { FormatError } from '../base/index.ts'
import { type GrayImage, fromRgba } from '../data/index.ts'
import { jpegOrientation, upright } from './exif.ts'

/** Larger pictures are refused before they are unpacked. */
const MAX_PIXELS = 100e6

export async function decodeImage(file: string): Promise<GrayImage> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new FormatError('picture', error.code === 'ENOENT' ? 'there is no such file' : error.code === 'EISDIR' ? 'this is a folder' : `cannot be read (${error.code})`)
  })
  const kind = bytes[0] === 0x89 && bytes.subarray(1, 4).toString('latin1') === 'PNG' ? 'PNG' : bytes[0] === 0xff && bytes[1] === 0xd8 ? 'JPEG' : null
  if (kind === null) throw new FormatError('picture', 'not a picture it can read', { expected: 'PNG or JPEG', received: bytes.length === 0 ? 'an empty file' : `first bytes ${bytes.subarray(0, 4).toString('hex')}` })
  try {
    const { data, width, height } = kind === 'PNG' ? await decodePng(bytes) : await decodeJpeg(bytes)
    return fromRgba(data, width, height)
  } catch (error) {
    if (error instanceof FormatError) throw error
    throw new FormatError('picture', `a damaged ${kind} file (${(error as Error).message})`)
  }
}

interface Rgba {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

async function decodePng(bytes: Buffer): Promise<Rgba> {
  if (bytes.length >= 24 && bytes.readUInt32BE(16) * bytes.readUInt32BE(20) > MAX_PIXELS) throw tooLarge()
  const { default: pngjs } = await import('pngjs')
  return pngjs.PNG.sync.read(bytes)
}
async function decodeJpeg(bytes: Buffer): Promise<Rgba> {
  const { default: jpeg } = await import('jpeg-js')
  return upright(jpeg.decode(bytes, { useTArray: true, formatAsRGBA: true, maxResolutionInMP: MAX_PIXELS / 1e6, maxMemoryUsageInMB: 2048 }), jpegOrientation(bytes))
}
const tooLarge = (): FormatError => new FormatError('picture', 'the picture is too large', { expected: `at most ${MAX_PIXELS / 1e6} million pixels` })
