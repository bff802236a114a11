// gzip on the web's own streams (browsers and Node): a whole file at once, with limits, and typed errors.
import { FormatError, bytesOf, optionsOf } from '../base/index.ts'

export const isGzip = (bytes: Uint8Array): boolean => bytesOf('isGzip', bytes)[0] === 0x1f && bytes[1] === 0x8b

/** Nothing packs better than this: deflate gives at most 258 bytes for two bits. */
export const DENSEST = 1032
/** Above this much more than the input, a first pass only counts, so that a damaged file does not fill the memory. */
const KEPT_AT_ONCE = 16 * 2 ** 20

export interface GunzipOptions {
  /** The most bytes unpacked; default 2 GiB. */
  readonly limit?: number
  /** The most that files above 16 MiB may grow; default 100 times. */
  readonly maxRatio?: number
  /** Stands in error messages. */
  readonly name?: string
  /** Sees the first bytes and the length before the rest is unpacked; throws to refuse. */
  readonly check?: (start: Uint8Array, size: number) => void
}

/**
 * Unpacks a gzip file (of one member).
 *
 * @throws FormatError when it is damaged, cut off, or grows beyond the limits.
 */
export async function gunzip(bytes: Uint8Array, options: GunzipOptions = {}): Promise<Uint8Array> {
  bytesOf('gunzip', bytes)
  optionsOf('gunzip', options)
  const { limit = 2 ** 31, maxRatio = 100, name = 'the file', check } = options
  const bad = (problem: string, parts: { expected?: string; received?: string; remedy?: string } = { remedy: 'Fetch the file again.' }): FormatError => new FormatError('gunzip', `${name}: ${problem}`, parts)
  if (bytes.length < 18) throw bad('cut off', { expected: 'at least 18 bytes', received: String(bytes.length) })
  // the last four bytes are the unpacked length, which also tells a file that ends early
  const size = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4, 4).getUint32(0, true)
  if (size > DENSEST * bytes.length) throw bad('cut off, or not gzip to its end', { expected: `an unpacked length of at most ${DENSEST * bytes.length}`, received: String(size) })
  if (size > limit) throw bad('too large', { expected: `at most ${limit} bytes unpacked`, received: String(size) })
  if (size > KEPT_AT_ONCE && size > maxRatio * bytes.length) throw bad(`it would unpack to more than ${maxRatio} times its size`, { expected: `at most ${maxRatio * bytes.length} bytes`, received: String(size), remedy: 'Unpack it yourself if you trust it.' })
  let checked = check === undefined
  const pour = async (take: (chunk: Uint8Array, at: number) => void): Promise<void> => {
    let total = 0
    await chunks(bytes, bad, (chunk) => {
      if (!checked) check!(chunk, size)
      checked = true
      if (total + chunk.length > size) throw bad('it unpacks to more than it declares', { expected: `${size} bytes`, received: 'more' })
      take(chunk, total)
      total += chunk.length
    })
    if (total !== size) throw bad('cut off', { expected: `${size} bytes unpacked`, received: String(total) })
  }
  if (size > 2 * bytes.length + KEPT_AT_ONCE) await pour(() => {})
  const out = new Uint8Array(size)
  await pour((chunk, at) => out.set(chunk, at))
  if (!checked) check!(out, 0)
  return out
}

async function chunks(bytes: Uint8Array, bad: (problem: string) => FormatError, take: (chunk: Uint8Array) => void): Promise<void> {
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      controller.enqueue(bytes as Uint8Array<ArrayBuffer>)
      controller.close()
    },
  })
  const reader = source.pipeThrough(new DecompressionStream('gzip')).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw bad(`damaged (${error instanceof Error ? error.message : String(error)})`)
      })
      if (done) return
      take(value)
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
