// 2014 and 2022: networks that make points of the plane. A generator against a critic; noise taken back step by step.
import { type Tensor, concat, oneHot, tensor } from 'gradus'
import { gaussian, random } from '../../../core/random.ts'
import { type Draw, type Machine, type Params, flat, integers, trainer, weights } from './machine.ts'

type Pair = [number, number]
const pairs = (values: ArrayLike<number>): Pair[] => Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i]!, values[2 * i + 1]!])

// ---- 2014: generative adversarial networks ---------------------------------------------------------------------------

const MODES = 6
const centre = (m: number): Pair => [2 * Math.cos((2 * Math.PI * m) / MODES), 2 * Math.sin((2 * Math.PI * m) / MODES)]
const mlp = (p: Params, name: string, x: Tensor, slope = 0): Tensor => {
  const bend = (z: Tensor): Tensor => (slope === 0 ? z.relu() : z.relu().sub(z.neg().relu().mul(slope)))
  return bend(bend(x.matmul(p[`${name}1`]!).add(p[`${name}b1`]!)).matmul(p[`${name}2`]!).add(p[`${name}b2`]!)).matmul(p[`${name}3`]!).add(p[`${name}b3`]!)
}
const layers = (name: string, from: number, wide: number, to: number, draw: Draw): Params => ({
  [`${name}1`]: weights([from, wide], draw, 1.4), [`${name}b1`]: flat(wide), [`${name}2`]: weights([wide, wide], draw, 1.4), [`${name}b2`]: flat(wide), [`${name}3`]: weights([wide, to], draw), [`${name}b3`]: flat(to),
})
const BATCH = 96
export const adversarial: Machine = {
  steps: 1500,
  every: 50,
  start: (seed) => {
    const draw = random(seed * 31 + 1)
    const normal = gaussian(draw)
    const real = (n: number): Pair[] => Array.from({ length: n }, () => { const [x, y] = centre(Math.floor(draw() * MODES)); return [x + 0.12 * normal(), y + 0.12 * normal()] })
    const noise = (n: number): Tensor => tensor(Float32Array.from({ length: 4 * n }, normal), { shape: [n, 4] })
    // Both are trained by their own loss; each sees the other's weights as given.
    const critic = trainer<Params>(layers('d', 2, 32, 1, draw), (p, x, fake) => mlp(p, 'd', x!, 0.2).neg().softplus().mean().add(mlp(p, 'd', fake!, 0.2).softplus().mean()), 0.004)
    const names = Object.keys(critic.params)
    const forger = trainer<Params>(layers('g', 4, 32, 2, draw), (p, z, ...d) => mlp(Object.fromEntries(names.map((name, i) => [name, d[i]!])), 'd', mlp(p, 'g', z!), 0.2).neg().softplus().mean(), 0.002)
    const fixed = noise(240)
    const shown = real(240)
    return {
      advance: async (from, to) => {
        for (let k = from; k < to; k++) {
          critic.step(tensor(real(BATCH)), mlp(forger.params, 'g', noise(BATCH)).realize())
          forger.step(noise(BATCH), ...Object.values(critic.params))
        }
      },
      look: async () => {
        const made = pairs(await mlp(forger.params, 'g', fixed).data())
        const near = made.map(([x, y]) => Array.from({ length: MODES }, (_, m) => Math.hypot(x - centre(m)[0], y - centre(m)[1])).map((d, m) => ({ d, m })).reduce((a, b) => (a.d < b.d ? a : b)))
        const good = near.filter(({ d }) => d < 0.5)
        const covered = Array.from({ length: MODES }, (_, m) => good.filter((n) => n.m === m).length).filter((n) => n >= 8).length
        return { curves: { plausible: good.length / made.length }, figures: { covered, plausible: good.length / made.length }, cases: { plausible: made.length }, pictures: [{ kind: 'cloud', key: 'cloud', reach: 3.2, real: shown, made }] }
      },
    }
  },
}

// ---- 2022: diffusion, told by a word ---------------------------------------------------------------------------------

