// Raw deflate on the platform's own streams, with a limit: the output is never larger than declared, and what is thrown
// away in the end was never kept.
import type { Fault } from '../fault.ts'
import { crc32 } from './crc32.ts'

/** Above this much more than the input, a first pass only counts, so that a damaged file does not fill the memory. */
const KEPT_AT_ONCE = 16 * 2 ** 20

export interface Inflated {
  readonly size: number
  readonly crc: number
}

/** Exactly `size` bytes with the checksum `crc`. */
export async function inflate(bytes: Uint8Array, { size, crc }: Inflated, fault: Fault): Promise<Uint8Array> {
  if (size > 2 * bytes.length + KEPT_AT_ONCE) await pour(bytes, size, crc, fault, () => {})
  const out = new Uint8Array(size)
  let at = 0
  await pour(bytes, size, crc, fault, (chunk) => {
    out.set(chunk, at)
    at += chunk.length
  })
  return out
}

/** The first `count` bytes of what unpacks to `size`. */
export async function inflateStart(bytes: Uint8Array, count: number, fault: Fault): Promise<Uint8Array> {
  const out = new Uint8Array(count)
  let at = 0
  await chunks(bytes, fault, (chunk) => {
    out.set(chunk.subarray(0, count - at), at)
    at = Math.min(count, at + chunk.length)
    return at < count
  })
  return out.subarray(0, at)
}

async function pour(bytes: Uint8Array, size: number, crc: number, fault: Fault, take: (chunk: Uint8Array) => void): Promise<void> {
  let total = 0
  let sum = 0
  await chunks(bytes, fault, (chunk) => {
    total += chunk.length
    if (total > size) throw fault('it unpacks to more than it declares', { expected: `${size} bytes`, received: 'more' })
    sum = crc32(chunk, sum)
    take(chunk)
    return true
  })
  if (total !== size) throw fault('it unpacks to less than it declares', { expected: `${size} bytes`, received: String(total) })
  if (sum !== crc) throw fault('its CRC-32 is another', { expected: hex(crc), received: hex(sum), remedy: 'The file is damaged.' })
}

export const hex = (x: number): string => x.toString(16).padStart(8, '0')

/** Unpacks piece by piece, until `take` says false. */
async function chunks(bytes: Uint8Array, fault: Fault, take: (chunk: Uint8Array) => boolean): Promise<void> {
  const stream = new DecompressionStream('deflate-raw')
  const writer = stream.writable.getWriter()
  // errors are seen on the reading side
  writer.write(bytes as Uint8Array<ArrayBuffer>).then(() => writer.close()).catch(() => {})
  const reader = stream.readable.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw fault(`it cannot be unpacked (${error instanceof Error ? error.message : String(error)})`)
      })
      if (done) break
      if (!take(value)) break
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
