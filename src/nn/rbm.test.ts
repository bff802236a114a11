// The restricted Boltzmann machine against enumeration of all its states.
import { expect, test } from 'vitest'
import { type Tensor, grad, key, manualSeed, normal, tensor } from '../tensor/index.ts'
import { RBM, withTensors } from './index.ts'

const V = 4
const H = 3
const bits = (n: number, length: number): number[] => Array.from({ length }, (_, i) => (n >> i) & 1)

async function machine(): Promise<{ rbm: RBM; w: number[][]; a: number[]; b: number[] }> {
  manualSeed(3)
  const rbm = new RBM(V, H)
  rbm.weight = normal([H, V]).realize()
  rbm.visibleBias = normal([V], { std: 0.5 }).realize()
  rbm.hiddenBias = normal([H], { std: 0.5 }).realize()
  return { rbm, w: (await rbm.weight.array()) as number[][], a: (await rbm.visibleBias.array()) as number[], b: (await rbm.hiddenBias.array()) as number[] }
}
const energy = ({ w, a, b }: { w: number[][]; a: number[]; b: number[] }, v: number[], h: number[]): number =>
  -v.reduce((s, x, i) => s + x * a[i]!, 0) - h.reduce((s, y, j) => s + y * (b[j]! + v.reduce((t, x, i) => t + w[j]![i]! * x, 0)), 0)

test('free energy: e^−F(v) is the sum over the hidden states; conditionals follow from it', async () => {
  const m = await machine()
  const states = Array.from({ length: 2 ** V }, (_, n) => bits(n, V))
  const hidden = Array.from({ length: 2 ** H }, (_, n) => bits(n, H))
  const free = await m.rbm.freeEnergy(tensor(states)).data()
  const given = (await m.rbm.call(tensor(states)).array()) as number[][]
  states.forEach((v, n) => {
    const weights = hidden.map((h) => Math.exp(-energy(m, v, h)))
    const total = weights.reduce((s, x) => s + x, 0)
    expect(free[n]).toBeCloseTo(-Math.log(total), 5)
    for (let j = 0; j < H; j++) expect(given[n]![j]).toBeCloseTo(weights.reduce((s, x, k) => s + x * hidden[k]![j]!, 0) / total, 5)
  })
})

test('a long chain from the model’s own distribution gives the exact gradient of the log-likelihood', async () => {
  const m = await machine()
  const states = Array.from({ length: 2 ** V }, (_, n) => bits(n, V))
  const all = tensor(states)
  const data = tensor([[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 0, 0]])
  // exact: −ln p(v) = F(v) + ln Σ e^−F
  const params = { weight: m.rbm.weight, visibleBias: m.rbm.visibleBias, hiddenBias: m.rbm.hiddenBias }
  const exact = grad((p: typeof params) => {
    const rbm = withTensors(m.rbm, p)
    return rbm.freeEnergy(data).mean().add(rbm.freeEnergy(all).neg().logsumexp())
  })(params)
  // sampled: 4096 chains of 12 steps
  const many = tensor(Array.from({ length: 4096 }, (_, i) => bits(i, V)))
  const cd = m.rbm.contrastiveDivergence(data, { steps: 12, key: key(5), chain: many })
  for (const name of ['weight', 'visibleBias', 'hiddenBias'] as const) {
    const [x, y] = [await cd[name].data(), await exact[name].data()]
    // four standard errors of 4096 draws of numbers within [0, 1]
    x.forEach((v, i) => expect(Math.abs(v - y[i]!), name).toBeLessThan((4 * 0.5) / Math.sqrt(4096) + 0.005))
  }
})

test('learns two patterns: they become likelier than all others', async () => {
  manualSeed(1)
  let rbm = new RBM(6, 8)
  const data = tensor([[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]]).tile(8, 1)
  for (let n = 0; n < 150; n++) {
    const g = rbm.contrastiveDivergence(data)
    const next = (name: 'weight' | 'visibleBias' | 'hiddenBias'): Tensor => rbm[name].sub(g[name].mul(0.5)).realize()
    rbm = withTensors(rbm, { weight: next('weight'), visibleBias: next('visibleBias'), hiddenBias: next('hiddenBias') })
  }
  const all = tensor(Array.from({ length: 64 }, (_, n) => bits(n, 6)))
  const free = Array.from(await rbm.freeEnergy(all).data())
  const p = free.map((f) => Math.exp(-f))
  const total = p.reduce((s, x) => s + x, 0)
  expect((p[0b000111]! + p[0b111000]!) / total).toBeGreaterThan(0.5)
})
