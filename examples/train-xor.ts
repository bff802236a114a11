// Train XOR: eight hidden neurons and the logistic loss. Networks begin at random; the seed makes the run repeatable.
import { manualSeed } from 'gradus'
import { Dataset } from 'gradus/data'
import { Adam, Linear, Sequential, Tanh, binaryCrossEntropyWithLogits } from 'gradus/nn'
import { fit, predict } from 'gradus/train'

manualSeed(1)
const xor = new Dataset(
  { dtype: 'float32', shape: [4, 2], data: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1) },
  { dtype: 'float32', shape: [4, 1], data: Float32Array.of(0, 1, 1, 0) },
)
const model = new Sequential(new Linear(2, 8), new Tanh(), new Linear(8, 1))
await fit(model, xor, { epochs: 200, loss: binaryCrossEntropyWithLogits, optimizer: new Adam(0.05) })
const logits = await predict(model, xor)
console.log(Array.from(logits.data).map((z) => (z > 0 ? 1 : 0)).join(' '))
// → 0 1 1 0
