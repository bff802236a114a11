// The gradient of an embedding: rows added up where they belong, in the order of the indices whatever the threads; its zeros
// are no buffer of their own.
import { describe, expect, test } from 'vitest'
import { type Tensor, embedding, grad, jit, setDevice, tensor } from '../src/tensor/index.ts'
import { processors } from './support/devices.ts'

const [ROWS, WIDTH, COUNT] = [23, 37, 300]
const indices = Int32Array.from({ length: COUNT }, (_, i) => (i * i * 7 + 3 * i) % ROWS)
const weights = Float32Array.from({ length: COUNT * WIDTH }, (_, i) => Math.fround(((i * 7919) % 2003) / 1001 - 1))

describe.each(await processors())('$how', ({ name, missing, options }) => {
  test.skipIf(missing !== null).each([1, 2])('the sums of a loop, bit for bit, on %i thread(s)', async (threads) => {
    setDevice(name, { ...options, threads })
    try {
      const table = tensor(new Float32Array(ROWS * WIDTH), { shape: [ROWS, WIDTH] })
      const step = jit((t: Tensor, i: Tensor, w: Tensor) => grad((x: Tensor) => embedding(x, i).mul(w).sum())(t), { device: name })
      const got = await step(table, tensor(indices), tensor(weights, { shape: [COUNT, WIDTH] })).data()
      const sums = new Float32Array(ROWS * WIDTH)
      indices.forEach((row, i) => {
        for (let c = 0; c < WIDTH; c++) sums[row * WIDTH + c]! += weights[i * WIDTH + c]!
      })
      expect(got).toEqual(sums)
      expect(step.programs()[0]!.kernels).toBe(3) // the indices held within the table, the update, and the sums where they are wanted
    } finally {
      setDevice('reference')
    }
  })
})
