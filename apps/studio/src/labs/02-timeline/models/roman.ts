// 2014 and 2017: Roman numerals to ours, read by a recurrent network through one vector, or by attention over all letters.
import { type Tensor, oneHot, ones, stack } from 'gradus'
import { crossEntropy } from 'gradus/nn'
import { random, shuffled } from '../../../core/random.ts'
import { attend, block, blockParams, level, think } from './attention.ts'
import { type Machine, type Params, type Picture, flat, integers, mean, trainer, weights } from './machine.ts'

const LETTERS = '·IVXLC'
/** Digits, then the end and the beginning. */
const END = 10
const BEGIN = 11
const OUT = 12
const LONG = 8
const SHORT = 3
export function roman(n: number): string {
  const parts: readonly (readonly [number, string])[] = [[90, 'XC'], [50, 'L'], [40, 'XL'], [10, 'X'], [9, 'IX'], [5, 'V'], [4, 'IV'], [1, 'I']]
  let out = ''
  for (const [value, letters] of parts) for (; n >= value; n -= value) out += letters
  return out
}
/** The letters at the right end, so that the last one read is the last one written. */
const reading = (n: number): number[] => [...roman(n).padStart(LONG, '·')].map((c) => LETTERS.indexOf(c))
/** 42 → 4 2 end; 7 → 7 end end */
const writing = (n: number): number[] => [...[...String(n)].map(Number), END, END].slice(0, SHORT)
const table = (of: (n: number) => number[], all: readonly number[]): Tensor => integers(all.flatMap(of), [all.length, of(1).length])
/** What the writer has before each symbol: the beginning, then the right symbols. */
const before = (n: number): number[] => [BEGIN, ...writing(n)].slice(0, SHORT)

interface Translator {
  readonly params: (draw: () => number) => Params
  /** (B,8) letters and (B,3) symbols before → (B,3,12) */
  readonly logits: (p: Params, letters: Tensor, had: Tensor) => Tensor
  /** For a picture: where each written symbol looked, (3, 8). */
  readonly looks?: (p: Params, letters: Tensor, had: Tensor) => Tensor
}

// ---- a gated recurrent unit reads, another writes (Cho et al., 2014) ------------------------------------------------

const H = 40
const gru = (p: Params, name: string, x: Tensor, h: Tensor): Tensor => {
  const given = x.matmul(p[`${name}w`]!).add(p[`${name}b`]!) // (B,3H)
  const kept = h.matmul(p[`${name}u`]!)
  const part = (t: Tensor, i: number): Tensor => t.at([], [i * H, (i + 1) * H])
  const update = part(given, 0).add(part(kept, 0)).sigmoid()
  const reset = part(given, 1).add(part(kept, 1)).sigmoid()
  const fresh = part(given, 2).add(reset.mul(part(kept, 2))).tanh()
  return h.mul(update).add(fresh.mul(update.neg().add(1)))
}
const recurrent: Translator = {
  params: (draw) => ({
    ew: weights([6, 3 * H], draw, 1.5), eu: weights([H, 3 * H], draw), eb: flat(3 * H),
    dw: weights([OUT, 3 * H], draw, 1.5), du: weights([H, 3 * H], draw), db: flat(3 * H), out: weights([H, OUT], draw), bias: flat(OUT),
  }),
  logits: (p, letters, had) => {
    const [given, written] = [oneHot(letters, 6), oneHot(had, OUT)] // (B,8,6) (B,3,12)
    let h = flat(letters.shape[0]!, H)
    for (let t = 0; t < LONG; t++) h = gru(p, 'e', given.at([], t), h)
    const out: Tensor[] = []
    for (let t = 0; t < SHORT; t++) {
      h = gru(p, 'd', written.at([], t), h)
      out.push(h.matmul(p.out!).add(p.bias!))
    }
    return stack(out, 1) // (B,3,12)
  },
}

// ---- attention only (Vaswani et al., 2017) -------------------------------------------------------------------------

