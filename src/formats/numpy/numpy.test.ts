// npy and npz against files by NumPy; what is written is NumPy's to the byte.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { goldenFile, goldenValues, plainNumbers } from '../../../test/support/golden-files.ts'
import type { NDArray } from '../../base/index.ts'
import { readNpy, writeNpy } from './npy.ts'
import { openNpz, readNpz, writeNpz } from './npz.ts'

const range: NDArray = { dtype: 'float32', shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) }

test.each(['v1.npy', 'v2.npy', 'v3.npy'])('%s', (name) => expect(readNpy(goldenFile(name))).toEqual(range))
test('what is written is what NumPy writes', () => expect(writeNpy(range)).toEqual(goldenFile('v1.npy')))

test.each(['arrays.npz', 'compressed.npz'])('%s: every type and order', async (name) => {
  const file = await openNpz(goldenFile(name))
  const expected = goldenValues('arrays.npz')
  expect([...file.tensors.keys()]).toEqual([...expected.keys()])
  for (const [key, { shape, data }] of expected) {
    const array = await file.read(key)
    expect(array.shape, key).toEqual(shape)
    expect(plainNumbers(array.data), key).toEqual(data)
  }
})
test('the arrays of an npz are NumPy’s to the byte when written again', async () => {
  const file = await openNpz(goldenFile('arrays.npz'))
  for (const key of ['f4', 'f8', 'f2', 'i8', 'u2', 'bool', 'scalar', 'empty']) {
    const again = await openNpz(writeNpz({ [key]: await file.readRaw(key) }))
    expect(again.tensors.get(key)).toEqual(file.tensors.get(key))
    expect((await again.readRaw(key)).bytes).toEqual((await file.readRaw(key)).bytes)
  }
})
test('an archive written as a stream', async () => expect((await readNpz(goldenFile('streamed.npz'))).get('x')).toEqual(range))

describe('refused', () => {
  test('objects and records', () => {
    expect(() => readNpy(goldenFile('object.npy'), { name: 'object.npy' })).toThrow(/object.npy: a dtype that is not supported.*Python objects/)
    expect(() => readNpy(goldenFile('struct.npy'))).toThrow(/records/)
  })
  test('what NumPy cannot hold', () => expect(() => writeNpy({ type: 'BF16', shape: [1], bytes: new Uint8Array(2) })).toThrow(/no such type/))
})

test('what is written is read again, to the bit', async () => {
  const arrays = fc.oneof(
    fc.float32Array().map((data): NDArray => ({ dtype: 'float32', shape: [data.length], data })),
    fc.float64Array().map((data): NDArray => ({ dtype: 'float64', shape: [1, data.length], data })),
    fc.int32Array().map((data): NDArray => ({ dtype: 'int32', shape: [data.length, 1], data })),
    fc.uint8Array().map((data): NDArray => ({ dtype: 'uint8', shape: [data.length], data })),
  )
  const name = fc.stringMatching(/^[a-zπ0-9_]{1,8}(\/[a-z]{1,3})?$/)
  await fc.assert(fc.asyncProperty(fc.dictionary(name, arrays), async (given) => {
    const read = await readNpz(writeNpz(given))
    expect(Object.fromEntries(read)).toEqual({ ...given })
  }), { numRuns: 50 })
})
