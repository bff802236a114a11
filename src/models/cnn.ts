// A convolutional network for small grey pictures: 3×3 filters in the manner of VGG (Simonyan & Zisserman 2014), batch
// normalisation (Ioffe & Szegedy 2015), dropout before the last layer (Srivastava et al. 2014). Out: logits.
import { optionsOf } from '../base/index.ts'
import { BatchNorm2d, Conv2d, Dropout, Linear, MaxPool2d, Module, relu } from '../nn/index.ts'
import type { Tensor } from '../tensor/index.ts'

export interface CnnOptions {
  /** Channels of the first block, doubled in each of the next two; default 32. */
  readonly width?: number
  readonly classes?: number
  /** Share of the features left out in training; default 0.2. */
  readonly dropout?: number
}

/** Filters without a bias (the normalisation has one), normalised, rectified: (B, C, H, W) → (B, out, H, W). */
class Filters extends Module {
  readonly conv: Conv2d
  readonly norm: BatchNorm2d
  constructor(from: number, to: number) {
    super()
    this.conv = new Conv2d(from, to, { kernelSize: 3, padding: 1, bias: false })
    this.norm = new BatchNorm2d(to)
  }
  forward(x: Tensor): Tensor {
    return relu(this.norm.call(this.conv.call(x)))
  }
}

/**
 * (B, 28, 28) or (B, 1, 28, 28) → logits (B, classes).
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { Cnn } from 'gradus/models'
 *
 * new Cnn({ width: 8 }).eval().call(zeros([2, 28, 28])).shape // → [2, 10]
 * ```
 */
export class Cnn extends Module {
  readonly first: Filters
  readonly second: Filters
  readonly third: Filters
  readonly fourth: Filters
  readonly fifth: Filters
  readonly pool = new MaxPool2d(2)
  readonly dropout: Dropout
  readonly out: Linear

  constructor(options: CnnOptions = {}) {
    super()
    optionsOf('Cnn', options)
    const { width: c = 32, classes = 10, dropout = 0.2 } = options
    this.first = new Filters(1, c)
    this.second = new Filters(c, 2 * c)
    this.third = new Filters(2 * c, 2 * c)
    this.fourth = new Filters(2 * c, 4 * c)
    this.fifth = new Filters(4 * c, 4 * c)
    this.dropout = new Dropout(dropout)
    this.out = new Linear(4 * c * 3 * 3, classes)
  }

  forward(x: Tensor): Tensor {
    let a = x.ndim === 3 ? x.unsqueeze(1) : x // (B,28,28) → (B,1,28,28)
    a = this.pool.call(this.first.call(a)) // → (B,C,14,14)
    a = this.pool.call(this.third.call(this.second.call(a))) // → (B,2C,7,7)
    a = this.pool.call(this.fifth.call(this.fourth.call(a))) // → (B,4C,3,3)
    return this.out.call(this.dropout.call(a.flatten(1))) // → (B,36C) → (B,10)
  }
}
