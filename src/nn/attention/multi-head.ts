// Multi-head attention (Vaswani et al., 2017), with grouped queries (Shazeer, 2019; Ainslie et al., 2023), rotary
// positions and a cache of keys and values.
import { optionsOf } from '../../base/index.ts'
import { type Tensor, ValueError, arange, scaledDotProductAttention } from '../../tensor/index.ts'
import { requireRange, requireShape, requireSize } from '../checks.ts'
import type { Initializer } from '../init.ts'
import { Linear } from '../layers/index.ts'
import { Module } from '../module.ts'
import { type KVCache, remember } from './cache.ts'
import { type RotaryOptions, rotary } from './positions.ts'

export interface MultiHeadAttentionOptions {
  /** Heads of keys and values; query heads share them in groups. Default: as many as queries. 1: multi-query attention. */
  readonly kvHeads?: number
  /** Width of the keys' and values' source, for attention to something else. Default: width. */
  readonly sourceWidth?: number
  /** Default true. */
  readonly bias?: boolean
  /** Share of the attention's weights dropped while training; default 0. */
  readonly dropout?: number
  /** Turn queries and keys by their positions. Default false. */
  readonly rotary?: boolean | Omit<RotaryOptions, 'positions'>
  /** How the four matrices start; default PyTorch's Linear. */
  readonly weight?: Initializer
}
export interface AttendOptions {
  /** What keys and values are made of, (B, S, sourceWidth); x itself if left out. */
  readonly source?: Tensor | undefined
  /** Broadcasts to (B, heads, T, S): bool, true where a query may look, or floating, added to the scores. See `paddingMask`. */
  readonly mask?: Tensor | undefined
  /** Query t sees keys 0 … t only. */
  readonly causal?: boolean
  /** Keys and values of the past, added to; implies causal. Masks are then over its whole capacity. */
  readonly cache?: KVCache | undefined
}

/**
 * (B, T, width) → (B, T, width): each head looks with queries at keys and takes the mean of values, weighted by how well
 * they fit. Parameters: query, key, value, out, each a Linear.
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { MultiHeadAttention } from 'gradus/nn'
 *
 * const attention = new MultiHeadAttention(16, 4, { kvHeads: 2, rotary: true })
 * attention.call(zeros([2, 5, 16]), { causal: true }).shape // → [2, 5, 16]
 * attention.key.weight.shape // → [8, 16]
 * ```
 */
export class MultiHeadAttention extends Module {
  readonly width: number
  readonly heads: number
  readonly kvHeads: number
  readonly dropout: number
  readonly rotary: Omit<RotaryOptions, 'positions'> | null
  readonly query: Linear
  readonly key: Linear
  readonly value: Linear
  readonly out: Linear

  constructor(width: number, heads: number, options: MultiHeadAttentionOptions = {}) {
    super()
    const { kvHeads = heads, sourceWidth = width, bias = true, dropout = 0, rotary: turn = false, weight } = optionsOf('MultiHeadAttention', options)
    for (const [name, value] of Object.entries({ width, heads, kvHeads, sourceWidth })) requireSize('MultiHeadAttention', name, value)
    requireRange('MultiHeadAttention', 'dropout', dropout, 0, 1)
    if (width % heads !== 0) throw new ValueError('MultiHeadAttention', 'the width does not divide into the heads', { expected: `a multiple of ${heads}`, received: String(width) })
    if (heads % kvHeads !== 0) throw new ValueError('MultiHeadAttention', 'query heads do not divide into groups', { expected: `a divisor of ${heads}`, received: `kvHeads ${kvHeads}` })
    this.width = width
    this.heads = heads
    this.kvHeads = kvHeads
    this.dropout = dropout
    this.rotary = turn === true ? {} : turn === false ? null : { ...turn }
    const start = { bias, ...(weight === undefined ? {} : { weight }) }
    const kvWidth = (width / heads) * kvHeads
    this.query = new Linear(width, width, start)
    this.key = new Linear(sourceWidth, kvWidth, start)
    this.value = new Linear(sourceWidth, kvWidth, start)
    this.out = new Linear(width, width, start)
  }

  forward(x: Tensor, options: AttendOptions = {}): Tensor {
    const { source = x, cache } = optionsOf('MultiHeadAttention', options)
    requireShape('MultiHeadAttention', x, () => x.ndim === 3 && x.shape[2] === this.width, `[B, T, ${this.width}]`)
    requireShape('MultiHeadAttention', source, () => source.ndim === 3 && source.shape[0] === x.shape[0], `a source [${x.shape[0]}, S, features]`)
    const start = cache?.length
    const q = this.turned(this.apart(this.query.call(x), this.heads), start) // (B,T,C) → (B,H,T,D)
    let k = this.turned(this.apart(this.key.call(source), this.kvHeads), start) // (B,S,C) → (B,G,S,D)
    let v = this.apart(this.value.call(source), this.kvHeads)
    let { mask, causal = false } = options
    if (cache !== undefined) {
      const past = remember(cache, k, v)
      k = past.keys
      v = past.values
      mask = mask === undefined ? past.mask : mask.dtype === 'bool' ? mask.logicalAnd(past.mask) : mask.add(past.mask.to(mask.dtype).log())
      causal = false
    }
    const drop = this.training ? this.dropout : 0
    const y = scaledDotProductAttention(q, k, v, { ...(mask === undefined ? {} : { mask }), causal, dropout: drop })
    return this.out.call(y.transpose(1, 2).flatten(2)) // (B,H,T,D) → (B,T,C)
  }

  /** What is compared, (B, heads, T, D) and (B, kvHeads, S, D), turned by their positions. */
  queriesAndKeys(x: Tensor, source: Tensor = x): { q: Tensor; k: Tensor } {
    return { q: this.turned(this.apart(this.query.call(x), this.heads), undefined), k: this.turned(this.apart(this.key.call(source), this.kvHeads), undefined) }
  }

  /** (B, T, H·D) → (B, H, T, D) */
  private apart(x: Tensor, heads: number): Tensor {
    return x.reshape(x.shape[0]!, x.shape[1]!, heads, -1).transpose(1, 2)
  }
  private turned(x: Tensor, start: Tensor | undefined): Tensor {
    if (this.rotary === null) return x
    return rotary(x, { ...this.rotary, ...(start === undefined ? {} : { positions: arange(x.shape[2]!).add(start) }) })
  }
}