const LEVELS = 40
/** How much of the picture is left after t steps of noise: ᾱ_t of the cosine schedule (Nichol and Dhariwal, 2021). */
const KEPT = Array.from({ length: LEVELS }, (_, t) => Math.cos(((t + 1) / (LEVELS + 0.5)) * (Math.PI / 2)) ** 2)
/** Word 0: a ring; word 1: a cross. */
function example(word: number, draw: Draw, normal: Draw): Pair {
  if (word === 0) {
    const a = 2 * Math.PI * draw()
    return [2 * Math.cos(a) + 0.07 * normal(), 2 * Math.sin(a) + 0.07 * normal()]
  }
  const [along, across] = [4 * draw() - 2, 0.07 * normal()]
  return draw() < 0.5 ? [along, along + across] : [along, -along + across]
}
/** The noise in a noisy point, guessed from the point, its noise level and the word: (B,2), (B,), (B,) → (B,2) */
function guess(p: Params, x: Tensor, level: Tensor, word: Tensor): Tensor {
  const seen = concat([x, oneHot(level, LEVELS).matmul(p.time!), oneHot(word, 2)], 1) // (B, 2 + 8 + 2)
  const h1 = seen.matmul(p.w1!).add(p.b1!).relu()
  const h2 = h1.matmul(p.w2!).add(p.b2!).relu()
  return h1.add(h2).matmul(p.w3!).add(p.b3!)
}
const SHOWN = 300
export const diffusion: Machine = {
  steps: 1600,
  every: 80,
  start: (seed, variant) => {
    const draw = random(seed * 37 + 1)
    const normal = gaussian(draw)
    const train = trainer<Params>(
      { time: weights([LEVELS, 8], draw, 4), w1: weights([12, 64], draw, 1.4), b1: flat(64), w2: weights([64, 64], draw, 1.4), b2: flat(64), w3: weights([64, 2], draw), b3: flat(2) },
      (p, noisy, level, word, noise) => guess(p, noisy!, level!, word!).sub(noise!).square().mean(),
      0.004,
    )
    function batch(n: number): readonly [Tensor, Tensor, Tensor, Tensor] {
      const level = Array.from({ length: n }, () => Math.floor(draw() * LEVELS))
      const word = Array.from({ length: n }, (_, i) => i % 2)
      const noise = Array.from({ length: n }, (): Pair => [normal(), normal()])
      const noisy = noise.map((e, i) => { const x = example(word[i]!, draw, normal); const k = KEPT[level[i]!]!; return [0, 1].map((d) => Math.sqrt(k) * x[d]! + Math.sqrt(1 - k) * e[d]!) })
      return [tensor(noisy), integers(level), integers(word), tensor(noise)]
    }
    const test = batch(400)
    const from = random(seed + 99)
    const begin = Array.from({ length: SHOWN }, (): Pair => { const g = gaussian(from); return [g(), g()] })
    const real = Array.from({ length: SHOWN }, () => example(variant, from, gaussian(from)))
    /** From noise to points: at each level the guessed noise is taken out and a little less is put back (DDIM; Song et al., 2021). */
    async function made(): Promise<Pair[]> {
      let x = tensor(begin)
      const word = integers(begin.map(() => variant))
      for (let t = LEVELS - 1; t >= 0; t--) {
        const noise = guess(train.params, x, integers(begin.map(() => t)), word)
        const [kept, next] = [KEPT[t]!, t === 0 ? 1 : KEPT[t - 1]!]
        const clean = x.sub(noise.mul(tensor(Math.sqrt(1 - kept)))).div(tensor(Math.sqrt(kept))).clamp(-3, 3)
        x = clean.mul(tensor(Math.sqrt(next))).add(noise.mul(tensor(Math.sqrt(1 - next)))).realize()
      }
      return pairs(await x.data())
    }
    return {
      advance: async (a, b) => {
        for (let k = a; k < b; k++) train.step(...batch(128))
      },
      look: async () => {
        const points = await made()
        const off = points.map(([x, y]) => (variant === 0 ? Math.abs(Math.hypot(x, y) - 2) : Math.min(Math.abs(x - y), Math.abs(x + y)) / Math.SQRT2))
        const loss = await guess(train.params, test[0], test[1], test[2]).sub(test[3]).square().mean().item()
        return { curves: { loss }, figures: { loss, onFigure: off.filter((d) => d < 0.25).length / off.length }, cases: { onFigure: off.length }, pictures: [{ kind: 'cloud', key: 'cloud', reach: 3.2, real, made: points }] }
      },
    }
  },
}
