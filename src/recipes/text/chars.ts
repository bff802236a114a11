// train chars FILE.txt: language models that write on in the manner of any text, character by character or with byte pairs.
import { ValueError } from '../../base/index.ts'
import { tokenContributions } from '../../explain/index.ts'
import { mapsOf, share, tokenTexts } from './attend.ts'
import { BytePairTokenizer, CharacterTokenizer, type Tokenizer, hostRandom, tokenizerFromJson } from '../../data/index.ts'
import { type Autoregressive, GPT, RecurrentLanguageModel, type RecurrentKind, generateTokens, gptSizes } from '../../models/index.ts'
import { AdamW, type Layer, crossEntropy, oneCycle } from '../../nn/index.ts'
import { type Tensor, tensor, zeros } from '../../tensor/index.ts'
import { evaluate } from '../../train/index.ts'
import type { Assets, DataOptions, ModelPlan, Reader, Recipe, RecipeData, Score, WriteOptions, Writer } from '../plan.ts'
import { readText } from './read.ts'
import { windows } from './windows.ts'

/** The part of the text at its end that is held back to measure with. */
const HELD = 0.1

/** Logits (B, T, V) and tokens (B, T) → the mean over all places of −log p(token). */
export const tokenLoss = (logits: Tensor, tokens: Tensor): Tensor => crossEntropy(logits.reshape([-1, logits.shape.at(-1)!]), tokens.reshape(-1))

interface TextAsset {
  readonly context: number
  /** Characters and bytes for each token of the held-back part: from nats a token to nats a character and bits a byte. */
  readonly charactersPerToken: number
  readonly bytesPerToken: number
  readonly opening: string
}
const textOf = (assets: Assets): TextAsset => assets.text as TextAsset
const tokenizerOf = (assets: Assets): Tokenizer => tokenizerFromJson(assets.tokenizer)

const shared = { loss: tokenLoss, metrics: [], batchSize: 32, clipNorm: 1 }
const recurrent = (kind: RecurrentKind, about: string): ModelPlan => ({
  ...shared,
  about,
  build: (assets) => new RecurrentLanguageModel({ vocabulary: tokenizerOf(assets).size, kind, width: 256, layers: 2, dropout: 0.1 }),
  optimizer: (rate, steps) => new AdamW(oneCycle(rate, steps)),
  learningRate: kind === 'rnn' ? 1e-3 : 4e-3,
  epochs: 8,
})

async function data(options: DataOptions): Promise<RecipeData> {
  const file = options.folder!
  const { tokenizer: kind, vocabulary, context } = options.options as { readonly tokenizer: string; readonly vocabulary: number; readonly context: number }
  const text = await readText(file)
  const cut = Math.floor(text.length * (1 - HELD))
  const [first, held] = [text.slice(0, cut), text.slice(cut)]
  const tokenizer = kind === 'bpe' ? BytePairTokenizer.learn(first, { size: vocabulary }) : CharacterTokenizer.of(text)
  const heldTokens = tokenizer.encode(held)
  const asset: TextAsset = { context, charactersPerToken: [...held].length / heldTokens.length, bytesPerToken: new TextEncoder().encode(held).length / heldTokens.length, opening: [...text][0]! }
  return {
    train: windows(tokenizer.encode(first), context, `the text (the first ${100 - 100 * HELD} % of ${file})`),
    validation: windows(heldTokens, context, `the part of the text that is held back (the last ${100 * HELD} % of ${file})`),
    from: file, unit: `pieces of ${context} ${kind === 'bpe' ? 'tokens' : 'characters'}`,
    assets: { tokenizer: tokenizer.toJSON(), text: asset },
  }
}

async function score(model: Layer, { validation, assets }: RecipeData): Promise<Score> {
  const { charactersPerToken, bytesPerToken } = textOf(assets!)
  const loss = (await evaluate(model, validation!, { loss: tokenLoss, metrics: [], batchSize: 16 })).loss!
  const figures = { validationLoss: loss / charactersPerToken, lossPerToken: loss, bitsPerByte: loss / Math.LN2 / bytesPerToken }
  return { figures, text: `Validation loss ${figures.validationLoss.toFixed(4)} nats a character, ${figures.bitsPerByte.toFixed(4)} bits a byte.` }
}

