// VGG (Simonyan & Zisserman, "Very deep convolutional networks for large-scale image recognition", 2014): nothing but 3×3
// convolutions in stages, the picture halved between them. In: pictures. Out: logits.
import { argumentOf, optionsOf } from '../base/index.ts'
import { AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Dropout, Linear, MaxPool2d, Module, init, relu } from '../nn/index.ts'
import { type Tensor, ValueError } from '../tensor/index.ts'
import type { NameRule, NameTable } from './names.ts'

/** Convolutions in each of the five stages (the paper's configurations A, B, D, E). */
const STAGES = { 11: [1, 1, 2, 2, 2], 13: [2, 2, 2, 2, 2], 16: [2, 2, 3, 3, 3], 19: [2, 2, 4, 4, 4] } as const
export type VGGDepth = keyof typeof STAGES

export interface VGGOptions {
  /** Layers with weights: 11, 13, 16 (default) or 19. */
  readonly depth?: VGGDepth
  /** Default 1000. */
  readonly classes?: number
  /** Batch normalisation after every convolution (not in the paper); default false. */
  readonly batchNorm?: boolean
  /** Channels of the five stages; default [64, 128, 256, 512, 512]. */
  readonly widths?: readonly [number, number, number, number, number]
  /** Width of the two hidden layers; default 4096. */
  readonly hidden?: number
  /** Default 0.5. */
  readonly dropout?: number
}
interface Unit {
  readonly conv: Conv2d
  readonly norm: BatchNorm2d | null
}

/**
 * (B, 3, 224, 224) → logits (B, classes). VGG-16 has 138 357 544 parameters for 1000 classes, 124 million of them in the
 * three full layers.
 *
 * @example
 * ```ts
 * import { VGG } from 'gradus/models'
 *
 * new VGG({ depth: 16 }).parameterCount() // → 138357544
 * ```
 */
export class VGG extends Module {
  readonly stages: readonly (readonly Unit[])[]
  readonly pool = new MaxPool2d(2)
  readonly resize = new AdaptiveAvgPool2d(7)
  readonly drop: Dropout
  readonly full1: Linear
  readonly full2: Linear
  readonly out: Linear

  constructor(options: VGGOptions = {}) {
    super()
    optionsOf('VGG', options)
    const { depth = 16, classes = 1000, batchNorm = false, widths = [64, 128, 256, 512, 512], hidden = 4096, dropout = 0.5 } = options
    const counts = STAGES[depth]
    if (counts === undefined) throw new ValueError('VGG', 'no such depth', { expected: Object.keys(STAGES).join(', '), received: String(depth) })
    let channels = 3
    this.stages = counts.map((count, stage) =>
      Array.from({ length: count }, (): Unit => {
        const conv = new Conv2d(channels, widths[stage]!, { kernelSize: 3, padding: 1, weight: (s) => init.heNormal(s, { mode: 'fanOut' }), bias: init.zeros })
        channels = widths[stage]!
        return { conv, norm: batchNorm ? new BatchNorm2d(channels) : null }
      }),
    )
    const full = { weight: (s: readonly number[]) => init.normal(s, { std: 0.01 }), bias: init.zeros }
    this.drop = new Dropout(dropout)
    this.full1 = new Linear(channels * 7 * 7, hidden, full)
    this.full2 = new Linear(hidden, hidden, full)
    this.out = new Linear(hidden, classes, full)
  }

  forward(x: Tensor): Tensor {
    let a = x
    for (const stage of this.stages) {
      for (const { conv, norm } of stage) {
        a = conv.call(a)
        a = relu(norm === null ? a : norm.call(a))
      }
      a = this.pool.call(a) // (B,3,224,224) → (B,64,112,112) → (B,128,56,56) → (B,256,28,28) → (B,512,14,14) → (B,512,7,7)
    }
    a = this.resize.call(a).flatten(1) // → (B,25088)
    a = this.drop.call(relu(this.full1.call(a))) // → (B,4096)
    a = this.drop.call(relu(this.full2.call(a))) // → (B,4096)
    return this.out.call(a) // → (B,classes)
  }
}

/** torchvision.models.vgg11 … vgg19_bn: layers are numbered through, activations and pools included. */
export function vggNames(depth: VGGDepth = 16, options: { readonly batchNorm?: boolean } = {}): NameTable {
  optionsOf('vggNames', options)
  argumentOf('vggNames', Object.hasOwn(STAGES, depth), 'depth', Object.keys(STAGES).join(', '), depth)
  const rules: NameRule[] = []
  let at = 0
  STAGES[depth].forEach((count, stage) => {
    for (let i = 0; i < count; i++) {
      rules.push({ ours: `stages.${stage}.${i}.conv`, theirs: `features.${at}` })
      if (options.batchNorm === true) rules.push({ ours: `stages.${stage}.${i}.norm`, theirs: `features.${at + 1}` })
      at += options.batchNorm === true ? 3 : 2
    }
    at++ // the pool
  })
  rules.push({ ours: 'full1', theirs: 'classifier.0' }, { ours: 'full2', theirs: 'classifier.3' }, { ours: 'out', theirs: 'classifier.6' })
  return { source: `torchvision vgg${depth}`, rules }
}
