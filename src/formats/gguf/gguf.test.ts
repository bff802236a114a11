// GGUF against the package gguf of llama.cpp: metadata, shapes, and the numbers of random blocks to the bit.
import { expect, test } from 'vitest'
import { goldenFile, goldenValues, plainNumbers } from '../../../test/support/golden-files.ts'
import { openGguf } from './read.ts'

test('the file of the reference package', async () => {
  const file = await openGguf(goldenFile('blocks.gguf'))
  expect(file.format).toBe('gguf 3')
  expect(Object.fromEntries(file.metadata)).toEqual({
    'general.architecture': 'llama', 'general.name': 'голова', 'test.u32': 7, 'test.i64': -1099511627776n, 'test.f32': 0.5, 'test.bool': true,
    'test.texts': ['a', 'β', ''], 'test.numbers': [1, -2, 3],
  })
  const expected = goldenValues('blocks.gguf')
  expect([...file.tensors.keys()]).toEqual([...expected.keys()])
  for (const [name, { shape, data }] of expected) {
    const array = await file.read(name)
    expect(array.shape, name).toEqual(shape)
    expect(plainNumbers(array.data), name).toEqual(data)
  }
})
test('packed tensors have no plain elements; plain ones do', async () => {
  const file = await openGguf(goldenFile('blocks.gguf'))
  expect(file.tensors.get('q4_k')).toEqual({ type: 'Q4_K', shape: [2, 512], bytes: 576 })
  await expect(file.readRaw('q4_k')).rejects.toThrow(/packed \(Q4_K\)/)
  expect((await file.readRaw('f16')).type).toBe('F16')
})
test('version 2 is read as well', async () => {
  const bytes = goldenFile('blocks.gguf')
  bytes[4] = 2
  expect((await openGguf(bytes)).format).toBe('gguf 2')
})
