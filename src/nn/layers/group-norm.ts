// Normalisations of single examples: GroupNorm (Wu & He, 2018), InstanceNorm (Ulyanov et al., 2016), RMSNorm (Zhang &
// Sennrich, 2019). None looks at the rest of the batch, so training and evaluation are alike.
import { type Shape, type Tensor, ValueError, ones, zeros } from '../../tensor/index.ts'
import { requireRange, requireShape, requireSize } from '../checks.ts'
import { Module } from '../module.ts'

export interface GroupNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number
  /** Whether a scale and a shift of every channel are learned. Default true. */
  readonly affine?: boolean
}

/** (N, C, …) normalised over the channels of each group and all positions. */
function normalizeGroups(x: Tensor, groups: number, eps: number): Tensor {
  const rows = x.reshape(x.shape[0]!, groups, -1) // (N,C,…) → (N,G,C/G·…)
  const centred = rows.sub(rows.mean(-1, { keepdims: true }))
  const inverse = centred.square().mean(-1, { keepdims: true }).add(eps).rsqrt()
  return centred.mul(inverse).reshape(x.shape)
}
const perChannel = (values: Tensor, x: Tensor): Tensor => values.reshape(1, -1, ...x.shape.slice(2).map(() => 1))

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
export class GroupNorm extends Module {
  readonly groups: number
  readonly channels: number
  readonly eps: number
  weight: Tensor | null
  bias: Tensor | null

  constructor(groups: number, channels: number, options: GroupNormOptions = {}) {
    super()
    const { eps = 1e-5, affine = true } = options
    requireSize('GroupNorm', 'groups', groups)
    requireSize('GroupNorm', 'channels', channels)
    requireRange('GroupNorm', 'eps', eps, 0)
    if (channels % groups !== 0) throw new ValueError('GroupNorm', 'channels do not divide into the groups', { expected: `a multiple of ${groups}`, received: String(channels) })
    this.groups = groups
    this.channels = channels
    this.eps = eps
    this.weight = affine ? ones([channels]) : null
    this.bias = affine ? zeros([channels]) : null
  }
  forward(x: Tensor): Tensor {
    requireShape('GroupNorm', x, x.ndim >= 2 && x.shape[1] === this.channels, `[N, ${this.channels}, …]`)
    let y = normalizeGroups(x, this.groups, this.eps)
    if (this.weight !== null) y = y.mul(perChannel(this.weight, x))
    return this.bias === null ? y : y.add(perChannel(this.bias, x))
  }
}

export interface InstanceNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number
  /** Whether a scale and a shift of every channel are learned. Default false, as PyTorch's. */
  readonly affine?: boolean
}
abstract class InstanceNorm extends Module {
  readonly channels: number
  readonly eps: number
  weight: Tensor | null
  bias: Tensor | null

  constructor(channels: number, options: InstanceNormOptions = {}) {
    super()
    const { eps = 1e-5, affine = false } = options
    requireSize('InstanceNorm', 'channels', channels)
    requireRange('InstanceNorm', 'eps', eps, 0)
    this.channels = channels
    this.eps = eps
    this.weight = affine ? ones([channels]) : null
    this.bias = affine ? zeros([channels]) : null
  }
  protected run(name: string, x: Tensor, rank: number): Tensor {
    requireShape(name, x, x.ndim === rank + 2 && x.shape[1] === this.channels, `[N, ${this.channels}${', size'.repeat(rank)}]`)
    requireShape(name, x, x.shape.slice(2).reduce((p, d) => p * d, 1) !== 1, 'more than one position a channel', 'One value has no variance.')
    let y = normalizeGroups(x, this.channels, this.eps)
    if (this.weight !== null) y = y.mul(perChannel(this.weight, x))
    return this.bias === null ? y : y.add(perChannel(this.bias, x))
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
    const { eps = 1e-6, affine = true } = options
    this.shape = typeof shape === 'number' ? [shape] : [...shape]
    if (this.shape.length === 0) throw new ValueError('RMSNorm', 'no axes to normalise', { expected: 'a size, or several', received: '[]' })
    for (const size of this.shape) requireSize('RMSNorm', 'shape', size)
    requireRange('RMSNorm', 'eps', eps, 0)
    this.eps = eps
    this.weight = affine ? ones(this.shape) : null
  }
  forward(x: Tensor): Tensor {
    const k = this.shape.length
    requireShape('RMSNorm', x, x.ndim >= k && this.shape.every((d, i) => d === x.shape[x.ndim - k + i]), `[…, ${this.shape.join(', ')}]`)
    const axes = this.shape.map((_, i) => i - k)
    const y = x.mul(x.square().mean(axes, { keepdims: true }).add(this.eps).rsqrt())
    return this.weight === null ? y : y.mul(this.weight)
  }
}
