// The packed part of MNIST: sizes, known first labels, the whole test set, a few MB.
import { expect, test } from 'vitest'
import { packDigits } from '../../build/digits.mjs'
import { digits } from './mnist.ts'

test('the part packed while building', async () => {
  const { kind, train, test: held } = await digits()
  expect([kind, train.length, held.length]).toEqual(['subset', 15_000, 10_000])
  expect([...train.targets.data.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9])
  expect([...held.targets.data.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4])
  expect(train.exampleShape).toEqual([28, 28])
  const bytes = [...packDigits().values()].reduce((sum, b) => sum + b.length, 0)
  expect(bytes).toBeLessThan(5_000_000)
})
