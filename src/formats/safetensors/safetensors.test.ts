// safetensors against files built by hand from the specification, and every way of being wrong.
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FormatError, type NDArray } from '../../base/index.ts'
import { goldenFile, goldenValues, plainNumbers } from '../../../test/support/golden-files.ts'
import { openWeights } from '../open.ts'
import { ELEMENT_TYPES, type RawArray } from '../elements/element-types.ts'
import { openSafetensors, readSafetensors } from './read.ts'
import { openShardedSafetensors } from './sharded.ts'
import { writeSafetensors } from './write.ts'

const file = (header: string, numbers: number[] | Uint8Array = [], length = new TextEncoder().encode(header).length): Uint8Array => {
  const json = new TextEncoder().encode(header)
  const out = new Uint8Array(8 + json.length + numbers.length)
  new DataView(out.buffer).setBigUint64(0, BigInt(length), true)
  out.set(json, 8)
  out.set(numbers, 8 + json.length)
  return out
}

test('a file written by hand is read', () => {
  // 1.5 and -2 as float32, little-endian
  const bytes = file('{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"BOOL","shape":[],"data_offsets":[8,9]}}  ', [0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0, 1])
  const { tensors, metadata } = readSafetensors(bytes)
  expect([...metadata]).toEqual([['format', 'pt']])
  expect(tensors.get('w')).toEqual({ dtype: 'float32', shape: [1, 2], data: Float32Array.of(1.5, -2) })
  expect(tensors.get('b')).toEqual({ dtype: 'bool', shape: [], data: Uint8Array.of(1) })
})

test('the bytes written are those of the specification', () => {
  const bytes = writeSafetensors({ b: { dtype: 'uint8', shape: [1], data: Uint8Array.of(7) }, a: { dtype: 'int32', shape: [1], data: Int32Array.of(-2) } })
  const header = '{"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}}'
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8)
  expect(bytes).toEqual(file(padded, [0xfe, 0xff, 0xff, 0xff, 7]))
})

test('what is written is read again, to the bit', () => {
  const numbers = fc.oneof(
    fc.float32Array().map((data): NDArray => ({ dtype: 'float32', shape: [data.length], data })),
    fc.float64Array().map((data): NDArray => ({ dtype: 'float64', shape: [data.length, 1], data })),
    fc.int32Array().map((data): NDArray => ({ dtype: 'int32', shape: [1, data.length], data })),
    fc.uint8Array().map((data): NDArray => ({ dtype: 'uint8', shape: [data.length], data })),
  )
  const name = fc.string({ minLength: 1 }).filter((s) => s !== '__proto__' && s !== '__metadata__' && !/[\ud800-\udfff]/.test(s))
  fc.assert(fc.property(fc.dictionary(name, numbers), fc.boolean(), (tensors, odd) => {
    const written = writeSafetensors(tensors, odd ? { note: 'ü"\\' } : {})
    const shifted = new Uint8Array(written.length + 1)
    shifted.set(written, 1)
    const read = readSafetensors(odd ? shifted.subarray(1) : written)
    const bits = (x: NDArray) => [x.dtype, x.shape, new Uint8Array(x.data.buffer, x.data.byteOffset, x.data.byteLength)]
    expect(Object.fromEntries([...read.tensors].map(([k, v]) => [k, bits(v)]))).toEqual(Object.fromEntries(Object.entries(tensors).map(([k, v]) => [k, bits(v)])))
  }), { numRuns: 50 })
})

describe('refused', () => {
  test('writing data of another length than the shape', () => {
    expect(() => writeSafetensors({ a: { dtype: 'uint8', shape: [2], data: Uint8Array.of(1) } })).toThrow(FormatError)
  })
  test('numbers of another type than declared would be other numbers; metadata is text', () => {
    const w = { dtype: 'int32', shape: [1], data: Float32Array.of(1) } as const
    expect(() => writeSafetensors({ w })).toThrow('writeSafetensors: the data of "w" has another type: expected Int32Array for int32, received Float32Array.')
    expect(() => writeSafetensors({}, { epoch: 3 as never })).toThrow('writeSafetensors: bad metadata "epoch": expected a text, received 3.')
  })
  test('any truncation and any single flipped bit of the length or header is an error or reads to something valid', () => {
    const good = writeSafetensors({ w: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } })
    for (let n = 0; n < good.length; n++) expect(() => readSafetensors(good.subarray(0, n))).toThrow(FormatError)
    for (let i = 0; i < 8 * (good.length - 8); i++) {
      const copy = good.slice()
      copy[i >> 3]! ^= 1 << (i & 7)
      try {
        readSafetensors(copy)
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError)
      }
    }
  })
})

