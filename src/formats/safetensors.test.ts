// safetensors against files built by hand from the specification, and every way of being wrong.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FormatError, type NDArray } from '../base/index.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'

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
  const one = (begin: number, end: number, dtype = 'U8', shape = `[${end - begin}]`) => `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`
  const cases: [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(0), /too short/],
    ['a header longer than the file', file('{}', [], 1000), /bad header length/],
    ['an enormous header length', Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 123), /bad header length/],
    ['no object', file('[]'), /does not begin/],
    ['leading space', file(' {}'), /does not begin/],
    ['no JSON', file('{"a"'), /expected ':'/],
    ['text after the object', file('{} x'), /more text/],
    ['a trailing comma', file(`{"a":${one(0, 0)},}`), /bad string/],
    ['a number JSON does not have', file('{"a":{"dtype":"U8","shape":[01],"data_offsets":[0,1]}}', [0]), /expected '\]'/],
    ['bytes that are not UTF-8', file('{}').fill(0xff, 9, 10), /UTF-8/],
    ['a name twice', file(`{"a":${one(0, 1)},"a":${one(1, 2)}}`, [1, 2]), /given twice/],
    ['a name twice, once escaped', file(`{"a":${one(0, 1)},"\\u0061":${one(1, 2)}}`, [1, 2]), /given twice/],
    ['a field twice', file('{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}', [1]), /given twice/],
    ['__proto__', file(`{"__proto__":${one(0, 1)}}`, [1]), /__proto__/],
    ['an overlap', file(`{"a":${one(0, 2)},"b":${one(1, 3)}}`, [1, 2, 3]), /overlaps/],
    ['the same place twice', file(`{"a":${one(0, 2)},"b":${one(0, 2)}}`, [1, 2]), /overlaps/],
    ['a hole', file(`{"a":${one(0, 1)},"b":${one(2, 3)}}`, [1, 2, 3]), /hole/],
    ['a file cut off', file(`{"a":${one(0, 3)}}`, [1, 2]), /cut off/],
    ['bytes left over', file(`{"a":${one(0, 1)}}`, [1, 2]), /after the last/],
    ['a wrong length', file(`{"a":${one(0, 3, 'F32', '[1]')}}`, [1, 2, 3]), /another length/],
    ['a size beyond all numbers', file(`{"a":${one(0, 1, 'F32', '[9007199254740991,9007199254740991]')}}`, [1]), /another length/],
    ['begin after end', file('{"a":{"dtype":"U8","shape":[],"data_offsets":[1,0]}}', [1]), /data_offsets/],
    ['a fraction', file('{"a":{"dtype":"U8","shape":[0.5],"data_offsets":[0,1]}}', [1]), /bad shape/],
    ['a negative size', file('{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}', [1]), /bad shape/],
    ['an unknown type', file(`{"a":${one(0, 1, 'F4')}}`, [1]), /not supported/],
    ['an unknown field', file('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}}', [1]), /unknown field/],
    ['a missing field', file('{"a":{"dtype":"U8","shape":[1]}}', [1]), /data_offsets/],
    ['metadata that is not text', file('{"__metadata__":{"a":1}}'), /not text/],
    ['a bool of 2', file(`{"a":${one(0, 1, 'BOOL')}}`, [2]), /no bool/],
    ['nesting without end', file(`{"a":${'['.repeat(100_000)}`), /too deeply/],
  ]
  test.each(cases)('%s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(FormatError)
    expect(() => readSafetensors(bytes)).toThrow(message)
  })
  test('writing data of another length than the shape', () => {
    expect(() => writeSafetensors({ a: { dtype: 'uint8', shape: [2], data: Uint8Array.of(1) } })).toThrow(FormatError)
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
