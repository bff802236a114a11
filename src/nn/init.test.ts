// Initialisers: bounds, spread and orthogonality of what they draw.
import { describe, expect, test } from 'vitest'
import { ShapeError, type Tensor, ValueError, manualSeed } from '../tensor/index.ts'
import { init } from './index.ts'

const numbers = async (x: Tensor): Promise<number[]> => Array.from(await x.data())
/** Mean, standard deviation, largest size and fourth moment over the square of the second (3: normal, 1.8: uniform). */
async function shape(x: Tensor) {
  const xs = await numbers(x)
  const moment = (k: number): number => xs.reduce((s, v) => s + v ** k, 0) / xs.length
  return { count: xs.length, mean: moment(1), std: Math.sqrt(moment(2)), most: Math.max(...xs.map(Math.abs)), tail: moment(4) / moment(2) ** 2 }
}

const conv = [40, 20, 3, 5] // fan in 300, fan out 600
describe.each([
  ['xavierUniform', () => init.xavierUniform(conv), Math.sqrt(2 / 900), 1.8],
  ['xavierUniform, gain 2', () => init.xavierUniform(conv, { gain: 2 }), 2 * Math.sqrt(2 / 900), 1.8],
  ['xavierNormal', () => init.xavierNormal(conv), Math.sqrt(2 / 900), 3],
  ['heUniform', () => init.heUniform(conv), Math.sqrt(2 / 300), 1.8],
  ['heUniform, fan out', () => init.heUniform(conv, { mode: 'fanOut' }), Math.sqrt(2 / 600), 1.8],
  ['heNormal', () => init.heNormal(conv), Math.sqrt(2 / 300), 3],
  ['heNormal, leaky', () => init.heNormal(conv, { slope: 0.5 }), Math.sqrt(2 / 1.25 / 300), 3],
  ['lecunUniform', () => init.lecunUniform(conv), Math.sqrt(1 / 300), 1.8],
  ['lecunNormal', () => init.lecunNormal(conv), Math.sqrt(1 / 300), 3],
  ['PyTorch’s default', () => init.fanInUniform(conv, 300), Math.sqrt(1 / 900), 1.8],
  ['heUniform with slope √5, the same', () => init.heUniform(conv, { slope: Math.sqrt(5) }), Math.sqrt(1 / 900), 1.8],
  ['normal', () => init.normal([12000], { std: 0.3 }), 0.3, 3],
  ['uniform', () => init.uniform([12000], { low: -2, high: 2 }), Math.sqrt(4 / 3), 1.8],
] as const)('%s', (_, make, std, tail) => {
  test('has its spread and its form', async () => {
    manualSeed(5)
    const s = await shape(make())
    expect(Math.abs(s.mean)).toBeLessThan((4 * std) / Math.sqrt(s.count))
    // the spread of 12 000 numbers is known to 0.65 % (one deviation)
    expect(s.std / std).toBeGreaterThan(0.975)
    expect(s.std / std).toBeLessThan(1.025)
    expect(Math.abs(s.tail - tail)).toBeLessThan(0.2)
    if (tail === 1.8) expect(s.most).toBeLessThanOrEqual(Math.sqrt(3) * std * (1 + 1e-6))
  })
})

test('truncatedNormal stays within its bounds and has the spread left there', async () => {
  manualSeed(6)
  const s = await shape(init.truncatedNormal([20000], { std: 0.5 }))
  expect(s.most).toBeLessThanOrEqual(1)
  // variance of the normal cut at ±2: 1 − 4φ(2)/(2Φ(2) − 1) = 0.7737
  expect(s.std).toBeCloseTo(0.5 * Math.sqrt(0.7737), 2)
})

describe('orthogonal', () => {
  test.each([[[6, 6]], [[4, 9]], [[9, 4]], [[5, 2, 3, 3]], [[1, 7]], [[64, 64]]])('%j', async (size) => {
    manualSeed(8)
    const w = init.orthogonal(size).reshape(size[0]!, -1)
    expect(init.orthogonal(size).shape).toEqual(size)
    const product = w.shape[0]! <= w.shape[1]! ? w.matmul(w.T) : w.T.matmul(w)
    const got = (await product.array()) as number[][]
    for (const [i, row] of got.entries()) for (const [j, v] of row.entries()) expect(Math.abs(v - (i === j ? 1 : 0))).toBeLessThan(3e-6)
  })
  test('keeps lengths, times the gain', async () => {
    const w = init.orthogonal([8, 8], { gain: 3 })
    const x = init.normal([8, 1])
    expect((await w.matmul(x).norm().item()) / (await x.norm().item())).toBeCloseTo(3, 4)
  })
  test('has no preferred direction', async () => {
    manualSeed(9)
    let sum = 0
    for (let i = 0; i < 200; i++) sum += (await numbers(init.orthogonal([2, 2])))[0]!
    // cos of an even angle: deviation √½; the mean of 200 stays within four of 0.05
    expect(Math.abs(sum / 200)).toBeLessThan(0.2)
  })
})

test('constants, seeds and refusals', async () => {
  expect(await init.zeros([2]).array()).toEqual([0, 0])
  expect(await init.ones([2]).array()).toEqual([1, 1])
  manualSeed(2)
  const a = await init.heNormal([3, 3]).array()
  manualSeed(2)
  expect(await init.heNormal([3, 3]).array()).toEqual(a)
  expect(init.xavierUniform([0, 3]).shape).toEqual([0, 3])
  expect(() => init.heNormal([3])).toThrow(ShapeError)
  expect(() => init.orthogonal([3])).toThrow(ShapeError)
  expect(() => init.heUniform([3, 3], { mode: 'fan' as never })).toThrow(ValueError)
})
