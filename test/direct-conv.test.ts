// Convolutions of batches with the batch innermost in memory: values and both gradients against the reference, whatever
// surrounds them, and the same bits on one thread and on several.
import { describe, expect, test } from 'vitest'
import { conv2d, type DeviceName, type DeviceOptions, grad, jit, key, maxPool2d, profile, setDevice, type Tensor, uniform } from '../src/tensor/index.ts'
import { processors } from './support/devices.ts'

interface Case {
  readonly x: readonly [number, number, number, number]
  readonly filters: number
  readonly window: readonly [number, number]
  readonly padding?: number
  readonly stride?: number
  readonly dilation?: number
}
const CASES: readonly Case[] = [
  { x: [16, 1, 12, 12], filters: 6, window: [5, 5], padding: 2 },
  { x: [32, 6, 9, 8], filters: 16, window: [5, 5] },
  { x: [19, 3, 7, 8], filters: 5, window: [3, 2], padding: 1 },
  { x: [21, 4, 9, 9], filters: 7, window: [3, 3], stride: 2, padding: 1 },
  { x: [16, 2, 10, 11], filters: 3, window: [4, 3], stride: 3 },
  { x: [17, 2, 9, 9], filters: 3, window: [3, 3], dilation: 2, padding: 2 },
  { x: [33, 9, 4, 4], filters: 13, window: [1, 1] },
  { x: [16, 3, 8, 8], filters: 4, window: [7, 7], padding: 3, stride: 2 },
  { x: [16, 1, 3, 3], filters: 2, window: [3, 3], padding: 2 },
]
/** Root mean square of the error over that of the values. */
const ERROR = 1e-6

/** A layer of convolution, bias, rectifier and pooling below another: its values, and what backpropagation gives at each place. */
async function results(device: DeviceName, { x: [N, C, H, W], filters, window, padding = 0, stride = 1, dilation = 1 }: Case, options: DeviceOptions = {}): Promise<Float32Array[]> {
  setDevice(device as 'wasm', options)
  const random = (n: number, ...shape: number[]): Tensor => uniform(shape, { key: key(n) }).sub(0.5)
  const [x, w0, w, b, w2] = [random(1, N, C, H, W), random(5, C, C, 1, 1), random(2, filters, C, ...window), random(3, filters, 1, 1).add(0.4), random(4, 3, filters, 1, 1)]
  const all = jit((x: Tensor, w0: Tensor, w: Tensor, b: Tensor, w2: Tensor) => {
    const net = (x: Tensor, w0: Tensor, w: Tensor, b: Tensor, w2: Tensor): Tensor => {
      const a = conv2d(conv2d(x, w0).tanh(), w, { padding, stride, dilation }).add(b).relu()
      const pooled = a.shape[2]! > 1 && a.shape[3]! > 1 ? maxPool2d(a, 2) : a
      return conv2d(pooled, w2).square().sum([1, 2, 3])
    }
    return [net(x, w0, w, b, w2), ...(grad((...p: Tensor[]) => net(p[0]!, p[1]!, p[2]!, p[3]!, p[4]!).sum(), { argnums: [0, 1, 2, 3, 4] })(x, w0, w, b, w2) as unknown as Tensor[])]
  })
  return Promise.all(all(x, w0, w, b, w2).map(async (t) => (await t.data()) as Float32Array))
}

function error(got: Float32Array, want: Float32Array): number {
  expect(got.length).toBe(want.length)
  let [wrong, size] = [0, 0]
  got.forEach((v, i) => {
    wrong += (v - want[i]!) ** 2
    size += want[i]! ** 2
  })
  return Math.sqrt(wrong / size)
}

/** The reference's results, once for every case. */
const wanted = new Map<Case, Promise<Float32Array[]>>()
function want(c: Case): Promise<Float32Array[]> {
  if (!wanted.has(c)) wanted.set(c, results('reference', c))
  return wanted.get(c)!
}

describe.each(await processors())('$how', ({ name, missing, options }) => {
  // Every program costs the native device a run of the C compiler: there, one case of each kind.
  test.skipIf(missing !== null).each(name === 'native' ? [CASES[0]!, CASES[2]!, CASES[3]!] : CASES)('%o', async (c) => {
    const right = await want(c)
    const got = await results(name, c, { ...options, threads: 1 })
    got.forEach((values, i) => expect(error(values, right[i]!), ['values', 'images', 'first filters', 'filters', 'bias', 'last filters'][i]).toBeLessThan(ERROR))
  })
  test.skipIf(missing !== null)('the bits do not depend on the threads', async () => {
    const [one, two, three] = [await results(name, CASES[1]!, { ...options, threads: 1 }), await results(name, CASES[1]!, { ...options, threads: 2 }), await results(name, CASES[1]!, { ...options, threads: 3 })]
    expect(two).toEqual(one)
    expect(three).toEqual(one)
  })
  test.skipIf(missing !== null)('it is these kernels that ran, and nothing was packed', async () => {
    setDevice(name, options)
    const { kernels } = await profile(() => results(name, CASES[1]!, options))
    const names = new Set(kernels.map((k) => k.name.replace(/_\d.*/, '')))
    expect(names).toContain('conv')
    expect(names).toContain('conv_weights')
    expect(names).not.toContain('pack')
  })
})
