// Depthwise and depthwise separable convolutions (Sifre, 2014; Chollet, 2017): channels apart, then mixed point by point.
import { optionsOf } from '../../base/index.ts'
import type { Tensor } from '../../tensor/index.ts'
import { requireSize } from '../checks.ts'
import { Module } from '../module.ts'
import { Conv2d, type ConvOptions, WITH_KERNEL } from './conv.ts'

export interface DepthwiseOptions extends Omit<ConvOptions, 'groups'> {
  /** Outputs of every channel; default 1. */
  readonly multiplier?: number
}

/**
 * Every channel convolved by windows of its own: (N, C, H, W) → (N, C·multiplier, H′, W′). A `Conv2d` with C groups:
 * weight [C·multiplier, 1, Kh, Kw].
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { DepthwiseConv2d } from 'gradus/nn'
 *
 * new DepthwiseConv2d(8, { kernelSize: 3, padding: 1 }).weight.shape // → [8, 1, 3, 3]
 * ```
 */
export class DepthwiseConv2d extends Conv2d {
  constructor(channels: number, options: DepthwiseOptions) {
    const { multiplier = 1, ...rest } = optionsOf('DepthwiseConv2d', options, WITH_KERNEL)
    requireSize('DepthwiseConv2d', 'channels', channels)
    requireSize('DepthwiseConv2d', 'multiplier', multiplier)
    super(channels, channels * multiplier, { ...rest, groups: channels })
  }
}

/**
 * A depthwise convolution, then a 1×1 one over channels: (N, inChannels, H, W) → (N, outChannels, H′, W′), with K²·in +
 * in·out weights in place of K²·in·out. `bias` belongs to the second; the first has none.
 *
 * @example
 * ```ts
 * import { SeparableConv2d } from 'gradus/nn'
 *
 * new SeparableConv2d(32, 64, { kernelSize: 3, padding: 1, bias: false }).parameterCount() // → 2336
 * ```
 */
export class SeparableConv2d extends Module {
  readonly depthwise: DepthwiseConv2d
  readonly pointwise: Conv2d
  constructor(inChannels: number, outChannels: number, options: DepthwiseOptions) {
    super()
    const { bias, weight, ...rest } = optionsOf('SeparableConv2d', options, WITH_KERNEL)
    const start = weight === undefined ? {} : { weight }
    this.depthwise = new DepthwiseConv2d(inChannels, { ...rest, ...start, bias: false })
    this.pointwise = new Conv2d(inChannels * (rest.multiplier ?? 1), outChannels, { kernelSize: 1, ...start, ...(bias === undefined ? {} : { bias }) })
  }
  forward(x: Tensor): Tensor {
    return this.pointwise.call(this.depthwise.call(x))
  }
}
