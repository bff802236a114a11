// What convolutions and transposed convolutions share: sizes checked, weights begun, the bias added on axis 1.
import { functionOf } from '../../base/index.ts'
import { type Shape, type Tensor, ValueError } from '../../tensor/index.ts'
import { shifted } from '../affine.ts'
import { requireShape, requireSize, sizesOf } from '../checks.ts'
import { fanInUniform } from '../init.ts'
import { Module } from '../module.ts'
import { type WeightOptions, initialBias } from './linear.ts'

export interface KernelOptions extends WeightOptions {
  /** Size of the window, one number for all axes or one for each. */
  readonly kernelSize: number | readonly number[]
  readonly groups?: number
}

/** @typeParam O what the layer's function takes besides input and weight. */
export abstract class KernelLayer<O> extends Module {
  readonly inChannels: number
  readonly outChannels: number
  readonly options: O
  weight: Tensor
  bias: Tensor | null

  /** @param channels the first two axes of the weight; PyTorch counts the second as the fan in, for transposed layers too. */
  constructor(name: string, rank: number, inChannels: number, outChannels: number, { given, used, channels }: { readonly given: KernelOptions; readonly used: O; readonly channels: (groups: number) => readonly [number, number] }) {
    super()
    requireSize(name, 'inChannels', inChannels)
    requireSize(name, 'outChannels', outChannels)
    const { kernelSize, weight, bias, groups = 1 } = given
    const kernel = sizesOf(name, 'kernelSize', kernelSize, rank)
    requireSize(name, 'groups', groups)
    if (inChannels % groups !== 0 || outChannels % groups !== 0) throw new ValueError(name, 'channels do not divide into the groups', { expected: `multiples of ${groups}`, received: `${inChannels} and ${outChannels}` })
    this.inChannels = inChannels
    this.outChannels = outChannels
    this.options = used
    const shape = [...channels(groups), ...kernel]
    const fanIn = shape.slice(1).reduce((p, k) => p * k, 1)
    this.weight = functionOf(name, weight ?? ((s: Shape) => fanInUniform(s, fanIn)), 'weight')(shape)
    this.bias = initialBias(bias, outChannels, fanIn)
  }
  protected run(name: string, x: Tensor, f: (x: Tensor, weight: Tensor, options: O) => Tensor): Tensor {
    const rank = this.weight.ndim - 2
    requireShape(name, x, () => x.ndim === rank + 2 && x.shape[1] === this.inChannels, `[N, ${this.inChannels}${', size'.repeat(rank)}]`)
    return shifted(f(x, this.weight, this.options), this.bias?.reshape(-1, ...new Array<number>(rank).fill(1)))
  }
}