describe('files of the reference library', () => {
  test('every type has the values PyTorch gives', async () => {
    const { tensors } = readSafetensors(goldenFile('types.safetensors'))
    const expected = goldenValues('types.safetensors')
    expect([...tensors.keys()].sort()).toEqual([...expected.keys()].sort())
    for (const [name, { shape, data }] of expected) {
      expect(tensors.get(name)!.shape, name).toEqual(shape)
      expect(plainNumbers(tensors.get(name)!.data), name).toEqual(data)
    }
  })
  test('four bits: the lower half of a byte comes first', () => {
    // 0 … 15 in order: the values of the OCP MX specification, table 5
    const { data } = readSafetensors(goldenFile('four-bits.safetensors')).tensors.get('f4')!
    expect([...data]).toEqual([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0, -0.5, -1, -1.5, -2, -3, -4, -6])
  })
  test.each(['types.safetensors', 'beyond.safetensors', 'four-bits.safetensors', 'shard-a.safetensors'])('%s: read and written again, the bytes are the same', async (name) => {
    const bytes = goldenFile(name)
    const file = await openSafetensors(bytes)
    const raw = new Map<string, RawArray>()
    for (const tensor of [...file.tensors.keys()].reverse()) raw.set(tensor, await file.readRaw(tensor))
    expect(writeSafetensors(raw, file.metadata as ReadonlyMap<string, string>)).toEqual(bytes)
  })
  test('what int32 does not hold is refused with its value, and can be had as bytes', async () => {
    const file = await openSafetensors(goldenFile('beyond.safetensors'), { name: 'beyond.safetensors' })
    await expect(file.read('large')).rejects.toThrow(/beyond.safetensors: "large" .*int32.* 2147483648 at 1/)
    await expect(file.read('unsigned')).rejects.toThrow(/"unsigned" .*4294967295 at 0/)
    await expect(file.read('complex')).rejects.toThrow(/complex/)
    expect(new BigInt64Array((await file.readRaw('large')).bytes.slice().buffer)).toEqual(BigInt64Array.of(1n, 2147483648n))
  })
  test('a model in several files', async () => {
    const file = await openShardedSafetensors(fileURLToPath(new URL('../../../test/golden/formats/model.safetensors.index.json', import.meta.url)))
    expect([...file.tensors.keys()].sort()).toEqual(['v', 'w'])
    expect([...(await file.read('v')).data]).toEqual([0, 1, 2])
    expect(file.metadata.get('total_size')).toBe(28)
    await file.close()
  })
})

test('only the wanted bytes are read', async () => {
  const data = new Float32Array(250_000)
  const bytes = writeSafetensors({ a: { dtype: 'float32', shape: [250_000], data }, b: { dtype: 'float32', shape: [2], data: Float32Array.of(3, 4) } })
  let read = 0
  const counted = { name: 'counted', size: bytes.length, close: async () => {}, read: async (at: number, n: number) => {
    read += n
    return bytes.subarray(at, at + n)
  } }
  const file = await openSafetensors(counted)
  expect([...(await file.read('b')).data]).toEqual([3, 4])
  expect(read).toBeLessThan(200)
  expect([...(await (await openSafetensors(new Blob([bytes]))).read('b')).data]).toEqual([3, 4])
})

test('every type of the format is written and read', async () => {
  for (const type of ELEMENT_TYPES) {
    // eight elements: a whole number of bytes for 4 and 6 bits as well
    const probe = await openSafetensors(writeSafetensors({ x: { type, shape: [0], bytes: new Uint8Array(0) } }))
    expect(probe.tensors.get('x')).toEqual({ type, shape: [0], bytes: 0 })
  }
  // 0b000001 and 0b111111, six bits each, of 0b001000 and 0b000000 after them
  const six = (type: 'F6_E2M3' | 'F6_E3M2') => [...readSafetensors(writeSafetensors({ x: { type, shape: [4], bytes: Uint8Array.of(0b11000001, 0b10001111, 0b00000000) } })).tensors.get('x')!.data]
  expect(six('F6_E2M3')).toEqual([0.125, -7.5, 1, 0])
  expect(six('F6_E3M2')).toEqual([0.0625, -28, 0.5, 0])
})

test('headers of every length are told from other formats', async () => {
  for (let n = 0; n < 300; n++) {
    const bytes = writeSafetensors({ ['n'.repeat(n + 1)]: { dtype: 'uint8', shape: [1], data: Uint8Array.of(7) } })
    expect((await openWeights(bytes)).format, `${n}`).toBe('safetensors')
  }
})
