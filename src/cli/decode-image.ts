// PNG and JPEG files as grey pixels. The format is told from the first bytes, not from the name.
import { FormatError, readRegularFile } from '../base/index.ts'
import { type GrayImage, fromRgba } from '../data/index.ts'
import { jpegOrientation, upright } from './exif.ts'

/** Larger pictures are refused before they are unpacked. */
const MAX_PIXELS = 100e6
/** More pixels than a byte of a file can hold: 1 bit for each 8 × 8 block of a JPEG; PNG as archives of ours, 100 bytes for one. */
const JPEG_PIXELS_A_BYTE = 200
const PNG_BYTES_A_BYTE = 100
const ALWAYS_ALLOWED = 65536

type Refuse = (problem: string, parts?: { expected?: string; received?: string }) => FormatError

export const decodeImage = async (file: string): Promise<GrayImage> => decodePicture(await readRegularFile('picture', file), file)

/** The same from bytes; `name` stands in errors. */
export async function decodePicture(bytes: Uint8Array, name: string): Promise<GrayImage> {
  const refuse: Refuse = (problem, parts = {}) => new FormatError('picture', `${name}: ${problem}`, parts)
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const kind = buffer[0] === 0x89 && buffer.subarray(1, 4).toString('latin1') === 'PNG' ? 'PNG' : buffer[0] === 0xff && buffer[1] === 0xd8 ? 'JPEG' : null
  if (kind === null) throw refuse('not a picture it can read', { expected: 'PNG or JPEG', received: buffer.length === 0 ? 'an empty file' : `first bytes ${buffer.subarray(0, 4).toString('hex')}` })
  try {
    const { data, width, height } = kind === 'PNG' ? await decodePng(buffer, refuse) : await decodeJpeg(buffer, refuse)
    return fromRgba(data, width, height)
  } catch (error) {
    if (error instanceof FormatError && error.message.includes(name)) throw error
    throw refuse(`a damaged ${kind} file (${(error as Error).message.slice(0, 200)})`)
  }
}

interface Rgba {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

async function decodePng(bytes: Buffer, refuse: Refuse): Promise<Rgba> {
  if (bytes.length < 33) throw refuse('a damaged PNG file', { expected: 'at least 33 bytes', received: String(bytes.length) })
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
  checkPixels(width, height, refuse)
  const unpacked = height * (1 + (width * bytes[24]! * (CHANNELS[bytes[25]!] ?? 4)) / 8)
  if (unpacked > PNG_BYTES_A_BYTE * bytes.length + ALWAYS_ALLOWED) throw refuse(`${width} × ${height} pixels in so small a PNG`, { expected: `at most ${PNG_BYTES_A_BYTE * bytes.length + ALWAYS_ALLOWED} bytes unpacked`, received: String(Math.round(unpacked)) })
  const { default: pngjs } = await import('pngjs')
  return pngjs.PNG.sync.read(bytes)
}

async function decodeJpeg(bytes: Buffer, refuse: Refuse): Promise<Rgba> {
  checkFrames(bytes, refuse)
  const { default: jpeg } = await import('jpeg-js')
  return upright(jpeg.decode(bytes, { useTArray: true, formatAsRGBA: true, maxResolutionInMP: MAX_PIXELS / 1e6, maxMemoryUsageInMB: 2048 }), jpegOrientation(bytes))
}

/** The sizes in every frame header (SOF0 … SOF15, without DHT, JPG, DAC), before anything is set aside for them. */
function checkFrames(bytes: Buffer, refuse: Refuse): void {
  for (let at = 2; at + 9 <= bytes.length; at++) {
    const marker = bytes[at + 1]!
    if (bytes[at] !== 0xff || marker < 0xc0 || marker > 0xcf || marker === 0xc4 || marker === 0xc8 || marker === 0xcc) continue
    // as a marker or by chance inside other data: bytes that look like a frame of a huge picture do not come by chance
    const [length, precision, height, width, components] = [bytes.readUInt16BE(at + 2), bytes[at + 4], bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7), bytes[at + 9]]
    if (precision !== 8 || components === undefined || length !== 8 + 3 * components) continue
    checkPixels(width, height, refuse)
    const most = JPEG_PIXELS_A_BYTE * bytes.length + ALWAYS_ALLOWED
    if (width * height > most) throw refuse(`${width} × ${height} pixels in so small a JPEG`, { expected: `at most ${most} pixels`, received: String(width * height) })
  }
}

function checkPixels(width: number, height: number, refuse: Refuse): void {
  if (width * height > MAX_PIXELS) throw refuse('the picture is too large', { expected: `at most ${MAX_PIXELS / 1e6} million pixels`, received: `${width} × ${height}` })
}
