// vmap: a function of one example becomes a function of many. Here: the gradient of every example on its own.
import { type Tensor, grad, tensor, vmap } from 'gradus'

const loss = (w: Tensor, x: Tensor, y: Tensor) => w.dot(x).sub(y).square()
const perExample = vmap(grad(loss), [null, 0, 0]) // the same weights, a row of x and a y each

const x = tensor([[1, 0], [0, 1], [2, 2]])
const g = perExample(tensor([1, -1]), x, tensor([0, 0, 1]))
console.log(`${g.shape}: ${JSON.stringify(await g.array())}`)
// → 3,2: [[2,0],[0,-2],[-4,-4]]
