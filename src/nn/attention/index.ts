// Attention and what transformers are made of.
export { type CacheOptions, type KVCache, kvCache } from './cache.ts'
export { causalMask, paddingMask } from './masks.ts'
export { type AttendOptions, MultiHeadAttention, type MultiHeadAttentionOptions } from './multi-head.ts'
export { LearnedPositions, type RotaryOptions, rotary, sinusoidalPositions } from './positions.ts'
export { type DecodeOptions, type EncodeOptions, TransformerDecoderLayer, TransformerEncoderLayer, type TransformerOptions } from './transformer.ts'