const D = 32
const PAST = ones([SHORT, SHORT]).tril().gt(0.5)
const encode = (p: Params, letters: Tensor): Tensor => level(block(p, 'e', oneHot(letters, 6).matmul(p.letters!).add(p.places!), 2))
function decode(p: Params, letters: Tensor, had: Tensor): { logits: Tensor; weights: Tensor } {
  const memory = encode(p, letters)
  let x = oneHot(had, OUT).matmul(p.symbols!).add(p.turns!)
  const own = level(x)
  x = x.add(attend(p, 's', own, own, 2, PAST).out)
  const looked = attend(p, 'c', level(x), memory, 1)
  return { logits: level(think(p, 'c', x.add(looked.out))).matmul(p.out!), weights: looked.weights }
}
const attentive: Translator = {
  params: (draw) => ({
    letters: weights([6, D], draw, 1.5), places: weights([LONG, D], draw, 1.5), symbols: weights([OUT, D], draw, 1.5), turns: weights([SHORT, D], draw, 1.5),
    ...blockParams('e', D, draw), ...blockParams('s', D, draw), ...blockParams('c', D, draw), out: weights([D, OUT], draw),
  }),
  logits: (p, letters, had) => decode(p, letters, had).logits,
  looks: (p, letters, had) => decode(p, letters, had).weights.reshape(SHORT, LONG),
}

/** Writes one symbol after the other; stops looking after three. */
async function translate(which: Translator, p: Params, all: readonly number[]): Promise<number[][]> {
  const letters = table(reading, all)
  const had = all.map(() => [BEGIN, END, END])
  const out: number[][] = all.map(() => [])
  for (let t = 0; t < SHORT; t++) {
    const guess = await which.logits(p, letters, integers(had.flat(), [all.length, SHORT])).argmax(-1).data() // (B,3)
    for (const [i, row] of had.entries()) {
      const symbol = guess[i * SHORT + t]!
      out[i]!.push(symbol)
      if (t + 1 < SHORT) row[t + 1] = symbol
    }
  }
  return out
}
const shown = (symbols: readonly number[]): string => symbols.slice(0, Math.max(0, symbols.indexOf(END) < 0 ? SHORT : symbols.indexOf(END))).map((s) => (s < 10 ? String(s) : '?')).join('')
/** As a number where it is one as we write them. */
const numeral = (text: string): string | number => (String(Number(text)) === text ? Number(text) : text)

const translator = (which: Translator, steps: number, rate: number): Machine => ({
  steps,
  every: Math.round(steps / 25),
  start: (seed) => {
    const draw = random(seed * 41 + 1)
    const order = shuffled(Array.from({ length: 99 }, (_, i) => i + 1), draw)
    const [test, known] = [order.slice(0, 20), order.slice(20)]
    const train = trainer(which.params(draw), (p, letters, had, want) => crossEntropy(which.logits(p, letters!, had!), want!), rate)
    const batch = [table(reading, known), table(before, known), table(writing, known)] as const
    return {
      advance: async (from, to) => {
        for (let k = from; k < to; k++) train.step(...batch)
      },
      look: async () => {
        const right = async (some: readonly number[]): Promise<number> => mean((await translate(which, train.params, some)).map((out, i) => (shown(out) === String(some[i]) ? 1 : 0)))
        const [learned, fresh] = [await right(known), await right(test)]
        const answers = await translate(which, train.params, test.slice(0, 8))
        const pictures: Picture[] = [{ kind: 'table', key: 'translations', head: ['roman', 'written'], rows: answers.map((out, i) => ({ cells: [roman(test[i]!), numeral(shown(out))], good: shown(out) === String(test[i]) })) }]
        if (which.looks !== undefined) {
          const n = test.find((v) => v > 20) ?? test[0]!
          const seen = await which.looks(train.params, table(reading, [n]), table(before, [n])).data()
          pictures.unshift({ kind: 'matrix', key: 'attention', rows: writing(n).map((s) => (s === END ? '□' : String(s))), columns: [...roman(n).padStart(LONG, '·')], values: Array.from(seen), limit: 1 })
        }
        return { curves: { learned, fresh }, figures: { learned, fresh }, cases: { learned: known.length, fresh: test.length }, pictures }
      },
    }
  },
})
export const seq2seq = translator(recurrent, 300, 0.01)
export const transformer = translator(attentive, 300, 0.004)
