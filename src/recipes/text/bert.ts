// train bert: guessing hidden tokens of any text, then sorting texts with what was learned (--finetune).
import { type NDArray, ValueError } from '../../base/index.ts'
import { BytePairTokenizer, CharacterTokenizer, Dataset, type Tokenizer, hostRandom, shuffled, tokenizerFromJson } from '../../data/index.ts'
import { BertForClassification, BertForMaskedLM, type BertOptions } from '../../models/index.ts'
import { AdamW, type Layer, Module, crossEntropy, oneCycle } from '../../nn/index.ts'
import { type Tensor, tensor } from '../../tensor/index.ts'
import { evaluate, hasCheckpoint, loadCheckpoint } from '../../train/index.ts'
import { readAssets } from '../assets.ts'
import type { Assets, DataOptions, Recipe, RecipeData, Score } from '../plan.ts'
import { readSettings } from '../settings.ts'
import { fillingReader, gapped, sortingReader, tokensWithGaps } from './bert-reader.ts'
import { HiddenTokens, MASK, OWN, PAD, START, hiddenAccuracy, hiddenLoss, hideTokens, pieces, placesToRead } from './masking.ts'
import { readPairs } from './pairs.ts'
import { readText } from './read.ts'

/** Parts held back: the end of a text, a fifth of labelled texts. */
const HELD = 0.1
const TESTED = 0.2
const LEAST = 20

interface BertAsset {
  readonly context: number
  /** Absent (runs before there was a choice): learned. */
  readonly positions?: 'learned' | 'rotary'
  /** How a text becomes one vector, for a run that sorts texts. Absent (runs before there was a choice): the first token's. */
  readonly pool?: 'first' | 'mean'
  /** Names of the classes, for a run that sorts texts. */
  readonly classes?: readonly string[]
  /** The accuracy of always guessing the most frequent token. */
  readonly baseline?: number
  /** The first piece held back: its tokens, some hidden. */
  readonly sample?: readonly number[]
}
const assetOf = (assets: Assets): BertAsset => assets.bert as BertAsset
const tokenizerOf = (assets: Assets): Tokenizer => tokenizerFromJson(assets.tokenizer)
function sizes(assets: Assets): BertOptions {
  const { context, positions = 'learned', pool = 'first' } = assetOf(assets)
  return { vocabulary: tokenizerOf(assets).size + OWN, context, width: 128, layers: 3, heads: 4, segments: 1, initializerRange: 0.05, positions, pool }
}

/** (B, T) tokens, filled up → logits (B, classes). */
class TextClassifier extends Module {
  readonly network: BertForClassification
  constructor(network: BertForClassification) {
    super()
    this.network = network
  }
  forward(x: Tensor): Tensor {
    return this.network.call(x, { lengths: x.ne(PAD).to('int32').sum(1).to('int32').maximum(1), pooled: placesToRead(x) })
  }
}

async function data(options: DataOptions): Promise<RecipeData> {
  const { finetune } = options.options as { readonly finetune: string }
  if (options.folder === undefined) throw new ValueError('train', 'no text is named', { remedy: 'For example: gradus train bert book.txt' })
  return finetune === '' ? hidden(options, options.folder) : labelled(options, options.folder, finetune)
}

