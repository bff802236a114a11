// A strided view of a storage as row-major elements.
import type { TorchTensor } from './rebuild.ts'

/** The elements of a tensor (each `width` bytes) in order of its shape; the same memory where they lie so already. */
export function contiguous(storage: Uint8Array, { offset, shape, strides }: Pick<TorchTensor, 'offset' | 'shape' | 'strides'>, width: number): Uint8Array {
  const count = shape.reduce((n, d) => n * d, 1)
  let step = 1
  let plain = true
  for (let a = shape.length - 1; a >= 0; a--) {
    if (shape[a] !== 1 && strides[a] !== step) plain = false
    step *= shape[a]!
  }
  if (plain || count === 0) return storage.subarray(offset * width, (offset + count) * width)
  const out = new Uint8Array(count * width)
  const index = new Array<number>(shape.length).fill(0)
  let from = offset
  for (let i = 0; i < count; i++) {
    for (let b = 0; b < width; b++) out[i * width + b] = storage[from * width + b]!
    for (let a = shape.length - 1; a >= 0; a--) {
      from += strides[a]!
      if (++index[a]! < shape[a]!) break
      from -= shape[a]! * strides[a]!
      index[a] = 0
    }
  }
  return out
}
