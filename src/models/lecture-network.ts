// The lecture's digit network: 784 pixels, 30 sigmoid neurons, 10 sigmoid neurons, trained on the quadratic cost.
// All weights and biases begin as standard normal numbers.
import { listOf } from '../base/index.ts'
import { Linear, Module, sigmoid } from '../nn/index.ts'
import { type Shape, type Tensor, normal } from '../tensor/index.ts'

const standard = (shape: Shape): Tensor => normal(shape)

/**
 * (B, …) → signals (B, outputs) between 0 and 1; the class is the strongest one.
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { LectureNetwork } from 'gradus/models'
 *
 * new LectureNetwork().call(zeros([2, 28, 28])).shape // → [2, 10]
 * ```
 */
export class LectureNetwork extends Module {
  readonly layers: readonly Linear[]

  /** The numbers of neurons, the inputs first; default [784, 30, 10]. */
  constructor(sizes: readonly number[] = [784, 30, 10]) {
    super()
    listOf('LectureNetwork', 'sizes', sizes, 'a list such as [784, 30, 10]')
    this.layers = sizes.slice(1).map((size, i) => new Linear(sizes[i]!, size, { weight: standard, bias: standard }))
  }

  forward(x: Tensor): Tensor {
    let a = x.flatten(1) // (B,28,28) → (B,784)
    for (const layer of this.layers) a = sigmoid(layer.call(a)) // a ← σ(w a + b)
    return a
  }
}
