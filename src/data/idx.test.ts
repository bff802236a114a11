// IDX against bytes written by hand, and everything a file can be wrong in.
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { FormatError } from '../base/index.ts'
import { parseIdx, readIdx, writeIdx } from './idx.ts'

const bytes = (...b: number[]) => Uint8Array.from(b)
const images = bytes(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 255)

test('bytes', () => expect(parseIdx(images)).toEqual({ dtype: 'uint8', shape: [2, 1, 2], data: bytes(1, 2, 3, 255) }))
test('signed bytes, shorts, ints, floats, doubles are big-endian', () => {
  expect(parseIdx(bytes(0, 0, 9, 1, 0, 0, 0, 1, 0xfe)).data).toEqual(Int32Array.of(-2))
  expect(parseIdx(bytes(0, 0, 0x0b, 1, 0, 0, 0, 1, 0xff, 0xfe)).data).toEqual(Int32Array.of(-2))
  expect(parseIdx(bytes(0, 0, 0x0c, 1, 0, 0, 0, 1, 0, 0, 1, 0)).data).toEqual(Int32Array.of(256))
  expect(parseIdx(bytes(0, 0, 0x0d, 1, 0, 0, 0, 1, 0x3f, 0xc0, 0, 0)).data).toEqual(Float32Array.of(1.5))
  expect(parseIdx(bytes(0, 0, 0x0e, 1, 0, 0, 0, 1, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0)).data).toEqual(Float64Array.of(1.5))
})
test('rank 0 and empty axes', () => {
  expect(parseIdx(bytes(0, 0, 8, 0, 7))).toEqual({ dtype: 'uint8', shape: [], data: bytes(7) })
  expect(parseIdx(bytes(0, 0, 8, 1, 0, 0, 0, 0)).shape).toEqual([0])
})
test('the result is a plain copy, of a Buffer too', () => {
  const buffer = Buffer.from(images)
  const { data } = parseIdx(buffer)
  buffer.fill(0)
  expect(data).toEqual(bytes(1, 2, 3, 255))
  expect(data.constructor).toBe(Uint8Array)
})
test('gzipped', async () => expect((await readIdx(gzipSync(images))).shape).toEqual([2, 1, 2]))
test('written and read again', () => {
  for (const array of [
    { dtype: 'uint8', shape: [2, 2], data: bytes(1, 2, 3, 4) },
    { dtype: 'int32', shape: [2], data: Int32Array.of(-1, 70000) },
    { dtype: 'float32', shape: [1], data: Float32Array.of(0.1) },
    { dtype: 'float64', shape: [1], data: Float64Array.of(0.1) },
  ] as const) expect(parseIdx(writeIdx(array))).toEqual(array)
})

describe('refused', () => {
  test.each([
    ['nothing', bytes(), /too short/],
    ['a wrong magic number', bytes(1, 0, 8, 1, 0, 0, 0, 0), /not an IDX file/],
    ['an unknown type', bytes(0, 0, 10, 1, 0, 0, 0, 0), /not an IDX file/],
    ['a header cut off', bytes(0, 0, 8, 3, 0, 0, 0, 1), /cut off in the header/],
    ['numbers cut off', images.subarray(0, -1), /cut off.*expected 20 bytes for 2 × 1 × 2, received 19/],
    ['bytes after the end', Uint8Array.from([...images, 0]), /after the end/],
    ['sizes beyond memory', bytes(0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255), /too large/],
  ])('%s', (_, data, message) => {
    expect(() => parseIdx(data, 'x')).toThrow(FormatError)
    expect(() => parseIdx(data, 'x')).toThrow(message)
  })
  test('a gzip file cut off or damaged', async () => {
    const packed = gzipSync(Uint8Array.from({ length: 5000 }, (_, i) => Math.imul(i, 2654435761) >>> 13))
    await expect(readIdx(packed.subarray(0, 200), 'f.gz')).rejects.toThrow(/f\.gz: (cut off|damaged)/)
    const damaged = Uint8Array.from(packed)
    damaged[60]! ^= 0xff
    await expect(readIdx(damaged)).rejects.toThrow(FormatError)
  })
})
