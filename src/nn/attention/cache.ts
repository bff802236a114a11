// Keys and values of the past, so that generating a token costs one step instead of the whole sequence. The cache has a
// fixed size, so one compiled program serves every step.
import { optionsOf } from '../../base/index.ts'
import { type Tensor, arange, where, zeros } from '../../tensor/index.ts'
import { requireSize } from '../checks.ts'

/** What one attention layer remembers. A tree of tensors; attention replaces its fields, as BatchNorm does its statistics. */
export interface KVCache {
  /** (B, heads, capacity, D) */
  keys: Tensor
  /** (B, heads, capacity, D) */
  values: Tensor
  /** Positions filled: int32 scalar. */
  length: Tensor
}
export interface CacheOptions {
  /** Heads of keys and values. */
  readonly heads: number
  /** Features of each head. */
  readonly width: number
  /** The longest sequence. */
  readonly capacity: number
  readonly batch?: number
  readonly dtype?: 'float32' | 'float64'
}
/**
 * An empty cache.
 *
 * @example
 * ```ts
 * import { kvCache } from 'gradus/nn'
 *
 * kvCache({ heads: 4, width: 8, capacity: 32 }).keys.shape // → [1, 4, 32, 8]
 * ```
 */
export function kvCache(options: CacheOptions): KVCache {
  const { heads, width, capacity, batch = 1, dtype = 'float32' } = optionsOf('kvCache', options, '{ heads, width, capacity }')
  for (const [name, value] of Object.entries({ heads, width, capacity, batch })) requireSize('kvCache', name, value)
  const empty = (): Tensor => zeros([batch, heads, capacity, width], dtype)
  return { keys: empty(), values: empty(), length: zeros([], 'int32') }
}

/**
 * Writes keys and values (B, heads, T, D) behind what is there. Gives everything so far, and a mask (T, capacity) by which
 * every new query sees the past and itself. Beyond the capacity keys become NaN, so that the mistake shows.
 */
export function remember(cache: KVCache, keys: Tensor, values: Tensor): { keys: Tensor; values: Tensor; mask: Tensor } {
  const capacity = cache.keys.shape[2]!
  const T = keys.shape[2]!
  const place = arange(capacity)
  const from = place.sub(cache.length)
  const fresh = from.ge(0).logicalAnd(from.lt(T)).reshape(capacity, 1)
  const spread = (x: Tensor): Tensor => (T === 1 ? x : x.take(from.clamp(0, T - 1), 2))
  const fits = cache.length.add(T).le(capacity)
  const k = where(fits, where(fresh, spread(keys), cache.keys), Number.NaN)
  const v = where(fresh, spread(values), cache.values)
  const mask = place.reshape(1, capacity).le(arange(T).add(cache.length).reshape(T, 1))
  cache.keys = k
  cache.values = v
  cache.length = cache.length.add(T)
  return { keys: k, values: v, mask }
}
