// BERT (Devlin et al., 2018): an encoder that reads a text in both directions, trained to guess hidden words, then fitted
// to a task. In: token numbers. Out: a vector a token, the pooled first one, and heads for words and classes.
import { optionsOf } from '../base/index.ts'
import { Dropout, Embedding, LayerNorm, Linear, Module, TransformerEncoderLayer, gelu, init, paddingMask, tanh } from '../nn/index.ts'
import { type Tensor, ValueError } from '../tensor/index.ts'
import { requireContext } from './checks.ts'
import type { NameTable } from './names.ts'

export interface BertOptions {
  readonly vocabulary: number
  /** Longest sequence; default 512. */
  readonly context?: number
  /** Default 768. */
  readonly width?: number
  /** Default 12. */
  readonly layers?: number
  /** Default 12. */
  readonly heads?: number
  /** Width of the hidden layers; default 4·width. */
  readonly hidden?: number
  /** Kinds of segments (first sentence, second); default 2. */
  readonly segments?: number
  /** Default 0.1. */
  readonly dropout?: number
  /** Deviation of the first weights; default 0.02, the paper's for a width of 768. Narrow networks learn sooner from a larger one. */
  readonly initializerRange?: number
  /** Where the pooled vector comes from: the first token's (the paper's, default), or the mean of all, which says more while few
   * labels are there. */
  readonly pool?: 'first' | 'mean'
  /** Where a token stands: a learned vector added to its own (the paper's, default), or turned queries and keys (`rotary`: RoFormer, Su et
   * al., 2021), with which a network of little training finds its neighbours much sooner. */
  readonly positions?: 'learned' | 'rotary'
}
/** bert-base-uncased: 109 482 240 parameters. */
export const bertBase = { vocabulary: 30522, context: 512, width: 768, layers: 12, heads: 12 } as const satisfies BertOptions

export interface BertInput {
  /** Segment of every token, (B, T); 0 if left out. */
  readonly segments?: Tensor | undefined
  /** Tokens of each text that are no padding. */
  readonly lengths?: Tensor | readonly number[] | undefined
  /** (B, T), bool: the tokens whose mean is pooled (`pool: 'mean'`), at least one of each text; all of its own if left out. */
  readonly pooled?: Tensor | undefined
}

const startOf = ({ initializerRange: std = 0.02 }: BertOptions) => ({ weight: (s: readonly number[]): Tensor => init.normal(s, { std }), bias: init.zeros })
/** The paper's ε. */
const eps = 1e-12

/** Embeddings and blocks: (B, T) of token numbers → a vector a token, (B, T, width). */
export class BertEncoder extends Module {
  readonly words: Embedding
  readonly context: number
  /** null: the blocks turn by positions. */
  readonly positions: Embedding | null
  readonly segments: Embedding
  readonly norm: LayerNorm
  readonly drop: Dropout
  readonly blocks: readonly TransformerEncoderLayer[]

  constructor(options: BertOptions) {
    super()
    optionsOf('BertEncoder', options, 'options such as { vocabulary: 30522 }')
    const { vocabulary, context = 512, width = 768, layers = 12, heads = 12, hidden = 4 * width, segments = 2, dropout = 0.1, positions = 'learned' } = options
    if (positions !== 'learned' && positions !== 'rotary') throw new ValueError('Bert', 'no such positions', { expected: 'learned or rotary', received: String(positions) })
    const { weight } = startOf(options)
    this.words = new Embedding(vocabulary, width, { weight })
    this.context = context
    this.positions = positions === 'learned' ? new Embedding(context, width, { weight }) : null
    this.segments = new Embedding(segments, width, { weight })
    this.norm = new LayerNorm(width, { eps })
    this.drop = new Dropout(dropout)
    this.blocks = Array.from({ length: layers }, () => {
      const block = new TransformerEncoderLayer(width, heads, { hidden, dropout, activation: 'gelu', eps, rotary: positions === 'rotary' })
      const { query, key, value, out } = block.selfAttention
      for (const linear of [query, key, value, out, block.linear1, block.linear2]) {
        linear.weight = weight(linear.weight.shape)
        linear.bias = init.zeros(linear.bias!.shape)
      }
      return block
    })
  }

