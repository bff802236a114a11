// train translate: from one column of a file to the other, with attention over a recurrent network or a Transformer.
import { ValueError } from '../../base/index.ts'
import { BytePairTokenizer, CharacterTokenizer, type Tokenizer, hostRandom, tokenizerFromJson } from '../../data/index.ts'
import { tokenContributions } from '../../explain/index.ts'
import { mapsOf, tokenTexts } from './attend.ts'
import { Seq2Seq, Transformer, translateTokens } from '../../models/index.ts'
import { AdamW, type Layer, Module, bleu, crossEntropy, oneCycle } from '../../nn/index.ts'
import { type Tensor, oneHot, tensor } from '../../tensor/index.ts'
import type { Assets, DataOptions, ModelPlan, Reader, Recipe, RecipeData, Score, Translator } from '../plan.ts'
import { PairBatches, type PairRow, type Sizes, pairBuckets } from './pair-batches.ts'
import { type Pair, readPairs } from './pairs.ts'

/** Tokens that no tokenizer knows: padding, beginning, end. Those of the tokenizers follow. */
const [PAD, BEGIN, END, OWN] = [0, 1, 2, 3] as const
/** The share of sources that is held back, and the most of them. */
const HELD = 0.1
const MOST_HELD = 1000
const LEAST = 20
const BEAM = 4
/** Lengths are told apart where there are so many pairs for each of them. */
const WORTH_A_BUCKET = 400
const MOST_BUCKETS = 4

interface PairsAsset {
  /** Longest source and target, with the end. */
  readonly source: number
  readonly target: number
  /** Room for source and target in the batches trained on, rising; absent in runs of the first version. */
  readonly buckets?: readonly Sizes[]
  /** Held-back pairs shown after every epoch. */
  readonly samples: readonly (readonly [source: string, reference: string])[]
}
const sizesOf = (assets: Assets): PairsAsset => assets.pairs as PairsAsset
const tokenizersOf = (assets: Assets): { readonly source: Tokenizer; readonly target: Tokenizer } => ({ source: tokenizerFromJson(assets.source), target: tokenizerFromJson(assets.target) })

/** Both sequences in one row: (B, S + T) → logits (B, T, V) of the target's next tokens. The row's length says which bucket's it is. */
class Pairwise extends Module {
  readonly network: Seq2Seq | Transformer
  readonly buckets: readonly Sizes[]
  constructor(network: Seq2Seq | Transformer, buckets: readonly Sizes[]) {
    super()
    this.network = network
    this.buckets = buckets
  }
  forward(x: Tensor): Tensor {
    const [S] = this.buckets.find(([s, t]) => s + t === x.shape[1]) ?? this.buckets.at(-1)!
    const source = x.at(null, [0, S])
    const target = x.at(null, [S, null])
    return this.network.call(source, target, { lengths: source.ne(PAD).to('int32').sum(1).to('int32').maximum(1) })
  }
}

/** Logits (B, T, V), tokens (B, T) → the mean of −log p over the tokens that are no padding. */
const pairLoss = (logits: Tensor, tokens: Tensor): Tensor => crossEntropy(logits.reshape([-1, logits.shape.at(-1)!]), tokens.reshape(-1), { ignoreIndex: PAD })

const plan = (about: string, rate: number, build: (vocabularies: { sourceVocabulary: number; targetVocabulary: number }, context: number) => Seq2Seq | Transformer): ModelPlan => ({
  about,
  build: (assets) => {
    const { source, target } = tokenizersOf(assets)
    const sizes = sizesOf(assets)
    return new Pairwise(build({ sourceVocabulary: source.size + OWN, targetVocabulary: target.size + OWN }, Math.max(sizes.source, sizes.target)), sizes.buckets ?? [[sizes.source, sizes.target]])
  },
  loss: pairLoss,
  metrics: [],
  optimizer: (learningRate, steps) => new AdamW(oneCycle(learningRate, steps), { weightDecay: 0.01 }),
  learningRate: rate,
  epochs: 20,
  batchSize: 32,
  clipNorm: 1,
})

