// The default random generator: a key and a counter. `manualSeed` restarts it; inside jit it becomes an input.
import { type NDArray, argumentOf, functionOf, threefry2x32 } from '../base/index.ts'
import { type Tensor, fromData } from './tensor.ts'
import { requireKey, splitKey } from './random-key.ts'

const state = { k0: 0, k1: 0, counter: 0, traced: null as null | { key: Tensor; used: boolean; count: number } }

/** A seed as two words, the lower one first. */
export const seedWords = (operation: string, seed: number): [number, number] => [argumentOf(operation, Number.isSafeInteger(seed), 'seed', 'a whole number', seed) | 0, Math.floor(seed / 2 ** 32) | 0]

/** Restarts the default generator: the same seed gives the same numbers on every device. */
export function manualSeed(seed: number): void {
  ;[state.k0, state.k1] = seedWords('manualSeed', seed)
  state.counter = 0
}

/** The next key's two words, on the JavaScript side. */
export function nextKeyData(): NDArray {
  const [a, b] = threefry2x32(state.k0, state.k1, state.counter++, 2)
  return { dtype: 'int32', shape: [2], data: Int32Array.of(a, b) }
}

/** A fresh key from the default generator. */
export function nextKey(): Tensor {
  if (state.traced !== null) {
    const t = state.traced
    t.used = true
    return splitKey(t.key, t.count++)
  }
  return fromData('int32', [2], nextKeyData().data)
}

/** Runs `body` with the default generator drawing from `key` (a tensor, traced or not). */
export function withKey<T>(key: Tensor, body: () => T): T {
  requireKey('withKey', key)
  return withTraceKey(key, functionOf('withKey', body)).result
}
export function withTraceKey<T>(key: Tensor, body: () => T): { result: T; used: boolean } {
  const before = state.traced
  const mine = { key, used: false, count: 0 }
  state.traced = mine
  try {
    return { result: body(), used: mine.used }
  } finally {
    state.traced = before
  }
}
