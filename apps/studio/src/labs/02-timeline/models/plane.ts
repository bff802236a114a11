// 1958, 2015 and 2023: classes in the plane. The perceptron's line; depth with and without shortcuts; two tasks in turn.
import { type Tensor, tensor } from 'gradus'
import { binaryCrossEntropyWithLogits } from 'gradus/nn'
import { gaussian, random } from '../../../core/random.ts'
import { type Machine, type Params, type Picture, flat, mean, trainer, weights } from './machine.ts'

const SIZE = 31
interface Dot {
  readonly x: number
  readonly y: number
  readonly c: 0 | 1
}
const gridOf = (reach: number): Tensor => tensor(Array.from({ length: SIZE * SIZE }, (_, i) => [-reach + ((i % SIZE) + 0.5) * ((2 * reach) / SIZE), reach - (Math.floor(i / SIZE) + 0.5) * ((2 * reach) / SIZE)]))
const inputs = (dots: readonly Dot[]): Tensor => tensor(dots.map(({ x, y }) => [x, y]))
const labels = (dots: readonly Dot[]): Tensor => tensor(dots.map(({ c }) => c))
const planeOf = (key: string, reach: number, answers: ArrayLike<number>, points: readonly Dot[]): Picture => ({ kind: 'plane', key, reach, size: SIZE, answers: Array.from(answers, (v) => 2 * v - 1), points })
const rightShare = async (logits: Tensor, dots: readonly Dot[]): Promise<number> => {
  const z = await logits.data()
  return mean(dots.map(({ c }, i) => ((z[i]! > 0 ? 1 : 0) === c ? 1 : 0)))
}

/** One example a step: w ← w + (y − a)x. */
export const rosenblatt: Machine = {
  steps: 160,
  every: 4,
  start: (seed) => {
    const draw = random(seed)
    const normal = gaussian(draw)
    const turn = 2 * Math.PI * draw()
    const dots = Array.from({ length: 40 }, (_, i): Dot => {
      const c = (i % 2) as 0 | 1
      const [along, across] = [1.5 * normal(), (c === 1 ? 1 : -1) * (0.2 + 1.6 * draw()) + 0.4]
      return { x: along * Math.cos(turn) - across * Math.sin(turn), y: along * Math.sin(turn) + across * Math.cos(turn), c }
    })
    const x = dots.map((d) => tensor([d.x, d.y, 1]))
    let w = tensor([0, 0, 0])
    let mistakes = 0
    let looked = 0
    return {
      advance: async (from, to) => {
        for (let k = from; k < to; k++) {
          const at = k % dots.length
          const error = dots[at]!.c - ((await w.dot(x[at]!).item()) > 0 ? 1 : 0)
          if (error !== 0) w = w.add(x[at]!.mul(tensor(error))).realize()
          mistakes += Math.abs(error)
        }
        looked = to
      },
      recount: async () => {
        let [w1, w2, b, wrong] = [0, 0, 0, 0]
        const answer = ({ x: x1, y: x2 }: Dot): number => (w1 * x1 + w2 * x2 + b > 0 ? 1 : 0)
        for (let k = 0; k < looked; k++) {
          const dot = dots[k % dots.length]!
          const error = dot.c - answer(dot)
          ;[w1, w2, b, wrong] = [w1 + error * dot.x, w2 + error * dot.y, b + error, wrong + Math.abs(error)]
        }
        return { mistakes: wrong, right: mean(dots.map((dot) => (answer(dot) === dot.c ? 1 : 0))) }
      },
      look: async () => {
        const z = (points: Tensor): Tensor => points.matmul(w.at([0, 2])).add(w.at(2))
        return {
          curves: { mistakes },
          figures: { mistakes, right: await rightShare(z(inputs(dots)), dots) },
          cases: { right: dots.length },
          pictures: [planeOf('plane', 4, await z(gridOf(4)).gt(0).to('float32').data(), dots)],
        }
      },
    }
  },
}

// ---- 2015: a deep network with and without shortcuts ----------------------------------------------------------------

