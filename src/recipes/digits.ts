// train digits: the lecture's task, handwritten digits of MNIST, with three networks.
import { DIGITS, mnist, randomAffine, randomShift } from '../data/index.ts'
import { Cnn, LeNet, LectureNetwork, Mlp } from '../models/index.ts'
import { Adam, AdamW, SGD, crossEntropy, oneCycle, quadratic } from '../nn/index.ts'
import { type Tensor, oneHot } from '../tensor/index.ts'
import type { ModelPlan, Recipe } from './plan.ts'

/** The lecture's cost ‖a − y‖²/2, y a vector with a 1 at the digit. */
const lectureCost = (signals: Tensor, labels: Tensor): Tensor => quadratic(signals, oneHot(labels.to('int32'), signals.shape[1]!))

export const mlp: ModelPlan = {
  about: 'multilayer perceptron 784-256-128-10 with ReLU, Adam, one-cycle rate, images moved by a pixel',
  build: () => new Mlp({ hidden: [256, 128] }),
  loss: crossEntropy,
  optimizer: (rate, steps) => new Adam(oneCycle(rate, steps)),
  learningRate: 3e-3,
  epochs: 8,
  batchSize: 128,
  augment: randomShift(1),
}
export const lenet: ModelPlan = {
  about: 'LeNet-5: two convolutions and three full layers, Adam, one-cycle rate',
  build: () => new LeNet(),
  loss: crossEntropy,
  optimizer: (rate, steps) => new Adam(oneCycle(rate, steps)),
  learningRate: 3e-3,
  epochs: 6,
  batchSize: 128,
  augment: randomShift(1),
}
export const cnn: ModelPlan = {
  about: 'five 3×3 convolutions with batch normalisation, AdamW, one-cycle rate, images moved, turned and slanted',
  build: () => new Cnn({ width: 16 }),
  loss: crossEntropy,
  optimizer: (rate, steps) => new AdamW(oneCycle(rate, steps)),
  learningRate: 0.01,
  epochs: 10,
  batchSize: 128,
  augment: randomAffine({ shift: 2, rotate: 10, scale: 0.1, shear: 0.1 }),
}

export const digits: Recipe = {
  name: 'digits',
  about: 'handwritten digits (MNIST, 60 000 + 10 000 images)',
  models: {
    mlp,
    lenet,
    cnn,
    lecture: {
      about: 'the lecture’s network 784-30-10: sigmoid neurons, quadratic cost, plain gradient descent',
      build: () => new LectureNetwork(),
      loss: lectureCost,
      optimizer: (rate) => new SGD(rate),
      learningRate: 3,
      epochs: 30,
      batchSize: 10,
    },
  },
  data: mnist,
  pictures: { classes: DIGITS },
  outputs: (model) => (model === 'lecture' ? 'signals' : 'logits'),
  yardstick: { text: 'the lecture’s figure for neural networks', error: 0.0175 },
}
