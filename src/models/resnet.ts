// Residual networks (He, Zhang, Ren, Sun, "Deep residual learning for image recognition", 2015), as torchvision has them (the
// stride of a bottleneck in its 3×3 convolution: "v1.5"). In: pictures. Out: logits.
import { listOf, optionsOf } from '../base/index.ts'
import { AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Linear, MaxPool2d, Module, init, relu } from '../nn/index.ts'
import { type Tensor, ValueError } from '../tensor/index.ts'
import type { NameTable } from './names.ts'

const conv = (from: number, to: number, kernelSize: number, stride = 1): Conv2d =>
  new Conv2d(from, to, { kernelSize, stride, padding: (kernelSize - 1) / 2, bias: false, weight: (s) => init.heNormal(s, { mode: 'fanOut' }) })

/** Where the block changes the shape, the way around it is a 1×1 convolution. */
class Shortcut extends Module {
  readonly conv: Conv2d
  readonly norm: BatchNorm2d
  constructor(from: number, to: number, stride: number) {
    super()
    this.conv = conv(from, to, 1, stride)
    this.norm = new BatchNorm2d(to)
  }
  forward(x: Tensor): Tensor {
    return this.norm.call(this.conv.call(x))
  }
}
const shortcut = (from: number, to: number, stride: number): Shortcut | null => (from === to && stride === 1 ? null : new Shortcut(from, to, stride))

/** Two 3×3 convolutions: (B, from, H, W) → (B, width, H/stride, W/stride). */
class BasicBlock extends Module {
  static readonly expansion = 1
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  readonly conv2: Conv2d
  readonly bn2: BatchNorm2d
  readonly shortcut: Shortcut | null
  constructor(from: number, width: number, stride: number) {
    super()
    this.conv1 = conv(from, width, 3, stride)
    this.bn1 = new BatchNorm2d(width)
    this.conv2 = conv(width, width, 3)
    this.bn2 = new BatchNorm2d(width)
    this.shortcut = shortcut(from, width, stride)
  }
  forward(x: Tensor): Tensor {
    const a = relu(this.bn1.call(this.conv1.call(x)))
    const y = this.bn2.call(this.conv2.call(a))
    return relu(y.add(this.shortcut === null ? x : this.shortcut.call(x)))
  }
}

/** 1×1, 3×3, 1×1 with a narrow middle: (B, from, H, W) → (B, 4·width, H/stride, W/stride). */
class Bottleneck extends Module {
  static readonly expansion = 4
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  readonly conv2: Conv2d
  readonly bn2: BatchNorm2d
  readonly conv3: Conv2d
  readonly bn3: BatchNorm2d
  readonly shortcut: Shortcut | null
  constructor(from: number, width: number, stride: number) {
    super()
    this.conv1 = conv(from, width, 1)
    this.bn1 = new BatchNorm2d(width)
    this.conv2 = conv(width, width, 3, stride)
    this.bn2 = new BatchNorm2d(width)
    this.conv3 = conv(width, 4 * width, 1)
    this.bn3 = new BatchNorm2d(4 * width)
    this.shortcut = shortcut(from, 4 * width, stride)
  }
  forward(x: Tensor): Tensor {
    let a = relu(this.bn1.call(this.conv1.call(x)))
    a = relu(this.bn2.call(this.conv2.call(a)))
    const y = this.bn3.call(this.conv3.call(a))
    return relu(y.add(this.shortcut === null ? x : this.shortcut.call(x)))
  }
}

export interface ResNetOptions {
  /** Blocks in each stage: [2, 2, 2, 2] is ResNet-18, [3, 4, 6, 3] ResNet-34 or (bottlenecks) 50. */
  readonly blocks: readonly number[]
  /** Width of each stage; default [64, 128, 256, 512]. */
  readonly widths?: readonly number[]
  /** Bottlenecks instead of pairs of 3×3; default false. */
  readonly bottleneck?: boolean
  /** 'large': 7×7 with stride 2, then a pool, for 224 pixels (default). 'small': 3×3, for the 32 pixels of CIFAR. */
  readonly stem?: 'large' | 'small'
  /** Default 1000. */
  readonly classes?: number
}

/**
 * (B, 3, H, W) → logits (B, classes). Parameters for 1000 classes: `resnet18` 11 689 512, `resnet50` 25 557 032.
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { ResNet } from 'gradus/models'
 *
 * const small = new ResNet({ blocks: [1, 1], widths: [8, 16], stem: 'small', classes: 10 })
 * small.call(zeros([2, 3, 32, 32])).shape // → [2, 10]
 * ```
 */