async function hidden(options: DataOptions, file: string): Promise<RecipeData> {
  const { tokenizer: kind, vocabulary, context, positions } = options.options as { readonly tokenizer: string; readonly vocabulary: number; readonly context: number; readonly positions: 'learned' | 'rotary' }
  const text = await readText(file)
  const cut = Math.floor(text.length * (1 - HELD))
  const [first, held] = [text.slice(0, cut), text.slice(cut)]
  const tokenizer = options.assets !== undefined ? tokenizerOf(options.assets) : kind === 'bpe' ? BytePairTokenizer.learn(first, { size: vocabulary }) : CharacterTokenizer.of(text)
  const size = tokenizer.size + OWN
  const [learned, tested] = [tokenizer.encode(first), tokenizer.encode(held)]
  if (tested.length < context - 1) throw new ValueError('train', `the part of the text that is held back (the last ${100 * HELD} % of ${file}) is too short`, { expected: `at least ${context - 1} tokens for a context of ${context}`, received: String(tested.length), remedy: 'Take a longer text, or a smaller --context.' })
  const validation = pieces(tested, context, size, true)
  const counts = new Map<number, number>()
  for (const t of learned) counts.set(t, (counts.get(t) ?? 0) + 1)
  const [frequent] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a))
  const asset: BertAsset = options.assets === undefined
    ? { context, positions, baseline: tested.filter((t) => t === frequent).length / tested.length, sample: [...validation.inputs.data].slice(0, context) }
    : assetOf(options.assets)
  return {
    train: pieces(learned, context, size, false).with({ augment: hideTokens(size) }), validation,
    from: file, unit: `pieces of ${context} tokens`, assets: { tokenizer: tokenizer.toJSON(), bert: asset },
  }
}

async function labelled(options: DataOptions, folder: string, file: string): Promise<RecipeData> {
  const pairs = await readPairs(file, LEAST)
  const again = options.assets
  const from = again ?? (await pretrained(folder))
  const tokenizer = tokenizerOf(from)
  const { context, positions = 'learned', pool = again === undefined ? 'mean' : 'first' } = assetOf(from)
  const classes = again === undefined ? [...new Set(pairs.map((p) => p.first))].sort() : assetOf(again).classes!
  if (classes.length < 2 || classes.length > pairs.length / 4) throw new ValueError('train', `${file} holds no classes`, { expected: 'a label in the first column, the text in the second; at least two labels, each several times', received: `${classes.length} ${classes.length === 1 ? 'label' : 'labels'} for ${pairs.length} texts` })
  const order = shuffled(pairs.length, hostRandom(1, 8))
  const cut = Math.round(pairs.length * (1 - TESTED))
  const few = Number(options.options?.labels ?? 0)
  if (few > cut) throw new ValueError('train', 'more labels than there are', { expected: `--labels up to ${cut}`, received: String(few) })
  // the texts that are tested on are the same for every number of labels and every seed; those that are learned are drawn by it
  const learned = few === 0 ? order.subarray(0, cut) : Int32Array.from(shuffled(cut, hostRandom(options.seed ?? 0, 11)).subarray(0, few), (i) => order[i]!)
  const texts = pairs.map(({ second }) => tokensWithGaps(tokenizer, second).slice(0, context))
  const length = texts.reduce((most, { length: one }) => Math.max(most, one), 0)
  const part = (indices: Int32Array): Dataset => {
    const inputs = new Int32Array(indices.length * length)
    const labels = Int32Array.from(indices, (i) => classes.indexOf(pairs[i]!.first))
    indices.forEach((i, row) => inputs.set(texts[i]!, row * length))
    const unknown = labels.indexOf(-1)
    if (unknown !== -1) throw new ValueError('train', `${file} has a label that the run does not know`, { expected: classes.slice(0, 8).join(', '), received: pairs[indices[unknown]!]!.first })
    return new Dataset({ dtype: 'int32', shape: [indices.length, length], data: inputs }, { dtype: 'int32', shape: [indices.length], data: labels }, { classes })
  }
  return {
    train: part(learned), test: part(order.subarray(cut)), from: `${file}, on top of ${folder}`, unit: 'texts',
    assets: { tokenizer: tokenizer.toJSON(), bert: { context, positions, pool, classes } },
    initial: () => encoderOf(folder),
  }
}
/** What a pretrained run needs to be used again. */
async function pretrained(folder: string): Promise<Assets> {
  const settings = await readSettings(folder)
  if (settings.recipe !== 'bert' || settings.model !== 'masked') throw new ValueError('train', `${folder} is no pretrained run`, { expected: 'the folder of a run of: gradus train bert FILE.txt', received: `${settings.recipe ?? settings.file}, ${settings.model}` })
  return readAssets(folder)
}
/** The encoder's weights, by the paths that the classifier has for them. */
async function encoderOf(folder: string): Promise<Readonly<Record<string, NDArray>>> {
  const { weights } = await loadCheckpoint(folder, (await hasCheckpoint(folder, 'best')) ? 'best' : 'last')
  return Object.fromEntries([...weights].filter(([path]) => path.startsWith('network.encoder.')).map(([path, array]) => [path.replace('network.', 'network.bert.'), array]))
}

