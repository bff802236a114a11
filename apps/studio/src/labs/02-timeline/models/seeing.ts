// 1989 and 2012: convolutional networks on small figures. Shared weights against a dense layer; ReLU against tanh and sigmoid in depth.
import { type Tensor, avgPool2d, conv2d, maxPool2d, tensor } from 'gradus'
import { crossEntropy } from 'gradus/nn'
import { random, shuffled } from '../../../core/random.ts'
import { type Machine, type Params, accuracy, flat, integers, mean, trainer, weights } from './machine.ts'
import { convolved as plainConv, dense as plainDense, image, largest, pooled } from './plain-seeing.ts'
import { type Drawn, KINDS, SIDE, drawn } from './shapes.ts'

const images = (some: readonly Drawn[]): Tensor => tensor(some.map(({ pixels }) => [...pixels])).reshape(some.length, 1, SIDE, SIDE)
const kinds = (some: readonly Drawn[]): number[] => some.map(({ kind }) => kind)

/** (B,1,10,10) → conv 3×3 → mean 2×2 → conv 3×3 → (B,8·2·2) → (B,4) */
function lenet(p: Params, x: Tensor): Tensor {
  const first = avgPool2d(conv2d(x, p.k1!).add(p.c1!.reshape(1, -1, 1, 1)).tanh(), 2) // (B,6,4,4)
  const second = conv2d(first, p.k2!).add(p.c2!.reshape(1, -1, 1, 1)).tanh() // (B,8,2,2)
  return second.reshape(x.shape[0]!, -1).matmul(p.w!).add(p.b!)
}
/** (B,100) → (B,8) → (B,4): about as many weights */
const dense = (p: Params, x: Tensor): Tensor => x.reshape(x.shape[0]!, -1).matmul(p.w1!).add(p.b1!).tanh().matmul(p.w2!).add(p.b2!)
type Arrays = Readonly<Record<string, ArrayLike<number>>>
const arrays = async (p: Params): Promise<Arrays> => Object.fromEntries(await Promise.all(Object.entries(p).map(async ([name, t]) => [name, await t.data()] as const)))
/** The share of figures a network in plain loops names right. */
const plainShare = (some: readonly Drawn[], answer: (pixels: readonly number[]) => number): number => mean(some.map(({ pixels, kind }) => (answer(pixels) === kind ? 1 : 0)))
const count = (p: Params): number => Object.values(p).reduce((sum, t) => sum + t.size, 0)

export const convolution: Machine = {
  steps: 300,
  every: 10,
  start: (seed) => {
    const draw = random(seed * 13 + 1)
    const train = drawn(200, draw, 0.15)
    const test = drawn(200, draw, 0.15)
    const conv = trainer<Params>({ k1: weights([6, 1, 3, 3], draw), c1: flat(6), k2: weights([8, 6, 3, 3], draw), c2: flat(8), w: weights([32, 4], draw), b: flat(4) }, (p, x, y) => crossEntropy(lenet(p, x!), y!), 0.01)
    const full = trainer<Params>({ w1: weights([100, 6], draw), b1: flat(6), w2: weights([6, 4], draw), b2: flat(4) }, (p, x, y) => crossEntropy(dense(p, x!), y!), 0.01)
    const [x, y] = [images(train), integers(kinds(train))]
    return {
      advance: async (from, to) => {
        for (let k = from; k < to; k++) for (const net of [conv, full]) net.step(x, y)
      },
      recount: async () => {
        const [k, d] = [await arrays(conv.params), await arrays(full.params)]
        const average = (four: readonly number[]): number => mean(four)
        const seeing = (pixels: readonly number[]): number => largest(plainDense(plainConv(pooled(plainConv(image(pixels, SIDE), k.k1!, k.c1!, 0, Math.tanh), average), k.k2!, k.c2!, 0, Math.tanh).values, k.w!, k.b!))
        const connectedTo = (pixels: readonly number[]): number => largest(plainDense(plainDense(Float64Array.from(pixels), d.w1!, d.b1!).map(Math.tanh), d.w2!, d.b2!))
        const size = (p: Arrays): number => Object.values(p).reduce((sum, v) => sum + v.length, 0)
        return { convolved: plainShare(test, seeing), connected: plainShare(test, connectedTo), convWeights: size(k), denseWeights: size(d) }
      },
      look: async () => {
        const convolved = await accuracy(lenet(conv.params, images(test)), kinds(test))
        const connected = await accuracy(dense(full.params, images(test)), kinds(test))
        const kernels = await conv.params.k1!.data()
        const guesses = await lenet(conv.params, images(test.slice(0, 8))).argmax(-1).data()
        return {
          curves: { convolved, connected },
          figures: { convolved, connected, convWeights: count(conv.params), denseWeights: count(full.params) },
          cases: { convolved: test.length, connected: test.length },
          pictures: [
            { kind: 'cells', key: 'kernels', rows: 3, columns: 3, signed: true, learned: true, items: Array.from({ length: 6 }, (_, i) => ({ values: Array.from(kernels.slice(9 * i, 9 * i + 9)) })) },
            { kind: 'cells', key: 'seen', rows: SIDE, columns: SIDE, signed: false, items: test.slice(0, 8).map(({ pixels }, i) => ({ given: true, values: pixels, mark: KINDS[guesses[i]!]! })) },
          ],
        }
      },
    }
  },
}

