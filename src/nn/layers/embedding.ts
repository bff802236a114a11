// Embedding: a learned row for every integer.
import { functionOf, optionsOf } from '../../base/index.ts'
import { type Tensor, embedding, where } from '../../tensor/index.ts'
import { affine } from '../affine.ts'
import { requireShape, requireSize } from '../checks.ts'
import { type Initializer, normal } from '../init.ts'
import { Module } from '../module.ts'

/**
 * Rows of a table by integers: (…) of int32 → (…, dimensions). weight [count, dimensions], normal at the start. An index
 * outside 0 … count − 1 gives a row of NaN, so that the mistake shows in the loss.
 *
 * @example
 * ```ts
 * import { tensor } from 'gradus'
 * import { Embedding } from 'gradus/nn'
 *
 * new Embedding(100, 16).call(tensor([[1, 5, 99]], { dtype: 'int32' })).shape // → [1, 3, 16]
 * ```
 */
export class Embedding extends Module {
  readonly count: number
  readonly dimensions: number
  weight: Tensor

  constructor(count: number, dimensions: number, options: { readonly weight?: Initializer } = {}) {
    super()
    requireSize('Embedding', 'count', count)
    requireSize('Embedding', 'dimensions', dimensions)
    this.count = count
    this.dimensions = dimensions
    this.weight = functionOf('Embedding', optionsOf('Embedding', options).weight ?? normal, 'weight')([count, dimensions])
  }
  forward(indices: Tensor): Tensor {
    const rows = embedding(this.weight, indices)
    const inside = indices.ge(0).logicalAnd(indices.lt(this.count)).unsqueeze(-1)
    return where(inside, rows, Number.NaN)
  }
  /**
   * Scores of every row against x, with the same table: (…, dimensions) → (…, count). The output layer of a language model
   * whose weights are tied to its input (Press & Wolf, 2017).
   *
   * @example
   * ```ts
   * import { zeros } from 'gradus'
   * import { Embedding } from 'gradus/nn'
   *
   * new Embedding(100, 16).attend(zeros([2, 3, 16])).shape // → [2, 3, 100]
   * ```
   */
  attend(x: Tensor): Tensor {
    requireShape('Embedding.attend', x, () => x.shape.at(-1) === this.dimensions, `[…, ${this.dimensions}]`)
    return affine(x, this.weight, null)
  }
}