  forward(tokens: Tensor, input: BertInput = {}): Tensor {
    const T = tokens.shape[1]!
    requireContext('Bert', tokens, this.context)
    const segment = input.segments === undefined ? this.segments.weight.at(0) : this.segments.call(input.segments)
    const words = this.words.call(tokens).add(segment) // (B,T) → (B,T,C)
    const placed = this.positions === null ? words : words.add(this.positions.weight.at([0, T]))
    let a = this.drop.call(this.norm.call(placed))
    const mask = input.lengths === undefined ? undefined : paddingMask(input.lengths, T)
    for (const block of this.blocks) a = block.call(a, { mask })
    return a
  }
}

/**
 * (B, T) of token numbers → `hidden` (B, T, width), and `pooled` (B, width): the first token's vector (or the mean of all: `pool`) through a
 * layer and tanh, for what is said about the text as a whole.
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { Bert } from 'gradus/models'
 *
 * const bert = new Bert({ vocabulary: 100, context: 16, width: 32, layers: 2, heads: 4 })
 * const { hidden, pooled } = bert.call(zeros([2, 8], 'int32'), { lengths: [8, 5] })
 * hidden.shape // → [2, 8, 32]
 * pooled.shape // → [2, 32]
 * ```
 */
export class Bert extends Module {
  readonly encoder: BertEncoder
  readonly pooler: Linear
  readonly pool: 'first' | 'mean'
  constructor(options: BertOptions) {
    super()
    optionsOf('Bert', options, 'options such as { vocabulary: 30522 }')
    const { width = 768, pool = 'first' } = options
    if (pool !== 'first' && pool !== 'mean') throw new ValueError('Bert', 'no such pool', { expected: 'first or mean', received: String(pool) })
    this.encoder = new BertEncoder(options)
    this.pooler = new Linear(width, width, startOf(options))
    this.pool = pool
  }
  forward(tokens: Tensor, input: BertInput = {}): { hidden: Tensor; pooled: Tensor } {
    const hidden = this.encoder.call(tokens, input)
    const whole = this.pool === 'first' ? hidden.at(null, 0) : meanOf(hidden, input) // (B,T,C) → (B,C)
    return { hidden, pooled: tanh(this.pooler.call(whole)) }
  }
}
/** (B, T, C) → (B, C): the mean over each text's own tokens, or those that are named. */
function meanOf(hidden: Tensor, { lengths, pooled }: BertInput): Tensor {
  if (lengths === undefined && pooled === undefined) return hidden.mean(1)
  const [B, T] = hidden.shape as [number, number]
  const own = (pooled ?? paddingMask(lengths!, T)).reshape(B, T, 1).to(hidden.dtype)
  return hidden.mul(own).sum(1).div(own.sum(1))
}

/**
 * BERT with the head that guesses words: (B, T) → logits (B, T, vocabulary). The output layer is the word table (tied).
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { BertForMaskedLM } from 'gradus/models'
 *
 * new BertForMaskedLM({ vocabulary: 100, context: 16, width: 32, layers: 1, heads: 4 }).call(zeros([2, 8], 'int32')).shape // → [2, 8, 100]
 * ```
 */
export class BertForMaskedLM extends Module {
  readonly encoder: BertEncoder
  readonly dense: Linear
  readonly norm: LayerNorm
  bias: Tensor
  constructor(options: BertOptions) {
    super()
    optionsOf('BertForMaskedLM', options)
    const { width = 768, vocabulary } = options
    this.encoder = new BertEncoder(options)
    this.dense = new Linear(width, width, startOf(options))
    this.norm = new LayerNorm(width, { eps })
    this.bias = init.zeros([vocabulary])
  }
  forward(tokens: Tensor, input: BertInput = {}): Tensor {
    const a = this.norm.call(gelu(this.dense.call(this.encoder.call(tokens, input)))) // (B,T,C)
    return this.encoder.words.attend(a).add(this.bias) // → (B,T,V)
  }
}

