// CRC-32 (ISO 3309, polynomial 0xEDB88320), as zip and PNG use it; Node's own where it has one.
import { findNodeModule } from '../../base/index.ts'

const table = Int32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
  return c
})

interface Zlib {
  crc32?(data: Uint8Array, value?: number): number
}

/** The checksum of bytes, or of what follows earlier bytes with checksum `before`. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const own = findNodeModule<Zlib>('node:zlib')?.crc32
  if (own !== undefined) return own(bytes, before)
  let c = ~before
  for (let i = 0; i < bytes.length; i++) c = (c >>> 8) ^ table[(c ^ bytes[i]!) & 255]!
  return ~c >>> 0
}
