// Convolution layers (cross-correlation, as PyTorch's).
import { optionsOf } from '../../base/index.ts'
import { type ConvOptions as ConvFunctionOptions, type Tensor, conv1d, conv2d, conv3d } from '../../tensor/index.ts'
import { KernelLayer } from './kernel-layer.ts'
import type { WeightOptions } from './linear.ts'

export interface ConvOptions extends ConvFunctionOptions, WeightOptions {
  /** Size of the window, one number for all axes or one for each. */
  readonly kernelSize: number | readonly number[]
}

/** What the options must hold, for messages. */
export const WITH_KERNEL = 'options such as { kernelSize: 3 }'

abstract class Conv extends KernelLayer<ConvFunctionOptions> {
  constructor(name: string, rank: number, inChannels: number, outChannels: number, options: ConvOptions) {
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = optionsOf(name, options, WITH_KERNEL)
    super(name, rank, inChannels, outChannels, { given: options, used: { stride, padding, dilation, groups }, channels: (g) => [outChannels, inChannels / g] })
  }
}

/**
 * (N, inChannels, L) → (N, outChannels, L′). weight [outChannels, inChannels/groups, K], bias [outChannels].
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { Conv1d } from 'gradus/nn'
 *
 * new Conv1d(4, 8, { kernelSize: 3, stride: 2 }).call(zeros([2, 4, 101])).shape // → [2, 8, 50]
 * ```
 */
export class Conv1d extends Conv {
  constructor(inChannels: number, outChannels: number, options: ConvOptions) {
    super('Conv1d', 1, inChannels, outChannels, options)
  }
  forward(x: Tensor): Tensor {
    return this.run('Conv1d', x, conv1d)
  }
}
/**
 * (N, inChannels, H, W) → (N, outChannels, H′, W′), H′ = ⌊(H + 2·padding − dilation·(K − 1) − 1)/stride⌋ + 1.
 * weight [outChannels, inChannels/groups, Kh, Kw], bias [outChannels].
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { Conv2d } from 'gradus/nn'
 *
 * new Conv2d(1, 32, { kernelSize: 3, padding: 'same' }).call(zeros([8, 1, 28, 28])).shape // → [8, 32, 28, 28]
 * ```
 */
export class Conv2d extends Conv {
  constructor(inChannels: number, outChannels: number, options: ConvOptions) {
    super('Conv2d', 2, inChannels, outChannels, options)
  }
  forward(x: Tensor): Tensor {
    return this.run('Conv2d', x, conv2d)
  }
}
/**
 * (N, inChannels, D, H, W) → (N, outChannels, D′, H′, W′). weight [outChannels, inChannels/groups, Kd, Kh, Kw].
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { Conv3d } from 'gradus/nn'
 *
 * new Conv3d(1, 2, { kernelSize: [1, 3, 3] }).call(zeros([1, 1, 4, 8, 8])).shape // → [1, 2, 4, 6, 6]
 * ```
 */
export class Conv3d extends Conv {
  constructor(inChannels: number, outChannels: number, options: ConvOptions) {
    super('Conv3d', 3, inChannels, outChannels, options)
  }
  forward(x: Tensor): Tensor {
    return this.run('Conv3d', x, conv3d)
  }
}
