// Convolutions that run by Winograd's algorithm: values and both gradients against the reference, the error stated, and
// the same bits on one thread and on several.
import { describe, expect, test } from 'vitest'
import { conv2d, type DeviceName, type DeviceOptions, grad, jit, key, profile, setDevice, type Tensor, uniform } from '../src/tensor/index.ts'
import { processors } from './support/devices.ts'

interface Case {
  readonly x: readonly [number, number, number, number]
  readonly filters: number
  readonly padding: number
}
const CASES: readonly Case[] = [
  { x: [4, 16, 16, 16], filters: 16, padding: 1 },
  { x: [2, 17, 13, 15], filters: 18, padding: 1 },
  { x: [1, 20, 40, 33], filters: 19, padding: 0 },
  { x: [8, 16, 7, 7], filters: 40, padding: 2 },
  { x: [3, 33, 28, 28], filters: 32, padding: 1 },
]
/** Root mean square of the error over that of the values; direct summation in float32 has about half of this. */
const ERROR = 1.5e-6

/** Forward with an epilogue, gradient by the input, gradient by the weights. */
async function results(
  device: DeviceName,
  { x: [N, C, H, W], filters, padding }: Case,
  options: DeviceOptions = {},
): Promise<Float32Array[]> {
  setDevice(device as 'wasm', options)
  const random = (n: number, ...shape: number[]): Tensor => uniform(shape, { key: key(n) }).sub(0.5)
  const [x, w, b, y] = [
    random(1, N, C, H, W),
    random(2, filters, C, 3, 3),
    random(3, filters, 1, 1),
    random(4, N, filters, H + 2 * padding - 2, W + 2 * padding - 2),
  ]
  const all = jit((x: Tensor, w: Tensor, b: Tensor, y: Tensor) => {
    const [dx, dw] = grad((p: Tensor, q: Tensor) => conv2d(p, q, { padding }).mul(y).sum(), { argnums: [0, 1] })(x, w) as unknown as [Tensor, Tensor]
    return [conv2d(x, w, { padding }).add(b).relu(), dx, dw]
  })
  const out = all(x, w, b, y)
  return Promise.all(out.map(async (t) => (await t.data()) as Float32Array))
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

/** A layer between others, of a batch whose size is no multiple of the vectors': its values, and what backpropagation gives. */
async function layer(device: DeviceName, options: DeviceOptions): Promise<Float32Array[]> {
  setDevice(device as 'wasm', options)
  const random = (n: number, ...shape: number[]): Tensor => uniform(shape, { key: key(n) }).sub(0.5)
  const net = (x: Tensor, w0: Tensor, w: Tensor, b: Tensor): Tensor => conv2d(conv2d(x, w0).tanh(), w, { padding: [1, 2] }).add(b).relu().square().sum([2, 3])
  const all = jit((...p: [Tensor, Tensor, Tensor, Tensor]) => [net(...p), ...(grad((x: Tensor, w0: Tensor, w: Tensor, b: Tensor) => net(x, w0, w, b).sum(), { argnums: [0, 1, 2, 3] })(...p) as unknown as Tensor[])])
  const out = all(random(1, 19, 16, 9, 10), random(2, 16, 16, 1, 1), random(3, 17, 16, 3, 3), random(4, 17, 1, 1))
  return Promise.all(out.map(async (t) => (await t.data()) as Float32Array))
}
const layerWanted = layer('reference', {})

describe.each(await processors())('$how', ({ name, missing, options }) => {
  // Every program costs the native device a run of the C compiler.
  test.skipIf(missing !== null).each(name === 'native' ? [CASES[1]!, CASES[4]!] : CASES)('$x with $filters filters', async (c) => {
    const right = await want(c)
    const got = await results(name, c, { ...options, threads: 1 })
    got.forEach((values, i) =>
      expect(error(values, right[i]!), ['values', 'by the input', 'by the weights'][i]).toBeLessThan(ERROR),
    )
  })
  test.skipIf(missing !== null)('the bits do not depend on the threads', async () => {
    const [one, two, three] = [
      await results(name, CASES[4]!, { ...options, threads: 1 }),
      await results(name, CASES[4]!, { ...options, threads: 2 }),
      await results(name, CASES[4]!, { ...options, threads: 3 }),
    ]
    expect(two).toEqual(one)
    expect(three).toEqual(one)
  })
  test.skipIf(missing !== null)('a layer between others, whatever lies innermost', async () => {
    const right = await layerWanted
    let names: string[] = []
    const run = async (threads: number): Promise<Float32Array[]> => {
      let got: Float32Array[] = []
      setDevice(name as 'wasm', { ...options, threads })
      names = (await profile(async () => { got = await layer(name, { ...options, threads }) })).kernels.map((k) => k.name)
      return got
    }
    const [one, two] = [await run(1), await run(2)]
    one.forEach((values, i) => expect(error(values, right[i]!), ['values', 'images', 'first filters', 'filters', 'bias'][i]).toBeLessThan(ERROR))
    expect(two).toEqual(one)
    expect(names.filter((n) => /^winograd_17x16x9x12/.test(n))).not.toEqual([])
  })
  test.skipIf(missing !== null)('it is Winograd that ran', async () => {
    setDevice(name, options)
    const { kernels } = await profile(() => results(name, CASES[0]!, options))
    const names = new Set(kernels.map((k) => k.name.replace(/_\d.*/, '')).filter((n) => n.startsWith('winograd')))
    expect([...names].sort()).toEqual(['winograd', 'winograd_filter', 'winograd_weights', 'winograd_weights_end'])
  })
})
