// The kernels of attention and of its gradient against the plain formula: blocks and rests of tiles, views, heads that
// share their keys out, many threads.
import { afterAll, describe, expect, test } from 'vitest'
import { type Tensor, arange, grad, jit, key, matmul, scaledDotProductAttention, setDevice, uniform, where } from '../src/tensor/index.ts'
import { probeDevices, processors } from './support/devices.ts'

const random = (n: number, ...shape: number[]): Tensor => uniform(shape, { key: key(n) }).sub(0.5)
type Attend = (q: Tensor, k: Tensor, v: Tensor) => Tensor
const plain = (causal: boolean, mask?: Tensor): Attend => (q, k, v) => {
  const raw = matmul(q, k.transpose(-1, -2)).mul(1 / Math.sqrt(q.shape.at(-1)!))
  const scores = mask === undefined ? raw : where(mask, raw, -Infinity)
  const past = arange(q.shape.at(-2)!).reshape([-1, 1]).ge(arange(k.shape.at(-2)!))
  return matmul((causal ? where(past, scores, -Infinity) : scores).softmax(-1), v)
}
/** The result and the gradients by q, k and v. */
const all = (f: Attend) => jit((q: Tensor, k: Tensor, v: Tensor, y: Tensor): Tensor[] => [
  f(q, k, v), ...(grad((a: Tensor, b: Tensor, c: Tensor) => f(a, b, c).mul(y).sum(), { argnums: [0, 1, 2] })(q, k, v) as unknown as Tensor[]),
])
afterAll(() => setDevice('reference'))

/** B, T, S, E, F: causal or not. */
const CASES: readonly (readonly [number, number, number, number, number, boolean])[] = [
  [16, 35, 70, 16, 48, true], [2, 150, 40, 32, 16, true], [3, 33, 300, 16, 32, true], [1, 300, 601, 16, 16, false], [2, 260, 1100, 16, 16, true],
]
/** Of the GPU's tiles: rests, several of them, widths that are no vectors; with a mask of padding. */
const GPU_CASES = [[2, 33, 40, 5, 36, true, null], [2, 33, 40, 8, 8, false, 'bool']] as const
const paddingOf = (B: number, S: number): Tensor => arange(S).lt(arange(B).mul(9).add(20).reshape([-1, 1])).reshape([B, 1, S]) // (B,1,S)
describe.each((await probeDevices()).filter(({ name }) => name === 'webgpu'))('$name', ({ missing }) => {
  test.skipIf(missing !== null)('results and gradients', async () => {
    for (const [B, T, S, E, F, causal, kind] of GPU_CASES) {
      const runs: Float32Array[][] = []
      for (const device of ['reference', 'webgpu'] as const) {
        void setDevice(device)
        // queries and keys as views into one buffer, the rows of several heads side by side
        const both = random(1, Math.max(T, S), B, 2 * E)
        const heads = (rows: number, at: number): Tensor => both.at([0, rows], null, [at, at + E]).transpose(0, 1)
        const mask = kind === null ? undefined : paddingOf(B, S)
        const f: Attend = device === 'reference' ? plain(causal, mask) : (q, k, v) => scaledDotProductAttention(q, k, v, { causal, ...(mask === undefined ? {} : { mask }) })
        const outs = all(f)(heads(T, 0), heads(S, E), random(2, B, S, F), random(4, B, T, F))
        runs.push(await Promise.all(outs.map(async (o) => (await o.data()) as Float32Array)))
      }
      for (const [i, want] of runs[0]!.entries()) expect(want.reduce((most, x, j) => Math.max(most, Math.abs(x - runs[1]![i]![j]!)), 0), `${T}×${S} result ${i}`).toBeLessThan(2e-5)
    }
  })
})
describe.each(await processors())('$how', ({ name, missing, options }) => {
  test.skipIf(missing !== null).each(CASES)('%i heads, %i × %i, widths %i and %i, causal: %s', async (B, T, S, E, F, causal) => {
    const runs: Float32Array[][] = []
    for (const [threads, f] of [[1, plain(causal)], [1, (q, k, v) => scaledDotProductAttention(q, k, v, { causal })], [2, (q, k, v) => scaledDotProductAttention(q, k, v, { causal })]] as [number, Attend][]) {
      setDevice(name, { ...options, threads })
      // keys and values as views, where they lie one behind the other
      const both = random(2, B, S, E + F)
      const run = all((q, k, v) => f(q, k, v))
      const outs = run(random(1, B, T, E), both.at(null, null, [0, E]), both.at(null, null, [E, E + F]), random(4, B, T, F))
      runs.push(await Promise.all(outs.map(async (o) => (await o.data()) as Float32Array)))
    }
    const [want, one, two] = runs as [Float32Array[], Float32Array[], Float32Array[]]
    for (const [i, w] of want.entries()) {
      expect(w.reduce((most, x, j) => Math.max(most, Math.abs(x - one[i]![j]!)), 0)).toBeLessThan(2e-5)
      expect(two[i]).toEqual(one[i])
    }
  })
})
