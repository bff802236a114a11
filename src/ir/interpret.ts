// Runs kernels on plain arrays, one lane after another: obvious and slow. The oracle that renderers are compared with.
// Reads and writes outside a buffer, and reads of what was never written, are errors here.
import type { TypedArray } from '../base/index.ts'
import { Frame, type InterpretOptions } from './frame.ts'
import { runGroup } from './interpret-group.ts'
import type { Kernel } from './kernel.ts'
export type { InterpretOptions } from './frame.ts'

/** One call of a kernel: units lo … hi of its range. Missing buffers that are not global are allocated. */
export function interpretKernel(
  kernel: Kernel,
  buffers: readonly (TypedArray | undefined)[],
  lo = 0,
  hi = kernel.extent,
  options: InterpretOptions = {},
): void {
  if (kernel.group === undefined) new Frame(kernel, buffers, options).run(lo, hi)
  else for (let unit = lo; unit < hi; unit++) runGroup(kernel, buffers, options, unit)
}
