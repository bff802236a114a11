// 2018 and 2020: fill the gap from both sides; guess the rule from the examples in the prompt alone.
import { type Tensor, oneHot, ones } from 'gradus'
import { crossEntropy } from 'gradus/nn'
import { random, shuffled } from '../../../core/random.ts'
import { block, blockParams, level } from './attention.ts'
import { type Draw, type Machine, type Params, accuracy, integers, mean, trainer, weights } from './machine.ts'

const SIGNS = '0123456789+=_'
const GAP = 12
const T = 5
const D = 32
const stackParams = (symbols: number, places: number, d: number, depth: number, draw: Draw): Params => ({
  symbols: weights([symbols, d], draw, 1.5), places: weights([places, d], draw, 1.5), out: weights([d, symbols], draw),
  ...Object.fromEntries(Array.from({ length: depth }, (_, l) => Object.entries(blockParams(`l${l}`, d, draw))).flat()),
})
const past = (n: number): Tensor => ones([n, n]).tril().gt(0.5)
/** (B,T) symbols → (B,T,symbols) */
function read(p: Params, x: Tensor, depth: number, heads: number, allowed: Tensor | null): Tensor {
  let h = oneHot(x, p.symbols!.shape[0]!).matmul(p.symbols!).add(p.places!)
  for (let l = 0; l < depth; l++) h = block(p, `l${l}`, h, heads, allowed)
  return level(h).matmul(p.out!)
}

// ---- 2018: BERT ------------------------------------------------------------------------------------------------------

interface Masked {
  readonly signs: readonly number[]
  readonly at: number
  readonly want: number
}
const masked = (a: number, b: number): Masked[] => {
  const full = [a, 10, b, 11, a + b]
  return [0, 2, 4].map((at) => ({ signs: full.map((s, i) => (i === at ? GAP : s)), at, want: full[at]! }))
}
/** Logits at the gap: (B,5) → (B,13). `place` is one-hot over the five places. */
const atGap = (logits: Tensor, place: Tensor): Tensor => logits.mul(place.unsqueeze(-1)).sum(1)
export const bert: Machine = {
  steps: 300,
  every: 12,
  start: (seed) => {
    const draw = random(seed * 43 + 1)
    const sums = shuffled(Array.from({ length: 10 }, (_, a) => Array.from({ length: 10 - a }, (__, b) => [a, b] as const)).flat(), draw)
    const [test, known] = [sums.slice(0, 9), sums.slice(9)].map((some) => some.flatMap(([a, b]) => masked(a, b))) as [Masked[], Masked[]]
    const tensors = (some: readonly Masked[]): readonly [Tensor, Tensor, Tensor] => [integers(some.flatMap((m) => m.signs), [some.length, T]), oneHot(integers(some.map((m) => m.at)), T), integers(some.map((m) => m.want))]
    const nets = [null, past(T)].map((allowed) => {
      const own = random(seed * 47 + 2)
      return { allowed, train: trainer(stackParams(13, T, D, 2, own), (p, x, place, want) => crossEntropy(atGap(read(p, x!, 2, 2, allowed), place!), want!), 0.004) }
    })
    const batch = tensors(known)
    const right = async (net: (typeof nets)[number], some: readonly Masked[]): Promise<number> => {
      const [x, place] = tensors(some)
      return accuracy(atGap(read(net.train.params, x, 2, 2, net.allowed), place), some.map((m) => m.want))
    }
    return {
      advance: async (from, to) => {
        for (let k = from; k < to; k++) for (const { train } of nets) train.step(...batch)
      },
      look: async () => {
        const [bothSides, leftOnly] = [await right(nets[0]!, known), await right(nets[1]!, known)]
        const [x, place] = tensors(test)
        const guesses = await atGap(read(nets[0]!.train.params, x, 2, 2, null), place).argmax(-1).data()
        return {
          curves: { bothSides, leftOnly },
          figures: { bothSides, leftOnly, fresh: await right(nets[0]!, test) },
          cases: { bothSides: known.length, leftOnly: known.length, fresh: test.length },
          pictures: [{ kind: 'table', key: 'gaps', head: ['gap', 'filled', 'want'], rows: test.slice(0, 9).map((m, i) => ({ cells: [m.signs.map((s) => SIGNS[s]!).join(' '), guesses[i]! < 10 ? guesses[i]! : SIGNS[guesses[i]!]!, SIGNS[m.want]!], good: guesses[i] === m.want })) }],
        }
      },
    }
  },
}

// ---- 2020: GPT-3, few-shot -----------------------------------------------------------------------------------------

const M = 5
const SHOTS = 5
const LENGTH = 2 * SHOTS
const D2 = 48
/** x₁ y₁ x₂ y₂ …, all y = x + k mod 5 with a k of its own for each row: nobody says which. */
function prompts(count: number, draw: Draw): number[][] {
  return Array.from({ length: count }, () => {
    const k = Math.floor(draw() * M)
    return Array.from({ length: SHOTS }, () => { const x = Math.floor(draw() * M); return [x, M + ((x + k) % M)] }).flat()
  })
}
const asked = Array.from({ length: SHOTS }, (_, i) => 2 * i)
export const fewShot: Machine = {
  steps: 400,
  every: 10,
  start: (seed) => {
    const draw = random(seed * 53 + 1)
    const allowed = past(LENGTH)
    const train = trainer(stackParams(2 * M, LENGTH, D2, 2, draw), (p, x, want) => {
      const logits = read(p, x!, 2, 4, allowed).reshape(x!.shape[0]!, SHOTS, 2, 2 * M).at([], [], 0) // answers follow the places 0, 2, 4, …
      return crossEntropy(logits, want!)
    }, 0.003)
    const both = (rows: number[][]): readonly [Tensor, Tensor] => [integers(rows.flat(), [rows.length, LENGTH]), integers(rows.flatMap((r) => asked.map((i) => r[i + 1]!)), [rows.length, SHOTS])]
    const test = prompts(200, random(seed + 7))
    return {
      advance: async (from, to) => {
        for (let k = from; k < to; k++) train.step(...both(prompts(64, draw)))
      },
      look: async () => {
        const guesses = await read(train.params, both(test)[0], 2, 4, allowed).argmax(-1).data() // (B,T)
        const byShot = asked.map((i) => mean(test.map((row, r) => (guesses[r * LENGTH + i] === row[i + 1] ? 1 : 0))))
        const letters = (row: readonly number[]): string => row.map((v) => (v < M ? String(v) : 'abcde'[v - M]!)).join(' ')
        return {
          curves: { zeroShot: byShot[0]!, oneShot: byShot[1]!, fourShot: byShot[4]! },
          figures: { zeroShot: byShot[0]!, oneShot: byShot[1]!, fourShot: byShot[4]! },
          cases: { zeroShot: test.length, oneShot: test.length, fourShot: test.length },
          pictures: [{ kind: 'table', key: 'prompts', head: ['prompt', 'continued', 'want'], rows: test.slice(0, 8).map((row, r) => ({ cells: [letters(row.slice(0, LENGTH - 1)), letters([guesses[r * LENGTH + LENGTH - 2]!]), letters([row[LENGTH - 1]!])], good: guesses[r * LENGTH + LENGTH - 2] === row[LENGTH - 1] })) }],
        }
      },
    }
  },
}
