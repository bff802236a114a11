// Derivatives of plain functions: the gradient, and the derivative of the derivative.
import { type Tensor, grad, hessian, tensor } from 'gradus'

const f = (x: Tensor) => x.pow(3).sum() // f = Σ x³
const x = tensor([1, 2, 3])

console.log(await grad(f)(x).array()) // 3x²
// → [ 3, 12, 27 ]
console.log(await grad((v: Tensor) => grad(f)(v).sum())(x).array()) // 6x
// → [ 6, 12, 18 ]
console.log(JSON.stringify(await hessian(f)(x).array()))
// → [[6,0,0],[0,12,0],[0,0,18]]
