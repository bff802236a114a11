// Fully connected layer.
import { functionOf, optionsOf } from '../../base/index.ts'
import type { Shape, Tensor } from '../../tensor/index.ts'
import { affine } from '../affine.ts'
import { requireShape, requireSize } from '../checks.ts'
import { type Initializer, fanInUniform } from '../init.ts'
import { Module } from '../module.ts'

/** How a layer's weight and bias start, instead of PyTorch's uniform ±1/√fanIn. */
export interface WeightOptions {
  /** false: no bias; or how it starts. */
  readonly bias?: boolean | Initializer
  readonly weight?: Initializer
}

/**
 * y = x·Wᵀ + b: (…, inFeatures) → (…, outFeatures). weight [outFeatures, inFeatures], bias [outFeatures].
 *
 * @example
 * ```ts
 * import { ones } from 'gradus'
 * import { Linear } from 'gradus/nn'
 *
 * new Linear(3, 2).call(ones([5, 3])).shape // → [5, 2]
 * ```
 */
export class Linear extends Module {
  readonly inFeatures: number
  readonly outFeatures: number
  weight: Tensor
  bias: Tensor | null

  constructor(inFeatures: number, outFeatures: number, options: WeightOptions = {}) {
    super()
    requireSize('Linear', 'inFeatures', inFeatures)
    requireSize('Linear', 'outFeatures', outFeatures)
    this.inFeatures = inFeatures
    this.outFeatures = outFeatures
    this.weight = functionOf('Linear', optionsOf('Linear', options).weight ?? ((s: Shape) => fanInUniform(s, inFeatures)), 'weight')([outFeatures, inFeatures])
    this.bias = initialBias(options.bias, outFeatures, inFeatures)
  }
  forward(x: Tensor): Tensor {
    requireShape('Linear', x, () => x.shape.at(-1) === this.inFeatures, `[…, ${this.inFeatures}]`, 'Flatten or reshape the input, or change inFeatures.')
    return affine(x, this.weight, this.bias)
  }
}

/** The bias of a layer by its option: absent, PyTorch's uniform, or the user's own. */
export function initialBias(option: boolean | Initializer | undefined, size: number, fanIn: number): Tensor | null {
  if (option === false) return null
  return typeof option === 'function' ? option([size]) : fanInUniform([size], fanIn)
}
