// Rosenblatt's rule, w ← w + η(y − a)x, learns OR in a few corrections; the bound (R/γ)² says how many at most.
import { allInputs, novikoffBound, trainPerceptron } from 'gradus/models'

const or = { points: allInputs(2), labels: [0, 1, 1, 1] }
const { corrections, mistakes, epochs, state } = trainPerceptron(or)
for (const { x, error, after } of corrections) console.log(`(${x}) error ${error}: w = (${after.weights}), b = ${after.bias}`)
// → (0,1) error 1: w = (0,1), b = 1
// → (0,0) error -1: w = (0,1), b = 0
// → (1,0) error 1: w = (1,1), b = 1
// → (0,0) error -1: w = (1,1), b = 0

console.log(`${mistakes} mistakes in ${epochs} epochs, w = (${state.weights}), b = ${state.bias}`)
// → 4 mistakes in 4 epochs, w = (1,1), b = 0
console.log('no more than', novikoffBound(or).bound.toFixed(1))
// → no more than 27.0
