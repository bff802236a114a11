// How BERT reads a text for `predict` and `explain`: fine-tuned it sorts it, pretrained it fills its gaps.
import { ValueError } from '../../base/index.ts'
import { BytePairTokenizer, type Tokenizer } from '../../data/index.ts'
import { tokenContributions } from '../../explain/index.ts'
import type { BertForClassification, BertForMaskedLM } from '../../models/index.ts'
import type { Module } from '../../nn/index.ts'
import { type Tensor, tensor } from '../../tensor/index.ts'
import type { Reader, TextMap } from '../plan.ts'
import { mapsOf, share } from './attend.ts'
import { MASK, OWN, START, placesToRead } from './masking.ts'

/** What stands for one token to be guessed. */
const GAP = /\[MASK\]|_{2,}/g
const GUESSES = 5

/** Texts as the network is given them, and its tokens as texts. */
export interface Gapped {
  readonly ids: (text: string) => number[]
  readonly named: (id: number) => string
  readonly tokenizer: Tokenizer
}
/** A text's tokens after START, one for every gap; with byte pairs the space before a gap is part of what stands there. */
export function tokensWithGaps(tokenizer: Tokenizer, text: string): number[] {
  const words = tokenizer instanceof BytePairTokenizer
  const parts = text.split(GAP)
  return [START, ...parts.flatMap((part, i) => [...(i === 0 ? [] : [MASK]), ...tokenizer.encode(words && i < parts.length - 1 ? part.replace(/ $/, '') : part).map((t) => t + OWN)])]
}
export function gapped(tokenizer: Tokenizer, context: number): Gapped {
  return {
    tokenizer,
    named: (id) => (id === START ? '‹start›' : id === MASK ? '‹gap›' : tokenizer.decode([id - OWN])),
    ids(text) {
      const ids = tokensWithGaps(tokenizer, text)
      if (ids.length > context) throw new ValueError('predict', 'the text is too long', { expected: `at most ${context - 1} tokens`, received: String(ids.length - 1), remedy: 'Shorten it.' })
      if (ids.length === 1) throw new ValueError('predict', 'no text', { expected: 'at least one token' })
      return ids
    },
  }
}

const row = (ids: readonly number[]): Tensor => tensor(Int32Array.from(ids), { shape: [1, ids.length] }) // (1,T)
const maps = <M extends Module>(network: M, ids: readonly number[], { named }: Gapped, call: (copy: M, x: Tensor) => Tensor): Promise<TextMap[]> => {
  const texts = ids.map(named)
  return mapsOf(network, (copy) => call(copy, row(ids)), () => ({ rows: texts, columns: texts }))
}

export function sortingReader(network: BertForClassification, texts: Gapped, classes: readonly string[]): Reader {
  const logits = (copy: BertForClassification, x: Tensor): Tensor => copy.call(x, { pooled: placesToRead(x) }) // (1,T) → (1,classes)
  const sort = async (ids: readonly number[]): Promise<{ shares: number[]; best: number; decision: string }> => {
    const shares = [...(await logits(network, row(ids)).softmax(-1).at(0).data())]
    const best = shares.indexOf(Math.max(...shares))
    return { shares, best, decision: `${classes[best]} (${share(shares[best]!)})` }
  }
  return {
    async answer(text) {
      const { shares } = await sort(texts.ids(text))
      return { classes: Object.fromEntries(classes.map((name, i) => [name, shares[i]!])) }
    },
    async attention(text) {
      const ids = texts.ids(text)
      return { decision: (await sort(ids)).decision, maps: await maps(network, ids, texts, logits) }
    },
    async contributions(text, { method, target }) {
      const ids = texts.ids(text)
      const { best, shares, decision } = await sort(ids)
      const wanted = target === undefined ? best : classes.indexOf(target)
      if (wanted === -1) throw new ValueError('explain', 'no such class', { expected: classes.slice(0, 12).join(', '), received: target! })
      const values = tokenContributions(network, row(ids), (copy, x) => logits(copy, x).at(null, wanted), { method, embedding: 'bert.encoder.words' })
      return { decision, target: `${classes[wanted]} (${share(shares[wanted]!)})`, tokens: ids.map(texts.named), values: [...(await values.data())] }
    },
  }
}

export function fillingReader(network: BertForMaskedLM, texts: Gapped): Reader {
  const { tokenizer, named } = texts
  const guess = async (ids: readonly number[]) => {
    const places = ids.flatMap((id, i) => (id === MASK ? [i] : []))
    if (places.length === 0) throw new ValueError('predict', 'the text has no gap', { expected: '[MASK] or ___ where a token is to be guessed', received: JSON.stringify(ids.slice(1).map(named).join('').slice(0, 60)) })
    // nothing of Gradus' own tokens can stand in a gap
    const all = await network.call(row(ids)).at(0, null, [OWN, null]).softmax(-1).data() // (T,V)
    const width = all.length / ids.length
    const gaps = places.map((at) => Array.from(all.subarray(at * width, (at + 1) * width), (probability, id) => ({ id, token: tokenizer.decode([id]), probability })).sort((a, b) => b.probability - a.probability).slice(0, GUESSES))
    const full = ids.slice(1).map((t) => t - OWN)
    places.forEach((at, i) => (full[at - 1] = gaps[i]![0]!.id))
    const text = tokenizer.decode(full)
    return { places, gaps, text, decision: `${JSON.stringify(text)}: ${gaps.map(([first]) => `${JSON.stringify(first!.token)} ${share(first!.probability)}`).join(', ')}` }
  }
  return {
    async answer(text) {
      const { gaps, text: full } = await guess(texts.ids(text))
      return { filled: { text: full, gaps: gaps.map((gap) => gap.map(({ token, probability }) => ({ token, probability }))) } }
    },
    async attention(text) {
      const ids = texts.ids(text)
      return { decision: ids.includes(MASK) ? (await guess(ids)).decision : 'no gap to fill', maps: await maps(network, ids, texts, (copy, x) => copy.call(x)) }
    },
    async contributions(text, { method, target }) {
      const ids = texts.ids(text)
      const { places, gaps, decision } = await guess(ids)
      const wanted = target === undefined ? [gaps[0]![0]!.id] : [...tokenizer.encode(target)]
      if (wanted.length !== 1) throw new ValueError('explain', 'the class is not one token', { expected: 'a text of one token', received: `${JSON.stringify(target)}: ${wanted.length} tokens` })
      const values = tokenContributions(network, row(ids), (copy, x) => copy.call(x).at(null, places[0]!, wanted[0]! + OWN), { method, embedding: 'encoder.words' })
      return { decision, target: `${JSON.stringify(tokenizer.decode(wanted))} in the first gap`, tokens: ids.map(named), values: [...(await values.data())] }
    },
  }
}
