// One neuron, three models: linear regression, a threshold, logistic regression.
import { activate, decisionLine, descendNeuron, leastSquares, linearNeuron, logisticNeuron, thresholdNeuron } from 'gradus/models'

const x = [[0], [1], [2], [3], [4]]
const fitted = leastSquares(x, [1.1, 2.9, 5.2, 7.1, 8.8])
const walked = descendNeuron(linearNeuron([0], 0), x, [1.1, 2.9, 5.2, 7.1, 8.8], { learningRate: 0.1, steps: 500 })
console.log(`closed form: a = ${fitted.neuron.weights[0].toFixed(3)} x + ${fitted.neuron.bias.toFixed(3)}, descent: ${walked.neuron.weights[0].toFixed(3)} x + ${walked.neuron.bias.toFixed(3)}`)
// → closed form: a = 1.960 x + 1.100, descent: 1.960 x + 1.100

const line = thresholdNeuron([1, 2], -2)
console.log('w = (1, 2), b = -2 splits the plane along', JSON.stringify(decisionLine(line)))
// → w = (1, 2), b = -2 splits the plane along {"slope":-0.5,"intercept":1}

const { neuron } = descendNeuron(logisticNeuron([0], 0), x, [0, 0, 1, 0, 1], { learningRate: 0.5, steps: 5000 })
console.log('probabilities:', x.map((p) => activate(neuron, p).a.toFixed(2)).join(' '))
// → probabilities: 0.06 0.15 0.35 0.61 0.83
