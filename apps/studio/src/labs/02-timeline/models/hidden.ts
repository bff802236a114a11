// 1974 and 1986: what the backward pass costs against finite differences; a hidden layer that invents a code.
import { type Tensor, eye, grad, tensor } from 'gradus'
import { binaryCrossEntropyWithLogits } from 'gradus/nn'
import { random } from '../../../core/random.ts'
import { type Machine, type Params, type Picture, flat, trainer, weights } from './machine.ts'

const WIDTHS = [1, 2, 4, 8, 16, 32]
const X = [0.5, -1, 0.8]
const H = 1e-5
/** 3n weights, n biases, n outer weights, the outer bias. */
function startOf(seed: number, n: number): Float64Array {
  const draw = random(seed + n)
  return Float64Array.from({ length: 5 * n + 1 }, () => 2 * draw() - 1)
}
interface Cost {
  readonly n: number
  readonly weights: number
  readonly backward: number
  readonly differences: number
  readonly worst: number
}
const passesPicture = (rows: readonly Cost[]): Picture => ({ kind: 'table', key: 'passes', head: ['net', 'weights', 'backward', 'differences'], rows: rows.map(({ n, weights: count, backward: back, differences }) => ({ cells: [`3-${n}-1`, count, back, differences], good: true })) })

/** All slopes of a network 3-n-1 both ways in plain loops; weights and passes are counted as they come by. */
function plainCost(seed: number, n: number): Cost {
  const p = startOf(seed, n)
  let [passes, visited, worst] = [0, 0, 0]
  const hidden = (k: number): number => 1 / (1 + Math.exp(-X.reduce((z, x, j) => z + p[3 * k + j]! * x, p[3 * n + k]!)))
  const forward = (): { readonly a: readonly number[]; readonly error: number } => {
    passes++
    const a = Array.from({ length: n }, (_, k) => hidden(k))
    return { a, error: a.reduce((y, v, k) => y + p[4 * n + k]! * v, p[5 * n]!) - 1 }
  }
  const cost = (): number => 0.5 * forward().error ** 2
  const { a, error } = forward()
  const slopes = new Map<number, number>()
  passes++ // and back, layer by layer
  slopes.set(5 * n, error)
  for (let k = 0; k < n; k++) {
    const delta = error * p[4 * n + k]! * a[k]! * (1 - a[k]!)
    slopes.set(4 * n + k, error * a[k]!).set(3 * n + k, delta)
    X.forEach((x, j) => slopes.set(3 * k + j, delta * x))
  }
  const back = passes
  for (const [i, slope] of slopes) {
    visited++
    const at = p[i]!
    p[i] = at + H
    const above = cost()
    p[i] = at - H
    const below = cost()
    p[i] = at
    worst = Math.max(worst, Math.abs((above - below) / (2 * H) - slope))
  }
  return { n, weights: visited, backward: back, differences: passes - back, worst }
}

/** A network 3-n-1 in a row of growing n: all gradients by one backward pass, and each by a difference of two forward passes. */
export const backward: Machine = {
  steps: WIDTHS.length,
  every: 1,
  start: (seed) => {
    const rows: Cost[] = []
    const again = (): readonly Cost[] => rows.map(({ n }) => plainCost(seed, n))
    const figures = (all: readonly Cost[]): Readonly<Record<string, number>> => ({ passes: all.at(-1)?.differences ?? 0, worst: Math.max(0, ...all.map(({ worst }) => worst)) })
    return {
      advance: async (from, to) => {
        for (const n of WIDTHS.slice(from, to)) {
          const at = startOf(seed, n)
          const x = tensor(X, { dtype: 'float64' })
          const cost = (p: Tensor): Tensor => p.at([0, 3 * n]).reshape(n, 3).matmul(x).add(p.at([3 * n, 4 * n])).sigmoid().dot(p.at([4 * n, 5 * n])).add(p.at(5 * n)).sub(1).square().mul(0.5)
          const slopes = await grad(cost)(tensor(at)).data()
          let [differences, worst] = [0, 0]
          const moved = (i: number, by: number): Promise<number> => {
            differences++
            return cost(tensor(at.map((v, k) => (k === i ? v + by : v)))).item()
          }
          for (let i = 0; i < at.length; i++) worst = Math.max(worst, Math.abs(((await moved(i, H)) - (await moved(i, -H))) / (2 * H) - slopes[i]!))
          rows.push({ n, weights: slopes.length, backward: 2, differences, worst })
        }
      },
      recount: async () => figures(again()),
      redraw: async () => [passesPicture(again())],
      look: async () => ({ curves: {}, figures: figures(rows), pictures: [passesPicture(rows)] }),
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
