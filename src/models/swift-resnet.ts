// A residual network that learns small colour pictures in minutes: few channels, a pool right after each widening convolution
// (Page, "How to train your ResNet", 2018), patches whitened by a fixed first layer and convolutions that begin as the
// identity (Jordan, "94% on CIFAR-10 in 3.29 seconds", 2024). In: pictures of 32 pixels. Out: logits.
import { listOf, optionsOf } from '../base/index.ts'
import { BatchNorm2d, Conv2d, Linear, MaxPool2d, Module, gelu, init } from '../nn/index.ts'
import { type Tensor, ValueError, conv2d, tensor, tensorOf } from '../tensor/index.ts'

export interface SwiftResNetOptions {
  /** The fixed first filters [2·C·k·k, C, k, k], such as `patchWhitening` makes. */
  readonly whitening: Tensor
  /** Channels of the three stages; default [32, 128, 128]. */
  readonly widths?: readonly [number, number, number]
  /** Default 10. */
  readonly classes?: number
}

/** 3×3 filters that begin by handing the first channels through (Zagoruyko & Komodakis, 2017: Dirac). */
abstract class Filters extends Module {
  readonly conv: Conv2d
  readonly norm: BatchNorm2d
  constructor(from: number, to: number) {
    super()
    this.conv = new Conv2d(from, to, { kernelSize: 3, padding: 1, bias: false, weight: dirac })
    this.norm = new BatchNorm2d(to)
  }
}
/** (B, from, H, W) → (B, to, H/2, W/2). */
class Widen extends Filters {
  readonly pool = new MaxPool2d(2)
  forward(x: Tensor): Tensor {
    return gelu(this.norm.call(this.pool.call(this.conv.call(x))), { approximate: 'tanh' })
  }
}
/** x + f(x), of the same shape. */
class Residual extends Filters {
  forward(x: Tensor): Tensor {
    return x.add(gelu(this.norm.call(this.conv.call(x)), { approximate: 'tanh' }))
  }
}

/**
 * (B, 3, 32, 32) → logits (B, classes).
 *
 * @example
 * ```ts
 * import { key, normal, zeros } from 'gradus'
 * import { SwiftResNet, patchWhitening } from 'gradus/models'
 *
 * const whitening = await patchWhitening(normal([20, 3, 8, 8], { key: key(1) }))
 * new SwiftResNet({ whitening, widths: [24, 32, 32] }).eval().call(zeros([2, 3, 32, 32])).shape // → [2, 10]
 * ```
 */
export class SwiftResNet extends Module {
  static override readonly buffers: readonly string[] = ['whitening']
  whitening: Tensor
  readonly bias: Tensor
  readonly stages: readonly (readonly [Widen, Residual])[]
  readonly pool = new MaxPool2d(3)
  readonly out: Linear

  constructor(options: SwiftResNetOptions) {
    super()
    optionsOf('SwiftResNet', options, 'options such as { whitening }')
    const { whitening, widths = [32, 128, 128], classes = 10 } = options
    if (tensorOf('SwiftResNet', whitening).ndim !== 4) throw new ValueError('SwiftResNet', 'the first filters have another form', { expected: '[filters, channels, k, k]', received: `[${whitening.shape}]` })
    listOf('SwiftResNet', 'widths', widths)
    this.whitening = whitening
    this.bias = init.zeros([whitening.shape[0]!])
    this.stages = widths.map((width, i) => [new Widen(widths[i - 1] ?? whitening.shape[0]!, width), new Residual(width, width)] as const)
    this.out = new Linear(widths[2], classes, { bias: false })
  }
  forward(x: Tensor): Tensor {
    let a = gelu(conv2d(x, this.whitening).add(this.bias.reshape(1, -1, 1, 1)), { approximate: 'tanh' }) // (B,3,32,32) → (B,24,31,31)
    for (const [widen, residual] of this.stages) a = residual.call(widen.call(a)) // → (B,32,15,15) → (B,128,7,7) → (B,128,3,3)
    return this.out.call(this.pool.call(a).flatten(1)).div(9) // → (B,128) → (B,classes), small at first
  }
}

function dirac(shape: readonly number[]): Tensor {
  const weight = init.fanInUniform(shape, shape[1]! * 9)
  const [to, from] = shape as [number, number, number, number]
  const handed = Math.min(to, from)
  const mask = new Float32Array(to * from * 9)
  for (let i = 0; i < handed; i++) mask[(i * from + i) * 9 + 4] = 1
  const own = Float32Array.from({ length: to }, (_, i) => (i < handed ? 0 : 1))
  return weight.mul(tensor(own, { shape: [to, 1, 1, 1] })).add(tensor(mask, { shape }))
}