const DEPTH = 32
const WIDTH = 10
/** (B,2) → (B,width) → DEPTH layers → (B). With shortcuts a layer adds to what it got: h ← h + f(h). */
function deep(p: Params, x: Tensor, shortcuts: boolean): Tensor {
  let h = x.matmul(p.first!).add(p.firstBias!).tanh()
  for (let l = 0; l < DEPTH; l++) {
    const f = h.matmul(p[`w${l}`]!).add(p[`b${l}`]!).tanh()
    h = shortcuts ? h.add(f.mul(0.3)) : f
  }
  return h.matmul(p.last!).reshape(-1)
}
const spirals = (seed: number): Dot[] => {
  const normal = gaussian(random(seed))
  const draw = random(seed + 1)
  return Array.from({ length: 200 }, (_, i): Dot => {
    const t = Math.sqrt(draw())
    const a = 5 * t + (i % 2 === 1 ? Math.PI : 0)
    return { x: 3 * t * Math.cos(a) + 0.1 * normal(), y: 3 * t * Math.sin(a) + 0.1 * normal(), c: (i % 2) as 0 | 1 }
  })
}
const deepParams = (seed: number): Params => {
  const draw = random(seed * 7 + 3)
  const layers = Array.from({ length: DEPTH }, (_, l) => [[`w${l}`, weights([WIDTH, WIDTH], draw, 0.7)], [`b${l}`, flat(WIDTH)]] as const).flat()
  return { first: weights([2, WIDTH], draw), firstBias: flat(WIDTH), ...Object.fromEntries(layers), last: weights([WIDTH, 1], draw) }
}
export const resnet: Machine = {
  steps: 240,
  every: 8,
  start: (seed, variant) => {
    const dots = spirals(seed)
    const [x, y] = [inputs(dots), labels(dots)]
    const both = [false, true].map((shortcuts) => ({ shortcuts, train: trainer(deepParams(seed), (p, bx, by) => binaryCrossEntropyWithLogits(deep(p, bx!, shortcuts), by!), 0.004) }))
    const shown = both[variant === 0 ? 1 : 0]!
    return {
      advance: async (from, to) => {
        for (let k = from; k < to; k++) for (const { train } of both) train.step(x, y)
      },
      look: async () => {
        const [plain, residual] = await Promise.all(both.map(({ shortcuts, train }) => binaryCrossEntropyWithLogits(deep(train.params, x, shortcuts), y).item()))
        const [plainRight, residualRight] = await Promise.all(both.map(({ shortcuts, train }) => rightShare(deep(train.params, x, shortcuts), dots)))
        return {
          curves: { plain: plain!, residual: residual! },
          figures: { plainRight: plainRight!, residualRight: residualRight! },
          cases: { plainRight: dots.length, residualRight: dots.length },
          pictures: [planeOf(shown.shortcuts ? 'withShortcuts' : 'withoutShortcuts', 4, await deep(shown.train.params, gridOf(4), shown.shortcuts).sigmoid().data(), dots)],
        }
      },
    }
  },
}

// ---- 2023–25: one task after the other ------------------------------------------------------------------------------

const HALF = 150
/** Task A on the left, task B on the right; in each an upper and a lower class, but the other way round. */
function task(which: 'a' | 'b', seed: number): Dot[] {
  const draw = random(seed * 3 + (which === 'a' ? 1 : 2))
  return Array.from({ length: 60 }, (_, i): Dot => {
    const c = (i % 2) as 0 | 1
    const up = (which === 'a') === (c === 1)
    return { x: (which === 'a' ? -2 : 2) + 3 * (draw() - 0.5), y: (up ? 1 : -1) * (0.5 + 2 * draw()), c }
  })
}
const small = (p: Params, x: Tensor): Tensor => x.matmul(p.w1!).add(p.b1!).tanh().matmul(p.w2!).add(p.b2!).tanh().matmul(p.w3!).add(p.b3!).reshape(-1)
export const continual: Machine = {
  steps: 2 * HALF,
  every: 10,
  start: (seed, variant) => {
    const [a, b] = [task('a', seed), task('b', seed)]
    const draw = random(seed * 11 + 5)
    const train = trainer<Params>(
      { w1: weights([2, 16], draw), b1: flat(16), w2: weights([16, 16], draw), b2: flat(16), w3: weights([16, 1], draw), b3: flat(1) },
      (p, x, y) => binaryCrossEntropyWithLogits(small(p, x!), y!),
      0.02,
    )
    // Rehearsal: eight old examples, shown often enough to weigh as much as the new ones.
    const kept = a.slice(0, 8)
    const second = variant === 0 ? b : [...b, ...Array.from({ length: 60 }, (_, i) => kept[i % kept.length]!)]
    const [first, then] = [a, second].map((dots) => [inputs(dots), labels(dots)] as const) as [readonly [Tensor, Tensor], readonly [Tensor, Tensor]]
    return {
      advance: async (from, to) => {
        for (let k = from; k < to; k++) train.step(...(k < HALF ? first : then))
      },
      look: async () => {
        const [onA, onB] = [await rightShare(small(train.params, inputs(a)), a), await rightShare(small(train.params, inputs(b)), b)]
        return { curves: { taskA: onA, taskB: onB }, figures: { taskA: onA, taskB: onB }, cases: { taskA: a.length, taskB: b.length }, pictures: [planeOf('plane', 4, await small(train.params, gridOf(4)).sigmoid().data(), [...a, ...b])] }
      },
    }
  },
}