async function score(model: Layer, { validation, assets }: RecipeData): Promise<Score | null> {
  if (validation === undefined) return null
  const { loss, masked_accuracy: accuracy } = await evaluate(model, validation, { loss: hiddenLoss, metrics: [hiddenAccuracy], batchSize: 32 })
  const baseline = assetOf(assets!).baseline!
  return {
    figures: { validationLoss: loss!, maskedAccuracy: accuracy!, baseline },
    text: `Hidden tokens: ${(100 * accuracy!).toFixed(1)} % guessed right (always the most frequent one: ${(100 * baseline).toFixed(1)} %), ${loss!.toFixed(4)} nats each.`,
  }
}

/** The first piece held back, with the guesses in ‹›. */
async function sample(model: Layer, assets: Assets): Promise<string> {
  const { sample: tokens, context } = assetOf(assets)
  if (tokens === undefined) return ''
  const tokenizer = tokenizerOf(assets)
  const wasTraining = model.training
  model.eval()
  const logits = (model as HiddenTokens).network.call(tensor(Int32Array.from(tokens), { shape: [1, context] }))
  const guesses = await logits.argmax(-1).data()
  if (wasTraining) model.train()
  const word = (id: number): string => (id >= OWN ? tokenizer.decode([id - OWN]) : '…')
  return tokens.map((t, i) => (t === MASK ? `‹${word(guesses[i]!)}›` : t === START ? '' : word(t))).join('').replace(/\s+/g, ' ')
}

export const bert: Recipe = {
  name: 'bert',
  about: 'hidden tokens of any text, then classes of texts (--finetune)',
  models: {
    masked: {
      about: 'BERT of width 128, three blocks: guesses hidden tokens',
      // with a tenth dropped, so small a network stays at the frequencies of tokens for longer (docs/results.md)
      build: (assets) => new HiddenTokens(new BertForMaskedLM({ ...sizes(assets), dropout: 0 })),
      loss: hiddenLoss,
      metrics: [hiddenAccuracy],
      optimizer: (rate, steps) => new AdamW(oneCycle(rate, steps), { weightDecay: 0.01 }),
      learningRate: 1e-3,
      epochs: 10,
      batchSize: 16,
      clipNorm: 1,
    },
    classifier: {
      about: 'the same with a layer for classes, from a pretrained run',
      build: (assets) => new TextClassifier(new BertForClassification({ ...sizes(assets), classes: assetOf(assets).classes!.length })),
      loss: crossEntropy,
      optimizer: (rate, steps) => new AdamW(oneCycle(rate, steps), { weightDecay: 0.01 }),
      learningRate: 5e-4,
      epochs: 6,
      batchSize: 32,
      clipNorm: 1,
    },
  },
  source: 'a text file (with --finetune: the folder of a pretrained run)',
  options: {
    tokenizer: { about: 'what a token is', default: 'bpe', choices: ['bpe', 'characters'] },
    vocabulary: { about: 'tokens of --tokenizer bpe', default: 1024 },
    context: { about: 'tokens in one piece of text', default: 64 },
    positions: { about: 'where a token stands: turned queries and keys, or a learned vector', default: 'rotary', choices: ['rotary', 'learned'] },
    finetune: { about: 'a file of labels and texts', default: '' },
    labels: { about: 'how many labelled texts are learned from (0: all but those held back)', default: 0 },
  },
  data,
  score,
  sample,
  reader: (model, assets) => {
    const { context, classes } = assetOf(assets)
    const encode = gapped(tokenizerOf(assets), context)
    return classes === undefined ? fillingReader((model as HiddenTokens).network, encode) : sortingReader((model as TextClassifier).network, encode, classes)
  },
}
