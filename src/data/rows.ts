// Rows of arrays: chosen, joined, made tensors.
import { type NDArray, allocate, arrayOf, listOf, sizeOf } from '../base/index.ts'
import { type Tensor, tensor } from '../tensor/index.ts'

/** Rows of an array in any order, copied. */
export function gather(x: NDArray, indices: ArrayLike<number>): NDArray {
  const row = sizeOf(x.shape.slice(1))
  const data = allocate(x.dtype, indices.length * row)
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * row
    if (row === 1) data[i] = x.data[from]!
    else data.set(x.data.subarray(from, from + row), i * row)
  }
  return { dtype: x.dtype, shape: [indices.length, ...x.shape.slice(1)], data }
}

/** An array as a tensor of its own. */
export function toTensor(array: NDArray): Tensor {
  const { dtype, shape, data } = arrayOf('toTensor', 'array', array)
  return tensor(data, { dtype, shape })
}

/** Arrays (n, …) of one type, joined along the first axis. */
export function concatRows(parts: readonly NDArray[]): NDArray {
  for (const part of listOf('concatRows', 'parts', parts)) arrayOf('concatRows', 'part', part)
  const [{ dtype, shape }] = parts as [NDArray, ...NDArray[]]
  const data = allocate(dtype, parts.reduce((n, p) => n + p.data.length, 0))
  let at = 0
  for (const part of parts) {
    data.set(part.data, at)
    at += part.data.length
  }
  return { dtype, shape: [parts.reduce((n, p) => n + p.shape[0]!, 0), ...shape.slice(1)], data }
}
