// Attention over long sequences: what is held is far less than the T×T weights, forward and backward, and the values are
// those of the whole matrix. Golden values: test/golden-attention.test.ts.
import { afterAll, expect, test } from 'vitest'
import { type AttentionOptions, type Tensor, arange, grad, jit, key, manualSeed, matmul, scaledDotProductAttention, setDevice, uniform, where } from '../src/tensor/index.ts'

const [H, T, E] = [4, 1500, 16]
const scores = H * T * T * 4
const random = (n: number, ...shape: number[]): Tensor => uniform(shape, { key: key(n) }).sub(0.5)
const inputs = [1, 2, 3, 4].map((n) => random(n, H, T, E)) as [Tensor, Tensor, Tensor, Tensor]
type Attend = (q: Tensor, k: Tensor, v: Tensor) => Tensor

const whole = (mask: Tensor): Attend => (q, k, v) => matmul(where(mask, matmul(q, k.transpose(-1, -2)).mul(1 / Math.sqrt(E)), -Infinity).softmax(-1), v)
const gradients = (f: Attend) => jit((q: Tensor, k: Tensor, v: Tensor, y: Tensor): Tensor[] =>
  grad((a: Tensor, b: Tensor, c: Tensor) => f(a, b, c).mul(y).sum(), { argnums: [0, 1, 2] })(q, k, v) as unknown as Tensor[])

async function worst(got: readonly Tensor[], want: readonly Tensor[]): Promise<number> {
  let most = 0
  for (const [i, g] of got.entries()) most = Math.max(most, await g.sub(want[i]!).abs().max().item())
  return most
}

afterAll(() => setDevice('reference'))

const past = arange(T).reshape([T, 1]).ge(arange(T))
const near = past.logicalAnd(arange(T).reshape([T, 1]).sub(100).lt(arange(T)))
const filled = arange(T).lt(1203).reshape([1, 1, T])
test.each<[string, AttentionOptions, Tensor]>([['causal', { causal: true }, past], ['with a mask', { mask: near }, near], ['with padding', { mask: filled }, filled]])('%s', async (_, options, mask) => {
  setDevice('wasm')
  const attend: Attend = (q, k, v) => scaledDotProductAttention(q, k, v, options)
  const [forward, plain] = [jit(attend), jit(whole(mask))]
  const [q, k, v, y] = inputs
  expect(await worst([forward(q, k, v)], [plain(q, k, v)])).toBeLessThan(1e-5)
  const [backward, plainBackward] = [gradients(attend), gradients(whole(mask))]
  expect(await worst(backward(q, k, v, y), plainBackward(q, k, v, y))).toBeLessThan(1e-4)
  expect(plain.programs()[0]!.arenaBytes).toBeGreaterThan(scores)
  expect(forward.programs()[0]!.arenaBytes).toBeLessThan(scores / 3)
  expect(backward.programs()[0]!.arenaBytes).toBeLessThan(scores / 1.2)
})

test('dropped weights: their share, and the mean stays', async () => {
  setDevice('wasm')
  manualSeed(3)
  const ones = random(5, 1, T, E).mul(0).add(1)
  const kept = jit((q: Tensor, k: Tensor, v: Tensor) => scaledDotProductAttention(q, k, v, { dropout: 0.25 }))
  const out = kept(random(6, H, T, E), random(7, H, T, E), ones)
  expect(await out.mean().item()).toBeCloseTo(1, 2)
  // different blocks draw different numbers
  expect(await out.at(null, [0, 100]).sub(out.at(null, [1024, 1124])).abs().max().item()).toBeGreaterThan(1e-3)
})
