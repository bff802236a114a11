// 1974 and 1986: what the backward pass costs against finite differences; a hidden layer that invents a code.
import { type Tensor, eye, grad, tensor } from 'gradus'
import { binaryCrossEntropyWithLogits } from 'gradus/nn'
import { random } from '../../../core/random.ts'
import { type Machine, type Params, flat, trainer, weights } from './machine.ts'

const WIDTHS = [1, 2, 4, 8, 16, 32]
/** A network 3-n-1 in a row of growing n: all gradients by one backward pass, and each by a difference of two forward passes. */
export const backward: Machine = {
  steps: WIDTHS.length,
  every: 1,
  start: (seed) => {
    const rows: { cells: readonly string[]; good: boolean }[] = []
    let worst = 0
    let passes = 0
    return {
      advance: async (from, to) => {
        for (const n of WIDTHS.slice(from, to)) {
          const draw = random(seed + n)
          const count = 5 * n + 1
          const at = Float64Array.from({ length: count }, () => 2 * draw() - 1)
          const x = tensor([0.5, -1, 0.8], { dtype: 'float64' })
          // p holds 3n weights, n biases, n outer weights and the outer bias.
          const cost = (p: Tensor): Tensor => p.at([0, 3 * n]).reshape(n, 3).matmul(x).add(p.at([3 * n, 4 * n])).sigmoid().dot(p.at([4 * n, 5 * n])).add(p.at(5 * n)).sub(1).square().mul(0.5)
          const slopes = await grad(cost)(tensor(at)).data()
          const h = 1e-5
          for (let i = 0; i < count; i++) {
            const moved = (by: number): Promise<number> => cost(tensor(at.map((v, k) => (k === i ? v + by : v)))).item()
            worst = Math.max(worst, Math.abs(((await moved(h)) - (await moved(-h))) / (2 * h) - slopes[i]!))
          }
          passes = 2 * count
          rows.push({ cells: [`3-${n}-1`, String(count), '2', String(passes)], good: true })
        }
      },
      // on the reference device, where the figures are asked for again
      recount: async () => {
        const again = backward.start(seed, 0)
        await again.advance(0, rows.length)
        return (await again.look()).figures
      },
      look: async () => ({ curves: {}, figures: { passes, worst }, pictures: [{ kind: 'table', key: 'passes', head: ['net', 'weights', 'backward', 'differences'], rows: [...rows] }] }),
    }
  },
}

/** The encoder 8-3-8 of Rumelhart, Hinton and Williams: eight signals through three neurons. */
const code = (p: Params, x: Tensor): Tensor => x.matmul(p.w1!).add(p.b1!).sigmoid()
const back = (p: Params, x: Tensor): Tensor => code(p, x).matmul(p.w2!).add(p.b2!)
export const encoder: Machine = {
  steps: 1200,
  every: 24,
  start: (seed) => {
    const draw = random(seed * 5 + 1)
    const x = eye(8)
    const train = trainer<Params>({ w1: weights([8, 3], draw), b1: flat(3), w2: weights([3, 8], draw), b2: flat(8) }, (p, bx) => binaryCrossEntropyWithLogits(back(p, bx!), bx!), 0.05)
    return {
      advance: async (from, to) => {
        for (let k = from; k < to; k++) train.step(x)
      },
      look: async () => {
        const loss = await binaryCrossEntropyWithLogits(back(train.params, x), x).item()
        const hidden = await code(train.params, x).data()
        const guesses = await back(train.params, x).argmax(-1).data()
        const codes = new Set(Array.from({ length: 8 }, (_, i) => [0, 1, 2].map((k) => (hidden[3 * i + k]! > 0.5 ? 1 : 0)).join('')))
        return {
          curves: { loss },
          figures: { restored: Array.from(guesses).filter((g, i) => g === i).length, codes: codes.size },
          pictures: [{ kind: 'matrix', key: 'code', rows: Array.from({ length: 8 }, (_, i) => String(i + 1)), columns: ['h₁', 'h₂', 'h₃'], values: Array.from(hidden), limit: 1 }],
        }
      },
    }
  },
}
