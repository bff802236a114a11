// Adaptive pooling: the output's size is given, the windows follow. Window i of n over a length L is ⌊iL/n⌋ … ⌈(i+1)L/n⌉.
import { type Tensor, ValueError, stack } from '../../tensor/index.ts'
import { requireShape, sizesOf } from '../checks.ts'
import { Module } from '../module.ts'

type Size = number | readonly (number | null)[]
type Reduce = 'mean' | 'max'

/** One axis brought to n values, each the mean or the largest of its window. */
function poolAxis(x: Tensor, axis: number, n: number, reduce: Reduce): Tensor {
  const length = x.shape[axis]!
  if (n === length) return x
  if (length % n === 0) {
    const cut = x.reshape(...x.shape.slice(0, axis), n, length / n, ...x.shape.slice(axis + 1)) // (…,L,…) → (…,n,L/n,…)
    return cut[reduce](axis + 1)
  }
  const before = new Array<null>(axis).fill(null)
  const windows = Array.from({ length: n }, (_, i) => x.at(...before, [Math.floor((i * length) / n), Math.ceil(((i + 1) * length) / n)])[reduce](axis))
  return stack(windows, axis)
}

abstract class AdaptivePool extends Module {
  readonly size: Size
  constructor(size: Size) {
    super()
    sizesOf(new.target.name, 'size', size, 0, true)
    this.size = size
  }
  /** Means of windows and maxima of windows both come apart into axes: a window is a product of ranges. */
  protected run(name: string, rank: number, x: Tensor, reduce: Reduce): Tensor {
    requireShape(name, x, () => x.ndim === rank + 2 && x.size > 0, `[N, C${', size'.repeat(rank)}], not empty`)
    const sizes = typeof this.size === 'number' ? new Array<number>(rank).fill(this.size) : this.size
    if (sizes.length !== rank) throw new ValueError(name, 'bad size', { expected: `a number, or ${rank} of them (null keeps an axis)`, received: JSON.stringify(this.size) })
    return sizes.reduce<Tensor>((y, n, i) => (n === null ? y : poolAxis(y, i + 2, n, reduce)), x)
  }
}

/** Means of windows: (N, C, L) → (N, C, size). */
export class AdaptiveAvgPool1d extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return this.run('AdaptiveAvgPool1d', 1, x, 'mean')
  }
}
/**
 * Means of windows: (N, C, H, W) → (N, C, size, size), or [h, w] with null for an axis that stays. Size 1 is the mean of
 * the whole picture.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { AdaptiveAvgPool2d } from 'gradus/nn'
 *
 * await new AdaptiveAvgPool2d(1).call(tensor([[[[1, 2], [3, 6]]]])).array() // → [[[[3]]]]
 * ```
 */
export class AdaptiveAvgPool2d extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return this.run('AdaptiveAvgPool2d', 2, x, 'mean')
  }
}
/** Means of windows: (N, C, D, H, W) → (N, C, …size). */
export class AdaptiveAvgPool3d extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return this.run('AdaptiveAvgPool3d', 3, x, 'mean')
  }
}
/** Largest of windows: (N, C, L) → (N, C, size). Equal values share the gradient. */
export class AdaptiveMaxPool1d extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return this.run('AdaptiveMaxPool1d', 1, x, 'max')
  }
}
/**
 * Largest of windows: (N, C, H, W) → (N, C, size, size), or [h, w] with null for an axis that stays. Equal values share
 * the gradient.
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { AdaptiveMaxPool2d } from 'gradus/nn'
 *
 * new AdaptiveMaxPool2d([3, null]).call(zeros([1, 8, 10, 7])).shape // → [1, 8, 3, 7]
 * ```
 */
export class AdaptiveMaxPool2d extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return this.run('AdaptiveMaxPool2d', 2, x, 'max')
  }
}
/** Largest of windows: (N, C, D, H, W) → (N, C, …size). */
export class AdaptiveMaxPool3d extends AdaptivePool {
  forward(x: Tensor): Tensor {
    return this.run('AdaptiveMaxPool3d', 3, x, 'max')
  }
}
