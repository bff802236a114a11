// One example through a 4-2-1 network and back: the five steps of backpropagation with every number in the open.
import { backpropagate, checkBackpropagation, network } from 'gradus/models'

const net = network([4, 2, 1], { activation: 'sigmoid', weight: (layer, j, k) => (j + k + layer) / 10, bias: () => -0.5 })
const [x, y] = [[1, 0, 1, 1], [1]]
const trace = backpropagate(net, x, y, { learningRate: 1 })
const show = (v: readonly number[]) => v.map((n) => n.toFixed(4)).join(' ')

console.log('1  a¹ =', show(trace.forward.input))
// → 1  a¹ = 1.0000 0.0000 1.0000 1.0000
for (const { layer, z, a } of trace.forward.layers) console.log(`2  layer ${layer}: z = ${show(z)}, a = ${show(a)}`)
// → 2  layer 2: z = 0.6000 0.9000, a = 0.6457 0.7109
// → 2  layer 3: z = -0.0219, a = 0.4945
console.log(`3  C = ${trace.cost.toFixed(4)}, ∂C/∂a = ${show(trace.outputInfluence)}`)
// → 3  C = 0.1278, ∂C/∂a = -0.5055
for (const { layer, delta } of trace.layers.toReversed()) console.log(`4  δ of layer ${layer} = ${show(delta)}`)
// → 4  δ of layer 3 = -0.1264
// → 4  δ of layer 2 = -0.0087 -0.0104
console.log('5  C after the step =', backpropagate(trace.updated, x, y).cost.toFixed(4))
// → 5  C after the step = 0.0982
console.log('the same by finite differences:', checkBackpropagation(net, x, y).largestError < 1e-9)
// → the same by finite differences: true
