// A multilayer perceptron: fully connected layers with ReLU between them. Out: logits.
import { optionsOf } from '../base/index.ts'
import { Dropout, Linear, Module, relu } from '../nn/index.ts'
import type { Tensor } from '../tensor/index.ts'

export interface MlpOptions {
  /** Numbers in one example; default 784 (28×28 pixels). */
  readonly inputs?: number
  /** Widths of the hidden layers; default [256, 128]. */
  readonly hidden?: readonly number[]
  /** Default 10. */
  readonly classes?: number
  /** Share of each hidden layer's signals dropped while training; default 0. */
  readonly dropout?: number
}

/**
 * (B, …) → logits (B, classes); the example's axes are flattened.
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { Mlp } from 'gradus/models'
 *
 * new Mlp().call(zeros([2, 28, 28])).shape // → [2, 10]
 * ```
 */
export class Mlp extends Module {
  readonly hidden: readonly Linear[]
  readonly drop: Dropout
  readonly out: Linear

  constructor(options: MlpOptions = {}) {
    super()
    optionsOf('Mlp', options)
    const { inputs = 784, hidden = [256, 128], classes = 10, dropout = 0 } = options
    this.hidden = hidden.map((width, i) => new Linear(hidden[i - 1] ?? inputs, width))
    this.drop = new Dropout(dropout)
    this.out = new Linear(hidden.at(-1) ?? inputs, classes)
  }

  forward(x: Tensor): Tensor {
    let a = x.flatten(1) // (B,28,28) → (B,784)
    for (const layer of this.hidden) a = this.drop.call(relu(layer.call(a))) // → (B,256) → (B,128)
    return this.out.call(a) // → (B,10)
  }
}
