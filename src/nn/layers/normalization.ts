// Batch normalisation (Ioffe & Szegedy, 2015) and layer normalisation (Ba et al., 2016).
import { optionsOf } from '../../base/index.ts'
import { ShapeError, type Shape, type Tensor, ones, zeros } from '../../tensor/index.ts'
import { scaled, shifted } from '../affine.ts'
import { requireRange, requireShape, requireSize, sizesOf } from '../checks.ts'
import { Module } from '../module.ts'

export interface BatchNormOptions {
  /** Share of the new batch in the running statistics; null: the plain mean over all batches. Default 0.1. */
  readonly momentum?: number | null
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number
  /** Whether a scale and a shift are learned. Default true. */
  readonly affine?: boolean
}

abstract class BatchNorm extends Module {
  static override readonly buffers: readonly string[] = ['runningMean', 'runningVar', 'numBatches']
  readonly features: number
  readonly momentum: number | null
  readonly eps: number
  weight: Tensor | null
  bias: Tensor | null
  runningMean: Tensor
  runningVar: Tensor
  /** Batches seen: int32 scalar. */
  numBatches: Tensor

  constructor(features: number, options: BatchNormOptions = {}) {
    super()
    const { momentum = 0.1, eps = 1e-5, affine = true } = optionsOf(new.target.name, options)
    requireSize(new.target.name, 'features', features)
    if (momentum !== null) requireRange(new.target.name, 'momentum', momentum, 0, 1)
    requireRange(new.target.name, 'eps', eps, 0)
    this.features = features
    this.momentum = momentum
    this.eps = eps
    this.weight = affine ? ones([features]) : null
    this.bias = affine ? zeros([features]) : null
    this.runningMean = zeros([features])
    this.runningVar = ones([features])
    this.numBatches = zeros([], 'int32')
  }

  /** In training: normalises by the batch and moves the running statistics (fields of this object). Else: by those. */
  protected run(name: string, x: Tensor, ranks: readonly number[]): Tensor {
    requireShape(name, x, () => ranks.includes(x.ndim) && x.shape[1] === this.features, ranks.map((r) => `[N, ${this.features}${', size'.repeat(r - 2)}]`).join(' or '))
    const axes = x.shape.map((_, i) => i).filter((i) => i !== 1)
    const perChannel = [1, -1, ...axes.slice(1).map(() => 1)]
    let centred: Tensor
    let variance: Tensor
    if (this.training) {
      const count = axes.reduce((n, a) => n * x.shape[a]!, 1)
      if (count < 2) throw new ShapeError(name, 'one value a channel has no variance', { expected: 'a batch of at least 2 in training', received: `[${x.shape}]`, remedy: 'Use a larger batch, or model.eval().' })
      const mean = x.mean(axes, { keepdims: true })
      centred = x.sub(mean)
      variance = centred.square().mean(axes, { keepdims: true })
      this.track(mean.reshape(-1).stopGradient(), variance.reshape(-1).mul(count / (count - 1)).stopGradient())
    } else {
      centred = x.sub(this.runningMean.reshape(perChannel))
      variance = this.runningVar.reshape(perChannel)
    }
    const inverse = variance.add(this.eps).rsqrt()
    const spread = (values: Tensor | null) => values?.reshape(perChannel)
    return shifted(centred.mul(scaled(inverse, spread(this.weight))), spread(this.bias))
  }
  private track(mean: Tensor, variance: Tensor): void {
    this.numBatches = this.numBatches.add(1)
    const share = this.momentum ?? this.numBatches.to(this.runningMean.dtype).reciprocal()
    const move = (old: Tensor, now: Tensor): Tensor => (typeof share === 'number' ? old.mul(1 - share).add(now.mul(share)) : old.add(now.sub(old).mul(share))).to(old.dtype)
    this.runningMean = move(this.runningMean, mean)
    this.runningVar = move(this.runningVar, variance)
  }
}

/**
 * Normalises every channel over batch and positions: (N, C) or (N, C, L) → the same shape.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { BatchNorm1d } from 'gradus/nn'
 *
 * const norm = new BatchNorm1d(1)
 * await norm.call(tensor([[1], [3]])).array() // → [[-0.999995], [0.999995]]
 * await norm.runningMean.array() // → [0.2]
 * ```
 */
export class BatchNorm1d extends BatchNorm {
  forward(x: Tensor): Tensor {
    return this.run('BatchNorm1d', x, [2, 3])
  }
}
/**
 * Normalises every channel over batch and positions: (N, C, H, W) → the same shape.
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { BatchNorm2d } from 'gradus/nn'
 *
 * new BatchNorm2d(3).call(zeros([2, 3, 8, 8])).shape // → [2, 3, 8, 8]
 * ```
 */
export class BatchNorm2d extends BatchNorm {
  forward(x: Tensor): Tensor {
    return this.run('BatchNorm2d', x, [4])
  }
}
/** Normalises every channel over batch and positions: (N, C, D, H, W) → the same shape. */
export class BatchNorm3d extends BatchNorm {
  forward(x: Tensor): Tensor {
    return this.run('BatchNorm3d', x, [5])
  }
}

export interface LayerNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number
  /** Whether a scale and a shift are learned. Default true. */
  readonly affine?: boolean
  /** Whether there is a shift beside the scale. Default true. */
  readonly bias?: boolean
}

/**
 * Normalises the last axes of every example: (…, …shape) → the same shape.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { LayerNorm } from 'gradus/nn'
 *
 * await new LayerNorm(2, { eps: 0 }).call(tensor([[1, 3], [10, 30]])).array() // → [[-1, 1], [-1, 1]]
 * ```
 */
export class LayerNorm extends Module {
  readonly shape: Shape
  readonly eps: number
  weight: Tensor | null
  bias: Tensor | null

  constructor(shape: number | Shape, options: LayerNormOptions = {}) {
    super()
    const { eps = 1e-5, affine = true, bias = true } = optionsOf('LayerNorm', options)
    this.shape = sizesOf('LayerNorm', 'shape', shape)
    requireRange('LayerNorm', 'eps', eps, 0)
    this.eps = eps
    this.weight = affine ? ones(this.shape) : null
    this.bias = affine && bias ? zeros(this.shape) : null
  }
  forward(x: Tensor): Tensor {
    const k = this.shape.length
    requireShape('LayerNorm', x, () => x.ndim >= k && this.shape.every((d, i) => d === x.shape[x.ndim - k + i]), `[…, ${this.shape.join(', ')}]`)
    const axes = this.shape.map((_, i) => i - k)
    const centred = x.sub(x.mean(axes, { keepdims: true }))
    const inverse = centred.square().mean(axes, { keepdims: true }).add(this.eps).rsqrt()
    return shifted(scaled(centred.mul(inverse), this.weight), this.bias)
  }
}
