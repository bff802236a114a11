// Values against values: what is wrong, in words, or null. NaN equals NaN, infinities their like; integers are exact.
import { type DType, type NDArray, isFloat, sameShape, showShape } from '../../src/base/index.ts'

export interface Tolerance {
  readonly rtol: number
  readonly atol: number
}
/** PyTorch's own bounds for float32 (OpInfo); float64 to 1e-7. */
export const TOLERANCES: Readonly<Record<'float32' | 'float64', Tolerance>> = {
  float32: { rtol: 1.3e-6, atol: 1e-5 },
  float64: { rtol: 1e-7, atol: 1e-7 },
}
export const toleranceOf = (dtype: DType): Tolerance => (isFloat(dtype) ? TOLERANCES[dtype as 'float32'] : { rtol: 0, atol: 0 })

export const close = (a: number, b: number, { rtol, atol }: Tolerance): boolean => Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) <= atol + rtol * Math.abs(b)

/** Up to three places where two lists differ, or null. */
export function differences(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: Tolerance): string | null {
  if (got.length !== want.length) return `${got.length} elements, expected ${want.length}`
  const found: string[] = []
  let count = 0
  for (let i = 0; i < got.length; i++) {
    if (close(got[i]!, want[i]!, tolerance)) continue
    if (count++ < 3) found.push(`[${i}] ${got[i]} instead of ${want[i]}`)
  }
  return count === 0 ? null : `${found.join('; ')}${count > 3 ? ` … ${count} of ${got.length}` : ''}`
}

export function compareArrays(got: NDArray, want: NDArray, tolerance: Tolerance = toleranceOf(want.dtype)): string | null {
  if (got.dtype !== want.dtype || !sameShape(got.shape, want.shape)) return `${got.dtype}${showShape(got.shape)} instead of ${want.dtype}${showShape(want.shape)}`
  return differences(got.data, want.data, tolerance)
}
