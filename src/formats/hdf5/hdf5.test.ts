// A file of the newer layout (superblock 2, link messages), written by the C library through h5wasm 0.10 from the numbers below.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { faultOf } from '../fault.ts'
import { openHdf5 } from './open.ts'

const bytes = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`../../../test/golden/keras/${name}`, import.meta.url)))
const fault = faultOf('keras', 'newer.h5')

test('groups, float32, float64 and text of the newer layout', () => {
  const file = openHdf5(bytes('newer.h5'), fault)
  expect(file.text('model_config')).toBe('{"class_name": "Sequential", "config": {"layers": []}}')
  expect(file.text('other')).toBeNull()
  const kernel = file.arrays.get('model_weights/dense/kernel')!
  expect([kernel.shape, [...kernel.read()]]).toEqual([[2, 3], [1, 2, 3, 4, 5, 6]])
  expect([...file.arrays.get('model_weights/dense/bias')!.read()]).toEqual([0.5, -1, 2])
})
test('what is not supported is listed, and says so when it is read', () => {
  const { arrays } = openHdf5(bytes('newer.h5'), fault)
  expect(() => arrays.get('model_weights/ints')!.read()).toThrow(/newer\.h5: "model_weights\/ints" is of a type that is not supported: expected float32 or float64, little-endian, received integers of 4 bytes/)
  expect(() => arrays.get('model_weights/packed')!.read()).toThrow(/"model_weights\/packed" is compressed, or in another file/)
})
test('what h5py wrote for Keras: paths and shapes', () => {
  const { arrays } = openHdf5(bytes('words.h5'), fault)
  expect(Object.fromEntries([...arrays].map(([path, { shape }]) => [path, shape]))).toMatchObject({ 'model_weights/embedding/sequential_1/embedding/embeddings': [7, 3], 'model_weights/conv1d/sequential_1/conv1d/kernel': [2, 3, 5] })
})
