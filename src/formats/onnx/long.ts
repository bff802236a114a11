// Arithmetic of 64-bit integers. Where values can be read it is done on the host, exactly; inside jit, grad and vmap in
// float64, exact up to 2⁵³, NaN beyond: never another number.
import { DeviceError, ValueError, sizeOf } from '../../base/index.ts'
import { activeScope } from '../../ir/index.ts'
import { type Tensor, currentDevice, tensor, where } from '../../tensor/index.ts'
import { type ArrayValue, MAX_HOST, hostOf } from './value.ts'

const LIMIT = 2 ** 53

/** Whether the numbers can be had now: they are there already, or on a device that gives them at once. */
export function readable(v: ArrayValue): boolean {
  if (v.host !== null) return true
  if (activeScope(v.tensor!.node) !== null || sizeOf(v.shape) > MAX_HOST) return false
  try {
    hostOf(v)
    return true
  } catch (error) {
    if (error instanceof DeviceError) return false
    throw error
  }
}

/** A value as float64, whatever carries it. */
export function doubleOf(v: ArrayValue): Tensor {
  if (v.tensor !== null) return v.tensor.to('float64')
  const numbers = Float64Array.from(v.host as BigInt64Array, Number)
  const beyond = (v.host as BigInt64Array).find((x) => x > BigInt(LIMIT) || x < -BigInt(LIMIT))
  if (beyond !== undefined) throw new ValueError('onnx', 'a 64-bit integer does not fit', { expected: 'up to 2⁵³ inside jit, grad and vmap', received: String(beyond) })
  return tensor(numbers, { shape: v.shape, dtype: 'float64' })
}
/** int64 carried as float64; NaN where a magnitude left what it holds exactly. */
export const checked = (y: Tensor, magnitude: Tensor = y.abs()): ArrayValue => longValue(where(magnitude.le(LIMIT), y, Number.NaN))
export const longValue = (x: Tensor): ArrayValue => ({ kind: 'array', type: 'int64', shape: x.shape, host: null, tensor: x })
export const isLong = (v: ArrayValue): boolean => v.type === 'int64' && v.tensor !== null && v.tensor.dtype === 'float64'

/**
 * An operation on int64 values; null when they are of another type, or on a device that has no float64 and cannot be read
 * at once (webgpu), where it stays arithmetic of 32 bits. `magnitude` bounds what comes up on the way.
 */
export function longs(values: readonly ArrayValue[], onHost: () => ArrayValue, onDevice: (xs: Tensor[]) => Tensor, magnitude?: (xs: Tensor[]) => Tensor): ArrayValue | null {
  if (values.some((v) => v.type !== 'int64')) return null
  if (values.every(readable)) return onHost()
  if (currentDevice() === 'webgpu') return null
  const xs = values.map(doubleOf)
  const y = onDevice(xs)
  return checked(y, magnitude?.(xs))
}
