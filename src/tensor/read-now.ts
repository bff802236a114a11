// Reading without waiting: what runs in this process (every device but a GPU) can give its numbers at once.
import type { TypedArray } from '../base/index.ts'
import { type DeviceName, backend } from './devices.ts'
import { readable, realize } from './realize.ts'
import { storageOf } from './storage.ts'
import { type Tensor, nodeOf } from './tensor.ts'

/**
 * The elements of a tensor, at once (not to be written to): for code that must decide by a value. Computed on `device` if
 * it is still pending. `await x.data()` is the usual way.
 *
 * @throws TransformError inside jit and vmap, where there is no value yet; DeviceError on a device that answers later.
 * @example
 * ```ts
 * import { readNow, tensor } from 'gradus'
 *
 * [...readNow(tensor([1, 2]).mul(3))] // → [3, 6]
 * ```
 */
export function readNow(x: Tensor, device?: DeviceName): TypedArray {
  const node = nodeOf('readNow', x)
  if (node.storage === null) realize(backend(device), [node])
  return readable(storageOf(node)!).data
}
