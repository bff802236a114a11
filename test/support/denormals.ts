// Denormals of float32: devices may take them for zero (WGSL says so), and are tried on samples without them.
import { type NDArray, tabulate } from '../../src/base/index.ts'

export const isDenormal = (x: number): boolean => x !== 0 && Math.abs(x) < 2 ** -126
/** The values with denormals as zeros of their sign. */
export const flushed = (a: NDArray): NDArray => tabulate(a.dtype, a.shape, (i) => (isDenormal(a.data[i]!) ? 0 * a.data[i]! : a.data[i]!))
