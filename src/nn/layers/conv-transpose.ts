// Transposed convolution layers: the gradient of a convolution by its input, as a layer (Zeiler et al., 2010).
import { optionsOf } from '../../base/index.ts'
import { type ConvTransposeOptions as FunctionOptions, type Tensor, convTranspose1d, convTranspose2d, convTranspose3d } from '../../tensor/index.ts'
import { WITH_KERNEL } from './conv.ts'
import { KernelLayer } from './kernel-layer.ts'
import type { WeightOptions } from './linear.ts'

export interface ConvTransposeOptions extends FunctionOptions, WeightOptions {
  /** Size of the window, one number for all axes or one for each. */
  readonly kernelSize: number | readonly number[]
}

abstract class ConvTranspose extends KernelLayer<FunctionOptions> {
  constructor(name: string, rank: number, inChannels: number, outChannels: number, options: ConvTransposeOptions) {
    const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = optionsOf(name, options, WITH_KERNEL)
    super(name, rank, inChannels, outChannels, { given: options, used: { stride, padding, outputPadding, dilation, groups }, channels: (g) => [inChannels, outChannels / g] })
  }
}

/**
 * (N, inChannels, L) → (N, outChannels, L′). weight [inChannels, outChannels/groups, K], bias [outChannels].
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { ConvTranspose1d } from 'gradus/nn'
 *
 * new ConvTranspose1d(4, 2, { kernelSize: 4, stride: 2, padding: 1 }).call(zeros([1, 4, 10])).shape // → [1, 2, 20]
 * ```
 */
export class ConvTranspose1d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, options: ConvTransposeOptions) {
    super('ConvTranspose1d', 1, inChannels, outChannels, options)
  }
  forward(x: Tensor): Tensor {
    return this.run('ConvTranspose1d', x, convTranspose1d)
  }
}
/**
 * (N, inChannels, H, W) → (N, outChannels, H′, W′), H′ = (H − 1)·stride − 2·padding + dilation·(K − 1) + outputPadding + 1.
 * weight [inChannels, outChannels/groups, Kh, Kw], bias [outChannels].
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { ConvTranspose2d } from 'gradus/nn'
 *
 * new ConvTranspose2d(16, 1, { kernelSize: 4, stride: 2, padding: 1 }).call(zeros([2, 16, 7, 7])).shape // → [2, 1, 14, 14]
 * ```
 */
export class ConvTranspose2d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, options: ConvTransposeOptions) {
    super('ConvTranspose2d', 2, inChannels, outChannels, options)
  }
  forward(x: Tensor): Tensor {
    return this.run('ConvTranspose2d', x, convTranspose2d)
  }
}
/**
 * (N, inChannels, D, H, W) → (N, outChannels, D′, H′, W′). weight [inChannels, outChannels/groups, Kd, Kh, Kw].
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { ConvTranspose3d } from 'gradus/nn'
 *
 * new ConvTranspose3d(2, 1, { kernelSize: 2, stride: 2 }).call(zeros([1, 2, 2, 3, 3])).shape // → [1, 1, 4, 6, 6]
 * ```
 */
export class ConvTranspose3d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, options: ConvTransposeOptions) {
    super('ConvTranspose3d', 3, inChannels, outChannels, options)
  }
  forward(x: Tensor): Tensor {
    return this.run('ConvTranspose3d', x, convTranspose3d)
  }
}
