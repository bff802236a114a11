// Writing a zip archive of stored members: what np.savez makes. Every file has the same date, so that equal contents give equal bytes.
import { FormatError } from '../../base/index.ts'
import { crc32 } from './crc32.ts'

/** 1 January 1980, the first day zip knows. */
const DATE = 0x21

/** Members in the given order. Archives of 4 GiB and more are refused. */
export function writeZip(operation: string, members: readonly (readonly [string, Uint8Array])[]): Uint8Array<ArrayBuffer> {
  const named = members.map(([name, bytes]) => ({ name: new TextEncoder().encode(name), bytes, crc: crc32(bytes) }))
  const total = named.reduce((sum, { name, bytes }) => sum + 76 + 2 * name.length + bytes.length, 22)
  if (total >= 0xffffffff || named.length >= 0xffff) throw new FormatError(operation, 'too large for one archive', { expected: 'less than 4 GiB and 65535 arrays', received: `${total} bytes, ${named.length} arrays`, remedy: 'Write safetensors.' })
  const out = new Uint8Array(total)
  const view = new DataView(out.buffer)
  let at = 0
  const u16 = (...values: number[]): void => values.forEach((v) => {
    view.setUint16(at, v, true)
    at += 2
  })
  const u32 = (...values: number[]): void => values.forEach((v) => {
    view.setUint32(at, v, true)
    at += 4
  })
  const put = (bytes: Uint8Array): void => {
    out.set(bytes, at)
    at += bytes.length
  }
  const offsets = named.map(({ name, bytes, crc }) => {
    const offset = at
    u32(0x04034b50)
    u16(20, 0x800, 0, 0, DATE)
    u32(crc, bytes.length, bytes.length)
    u16(name.length, 0)
    put(name)
    put(bytes)
    return offset
  })
  const start = at
  named.forEach(({ name, bytes, crc }, i) => {
    u32(0x02014b50)
    u16(20, 20, 0x800, 0, 0, DATE)
    u32(crc, bytes.length, bytes.length)
    u16(name.length, 0, 0, 0, 0)
    u32(0, offsets[i]!)
    put(name)
  })
  const length = at - start
  u32(0x06054b50)
  u16(0, 0, named.length, named.length)
  u32(length, start)
  u16(0)
  return out
}
