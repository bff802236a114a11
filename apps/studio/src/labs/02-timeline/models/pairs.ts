// 2021: pictures and words in one space. Each picture should lie nearest to its own caption.
import { type Tensor, oneHot, tensor } from 'gradus'
import { crossEntropy } from 'gradus/nn'
import { gaussian, random } from '../../../core/random.ts'
import { type Draw, type Machine, type Params, integers, flat, trainer, weights } from './machine.ts'
import { SIDE, figure } from './shapes.ts'

const FIGURES = ['□', '+', '×', '◇'] as const
const PLACES = ['↖', '↗', '↙', '↘'] as const
/** A caption is two words, a figure and a place: sixteen of them. */
const CAPTIONS = FIGURES.flatMap((_, kind) => PLACES.map((__, place) => ({ kind, place })))
const N = CAPTIONS.length
/** Never shown in training: each word is known, the pair is not. */
const NEW = [1, 6, 11]
const E = 16

function pictureOf(caption: number, draw: Draw): number[] {
  const normal = gaussian(draw)
  const { kind, place } = CAPTIONS[caption]!
  const [x, y] = [place % 2, Math.floor(place / 2)].map((far) => 2 + 4 * far + Math.floor(draw() * 2)) as [number, number]
  return figure(kind, x, y, 2).map((v) => v + 0.12 * normal())
}
const toUnit = (x: Tensor): Tensor => x.mul(x.square().sum(-1, { keepdims: true }).add(1e-9).rsqrt())
const seeing = (p: Params, x: Tensor): Tensor => toUnit(x.matmul(p.w1!).add(p.b1!).relu().matmul(p.w2!)) // (B,100) → (B,16)
const readingOf = (p: Params, kind: Tensor, place: Tensor): Tensor => toUnit(oneHot(kind, 4).matmul(p.kinds!).add(oneHot(place, 4).matmul(p.placesOf!)))
const words = (captions: readonly number[]): readonly [Tensor, Tensor] => [integers(captions.map((c) => CAPTIONS[c]!.kind)), integers(captions.map((c) => CAPTIONS[c]!.place))]
const similar = (p: Params, pictures: Tensor, kind: Tensor, place: Tensor): Tensor => seeing(p, pictures).matmul(readingOf(p, kind, place).T)

export const contrastive: Machine = {
  steps: 300,
  every: 12,
  start: (seed) => {
    const draw = random(seed * 59 + 1)
    const shown = CAPTIONS.map((_, c) => c).filter((c) => !NEW.includes(c))
    const train = trainer<Params>(
      { w1: weights([SIDE * SIDE, 48], draw, 1.4), b1: flat(48), w2: weights([48, E], draw), kinds: weights([4, E], draw, 2), placesOf: weights([4, E], draw, 2) },
      (p, pictures, kind, place) => {
        const scores = similar(p, pictures!, kind!, place!).mul(8) // (n,n): picture i with caption j
        const own = integers(Array.from({ length: scores.shape[0]! }, (_, i) => i))
        return crossEntropy(scores, own).add(crossEntropy(scores.T, own)).mul(0.5)
      },
      0.004,
    )
    const test = CAPTIONS.flatMap((_, c) => Array.from({ length: 12 }, () => c))
    const pictures = tensor(test.map((c) => pictureOf(c, draw)))
    const all = words(CAPTIONS.map((_, c) => c))
    return {
      advance: async (from, to) => {
        for (let k = from; k < to; k++) train.step(tensor(shown.map((c) => pictureOf(c, draw))), ...words(shown))
      },
      look: async () => {
        const scores = await similar(train.params, pictures, ...all).data() // (192,16)
        const best = (i: number): number => { const row = Array.from({ length: N }, (_, c) => scores[N * i + c]!); return row.indexOf(Math.max(...row)) }
        const right = (some: (c: number) => boolean): number => { const rows = test.map((c, i) => ({ c, i })).filter(({ c }) => some(c)); return rows.filter(({ c, i }) => best(i) === c).length / rows.length }
        const [known, fresh] = [right((c) => !NEW.includes(c)), right((c) => NEW.includes(c))]
        const average = Array.from({ length: N * N }, (_, k) => { const rows = test.map((c, i) => ({ c, i })).filter(({ c }) => c === Math.floor(k / N)); return rows.reduce((sum, { i }) => sum + scores[N * i + (k % N)]!, 0) / rows.length })
        const names = CAPTIONS.map(({ kind, place }) => `${FIGURES[kind]}${PLACES[place]}`)
        return { curves: { known, fresh }, figures: { known, fresh }, cases: { known: test.filter((c) => !NEW.includes(c)).length, fresh: test.filter((c) => NEW.includes(c)).length }, pictures: [{ kind: 'matrix', key: 'similarity', rows: names, columns: names, values: average, limit: 1 }] }
      },
    }
  },
}
