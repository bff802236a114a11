// A layer of one's own: fields that are tensors are parameters, `forward` says what it computes.
import { type Tensor, manualSeed, ones, zeros } from 'gradus'
import { Linear, Module, Sequential } from 'gradus/nn'

/** y = x·σ(βx), with β learned for every feature. */
class Swish extends Module {
  beta: Tensor
  constructor(features: number) {
    super()
    this.beta = ones([features])
  }
  forward(x: Tensor) {
    return x.mul(x.mul(this.beta).sigmoid()) // (B, features) → (B, features)
  }
}

manualSeed(0)
const model = new Sequential(new Linear(4, 8), new Swish(8), new Linear(8, 2))
console.log(model.call(zeros([3, 4])).shape)
for (const [name, value] of model.namedParameters()) console.log(name, value.shape)
// → [ 3, 2 ]
// → layers.0.weight [ 8, 4 ]
// → layers.0.bias [ 8 ]
// → layers.1.beta [ 8 ]
// → layers.2.weight [ 2, 8 ]
// → layers.2.bias [ 2 ]
