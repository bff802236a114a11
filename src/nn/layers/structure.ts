// Layers that arrange others: Sequential, Identity, Flatten.
import type { Tensor } from '../../tensor/index.ts'
import { type Layer, Module } from '../module.ts'

/**
 * Layers one after another; plain functions of a tensor may stand among them.
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { Flatten, Linear, Sequential, relu } from 'gradus/nn'
 *
 * const model = new Sequential(new Flatten(), new Linear(784, 30), relu, new Linear(30, 10))
 * model.call(zeros([1, 28, 28])).shape // → [1, 10]
 * ```
 */
export class Sequential extends Module {
  readonly layers: readonly (Layer | ((x: Tensor) => Tensor))[]
  constructor(...layers: (Layer | ((x: Tensor) => Tensor))[]) {
    super()
    this.layers = layers
  }
  forward(x: Tensor): Tensor {
    return this.layers.reduce((y, layer) => (layer instanceof Module ? layer.call(y) : layer(y)), x)
  }
}

/** The input itself. */
export class Identity extends Module {
  forward(x: Tensor): Tensor {
    return x
  }
}

/**
 * Axes `from` … `to` merged into one; by default all but the batch: (N, C, H, W) → (N, C·H·W).
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { Flatten } from 'gradus/nn'
 *
 * new Flatten().call(zeros([2, 3, 4, 4])).shape // → [2, 48]
 * ```
 */
export class Flatten extends Module {
  readonly from: number
  readonly to: number
  constructor(from = 1, to = -1) {
    super()
    this.from = from
    this.to = to
  }
  forward(x: Tensor): Tensor {
    return x.flatten(this.from, this.to)
  }
}
