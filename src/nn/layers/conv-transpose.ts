// Transposed convolution layers: the gradient of a convolution by its input, as a layer (Zeiler et al., 2010).
import { type ConvTransposeOptions as FunctionOptions, type Tensor, ValueError, convTranspose1d, convTranspose2d, convTranspose3d } from '../../tensor/index.ts'
import { requireShape, requireSize } from '../checks.ts'
import { fanInUniform } from '../init.ts'
import { Module } from '../module.ts'
import { type WeightOptions, initialBias } from './linear.ts'

export interface ConvTransposeOptions extends FunctionOptions, WeightOptions {
  /** Size of the window, one number for all axes or one for each. */
  readonly kernelSize: number | readonly number[]
}

abstract class ConvTranspose extends Module {
  readonly inChannels: number
  readonly outChannels: number
  readonly options: FunctionOptions
  weight: Tensor
  bias: Tensor | null

  constructor(name: string, rank: number, inChannels: number, outChannels: number, options: ConvTransposeOptions) {
    super()
    requireSize(name, 'inChannels', inChannels)
    requireSize(name, 'outChannels', outChannels)
    const { kernelSize, weight, bias, stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options
    const kernel = typeof kernelSize === 'number' ? new Array<number>(rank).fill(kernelSize) : [...(kernelSize ?? [])]
    if (kernel.length !== rank) throw new ValueError(name, 'bad kernelSize', { expected: `a number, or ${rank} of them`, received: JSON.stringify(kernelSize) })
    for (const k of kernel) requireSize(name, 'kernelSize', k)
    requireSize(name, 'groups', groups)
    if (inChannels % groups !== 0 || outChannels % groups !== 0) throw new ValueError(name, 'channels do not divide into the groups', { expected: `multiples of ${groups}`, received: `${inChannels} and ${outChannels}` })
    this.inChannels = inChannels
    this.outChannels = outChannels
    this.options = { stride, padding, outputPadding, dilation, groups }
    // PyTorch counts the second axis as the fan in here too
    const fanIn = (outChannels / groups) * kernel.reduce((p, k) => p * k, 1)
    this.weight = (weight ?? ((s) => fanInUniform(s, fanIn)))([inChannels, outChannels / groups, ...kernel])
    this.bias = initialBias(bias, outChannels, fanIn)
  }
  protected run(name: string, x: Tensor, conv: (x: Tensor, weight: Tensor, options: FunctionOptions) => Tensor): Tensor {
    const rank = this.weight.ndim - 2
    requireShape(name, x, x.ndim === rank + 2 && x.shape[1] === this.inChannels, `[N, ${this.inChannels}${', size'.repeat(rank)}]`)
    const y = conv(x, this.weight, this.options)
    return this.bias === null ? y : y.add(this.bias.reshape(-1, ...new Array<number>(rank).fill(1)))
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
