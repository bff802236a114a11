// Encoder and decoder blocks of the Transformer (Vaswani et al., 2017), as PyTorch names and wires them: after-norm as in
// the paper, or before-norm (Xiong et al., 2020), which trains without warm-up.
import { optionsOf } from '../../base/index.ts'
import { type Tensor, tensorOf } from '../../tensor/index.ts'
import { gelu, relu } from '../activations.ts'
import { oneOf } from '../checks.ts'
import { Dropout, LayerNorm, Linear } from '../layers/index.ts'
import { Module } from '../module.ts'
import type { KVCache } from './cache.ts'
import { MultiHeadAttention } from './multi-head.ts'

export interface TransformerOptions {
  /** Width of the hidden layer of the feed-forward part; default 4·width. */
  readonly hidden?: number
  /** Default 0.1. */
  readonly dropout?: number
  /** Default relu. */
  readonly activation?: 'relu' | 'gelu'
  /** Normalise before each part instead of after its sum. Default false. */
  readonly normFirst?: boolean
  /** Added to variances. Default 1e-5. */
  readonly eps?: number
  /** Biases in the linear parts. Default true. */
  readonly bias?: boolean
  /** Self-attention turns queries and keys by their positions (RoPE). Default false. */
  readonly rotary?: boolean
}
const ACTIVATIONS = { relu, gelu }

/** What both blocks have: a feed-forward part, and how parts join the stream. */
abstract class Block extends Module {
  readonly normFirst: boolean
  readonly activation: 'relu' | 'gelu'
  readonly drop: Dropout
  readonly selfAttention: MultiHeadAttention
  readonly linear1: Linear
  readonly linear2: Linear
  constructor(width: number, heads: number, options: TransformerOptions) {
    super()
    const { hidden = 4 * width, dropout = 0.1, activation = 'relu', normFirst = false, bias = true, rotary = false } = optionsOf(new.target.name, options)
    oneOf(new.target.name, 'activation', activation, 'relu', 'gelu')
    this.normFirst = normFirst
    this.activation = activation
    this.drop = new Dropout(dropout)
    this.selfAttention = new MultiHeadAttention(width, heads, { bias, dropout, rotary })
    this.linear1 = new Linear(width, hidden, { bias })
    this.linear2 = new Linear(hidden, width, { bias })
  }
  /** x + part(norm(x)), or norm(x + part(x)). */
  protected join(x: Tensor, norm: LayerNorm, part: (x: Tensor) => Tensor): Tensor {
    tensorOf(this.constructor.name, x)
    if (this.normFirst) return x.add(this.drop.call(part(norm.call(x))))
    return norm.call(x.add(this.drop.call(part(x))))
  }
  /** (B, T, C) → (B, T, hidden) → (B, T, C) */
  protected feedForward(x: Tensor): Tensor {
    return this.linear2.call(this.drop.call(ACTIVATIONS[this.activation](this.linear1.call(x))))
  }
}

export interface EncodeOptions {
  /** Broadcasts to (B, heads, T, T); see `paddingMask`. */
  readonly mask?: Tensor | undefined
  readonly causal?: boolean
  readonly cache?: KVCache | undefined
}
/**
 * Self-attention and a feed-forward network, each with a way around it: (B, T, width) → the same shape.
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { TransformerEncoderLayer, paddingMask } from 'gradus/nn'
 *
 * const block = new TransformerEncoderLayer(16, 4)
 * block.call(zeros([2, 5, 16]), { mask: paddingMask([5, 3], 5) }).shape // → [2, 5, 16]
 * ```
 */
export class TransformerEncoderLayer extends Block {
  readonly norm1: LayerNorm
  readonly norm2: LayerNorm
  constructor(width: number, heads: number, options: TransformerOptions = {}) {
    super(width, heads, options)
    const { eps = 1e-5, bias = true } = options
    this.norm1 = new LayerNorm(width, { eps, bias })
    this.norm2 = new LayerNorm(width, { eps, bias })
  }
  forward(x: Tensor, options: EncodeOptions = {}): Tensor {
    const y = this.join(x, this.norm1, (z) => this.selfAttention.call(z, options))
    return this.join(y, this.norm2, (z) => this.feedForward(z))
  }
}

export interface DecodeOptions {
  /** Over the decoder's own keys, (B, heads, T, T). */
  readonly mask?: Tensor | undefined
  /** Over the memory's keys, (B, heads, T, S). */
  readonly memoryMask?: Tensor | undefined
  /** Default true. */
  readonly causal?: boolean
  readonly cache?: KVCache | undefined
}
/**
 * Causal self-attention, attention to what the encoder made, and a feed-forward network: (B, T, width) and the memory
 * (B, S, width) → (B, T, width).
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { TransformerDecoderLayer } from 'gradus/nn'
 *
 * new TransformerDecoderLayer(16, 4).call(zeros([2, 3, 16]), zeros([2, 5, 16])).shape // → [2, 3, 16]
 * ```
 */
export class TransformerDecoderLayer extends Block {
  readonly crossAttention: MultiHeadAttention
  readonly norm1: LayerNorm
  readonly norm2: LayerNorm
  readonly norm3: LayerNorm
  constructor(width: number, heads: number, options: TransformerOptions = {}) {
    super(width, heads, options)
    const { eps = 1e-5, bias = true, dropout = 0.1 } = options
    this.crossAttention = new MultiHeadAttention(width, heads, { bias, dropout })
    this.norm1 = new LayerNorm(width, { eps, bias })
    this.norm2 = new LayerNorm(width, { eps, bias })
    this.norm3 = new LayerNorm(width, { eps, bias })
  }
  forward(x: Tensor, memory: Tensor, options: DecodeOptions = {}): Tensor {
    const { mask, memoryMask, causal = true, cache } = optionsOf('TransformerDecoderLayer', options)
    let y = this.join(x, this.norm1, (z) => this.selfAttention.call(z, { mask, causal, cache }))
    y = this.join(y, this.norm2, (z) => this.crossAttention.call(z, { source: memory, mask: memoryMask }))
    return this.join(y, this.norm3, (z) => this.feedForward(z))
  }
}
