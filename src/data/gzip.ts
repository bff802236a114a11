// gzip on the web's own streams (browsers and Node): a whole file at once, with a limit, and typed errors.
import { FormatError } from '../base/index.ts'

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/**
 * Unpacks a gzip file.
 *
 * @throws FormatError when it is damaged, cut off, or gives more than `limit` bytes.
 */
export async function gunzip(bytes: Uint8Array, options: { readonly limit?: number; readonly name?: string } = {}): Promise<Uint8Array> {
  const { limit = 2 ** 31, name = 'the file' } = options
  const bad = (problem: string): FormatError => new FormatError('gunzip', `${name}: ${problem}`, { remedy: 'Fetch the file again.' })
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      controller.enqueue(bytes as Uint8Array<ArrayBuffer>)
      controller.close()
    },
  })
  const reader = source.pipeThrough(new DecompressionStream('gzip')).getReader()
  const chunks: Uint8Array[] = []
  let total = 0
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw bad(`damaged (${error instanceof Error ? error.message : String(error)})`)
    })
    if (done) break
    total += value.length
    if (total > limit) {
      await reader.cancel()
      throw bad(`more than ${limit} bytes unpacked`)
    }
    chunks.push(value)
  }
  // not every implementation notices a file that ends early: its last four bytes are the unpacked length
  const length = bytes.length < 18 ? -1 : new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4, 4).getUint32(0, true)
  if (length !== total % 2 ** 32) throw bad('cut off')
  const out = new Uint8Array(total)
  let at = 0
  for (const chunk of chunks) {
    out.set(chunk, at)
    at += chunk.length
  }
  return out
}
