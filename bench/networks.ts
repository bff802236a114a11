// The networks of the training steps, with the public API only.
import { type Tensor, scaledDotProductAttention } from 'gradus'
import { Conv2d, Embedding, LayerNorm, Linear, type Module as AnyModule, MaxPool2d, Module, crossEntropy, gelu, relu } from 'gradus/nn'
import type { StepTask } from './tasks.ts'

class Mlp extends Module {
  readonly layers: readonly Linear[]
  constructor(widths: readonly number[]) {
    super()
    this.layers = widths.slice(1).map((width, i) => new Linear(widths[i]!, width))
  }
  forward(x: Tensor): Tensor {
    let a = x
    this.layers.forEach((layer, i) => (a = i === this.layers.length - 1 ? layer.call(a) : relu(layer.call(a))))
    return a
  }
}

class LeNet extends Module {
  readonly conv1 = new Conv2d(1, 6, { kernelSize: 5, padding: 2 })
  readonly conv2 = new Conv2d(6, 16, { kernelSize: 5 })
  readonly pool = new MaxPool2d(2)
  readonly full1 = new Linear(400, 120)
  readonly full2 = new Linear(120, 84)
  readonly out = new Linear(84, 10)
  forward(x: Tensor): Tensor {
    let a = this.pool.call(relu(this.conv1.call(x))) // (B,1,28,28) → (B,6,14,14)
    a = this.pool.call(relu(this.conv2.call(a))) // → (B,16,5,5)
    a = relu(this.full1.call(a.flatten(1)))
    return this.out.call(relu(this.full2.call(a)))
  }
}

class Cnn extends Module {
  readonly convs = [new Conv2d(1, 32, { kernelSize: 3, padding: 1 }), new Conv2d(32, 32, { kernelSize: 3, padding: 1 }), new Conv2d(32, 64, { kernelSize: 3, padding: 1 }), new Conv2d(64, 64, { kernelSize: 3, padding: 1 })] as const
  readonly pool = new MaxPool2d(2)
  readonly full = new Linear(64 * 7 * 7, 128)
  readonly out = new Linear(128, 10)
  forward(x: Tensor): Tensor {
    const [c0, c1, c2, c3] = this.convs
    let a = this.pool.call(relu(c1.call(relu(c0.call(x))))) // (B,1,28,28) → (B,32,14,14)
    a = this.pool.call(relu(c3.call(relu(c2.call(a))))) // → (B,64,7,7)
    return this.out.call(relu(this.full.call(a.flatten(1))))
  }
}

class Block extends Module {
  readonly heads: number
  readonly norm1: LayerNorm
  readonly qkv: Linear
  readonly proj: Linear
  readonly norm2: LayerNorm
  readonly up: Linear
  readonly down: Linear
  constructor(width: number, heads: number) {
    super()
    this.heads = heads
    this.norm1 = new LayerNorm(width)
    this.qkv = new Linear(width, 3 * width)
    this.proj = new Linear(width, width)
    this.norm2 = new LayerNorm(width)
    this.up = new Linear(width, 4 * width)
    this.down = new Linear(4 * width, width)
  }
  forward(x: Tensor): Tensor {
    const [B, T, D] = x.shape as [number, number, number]
    const H = this.heads
    const split = this.qkv.call(this.norm1.call(x)).reshape([B, T, 3, H, D / H]).permute([2, 0, 3, 1, 4]) // (B,T,3D) → (3,B,H,T,D/H)
    const [q, k, v] = [split.at(0), split.at(1), split.at(2)]
    const mixed = scaledDotProductAttention(q, k, v, { causal: true }) // (B,H,T,D/H)
    const a = x.add(this.proj.call(mixed.permute([0, 2, 1, 3]).reshape([B, T, D])))
    return a.add(this.down.call(gelu(this.up.call(this.norm2.call(a)))))
  }
}

class Gpt extends Module {
  readonly tokens: Embedding
  readonly positions: Embedding
  readonly blocks: readonly Block[]
  readonly norm: LayerNorm
  readonly head: Linear
  constructor({ vocabulary, context, width, heads, layers }: NonNullable<StepTask['gpt']>) {
    super()
    this.tokens = new Embedding(vocabulary, width)
    this.positions = new Embedding(context, width)
    this.blocks = Array.from({ length: layers }, () => new Block(width, heads))
    this.norm = new LayerNorm(width)
    this.head = new Linear(width, vocabulary)
  }
  forward(x: Tensor): Tensor {
    let a = this.tokens.call(x).add(this.positions.weight) // (B,T) → (B,T,D)
    for (const block of this.blocks) a = block.call(a)
    return this.head.call(this.norm.call(a)) // → (B,T,V)
  }
}

/** The network of a step; its parameters have the names of inputs.ts. */
export function network(task: StepTask): AnyModule & { forward(x: Tensor): Tensor } {
  switch (task.network) {
    case 'mlp': return new Mlp(task.widths!)
    case 'lenet': return new LeNet()
    case 'cnn': return new Cnn()
    case 'gpt': return new Gpt(task.gpt!)
  }
}

/** Logits (…, classes) and labels (…) → the mean cross entropy. */
export const lossOf = (logits: Tensor, labels: Tensor): Tensor => crossEntropy(logits.reshape([-1, logits.shape.at(-1)!]), labels.reshape([-1]))
