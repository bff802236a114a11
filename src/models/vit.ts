// Vision Transformer (Dosovitskiy et al., "An image is worth 16×16 words", 2020): patches are tokens, one more token reads
// them all. In: pictures. Out: logits.
import { optionsOf } from '../base/index.ts'
import { Conv2d, Dropout, LayerNorm, Linear, Module, TransformerEncoderLayer, init } from '../nn/index.ts'
import { type Tensor, ValueError, concat } from '../tensor/index.ts'
import type { NameTable } from './names.ts'

export interface ViTOptions {
  /** Pixels of a side; default 224. */
  readonly imageSize?: number
  /** Pixels of a patch's side; default 16. */
  readonly patchSize?: number
  /** Default 768. */
  readonly width?: number
  /** Default 12. */
  readonly layers?: number
  /** Default 12. */
  readonly heads?: number
  /** Width of the hidden layers; default 4·width. */
  readonly hidden?: number
  /** Default 1000. */
  readonly classes?: number
  /** Default 3. */
  readonly channels?: number
  /** Default 0. */
  readonly dropout?: number
}

/**
 * (B, 3, imageSize, imageSize) → logits (B, classes). The defaults are ViT-B/16: 86 567 656 parameters for 1000 classes.
 *
 * @example
 * ```ts
 * import { zeros } from 'gradus'
 * import { ViT } from 'gradus/models'
 *
 * const vit = new ViT({ imageSize: 28, patchSize: 7, channels: 1, width: 32, layers: 2, heads: 4, classes: 10 })
 * vit.call(zeros([2, 1, 28, 28])).shape // → [2, 10]
 * ```
 */
export class ViT extends Module {
  readonly imageSize: number
  readonly patches: Conv2d
  /** The token that reads the picture: [1, 1, width]. */
  classToken: Tensor
  /** [1, 1 + patches, width] */
  positions: Tensor
  readonly drop: Dropout
  readonly blocks: readonly TransformerEncoderLayer[]
  readonly norm: LayerNorm
  readonly head: Linear

  constructor(options: ViTOptions = {}) {
    super()
    optionsOf('ViT', options)
    const { imageSize = 224, patchSize = 16, width = 768, layers = 12, heads = 12, hidden = 4 * width, classes = 1000, channels = 3, dropout = 0 } = options
    if (imageSize % patchSize !== 0) throw new ValueError('ViT', 'the picture does not divide into patches', { expected: `a multiple of ${patchSize}`, received: String(imageSize) })
    this.imageSize = imageSize
    this.patches = new Conv2d(channels, width, { kernelSize: patchSize, stride: patchSize, weight: init.lecunNormal, bias: init.zeros })
    this.classToken = init.zeros([1, 1, width])
    this.positions = init.normal([1, 1 + (imageSize / patchSize) ** 2, width], { std: 0.02 })
    this.drop = new Dropout(dropout)
    this.blocks = Array.from({ length: layers }, () => new TransformerEncoderLayer(width, heads, { hidden, dropout, activation: 'gelu', normFirst: true, eps: 1e-6 }))
    this.norm = new LayerNorm(width, { eps: 1e-6 })
    this.head = new Linear(width, classes, { weight: init.zeros, bias: init.zeros })
  }

  forward(x: Tensor): Tensor {
    const B = x.shape[0]!
    let a = this.patches.call(x).flatten(2).transpose(1, 2) // (B,3,224,224) → (B,768,14,14) → (B,196,768)
    a = concat([this.classToken.expand(B, 1, -1), a], 1) // → (B,197,768)
    a = this.drop.call(a.add(this.positions))
    for (const block of this.blocks) a = block.call(a)
    return this.head.call(this.norm.call(a.at(null, 0))) // (B,768) → (B,classes)
  }
}

const layer = 'encoder.layers.encoder_layer_*'
/** torchvision.models.vit_b_16 and its kin; queries, keys and values are one matrix there. */
export const vitNames: NameTable = {
  source: 'torchvision vit',
  rules: [
    { ours: 'patches', theirs: 'conv_proj' }, { ours: 'classToken', theirs: 'class_token' }, { ours: 'positions', theirs: 'encoder.pos_embedding' },
    ...(['query', 'key', 'value'] as const).flatMap((name, i) => [
      { ours: `blocks.*.selfAttention.${name}.weight`, theirs: `${layer}.self_attention.in_proj_weight`, part: [i, 3] as const },
      { ours: `blocks.*.selfAttention.${name}.bias`, theirs: `${layer}.self_attention.in_proj_bias`, part: [i, 3] as const },
    ]),
    { ours: 'blocks.*.selfAttention.out', theirs: `${layer}.self_attention.out_proj` },
    { ours: 'blocks.*.norm1', theirs: `${layer}.ln_1` }, { ours: 'blocks.*.norm2', theirs: `${layer}.ln_2` },
    { ours: 'blocks.*.linear1', theirs: `${layer}.mlp.0` }, { ours: 'blocks.*.linear2', theirs: `${layer}.mlp.3` },
    { ours: 'norm', theirs: 'encoder.ln' }, { ours: 'head', theirs: 'heads.head' },
  ],
}
