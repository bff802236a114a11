// Normalisations of single examples: GroupNorm (Wu & He, 2018), InstanceNorm (Ulyanov et al., 2016), RMSNorm (Zhang &
// Sennrich, 2019). None looks at the rest of the batch, so training and evaluation are alike.
import { optionsOf } from '../../base/index.ts'
import { type Shape, type Tensor, ValueError, ones, zeros } from '../../tensor/index.ts'
import { scaled, shifted } from '../affine.ts'
import { requireRange, requireShape, requireSize, sizesOf } from '../checks.ts'
import { Module } from '../module.ts'

export interface GroupNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number
  /** Whether a scale and a shift of every channel are learned. Default true. */
  readonly affine?: boolean
}

/** What is one scale and one shift a channel, (N, C, …) normalised over the channels of each group and all positions. */
abstract class ChannelNorm extends Module {
  readonly channels: number
  readonly eps: number
  weight: Tensor | null
  bias: Tensor | null

  constructor(channels: number, options: GroupNormOptions, learned: boolean) {
    super()
    const { eps = 1e-5, affine = learned } = optionsOf(new.target.name, options)
    requireSize(new.target.name, 'channels', channels)
    requireRange(new.target.name, 'eps', eps, 0)
    this.channels = channels
    this.eps = eps
    this.weight = affine ? ones([channels]) : null
    this.bias = affine ? zeros([channels]) : null
  }
  protected normalized(x: Tensor, groups: number): Tensor {
    const rows = x.reshape(x.shape[0]!, groups, -1) // (N,C,…) → (N,G,C/G·…)
    const centred = rows.sub(rows.mean(-1, { keepdims: true }))
    const inverse = centred.square().mean(-1, { keepdims: true }).add(this.eps).rsqrt()
    const spread = (values: Tensor | null) => values?.reshape(1, -1, ...x.shape.slice(2).map(() => 1))
    return shifted(scaled(centred.mul(inverse).reshape(x.shape), spread(this.weight)), spread(this.bias))
  }
}

/**
 * Normalises groups of channels of every example: (N, C, …) → the same shape. weight and bias [C].
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { GroupNorm } from 'gradus/nn'
 *
 * await new GroupNorm(2, 4, { eps: 0 }).call(tensor([[1, 3, 10, 30]])).array() // → [[-1, 1, -1, 1]]
 * ```
 */
export class GroupNorm extends ChannelNorm {
  readonly groups: number

  constructor(groups: number, channels: number, options: GroupNormOptions = {}) {
    super(channels, options, true)
    requireSize('GroupNorm', 'groups', groups)
    if (channels % groups !== 0) throw new ValueError('GroupNorm', 'channels do not divide into the groups', { expected: `a multiple of ${groups}`, received: String(channels) })
    this.groups = groups
  }
  forward(x: Tensor): Tensor {
    requireShape('GroupNorm', x, () => x.ndim >= 2 && x.shape[1] === this.channels, `[N, ${this.channels}, …]`)
    return this.normalized(x, this.groups)
  }
}

export interface InstanceNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number
  /** Whether a scale and a shift of every channel are learned. Default false, as PyTorch's. */
  readonly affine?: boolean
}
abstract class InstanceNorm extends ChannelNorm {
  constructor(channels: number, options: InstanceNormOptions = {}) {
    super(channels, options, false)
  }
  protected run(name: string, x: Tensor, rank: number): Tensor {
    requireShape(name, x, () => x.ndim === rank + 2 && x.shape[1] === this.channels, `[N, ${this.channels}${', size'.repeat(rank)}]`)
    requireShape(name, x, () => x.shape.slice(2).reduce((p, d) => p * d, 1) !== 1, 'more than one position a channel', 'One value has no variance.')
    return this.normalized(x, this.channels)
  }
}
/**
 * Normalises every channel of every example over its positions: (N, C, L) → the same shape. Keeps no running statistics.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { InstanceNorm1d } from 'gradus/nn'
 *
 * await new InstanceNorm1d(1, { eps: 0 }).call(tensor([[[1, 3]], [[10, 30]]])).array() // → [[[-1, 1]], [[-1, 1]]]
 * ```
 */
export class InstanceNorm1d extends InstanceNorm {
  forward(x: Tensor): Tensor {
    return this.run('InstanceNorm1d', x, 1)
  }
}
/** Normalises every channel of every example over its positions: (N, C, H, W) → the same shape. */
export class InstanceNorm2d extends InstanceNorm {
  forward(x: Tensor): Tensor {
    return this.run('InstanceNorm2d', x, 2)
  }
}
/** Normalises every channel of every example over its positions: (N, C, D, H, W) → the same shape. */
export class InstanceNorm3d extends InstanceNorm {
  forward(x: Tensor): Tensor {
    return this.run('InstanceNorm3d', x, 3)
  }
}

export interface RMSNormOptions {
  /** Added to the mean square. Default 1e-6. */
  readonly eps?: number
  /** Whether a scale is learned. Default true. */
  readonly affine?: boolean
}
/**
 * Divides the last axes by the root of their mean square: (…, …shape) → the same shape. No mean is taken off and there
 * is no shift, which makes it cheaper than LayerNorm. weight [shape].
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { RMSNorm } from 'gradus/nn'
 *
 * await new RMSNorm(2, { eps: 0 }).call(tensor([[1, 7]])).array() // → [[0.2, 1.4]]
 * ```
 */
export class RMSNorm extends Module {
  readonly shape: Shape
  readonly eps: number
  weight: Tensor | null

  constructor(shape: number | Shape, options: RMSNormOptions = {}) {
    super()
    const { eps = 1e-6, affine = true } = optionsOf('RMSNorm', options)
    this.shape = sizesOf('RMSNorm', 'shape', shape)
    requireRange('RMSNorm', 'eps', eps, 0)
    this.eps = eps
    this.weight = affine ? ones(this.shape) : null
  }
  forward(x: Tensor): Tensor {
    const k = this.shape.length
    requireShape('RMSNorm', x, () => x.ndim >= k && this.shape.every((d, i) => d === x.shape[x.ndim - k + i]), `[…, ${this.shape.join(', ')}]`)
    const axes = this.shape.map((_, i) => i - k)
    return scaled(x.mul(x.square().mean(axes, { keepdims: true }).add(this.eps).rsqrt()), this.weight)
  }
}