async function data(options: DataOptions): Promise<RecipeData> {
  if (options.folder === undefined) throw new ValueError('train', 'no file is named', { remedy: 'For example: gradus train translate pairs.tsv' })
  const file = options.folder
  const { tokenizer: kind, vocabulary, context } = options.options as { readonly tokenizer: string; readonly vocabulary: number; readonly context: number }
  const { first, held } = heldBack(await readPairs(file, LEAST))
  const learn = (texts: (pair: Pair) => string): Tokenizer =>
    kind === 'bpe' ? BytePairTokenizer.learn(first.map(texts).join('\n'), { size: vocabulary }) : CharacterTokenizer.of([...first, ...held].map(texts).join(''))
  const { source, target } = options.assets === undefined ? { source: learn((p) => p.first), target: learn((p) => p.second) } : tokenizersOf(options.assets)
  const encode = (pairs: readonly Pair[]): Encoded[] => pairs.map((pair) => ({ pair, source: source.encode(pair.first), target: target.encode(pair.second) }))
  const fits = ({ source: s, target: t }: Encoded): boolean => s.length < context && t.length < context
  const [learned, tested] = [encode(first).filter(fits), encode(held).filter(fits)]
  if (learned.length < LEAST / 2 || tested.length === 0) throw new ValueError('train', `almost all pairs of ${file} are longer than ${context} tokens`, { remedy: 'Take a larger --context.' })
  const longest = (side: 'source' | 'target'): number => [...learned, ...tested].reduce((most, p) => Math.max(most, p[side].length + 1), 0)
  const sizes: PairsAsset = options.assets === undefined
    ? { source: longest('source'), target: longest('target'), buckets: bucketsFor(learned, longest('source'), longest('target')), samples: tested.slice(0, 4).map(({ pair }) => [pair.first, pair.second] as const) }
    : sizesOf(options.assets)
  const left = first.length + held.length - learned.length - tested.length
  return {
    train: batches(learned, sizes, sizes.buckets), validation: batches(tested, sizes),
    from: `${file}, ${tested.length} held back${left === 0 ? '' : `, ${left} longer than --context ${context} left out`}`, unit: 'pairs',
    assets: { source: source.toJSON(), target: target.toJSON(), pairs: sizes },
    held: tested.map(({ pair }) => pair),
  }
}

interface Encoded {
  readonly pair: Pair
  readonly source: Int32Array
  readonly target: Int32Array
}
/** Every tenth source, drawn at random, with all its translations: none is in both parts. */
function heldBack(pairs: readonly Pair[]): { first: Pair[]; held: Pair[] } {
  const random = hostRandom(1, 6)
  const sources = [...new Set(pairs.map((p) => p.first))]
  const place = new Map(sources.map((source) => [source, random.next()]))
  const wanted = Math.max(1, Math.min(MOST_HELD, Math.round(sources.length * HELD)))
  const kept = new Set([...sources].sort((a, b) => place.get(a)! - place.get(b)!).slice(0, wanted))
  return { first: pairs.filter((p) => !kept.has(p.first)), held: pairs.filter((p) => kept.has(p.first)) }
}

/** `buckets`: those to train with; otherwise all pairs have the room of the longest. */
function batches(pairs: readonly Encoded[], { source: S, target: T }: PairsAsset, buckets: readonly Sizes[] = [[S, T]]): PairBatches {
  return new PairBatches(pairs.filter((p) => p.source.length < S && p.target.length < T).map(rowOf), { buckets, pad: PAD, begin: BEGIN })
}
const rowOf = ({ source, target }: Encoded): PairRow => ({ source: [...source.map((t) => t + OWN), END], target: [...target.map((t) => t + OWN), END] })
/** As many as are worth compiling a step for; the last has room for every pair. */
function bucketsFor(pairs: readonly Encoded[], source: number, target: number): Sizes[] {
  const most = Math.min(MOST_BUCKETS, Math.floor(pairs.length / WORTH_A_BUCKET))
  return [...pairBuckets(pairs.map(rowOf), Math.max(1, most)).slice(0, -1).filter(([s, t]) => s + t < source + target), [source, target]]
}

function translator(model: Layer, assets: Assets): Translator {
  const { source, target } = tokenizersOf(assets)
  const sizes = sizesOf(assets)
  return {
    async translate(texts, { beam = BEAM } = {}) {
      const sources = texts.map((text) => [...source.encode(text.trim()).map((t) => t + OWN), END])
      const long = sources.findIndex((s) => s.length > sizes.source)
      if (long !== -1) throw new ValueError('translate', `the text is too long: ${JSON.stringify(texts[long]!.slice(0, 60))}`, { expected: `at most ${sizes.source - 1} tokens`, received: String(sources[long]!.length - 1), remedy: 'Shorten it, or train with longer pairs.' })
      const found = await translateTokens((model as Pairwise).network, sources, { begin: BEGIN, end: END, maxLength: sizes.target, sourceLength: sizes.source, width: beam })
      return found.map((beams) => beams.map(({ tokens, score }) => ({ text: target.decode(tokens.filter((t) => t >= OWN).map((t) => t - OWN)).trim(), score })))
    },
  }
}

/** Words, numbers and single signs. */
const cut = (text: string): string[] => text.match(/[\p{L}\p{M}]+|\p{N}+|[^\s\p{L}\p{M}\p{N}]/gu) ?? []

