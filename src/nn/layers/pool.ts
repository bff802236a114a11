// Pooling layers: the largest or the mean of each window.
import { optionsOf } from '../../base/index.ts'
import { type PoolOptions, type Tensor, avgPool1d, avgPool2d, avgPool3d, maxPool1d, maxPool2d, maxPool3d } from '../../tensor/index.ts'
import { requireShape, sizesOf } from '../checks.ts'
import { Module } from '../module.ts'

type Size = number | readonly number[]
export interface AvgPoolOptions extends PoolOptions {
  /** Whether zeros of the padding count in the mean (default true). */
  readonly countPad?: boolean
}

abstract class Pool<O extends PoolOptions> extends Module {
  readonly kernelSize: Size
  readonly options: O
  /** `stride` defaults to the window's size. */
  constructor(kernelSize: Size, options: O = {} as O) {
    super()
    sizesOf(new.target.name, 'kernelSize', kernelSize)
    this.kernelSize = kernelSize
    this.options = { ...optionsOf(new.target.name, options) }
  }
  protected run(name: string, rank: number, x: Tensor, pool: (x: Tensor, size: Size, options: O) => Tensor): Tensor {
    requireShape(name, x, () => x.ndim === rank + 2, `[N, C${', size'.repeat(rank)}]`)
    return pool(x, this.kernelSize, this.options)
  }
}

/**
 * Largest of each window: (N,C,L) → (N,C,L′).
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { MaxPool1d } from 'gradus/nn'
 *
 * await new MaxPool1d(2).call(tensor([[[1, 3, 2, 0]]])).array() // → [[[3, 2]]]
 * ```
 */
export class MaxPool1d extends Pool<PoolOptions> {
  forward(x: Tensor): Tensor {
    return this.run('MaxPool1d', 1, x, maxPool1d)
  }
}
/**
 * Largest of each window: (N,C,H,W) → (N,C,H′,W′). Of equal values the first takes the gradient.
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { MaxPool2d } from 'gradus/nn'
 *
 * new MaxPool2d(2).call(zeros([1, 3, 28, 28])).shape // → [1, 3, 14, 14]
 * ```
 */
export class MaxPool2d extends Pool<PoolOptions> {
  forward(x: Tensor): Tensor {
    return this.run('MaxPool2d', 2, x, maxPool2d)
  }
}
/**
 * Mean of each window: (N,C,L) → (N,C,L′).
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { AvgPool1d } from 'gradus/nn'
 *
 * await new AvgPool1d(2).call(tensor([[[1, 3, 2, 0]]])).array() // → [[[2, 1]]]
 * ```
 */
export class AvgPool1d extends Pool<AvgPoolOptions> {
  forward(x: Tensor): Tensor {
    return this.run('AvgPool1d', 1, x, avgPool1d)
  }
}
/**
 * Mean of each window: (N,C,H,W) → (N,C,H′,W′).
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { AvgPool2d } from 'gradus/nn'
 *
 * new AvgPool2d(2, { stride: 1 }).call(zeros([1, 3, 8, 8])).shape // → [1, 3, 7, 7]
 * ```
 */
export class AvgPool2d extends Pool<AvgPoolOptions> {
  forward(x: Tensor): Tensor {
    return this.run('AvgPool2d', 2, x, avgPool2d)
  }
}
/** Largest of each window: (N,C,D,H,W) → (N,C,D′,H′,W′). Of equal values the first takes the gradient. */
export class MaxPool3d extends Pool<PoolOptions> {
  forward(x: Tensor): Tensor {
    return this.run('MaxPool3d', 3, x, maxPool3d)
  }
}
/** Mean of each window: (N,C,D,H,W) → (N,C,D′,H′,W′). */
export class AvgPool3d extends Pool<AvgPoolOptions> {
  forward(x: Tensor): Tensor {
    return this.run('AvgPool3d', 3, x, avgPool3d)
  }
}
