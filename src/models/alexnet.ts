// AlexNet (Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural networks", 2012), in the
// one-GPU form of Krizhevsky's "One weird trick" (2014) that torchvision has. In: pictures of 63 pixels or more. Out: logits.
import { optionsOf } from '../base/index.ts'
import { AdaptiveAvgPool2d, Conv2d, Dropout, Linear, MaxPool2d, Module, relu } from '../nn/index.ts'
import type { Tensor } from '../tensor/index.ts'
import type { NameTable } from './names.ts'

export interface AlexNetOptions {
  /** Default 1000. */
  readonly classes?: number
  /** Channels of the five convolutions; default the paper's, [64, 192, 384, 256, 256]. */
  readonly widths?: readonly [number, number, number, number, number]
  /** Width of the two hidden layers; default 4096. */
  readonly hidden?: number
  /** Default 0.5. */
  readonly dropout?: number
}

/**
 * (B, 3, 224, 224) → logits (B, classes). 61 100 840 parameters for 1000 classes.
 *
 * @example
 * ```ts
 * import { AlexNet } from 'gradus/models'
 *
 * new AlexNet().parameterCount() // → 61100840
 * ```
 */
export class AlexNet extends Module {
  readonly conv1: Conv2d
  readonly conv2: Conv2d
  readonly conv3: Conv2d
  readonly conv4: Conv2d
  readonly conv5: Conv2d
  readonly pool = new MaxPool2d(3, { stride: 2 })
  readonly resize = new AdaptiveAvgPool2d(6)
  readonly drop: Dropout
  readonly full1: Linear
  readonly full2: Linear
  readonly out: Linear

  constructor(options: AlexNetOptions = {}) {
    super()
    optionsOf('AlexNet', options)
    const { classes = 1000, widths = [64, 192, 384, 256, 256], hidden = 4096, dropout = 0.5 } = options
    const [a, b, c, d, e] = widths
    this.conv1 = new Conv2d(3, a, { kernelSize: 11, stride: 4, padding: 2 })
    this.conv2 = new Conv2d(a, b, { kernelSize: 5, padding: 2 })
    this.conv3 = new Conv2d(b, c, { kernelSize: 3, padding: 1 })
    this.conv4 = new Conv2d(c, d, { kernelSize: 3, padding: 1 })
    this.conv5 = new Conv2d(d, e, { kernelSize: 3, padding: 1 })
    this.drop = new Dropout(dropout)
    this.full1 = new Linear(e * 6 * 6, hidden)
    this.full2 = new Linear(hidden, hidden)
    this.out = new Linear(hidden, classes)
  }

  forward(x: Tensor): Tensor {
    let a = this.pool.call(relu(this.conv1.call(x))) // (B,3,224,224) → (B,64,55,55) → (B,64,27,27)
    a = this.pool.call(relu(this.conv2.call(a))) // → (B,192,27,27) → (B,192,13,13)
    a = relu(this.conv3.call(a)) // → (B,384,13,13)
    a = relu(this.conv4.call(a)) // → (B,256,13,13)
    a = this.pool.call(relu(this.conv5.call(a))) // → (B,256,13,13) → (B,256,6,6)
    a = this.resize.call(a).flatten(1) // → (B,9216)
    a = relu(this.full1.call(this.drop.call(a))) // → (B,4096)
    a = relu(this.full2.call(this.drop.call(a))) // → (B,4096)
    return this.out.call(a) // → (B,classes)
  }
}

/** torchvision.models.alexnet */
export const alexNetNames: NameTable = {
  source: 'torchvision alexnet',
  rules: [
    { ours: 'conv1', theirs: 'features.0' }, { ours: 'conv2', theirs: 'features.3' }, { ours: 'conv3', theirs: 'features.6' },
    { ours: 'conv4', theirs: 'features.8' }, { ours: 'conv5', theirs: 'features.10' },
    { ours: 'full1', theirs: 'classifier.1' }, { ours: 'full2', theirs: 'classifier.4' }, { ours: 'out', theirs: 'classifier.6' },
  ],
}