export class ResNet extends Module {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  readonly pool: MaxPool2d | null
  readonly layers: readonly (readonly (BasicBlock | Bottleneck)[])[]
  readonly average = new AdaptiveAvgPool2d(1)
  readonly fc: Linear

  constructor(options: ResNetOptions) {
    super()
    optionsOf('ResNet', options, 'options such as { blocks: [2, 2, 2, 2] }')
    const { blocks, bottleneck = false, stem = 'large', classes = 1000, widths = [64, 128, 256, 512] } = options
    listOf('ResNet', 'blocks', blocks, 'a list such as [2, 2, 2, 2]')
    listOf('ResNet', 'widths', widths)
    if (blocks.length !== widths.length) throw new ValueError('ResNet', 'blocks and widths differ in number', { expected: `${widths.length} stages`, received: `blocks [${blocks}]` })
    if (stem !== 'large' && stem !== 'small') throw new ValueError('ResNet', 'bad stem', { expected: 'large or small', received: String(stem) })
    const Block = bottleneck ? Bottleneck : BasicBlock
    const large = stem === 'large'
    let channels = widths[0]!
    this.conv1 = conv(3, channels, large ? 7 : 3, large ? 2 : 1)
    this.bn1 = new BatchNorm2d(channels)
    this.pool = large ? new MaxPool2d(3, { stride: 2, padding: 1 }) : null
    this.layers = blocks.map((count, stage) =>
      Array.from({ length: count }, (_, i) => {
        const block = new Block(channels, widths[stage]!, stage > 0 && i === 0 ? 2 : 1)
        channels = widths[stage]! * Block.expansion
        return block
      }),
    )
    this.fc = new Linear(channels, classes)
  }

  forward(x: Tensor): Tensor {
    let a = relu(this.bn1.call(this.conv1.call(x))) // (B,3,224,224) → (B,64,112,112)
    if (this.pool !== null) a = this.pool.call(a) // → (B,64,56,56)
    for (const stage of this.layers) for (const block of stage) a = block.call(a) // → (B,256,56,56) → (B,512,28,28) → … → (B,2048,7,7)
    return this.fc.call(this.average.call(a).flatten(1)) // → (B,2048) → (B,classes)
  }
}

type Sizes = Omit<ResNetOptions, 'blocks' | 'bottleneck'>
/** 11 689 512 parameters for 1000 classes. */
export const resnet18 = (options: Sizes = {}): ResNet => new ResNet({ ...options, blocks: [2, 2, 2, 2] })
/** 21 797 672 parameters for 1000 classes. */
export const resnet34 = (options: Sizes = {}): ResNet => new ResNet({ ...options, blocks: [3, 4, 6, 3] })
/** 25 557 032 parameters for 1000 classes. */
export const resnet50 = (options: Sizes = {}): ResNet => new ResNet({ ...options, blocks: [3, 4, 6, 3], bottleneck: true })
/** The paper's networks for CIFAR: depth 6n + 2 (20, 32, 44, 56, …), three stages of 16, 32, 64 channels. */
export function resnetCifar(depth = 20, options: Omit<Sizes, 'widths' | 'stem'> = {}): ResNet {
  const n = (depth - 2) / 6
  if (!Number.isInteger(n) || n < 1) throw new ValueError('resnetCifar', 'no such depth', { expected: '8, 14, 20, 32, 44, 56, … (6n + 2)', received: String(depth) })
  return new ResNet({ classes: 10, ...options, blocks: [n, n, n], widths: [16, 32, 64], stem: 'small' })
}

/** torchvision.models.resnet18 … resnet152. */
export const resnetNames: NameTable = {
  source: 'torchvision resnet',
  rules: [
    ...[0, 1, 2, 3].flatMap((i) => [
      { ours: `layers.${i}.*.shortcut.conv`, theirs: `layer${i + 1}.*.downsample.0` },
      { ours: `layers.${i}.*.shortcut.norm`, theirs: `layer${i + 1}.*.downsample.1` },
      { ours: `layers.${i}.*`, theirs: `layer${i + 1}.*` },
    ]),
    { ours: 'conv1', theirs: 'conv1' }, { ours: 'bn1', theirs: 'bn1' }, { ours: 'fc', theirs: 'fc' },
  ],
}
