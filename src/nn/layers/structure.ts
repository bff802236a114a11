// Layers that arrange others: Sequential, Residual, Identity, Flatten.
import { argumentOf, objectOf, optionsOf } from '../../base/index.ts'
import { type Tensor, tensorOf } from '../../tensor/index.ts'
import { requireShape, sameShape } from '../checks.ts'
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
    for (const layer of layers) argumentOf('Sequential', layer instanceof Module || typeof layer === 'function', 'layer', 'modules and functions, as new Sequential(a, b)', layer)
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
    return tensorOf('Flatten', x).flatten(this.from, this.to)
  }
}

export interface ResidualOptions {
  /** What the input goes through before it is added, where shapes differ; default the identity. */
  readonly shortcut?: Layer | undefined
  /** Applied to the sum; default nothing. */
  readonly activation?: (x: Tensor) => Tensor
}

/**
 * A block with a way around it (He et al., 2015): activation(block(x) + shortcut(x)). The gradient reaches the input through
 * the sum whatever the block does to it, which is what lets a hundred layers learn.
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { Conv2d, Residual, relu } from 'gradus/nn'
 *
 * const block = new Residual(new Conv2d(8, 16, { kernelSize: 3, stride: 2, padding: 1 }), {
 *   shortcut: new Conv2d(8, 16, { kernelSize: 1, stride: 2 }), activation: relu,
 * })
 * block.call(zeros([1, 8, 8, 8])).shape // → [1, 16, 4, 4]
 * ```
 */
export class Residual extends Module {
  readonly block: Layer
  readonly shortcut: Layer | null
  readonly activation: ((x: Tensor) => Tensor) | null
  constructor(block: Layer, options: ResidualOptions = {}) {
    super()
    const { shortcut = null, activation = null } = optionsOf('Residual', options)
    this.block = objectOf('Residual', 'block', block, 'a layer', 'call')
    this.shortcut = shortcut
    this.activation = activation
  }
  forward(x: Tensor): Tensor {
    const past = this.shortcut === null ? x : this.shortcut.call(x)
    const through = this.block.call(x)
    requireShape('Residual', past, () => sameShape(past.shape, through.shape), `[${through.shape}], as the block gives`, 'Give a shortcut that changes the shape as the block does.')
    const sum = through.add(past)
    return this.activation === null ? sum : this.activation(sum)
  }
}
