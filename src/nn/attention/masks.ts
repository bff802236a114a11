// Masks for attention: bool, true where a query may look. They broadcast to (B, heads, T, S).
import { type Tensor, arange } from '../../tensor/index.ts'
import { lengthsOf, requireSize } from '../checks.ts'

/**
 * (T, S): query t may look at keys up to its own place. With more keys than queries the last query is at the last key, as
 * when the first S − T keys come from a cache.
 *
 * @example
 * ```ts
 * import { causalMask } from 'gradus/nn'
 *
 * await causalMask(2, 3).array() // → [[true, true, false], [true, true, true]]
 * ```
 */
export function causalMask(queries: number, keys = queries): Tensor {
  requireSize('causalMask', 'queries', queries)
  requireSize('causalMask', 'keys', keys)
  return arange(keys).reshape(1, keys).le(arange(queries).add(keys - queries).reshape(queries, 1))
}

/**
 * (B, 1, 1, S) from the numbers of valid steps of every sequence: keys of the padding are hidden.
 *
 * @example
 * ```ts
 * import { paddingMask } from 'gradus/nn'
 *
 * await paddingMask([1, 3], 3).array() // → [[[[true, false, false]]], [[[true, true, true]]]]
 * ```
 */
export function paddingMask(lengths: Tensor | readonly number[], keys: number): Tensor {
  requireSize('paddingMask', 'keys', keys)
  return arange(keys).reshape(1, 1, 1, keys).lt(lengthsOf('paddingMask', 'lengths', lengths, [0, keys]).reshape(-1, 1, 1, 1))
}
