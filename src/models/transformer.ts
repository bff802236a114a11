// The Transformer (Vaswani et al., "Attention is all you need", 2017): an encoder reads the source, a decoder writes the
// target, both of attention alone. In: two sequences of token numbers. Out: logits of the target's next tokens.
import { optionsOf } from '../base/index.ts'
import { Dropout, Embedding, type KVCache, LayerNorm, Linear, Module, TransformerDecoderLayer, TransformerEncoderLayer, init, kvCache, paddingMask, sinusoidalPositions } from '../nn/index.ts'
import { type Tensor, arange } from '../tensor/index.ts'
import { requireContext } from './checks.ts'
import type { NameTable } from './names.ts'

export interface TransformerModelOptions {
  readonly sourceVocabulary: number
  readonly targetVocabulary: number
  /** Longest sequence; default 512. */
  readonly context?: number
  /** Default 512, the paper's base model. */
  readonly width?: number
  /** Blocks of the encoder and of the decoder; default 6. */
  readonly layers?: number
  /** Default 8. */
  readonly heads?: number
  /** Width of the hidden layers; default 4·width. */
  readonly hidden?: number
  /** Default 0.1. */
  readonly dropout?: number
  /** Normalise before each part, with one more at the end of each stack; default false, as in the paper. */
  readonly normFirst?: boolean
  /** One table for source, target and output layer (section 3.4 of the paper); the vocabularies must be one. Default false. */
  readonly shared?: boolean
}

/**
 * (B, S) source and (B, T) target token numbers → logits (B, T, targetVocabulary). The target begins with its start token;
 * logits at t are for the token after it.
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { Transformer } from 'gradus/models'
 *
 * const model = new Transformer({ sourceVocabulary: 30, targetVocabulary: 40, width: 16, layers: 1, heads: 2 })
 * model.call(zeros([2, 7], 'int32'), zeros([2, 5], 'int32'), { lengths: [7, 4] }).shape // → [2, 5, 40]
 * ```
 */
export class Transformer extends Module {
  readonly context: number
  readonly width: number
  readonly source: Embedding
  readonly target: Embedding
  readonly drop: Dropout
  readonly encoder: readonly TransformerEncoderLayer[]
  readonly encoderNorm: LayerNorm | null
  readonly decoder: readonly TransformerDecoderLayer[]
  readonly decoderNorm: LayerNorm | null
  readonly out: Linear | null

  constructor(options: TransformerModelOptions) {
    super()
    optionsOf('Transformer', options, 'options such as { sourceVocabulary: 100, targetVocabulary: 100 }')
    const { sourceVocabulary, targetVocabulary, context = 512, width = 512, layers = 6, heads = 8, hidden = 4 * width, dropout = 0.1, normFirst = false, shared = false } = options
    const block = { hidden, dropout, normFirst }
    const table = (count: number): Embedding => new Embedding(count, width, { weight: (s) => init.normal(s, { std: width ** -0.5 }) })
    this.context = context
    this.width = width
    this.source = table(sourceVocabulary)
    this.target = shared ? this.source : table(targetVocabulary)
    this.drop = new Dropout(dropout)
    this.encoder = Array.from({ length: layers }, () => new TransformerEncoderLayer(width, heads, block))
    this.encoderNorm = normFirst ? new LayerNorm(width) : null
    this.decoder = Array.from({ length: layers }, () => new TransformerDecoderLayer(width, heads, block))
    this.decoderNorm = normFirst ? new LayerNorm(width) : null
    this.out = shared ? null : new Linear(width, targetVocabulary)
  }

  forward(source: Tensor, target: Tensor, options: { readonly lengths?: Tensor | readonly number[] } = {}): Tensor {
    return this.decode(target, this.encode(source, options), options)
  }

  /** (B, S) → what the decoder looks at, (B, S, width). `lengths`: tokens of each source that are no padding. */
  encode(source: Tensor, { lengths }: { readonly lengths?: Tensor | readonly number[] } = {}): Tensor {
    requireContext('Transformer', source, this.context)
    const mask = lengths === undefined ? undefined : paddingMask(lengths, source.shape[1]!)
    let a = this.embed(this.source, source) // (B,S) → (B,S,C)
    for (const block of this.encoder) a = block.call(a, { mask })
    return this.encoderNorm === null ? a : this.encoderNorm.call(a)
  }
  /** (B, T) and the encoder's (B, S, width) → logits (B, T, V). With caches, the tokens after those the caches hold. */
  decode(target: Tensor, memory: Tensor, options: { readonly lengths?: Tensor | readonly number[]; readonly caches?: readonly KVCache[] } = {}): Tensor {
    requireContext('Transformer', target, this.context)
    const memoryMask = options.lengths === undefined ? undefined : paddingMask(options.lengths, memory.shape[1]!)
    let a = this.embed(this.target, target, options.caches?.[0]?.length) // (B,T) → (B,T,C)
    this.decoder.forEach((block, i) => (a = block.call(a, memory, { memoryMask, cache: options.caches?.[i] })))
    if (this.decoderNorm !== null) a = this.decoderNorm.call(a)
    return this.out === null ? this.target.attend(a) : this.out.call(a)
  }
  /** Empty caches for writing a target token by token. */
  start(batch = 1): KVCache[] {
    return this.decoder.map(({ selfAttention: { heads } }) => kvCache({ batch, heads, width: this.width / heads, capacity: this.context }))
  }

  /** √width·token + sinusoids of the position, the first of which is `from`. */
  private embed(table: Embedding, tokens: Tensor, from?: Tensor): Tensor {
    const x = table.call(tokens).mul(Math.sqrt(this.width))
    const all = sinusoidalPositions(this.context, this.width, { dtype: x.dtype === 'float64' ? 'float64' : 'float32' })
    const T = tokens.shape[1]!
    return this.drop.call(x.add(from === undefined ? all.at([0, T]) : all.take(arange(T).add(from))))
  }
}

const attention = (ours: string, theirs: string): NameTable['rules'] => [
  ...(['query', 'key', 'value'] as const).flatMap((name, i) => [
    { ours: `${ours}.${name}.weight`, theirs: `${theirs}.in_proj_weight`, part: [i, 3] as const },
    { ours: `${ours}.${name}.bias`, theirs: `${theirs}.in_proj_bias`, part: [i, 3] as const },
  ]),
  { ours: `${ours}.out`, theirs: `${theirs}.out_proj` },
]
/** A PyTorch module with `source` and `target` (Embedding), `body` (nn.Transformer) and `out` (Linear). */
export const transformerNames: NameTable = {
  source: 'PyTorch nn.Transformer',
  rules: [
    { ours: 'source', theirs: 'source' }, { ours: 'target', theirs: 'target' }, { ours: 'out', theirs: 'out' },
    ...attention('encoder.*.selfAttention', 'body.encoder.layers.*.self_attn'),
    ...attention('decoder.*.selfAttention', 'body.decoder.layers.*.self_attn'),
    ...attention('decoder.*.crossAttention', 'body.decoder.layers.*.multihead_attn'),
    { ours: 'encoder.*', theirs: 'body.encoder.layers.*' }, { ours: 'decoder.*', theirs: 'body.decoder.layers.*' },
    { ours: 'encoderNorm', theirs: 'body.encoder.norm' }, { ours: 'decoderNorm', theirs: 'body.decoder.norm' },
  ],
}