/** Four convolutions, the largest of 2×2 in between: (B,1,10,10) → (B,8,5,5) → (B,8,5,5) → (B,12,2,2) → (B,4) */
function deepConv(p: Params, x: Tensor, bend: (z: Tensor) => Tensor): Tensor {
  const layer = (h: Tensor, name: string): Tensor => bend(conv2d(h, p[name]!, { padding: 1 }).add(p[`${name}b`]!.reshape(1, -1, 1, 1)))
  let h = maxPool2d(layer(layer(x, 'k1'), 'k2'), 2)
  h = maxPool2d(layer(layer(h, 'k3'), 'k4'), 2)
  return h.reshape(x.shape[0]!, -1).matmul(p.w!).add(p.b!)
}
export const rectified: Machine = {
  steps: 120,
  every: 4,
  start: (seed) => {
    const draw = random(seed * 17 + 1)
    const data = drawn(320, draw, 0.3)
    const test = drawn(160, draw, 0.3)
    const start = (): Params => {
      const own = random(seed * 19 + 2)
      return { k1: weights([8, 1, 3, 3], own, 1.4), k1b: flat(8), k2: weights([8, 8, 3, 3], own, 1.4), k2b: flat(8), k3: weights([12, 8, 3, 3], own, 1.4), k3b: flat(12), k4: weights([12, 12, 3, 3], own, 1.4), k4b: flat(12), w: weights([48, 4], own), b: flat(4) }
    }
    const nets = [(z: Tensor) => z.relu(), (z: Tensor) => z.tanh(), (z: Tensor) => z.sigmoid()].map((bend) => ({ bend, train: trainer(start(), (p, x, y) => crossEntropy(deepConv(p, x!, bend), y!), 0.003) }))
    const order = random(seed * 23 + 3)
    const [all, labels] = [images(data), integers(kinds(data))]
    return {
      advance: async (from, to) => {
        for (let k = from; k < to; k++) {
          const batch = shuffled(data, order).slice(0, 40)
          const [x, y] = [images(batch), integers(kinds(batch))]
          for (const { train } of nets) train.step(x, y)
        }
      },
      recount: async () => {
        const shares = await Promise.all(nets.map(async ({ train }, i) => {
          const p = await arrays(train.params)
          const bend = [(z: number) => Math.max(0, z), Math.tanh, (z: number) => 1 / (1 + Math.exp(-z))][i]!
          const top = (four: readonly number[]): number => Math.max(...four)
          return plainShare(test, (pixels) => {
            const half = pooled(plainConv(plainConv(image(pixels, SIDE), p.k1!, p.k1b!, 1, bend), p.k2!, p.k2b!, 1, bend), top)
            return largest(plainDense(pooled(plainConv(plainConv(half, p.k3!, p.k3b!, 1, bend), p.k4!, p.k4b!, 1, bend), top).values, p.w!, p.b!))
          })
        }))
        return { reluRight: shares[0]!, tanhRight: shares[1]!, sigmoidRight: shares[2]! }
      },
      look: async () => {
        const [relu, tanh, sigmoid] = await Promise.all(nets.map(({ bend, train }) => crossEntropy(deepConv(train.params, all, bend), labels).item()))
        const [reluRight, tanhRight, sigmoidRight] = await Promise.all(nets.map(({ bend, train }) => accuracy(deepConv(train.params, images(test), bend), kinds(test))))
        const guesses = await deepConv(nets[0]!.train.params, images(test.slice(0, 8)), nets[0]!.bend).argmax(-1).data()
        return {
          curves: { relu: relu!, tanh: tanh!, sigmoid: sigmoid! },
          figures: { reluRight: reluRight!, tanhRight: tanhRight!, sigmoidRight: sigmoidRight! },
          cases: { reluRight: test.length, tanhRight: test.length, sigmoidRight: test.length },
          pictures: [{ kind: 'cells', key: 'seen', rows: SIDE, columns: SIDE, signed: false, items: test.slice(0, 8).map(({ pixels }, i) => ({ given: true, values: pixels, mark: KINDS[guesses[i]!]! })) }],
        }
      },
    }
  },
}
