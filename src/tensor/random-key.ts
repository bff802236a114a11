// Keys of the counter-based generator, and the raw bits they give.
import { type Node, emit as e } from '../ir/index.ts'
import { DTypeError, ShapeError, showShape } from '../base/index.ts'
import { Tensor, nodeOf } from './tensor.ts'

export function requireKey(operation: string, key: Tensor): Node {
  if (nodeOf(operation, key).dtype !== 'int32') throw new DTypeError(operation, 'not a key', { expected: 'int32 [2], from key(seed) or split', received: key.dtype })
  if (key.shape.length !== 1 || key.shape[0] !== 2) throw new ShapeError(operation, 'not a key', { expected: 'int32 [2], from key(seed) or split', received: showShape(key.shape) })
  return e.reshape(key.node, [1, 2])
}

/** Stream numbers of the second counter word: bits and derived keys never meet. */
const BITS = 0
const KEYS = 1

/** `length` words of 32 random bits. */
export const randomBits = (operation: string, key: Tensor, length: number): Node =>
  e.reshape(e.make('random', [requireKey(operation, key)], { length, stream: BITS, word: 0 }), [length])

/** `count` keys, int32 [count, 2]. */
export function deriveKeys(operation: string, key: Tensor, count: number): Node {
  return keysOf(operation, key, count, KEYS)
}
function keysOf(operation: string, key: Tensor, length: number, stream: number): Node {
  const k = requireKey(operation, key)
  const word = (w: 0 | 1): Node => e.reshape(e.make('random', [k], { length, stream, word: w }), [length, 1])
  return e.concat([word(0), word(1)], 1)
}

/** The i-th key derived from a key. */
export function splitKey(key: Tensor, i: number): Tensor {
  return new Tensor(e.reshape(keysOf('split', key, 1, KEYS + 1 + i), [2]))
}
