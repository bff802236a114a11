// LeNet-5 (LeCun, Bottou, Bengio, Haffner 1998) with the sizes of the paper; ReLU and max pooling in place of its tanh-like
// units and averages, and one full second convolution in place of the paper's hand-drawn connections. Out: logits.
import { Conv2d, Linear, MaxPool2d, Module, relu } from '../nn/index.ts'
import type { Tensor } from '../tensor/index.ts'
import type { NameTable } from './names.ts'

/**
 * (B, 28, 28) or (B, 1, 28, 28) → logits (B, classes). 61 706 parameters for ten classes.
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { LeNet } from 'gradus/models'
 *
 * new LeNet().call(zeros([2, 28, 28])).shape // → [2, 10]
 * ```
 */
export class LeNet extends Module {
  readonly conv1 = new Conv2d(1, 6, { kernelSize: 5, padding: 2 })
  readonly conv2 = new Conv2d(6, 16, { kernelSize: 5 })
  readonly pool = new MaxPool2d(2)
  readonly full1 = new Linear(16 * 5 * 5, 120)
  readonly full2 = new Linear(120, 84)
  readonly out: Linear

  constructor(classes = 10) {
    super()
    this.out = new Linear(84, classes)
  }

  forward(x: Tensor): Tensor {
    let a = x.ndim === 3 ? x.unsqueeze(1) : x // (B,28,28) → (B,1,28,28)
    a = this.pool.call(relu(this.conv1.call(a))) // → (B,6,28,28) → (B,6,14,14)
    a = this.pool.call(relu(this.conv2.call(a))) // → (B,16,10,10) → (B,16,5,5)
    a = relu(this.full1.call(a.flatten(1))) // → (B,400) → (B,120)
    a = relu(this.full2.call(a)) // → (B,84)
    return this.out.call(a) // → (B,10)
  }
}

/** A PyTorch module with the same field names. */
export const leNetNames: NameTable = {
  source: 'PyTorch',
  rules: ['conv1', 'conv2', 'full1', 'full2', 'out'].map((name) => ({ ours: name, theirs: name })),
}