function writer(model: Layer, assets: Assets): Writer {
  const tokenizer = tokenizerOf(assets)
  const { context, opening } = textOf(assets)
  return {
    async *write(prompt: string, options: WriteOptions): AsyncGenerator<string, void, undefined> {
      const { tokens = Number.POSITIVE_INFINITY, seed = 0, signal, ...sampling } = options
      const ids = tokenizer.encode(prompt === '' ? opening : prompt)
      let count = 0
      let pending: number[] = []
      if (tokens < 1) return
      for await (const id of generateTokens(model as unknown as Autoregressive<unknown>, ids, { ...sampling, random: hostRandom(seed, 5).next, ...(model instanceof GPT ? { context } : {}) })) {
        pending.push(id)
        count++
        // half a character waits for its other half
        const text = tokenizer.decode(pending)
        if (!text.endsWith('\ufffd') || pending.length > 4 || count >= tokens) {
          yield text
          pending = []
        }
        if (count >= tokens || signal?.aborted === true) return
      }
    },
  }
}

function reader(layer: Layer, assets: Assets): Reader {
  const model = layer as Layer & { call(tokens: Tensor): Tensor }
  const tokenizer = tokenizerOf(assets)
  const decode = (ids: readonly number[]): string => tokenizer.decode(ids)
  /** The text's tokens (1, T), and how likely each next one is. */
  const read = async (text: string) => {
    const ids = tokenizer.encode(text)
    if (ids.length === 0) throw new ValueError('explain', 'no text', { expected: 'at least one token' })
    const { context } = textOf(assets)
    if (model instanceof GPT && ids.length > context) throw new ValueError('explain', 'the text is too long', { expected: `at most ${context} tokens`, received: String(ids.length) })
    const tokens = tensor(Int32Array.from(ids), { shape: [1, ids.length] })
    const next = await model.call(tokens).at(0, -1).softmax(-1).data()
    const best = next.indexOf(Math.max(...next))
    const about = (id: number): string => `${JSON.stringify(decode([id]))} (${share(next[id]!)})`
    return { tokens, best, about, texts: tokenTexts(decode, ids) }
  }
  return {
    async attention(text) {
      const { tokens, best, about, texts } = await read(text)
      return { decision: `next: ${about(best)}`, maps: await mapsOf(model, (copy) => copy.call(tokens), () => ({ rows: texts, columns: texts })) }
    },
    async contributions(text, { method, target }) {
      const { tokens, best, about, texts } = await read(text)
      const wanted = target === undefined ? [best] : [...tokenizer.encode(target)]
      if (wanted.length !== 1) throw new ValueError('explain', 'the class is not one token', { expected: 'a text of one token', received: `${JSON.stringify(target)}: ${wanted.length} tokens` })
      const values = tokenContributions(model, tokens, (copy, x) => copy.call(x).at(null, -1, wanted[0]!), { method })
      return { decision: `next: ${about(best)}`, target: about(wanted[0]!), tokens: texts, values: [...(await values.data())] }
    },
  }
}

export const chars: Recipe = {
  name: 'chars',
  about: 'a language model on any text: characters or byte pairs',
  models: {
    gpt: {
      ...shared,
      about: 'GPT: four transformer blocks of width 128',
      build: (assets) => new GPT({ ...gptSizes.tiny, vocabulary: tokenizerOf(assets).size, context: textOf(assets).context, dropout: 0.1 }),
      optimizer: (rate, steps) => new AdamW(oneCycle(rate, steps), { weightDecay: 0.1 }),
      learningRate: 3e-3,
      epochs: 8,
    },
    lstm: recurrent('lstm', 'two LSTM layers of width 256'),
    gru: recurrent('gru', 'two GRU layers of width 256'),
    rnn: recurrent('rnn', 'two recurrent layers of width 256'),
  },
  source: 'a text file',
  options: {
    tokenizer: { about: 'what a token is', default: 'characters', choices: ['characters', 'bpe'] },
    vocabulary: { about: 'tokens of --tokenizer bpe', default: 1024 },
    context: { about: 'tokens in one piece of text', default: 128 },
  },
  data: (options) => {
    if (options.folder === undefined) throw new ValueError('train', 'no text is named', { remedy: 'For example: gradus train chars book.txt' })
    return data(options)
  },
  score,
  writer,
  reader,
  example: (assets) => [zeros([1, textOf(assets).context], 'int32')],
}