/** BLEU (0 … 100) and the share that equals a reference, by greedy and by beam search. */
async function score(model: Layer, { held, assets }: RecipeData): Promise<Score> {
  const references = new Map<string, string[]>()
  for (const { first, second } of held!) references.set(first, [...(references.get(first) ?? []), second])
  const sources = [...references.keys()]
  const wanted = [...references.values()]
  const { translate } = translator(model, assets!)
  const measure = async (beam: number): Promise<{ bleu: number; exactMatch: number }> => {
    const texts = (await translate(sources, { beam })).map(([best]) => best!.text)
    return { bleu: bleu(texts.map(cut), wanted.map((own) => own.map(cut)), { order }), exactMatch: texts.filter((text, i) => wanted[i]!.includes(text)).length / texts.length }
  }
  // names are short: no longer sequences are compared than some reference has
  const order = Math.min(4, Math.max(1, ...wanted.flat().map((text) => cut(text).length)))
  const [greedy, best] = [await measure(1), await measure(BEAM)]
  return {
    figures: { ...best, bleuGreedy: greedy.bleu, exactMatchGreedy: greedy.exactMatch, heldPairs: held!.length },
    text: `Held-back pairs: BLEU ${best.bleu.toFixed(2)}, exact ${(100 * best.exactMatch).toFixed(1)} % with a beam of ${BEAM}; BLEU ${greedy.bleu.toFixed(2)}, exact ${(100 * greedy.exactMatch).toFixed(1)} % greedily.`,
  }
}

async function sample(model: Layer, assets: Assets): Promise<string> {
  const { samples } = sizesOf(assets)
  const found = await translator(model, assets).translate(samples.map(([source]) => source), { beam: 1 })
  return samples.map(([source, reference], i) => `${source} → ${found[i]![0]!.text} (${reference})`).join('\n')
}

function reader(model: Layer, assets: Assets): Reader {
  const pairwise = model as Pairwise
  const { source, target } = tokenizersOf(assets)
  /** The text's tokens with the end, and those of its translation with the beginning before them. */
  const read = async (text: string) => {
    const best = (await translator(model, assets).translate([text], { beam: BEAM }))[0]![0]!
    const from = [...source.encode(text.trim()).map((t) => t + OWN), END]
    const to = [BEGIN, ...target.encode(best.text).map((t) => t + OWN)]
    const named = (tokenizer: Tokenizer, ids: readonly number[]): string[] => tokenTexts(([id]) => (id === BEGIN ? '‹begin›' : id === END ? '‹end›' : tokenizer.decode([id! - OWN])), ids)
    const row = (ids: readonly number[]): Tensor => tensor(Int32Array.from(ids), { shape: [1, ids.length] })
    return { decision: `→ ${best.text}`, from: row(from), to: row(to), sources: named(source, from), targets: named(target, to), follows: [...to.slice(1), END] }
  }
  return {
    async attention(text) {
      const { decision, from, to, sources, targets } = await read(text)
      const { network } = pairwise
      if (network instanceof Seq2Seq) return { decision, maps: [{ layer: 'network.attention', rows: targets, columns: sources, heads: [await lookedAt(network, from, to)] }] }
      return {
        decision,
        maps: await mapsOf(network, (copy) => copy.call(from, to), (layer) => ({
          rows: layer.startsWith('encoder') ? sources : targets,
          columns: layer.startsWith('encoder') || layer.endsWith('crossAttention') ? sources : targets,
        })),
      }
    },
    async contributions(text, { method, target: wanted }) {
      if (wanted !== undefined) throw new ValueError('explain', 'a translation has no classes', { remedy: 'Leave out --class: what is explained is its own translation.' })
      const { decision, from, to, sources, follows } = await read(text)
      // ln p of the whole translation
      const values = tokenContributions(pairwise.network as Module, from, (copy, x) => {
        const logs = (copy as Pairwise['network']).call(x, to.expand([x.shape[0]!, follows.length])).logSoftmax(-1) // (N,T,V)
        return logs.mul(oneHot(tensor(Int32Array.from(follows)), logs.shape[2]!)).sum([1, 2])
      }, { method, embedding: 'source' })
      return { decision, target: 'this translation', tokens: sources, values: [...(await values.data())] }
    },
  }
}
/** Where Bahdanau's attention looks before each token of the target: (T) rows of (S). */
async function lookedAt(network: Seq2Seq, source: Tensor, target: Tensor): Promise<number[][]> {
  const memory = network.encode(source)
  const rows: number[][] = []
  let state = memory.state
  for (let t = 0; t < target.shape[1]!; t++) {
    const next = network.next(target.at(null, t), state, memory)
    rows.push([...(await next.weights.at(0).data())])
    state = next.state
  }
  return rows
}

export const translate: Recipe = {
  name: 'translate',
  about: 'from one column of a file to the other',
  models: {
    seq2seq: plan('recurrent encoder and decoder of width 192 with attention', 4e-3, (vocabularies) => new Seq2Seq({ ...vocabularies, width: 192, dropout: 0.2 })),
    transformer: plan('Transformer of width 128, two blocks each side', 2e-3, (vocabularies, context) => new Transformer({ ...vocabularies, context, width: 128, layers: 2, heads: 4, normFirst: true, dropout: 0.2 })),
  },
  source: 'a file of two columns (TSV or CSV)',
  options: {
    tokenizer: { about: 'what a token is', default: 'bpe', choices: ['bpe', 'characters'] },
    vocabulary: { about: 'tokens of --tokenizer bpe, for each column', default: 1024 },
    context: { about: 'longest text in tokens', default: 64 },
  },
  data,
  score,
  sample,
  translator,
  reader,
}
