// PNG and JPEG files as RGBA pixels. The format is told from the first bytes, not from the name. Node.
import { FormatError, bytesOf, nodeModule } from '../../base/index.ts'
import { jpegOrientation, upright } from '../image/exif.ts'

/** Larger pictures are refused before they are unpacked. */
const MAX_PIXELS = 100e6
/** More pixels than a byte of a file can hold: 1 bit for each 8 × 8 block of a JPEG; PNG as archives of ours, 100 bytes for one. */
const JPEG_PIXELS_A_BYTE = 200
const PNG_BYTES_A_BYTE = 100
const ALWAYS_ALLOWED = 65536
/** Bytes that any PNG may unpack to: a digit on a flat sheet shrinks a thousandfold, so its size says little. Far under the 50 MB that a bad file may cost. */
const PNG_ALWAYS_ALLOWED = 16 * 2 ** 20

type Refuse = (problem: string, parts?: { expected?: string; received?: string }) => FormatError

/** Pixels in row-major order, four bytes each. */
export interface Rgba {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

/**
 * The pixels of a PNG or JPEG file, the right way up; `name` stands in errors.
 *
 * @throws FormatError for what is neither, is damaged, or would unpack to far more than its size.
 */
export async function decodeRgba(bytes: Uint8Array, name: string): Promise<Rgba> {
  bytesOf('decodeRgba', bytes)
  const refuse: Refuse = (problem, parts = {}) => new FormatError('picture', `${name}: ${problem}`, parts)
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const kind = buffer[0] === 0x89 && buffer.subarray(1, 4).toString('latin1') === 'PNG' ? 'PNG' : buffer[0] === 0xff && buffer[1] === 0xd8 ? 'JPEG' : null
  if (kind === null) throw refuse('not a picture it can read', { expected: 'PNG or JPEG', received: buffer.length === 0 ? 'an empty file' : `first bytes ${buffer.subarray(0, 4).toString('hex')}` })
  try {
    return await (kind === 'PNG' ? decodePng(buffer, refuse) : decodeJpeg(buffer, refuse))
  } catch (error) {
    if (error instanceof FormatError && error.message.includes(name)) throw error
    throw refuse(`a damaged ${kind} file (${(error as Error).message.slice(0, 200)})`)
  }
}

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

async function decodePng(bytes: Buffer, refuse: Refuse): Promise<Rgba> {
  if (bytes.length < 33) throw refuse('a damaged PNG file', { expected: 'at least 33 bytes', received: String(bytes.length) })
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
  checkPixels(width, height, refuse)
  const unpacked = height * (1 + (width * bytes[24]! * (CHANNELS[bytes[25]!] ?? 4)) / 8)
  if (unpacked > PNG_BYTES_A_BYTE * bytes.length + PNG_ALWAYS_ALLOWED) throw refuse(`${width} × ${height} pixels in so small a PNG`, { expected: `at most ${PNG_BYTES_A_BYTE * bytes.length + PNG_ALWAYS_ALLOWED} bytes unpacked`, received: String(Math.round(unpacked)) })
  checkPngData(bytes, refuse)
  const { default: pngjs } = await import('pngjs')
  return pngjs.PNG.sync.read(bytes)
}

/** First column and row, and steps, of the seven passes of an interlaced PNG (Adam7). */
const PASSES = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]] as const

/** The rows must all be there: the decoder takes whatever is in memory for those that are not. */
function checkPngData(bytes: Buffer, refuse: Refuse): void {
  const [width, height, bits] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20), bytes[24]! * (CHANNELS[bytes[25]!] ?? 4)]
  const rows = (w: number, h: number): number => (w === 0 ? 0 : h * (1 + Math.ceil((w * bits) / 8)))
  const expected = bytes[28] === 0 ? rows(width, height) : PASSES.reduce((sum, [x, y, dx, dy]) => sum + rows(Math.ceil(Math.max(0, width - x) / dx), Math.ceil(Math.max(0, height - y) / dy)), 0)
  const { inflateSync } = nodeModule<typeof import('node:zlib')>('node:zlib', 'picture')
  const parts: Buffer[] = []
  for (let at = 8; at + 12 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    if (bytes.subarray(at + 4, at + 8).toString('latin1') === 'IDAT') parts.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)))
  }
  let length = 0
  try {
    length = inflateSync(Buffer.concat(parts), { maxOutputLength: expected + ALWAYS_ALLOWED }).length
  } catch (error) {
    throw refuse(`a damaged PNG file (its pixels: ${(error as Error).message.slice(0, 200)})`)
  }
  if (length < expected) throw refuse('a damaged PNG file (pixels are missing)', { expected: `${expected} bytes of rows`, received: String(length) })
}

async function decodeJpeg(bytes: Buffer, refuse: Refuse): Promise<Rgba> {
  const { default: jpeg } = await import('jpeg-js')
  const pixels = Math.min(MAX_PIXELS, JPEG_PIXELS_A_BYTE * bytes.length + ALWAYS_ALLOWED)
  // the decoder's own limits: it looks at every frame header, and counts what it sets aside (up to 48 bytes a pixel)
  const limits = { maxResolutionInMP: pixels / 1e6, maxMemoryUsageInMB: 16 + Math.ceil((48 * pixels) / 1e6) }
  try {
    return upright(jpeg.decode(bytes, { useTArray: true, formatAsRGBA: true, ...limits }), jpegOrientation(bytes))
  } catch (error) {
    if (!/^max(Resolution|Memory)/.test((error as Error).message)) throw error
    throw refuse(`too many pixels for a JPEG of ${bytes.length} bytes`, { expected: `at most ${pixels}`, received: 'more' })
  }
}

function checkPixels(width: number, height: number, refuse: Refuse): void {
  if (width * height > MAX_PIXELS) throw refuse('the picture is too large', { expected: `at most ${MAX_PIXELS / 1e6} million pixels`, received: `${width} × ${height}` })
}
