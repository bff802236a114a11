// Arithmetic of 64-bit integers. Where values can be read it is done on the host; inside jit, grad and vmap, and on a GPU, with
// two words a number (words.ts). Exact either way, wrapping at 64 bits as ONNX has it.
import { DeviceError, sizeOf } from '../../base/index.ts'
import { activeScope } from '../../ir/index.ts'
import { type Tensor, backend, currentDevice } from '../../tensor/index.ts'
import { type ArrayValue, MAX_HOST, hostOf, tensorOf } from './value.ts'
import { type Words, fromBigs, fromInt, toIndex } from './words.ts'

/** Whether the numbers can be had now: they are there already, or on a device that gives them at once. */
export function readable(v: ArrayValue): boolean {
  if (v.host !== null) return true
  const { node } = v.tensor!
  if (activeScope(node) !== null || sizeOf(v.shape) > MAX_HOST) return false
  // to try would compute it
  if (node.storage === null && backend(currentDevice()).waits === true) return false
  try {
    hostOf(v)
    return true
  } catch (error) {
    if (error instanceof DeviceError) return false
    throw error
  }
}

/** An int64 value as words, whatever carries it. */
export function wordsOf(v: ArrayValue): Words {
  if (v.high !== null) return { low: v.tensor!, high: v.high }
  if (v.tensor === null) return fromBigs(v.host as BigInt64Array, v.shape)
  return fromInt(tensorOf(v))
}
export const longValue = ({ low, high }: Words): ArrayValue => ({ kind: 'array', type: 'int64', shape: low.shape, host: null, tensor: low, high })
/** Positions: what lies beyond 32 bits is out of range of anything. */
export const indexOf = (v: ArrayValue): Tensor => (v.high === null ? tensorOf(v) : toIndex(wordsOf(v)))
/** Whether a value has two words: it may lie beyond 32 bits. */
export const isLong = (v: ArrayValue): boolean => v.high !== null

/** Whether values are int64 of which one lies, or may lie, beyond 32 bits. */
export const needsWords = (values: readonly ArrayValue[]): boolean =>
  values.every((v) => v.type === 'int64') && values.some((v) => isLong(v) || (v.tensor === null && (v.host as BigInt64Array).some((x) => x !== BigInt.asIntN(32, x))))

/** An operation on int64 values; null when they are of another type. */
export function longs(values: readonly ArrayValue[], onHost: () => ArrayValue, inWords: (xs: Words[]) => Words): ArrayValue | null {
  if (values.some((v) => v.type !== 'int64')) return null
  return values.every(readable) ? onHost() : longValue(inWords(values.map(wordsOf)))
}
