// GPT (Radford et al., 2018, 2019; Brown et al., 2020): a decoder of transformer blocks that predicts the next token. The
// wiring is GPT-2's; GPT-3 is the same, larger. In: token numbers. Out: logits of the token after each.
import { optionsOf } from '../base/index.ts'
import { Dropout, Embedding, type KVCache, LayerNorm, LearnedPositions, Linear, Module, MultiHeadAttention, gelu, init, kvCache } from '../nn/index.ts'
import { type Tensor, ValueError } from '../tensor/index.ts'
import { requireContext } from './checks.ts'
import type { NameTable } from './names.ts'

export interface GPTOptions {
  /** Tokens there are. */
  readonly vocabulary: number
  /** Longest sequence. */
  readonly context: number
  readonly width: number
  readonly layers: number
  readonly heads: number
  /** Default 0. */
  readonly dropout?: number
}
/** Configurations by name; the vocabulary of GPT-2's sizes is that of its byte-level BPE. */
export const gptSizes = {
  /** Four layers of width 128: learns characters on a laptop. Give the vocabulary. */
  tiny: { vocabulary: 256, context: 128, width: 128, layers: 4, heads: 4 },
  /** 124 439 808 parameters. */
  gpt2: { vocabulary: 50257, context: 1024, width: 768, layers: 12, heads: 12 },
  /** 354 823 168 parameters. */
  'gpt2-medium': { vocabulary: 50257, context: 1024, width: 1024, layers: 24, heads: 16 },
  /** 774 030 080 parameters. */
  'gpt2-large': { vocabulary: 50257, context: 1024, width: 1280, layers: 36, heads: 20 },
  /** 1 557 611 200 parameters. */
  'gpt2-xl': { vocabulary: 50257, context: 1024, width: 1600, layers: 48, heads: 25 },
} as const satisfies Record<string, GPTOptions>

/** Attention, then a feed-forward network, each on the normalised stream and added to it. */
class Block extends Module {
  readonly norm1: LayerNorm
  readonly attention: MultiHeadAttention
  readonly norm2: LayerNorm
  readonly expand: Linear
  readonly contract: Linear
  readonly drop: Dropout
  constructor({ width, heads, layers, dropout = 0 }: GPTOptions) {
    super()
    const start = { weight: (s: readonly number[]) => init.normal(s, { std: 0.02 }), bias: init.zeros }
    // what is added to the stream 2·layers times starts the smaller, so that the sum keeps its size
    const last = { weight: (s: readonly number[]) => init.normal(s, { std: 0.02 / Math.sqrt(2 * layers) }), bias: init.zeros }
    this.norm1 = new LayerNorm(width)
    this.attention = new MultiHeadAttention(width, heads, { dropout, weight: start.weight })
    for (const part of ['query', 'key', 'value'] as const) this.attention[part].bias = init.zeros([width])
    this.attention.out.weight = last.weight([width, width])
    this.attention.out.bias = init.zeros([width])
    this.norm2 = new LayerNorm(width)
    this.expand = new Linear(width, 4 * width, start)
    this.contract = new Linear(4 * width, width, last)
    this.drop = new Dropout(dropout)
  }
  forward(x: Tensor, cache?: KVCache): Tensor {
    const y = x.add(this.drop.call(this.attention.call(this.norm1.call(x), { causal: true, cache }))) // (B,T,C)
    const hidden = gelu(this.expand.call(this.norm2.call(y)), { approximate: 'tanh' }) // (B,T,C) → (B,T,4C)
    return y.add(this.drop.call(this.contract.call(hidden))) // → (B,T,C)
  }
}

/**
 * (B, T) of token numbers → logits (B, T, vocabulary). The output layer is the token table again (tied weights).
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { GPT, gptSizes } from 'gradus/models'
 *
 * new GPT({ ...gptSizes.tiny, vocabulary: 65 }).call(zeros([2, 16], 'int32')).shape // → [2, 16, 65]
 * new GPT(gptSizes.gpt2).parameterCount() // → 124439808
 * ```
 */
export class GPT extends Module {
  readonly options: GPTOptions
  readonly tokens: Embedding
  readonly positions: LearnedPositions
  readonly drop: Dropout
  readonly blocks: readonly Block[]
  readonly norm: LayerNorm

  constructor(options: GPTOptions) {
    super()
    optionsOf('GPT', options, 'options such as { vocabulary: 256 }')
    const { vocabulary, context, width, layers, dropout = 0 } = options
    if (!Number.isInteger(layers) || layers < 1) throw new ValueError('GPT', 'bad layers', { expected: 'a whole number ≥ 1', received: String(layers) })
    this.options = { ...options }
    this.tokens = new Embedding(vocabulary, width, { weight: (s) => init.normal(s, { std: 0.02 }) })
    this.positions = new LearnedPositions(context, width, { weight: (s) => init.normal(s, { std: 0.02 }) })
    this.drop = new Dropout(dropout)
    this.blocks = Array.from({ length: layers }, () => new Block(options))
    this.norm = new LayerNorm(width)
  }

  /** @param caches the past, one a block, as `start` makes them; their fields are replaced. */
  forward(tokens: Tensor, caches?: readonly KVCache[]): Tensor {
    requireContext('GPT', tokens, this.options.context)
    const x = this.tokens.call(tokens) // (B,T) → (B,T,C)
    let a = this.drop.call(x.add(this.positions.call(x, caches?.[0]?.length)))
    this.blocks.forEach((block, i) => (a = block.call(a, caches?.[i])))
    return this.tokens.attend(this.norm.call(a)) // (B,T,C) → (B,T,V)
  }

  /** Empty caches for generating: nothing said yet. */
  start(batch = 1): KVCache[] {
    const { layers, heads, width, context } = this.options
    return Array.from({ length: layers }, () => kvCache({ batch, heads, width: width / heads, capacity: context }))
  }
  /** The next tokens (B, T) after what the caches hold: logits (B, T, vocabulary) and the new past. */
  next(tokens: Tensor, past: KVCache[]): { logits: Tensor; state: KVCache[] } {
    const state = past.map((cache) => ({ ...cache, length: past[0]!.length })) // all have read the same tokens: counted once
    return { logits: this.forward(tokens, state), state }
  }
}

/** Hugging Face GPT2Model (files of the model alone) and GPT2LMHeadModel (with the prefix). Linear layers are [in, out] there. */
export const gpt2Names: NameTable = {
  source: 'Hugging Face GPT-2',
  prefix: 'transformer.',
  ignored: ['h.*.attn.bias', 'h.*.attn.masked_bias', 'lm_head.weight'],
  rules: [
    { ours: 'tokens', theirs: 'wte' }, { ours: 'positions.table', theirs: 'wpe' },
    { ours: 'blocks.*.norm1', theirs: 'h.*.ln_1' }, { ours: 'blocks.*.norm2', theirs: 'h.*.ln_2' },
    ...(['query', 'key', 'value'] as const).map((name, i) => ({ ours: `blocks.*.attention.${name}`, theirs: 'h.*.attn.c_attn', transposed: true, part: [i, 3] as const })),
    { ours: 'blocks.*.attention.out', theirs: 'h.*.attn.c_proj', transposed: true },
    { ours: 'blocks.*.expand', theirs: 'h.*.mlp.c_fc', transposed: true },
    { ours: 'blocks.*.contract', theirs: 'h.*.mlp.c_proj', transposed: true },
    { ours: 'norm', theirs: 'ln_f' },
  ],
}