/**
 * BERT with a layer for classes on the pooled vector: (B, T) → logits (B, classes).
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { BertForClassification } from 'gradus/models'
 *
 * new BertForClassification({ vocabulary: 100, context: 16, width: 32, layers: 1, heads: 4, classes: 3 }).call(zeros([2, 8], 'int32')).shape // → [2, 3]
 * ```
 */
export class BertForClassification extends Module {
  readonly bert: Bert
  readonly drop: Dropout
  readonly classifier: Linear
  constructor(options: BertOptions & { readonly classes: number }) {
    super()
    optionsOf('BertForClassification', options)
    const { width = 768, dropout = 0.1, classes } = options
    this.bert = new Bert(options)
    this.drop = new Dropout(dropout)
    this.classifier = new Linear(width, classes, startOf(options))
  }
  forward(tokens: Tensor, input: BertInput = {}): Tensor {
    return this.classifier.call(this.drop.call(this.bert.call(tokens, input).pooled))
  }
}

const rules = (mine: string, theirs: string): NameTable['rules'] => [
  { ours: `${mine}words`, theirs: `${theirs}embeddings.word_embeddings` },
  { ours: `${mine}positions`, theirs: `${theirs}embeddings.position_embeddings` },
  { ours: `${mine}segments`, theirs: `${theirs}embeddings.token_type_embeddings` },
  { ours: `${mine}norm`, theirs: `${theirs}embeddings.LayerNorm` },
  ...(['query', 'key', 'value'] as const).map((name) => ({ ours: `${mine}blocks.*.selfAttention.${name}`, theirs: `${theirs}encoder.layer.*.attention.self.${name}` })),
  { ours: `${mine}blocks.*.selfAttention.out`, theirs: `${theirs}encoder.layer.*.attention.output.dense` },
  { ours: `${mine}blocks.*.norm1`, theirs: `${theirs}encoder.layer.*.attention.output.LayerNorm` },
  { ours: `${mine}blocks.*.linear1`, theirs: `${theirs}encoder.layer.*.intermediate.dense` },
  { ours: `${mine}blocks.*.linear2`, theirs: `${theirs}encoder.layer.*.output.dense` },
  { ours: `${mine}blocks.*.norm2`, theirs: `${theirs}encoder.layer.*.output.LayerNorm` },
]
const pooled = (mine: string, theirs: string): NameTable['rules'] => [...rules(`${mine}encoder.`, theirs), { ours: `${mine}pooler`, theirs: `${theirs}pooler.dense` }]
const ignored = ['*embeddings.position_ids']
/** Hugging Face BertModel, whose files may have the prefix. */
export const bertNames: NameTable = { source: 'Hugging Face BERT', prefix: 'bert.', ignored, rules: pooled('', '') }
/** Hugging Face BertForMaskedLM. */
export const bertMaskedLMNames: NameTable = {
  source: 'Hugging Face BertForMaskedLM',
  ignored: [...ignored, 'cls.predictions.decoder.weight', 'cls.predictions.decoder.bias', 'cls.seq_relationship.weight', 'cls.seq_relationship.bias'],
  rules: [
    ...rules('encoder.', 'bert.'),
    { ours: 'dense', theirs: 'cls.predictions.transform.dense' }, { ours: 'norm', theirs: 'cls.predictions.transform.LayerNorm' }, { ours: 'bias', theirs: 'cls.predictions.bias' },
  ],
}
/** Hugging Face BertForSequenceClassification. */
export const bertClassificationNames: NameTable = { source: 'Hugging Face BertForSequenceClassification', ignored, rules: [...pooled('bert.', 'bert.'), { ours: 'classifier', theirs: 'classifier' }] }
