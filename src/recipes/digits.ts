// train digits: the lecture's task, handwritten digits of MNIST, with five networks; all labels or few of them.
import { ValueError } from '../base/index.ts'
import { DIGITS, type Dataset, hostRandom, mnist, randomAffine, randomShift, shuffled, toTensor, toUnit } from '../data/index.ts'
import { Cnn, DeepBeliefNetwork, LeNet, LectureNetwork, Mlp } from '../models/index.ts'
import { Adam, AdamW, SGD, crossEntropy, oneCycle, quadratic } from '../nn/index.ts'
import { type Tensor, oneHot } from '../tensor/index.ts'
import { ownPictures } from './own-pictures.ts'
import type { DataOptions, ModelPlan, Recipe, RecipeData } from './plan.ts'

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

/** Widths of the deep belief network, and how often each of its layers sees the images. */
const BELIEF = { hidden: [500, 500, 500] }
const PASSES = 5
const dbn: ModelPlan = {
  about: 'deep belief network 784-500-500-500-10: every layer first learns all images without labels, then all together few labels',
  build: () => new DeepBeliefNetwork(BELIEF),
  untaught: () => DeepBeliefNetwork.untrained(BELIEF),
  options: { labels: 1000 },
  pretrain: async (model, { train, unlabelled = train as Dataset }, { seed, signal, say }) => {
    const images = toUnit(toTensor(unlabelled.inputs))
    await (model as DeepBeliefNetwork).pretrain(images, {
      epochs: PASSES, batchSize: Math.min(100, unlabelled.length), seed, ...(signal === undefined ? {} : { signal }),
      onEpoch: ({ layer, epoch, error }) => say(`without labels, layer ${layer}/${BELIEF.hidden.length}, epoch ${epoch}/${PASSES}  error of reconstruction ${error.toFixed(4)}`),
    })
  },
  loss: crossEntropy,
  optimizer: (rate, steps) => new Adam(oneCycle(rate, steps)),
  learningRate: 1e-3,
  epochs: 40,
  batchSize: 50,
}

/** MNIST with all its labels, or with so many of them, drawn by the run's seed; then all images without labels beside them. */
async function data(options: DataOptions): Promise<RecipeData> {
  const found = (await ownPictures(options.folder, DIGITS, { size: 28, color: 'gray' })) ?? (await mnist(options))
  const labels = Number(options.options?.labels ?? 0)
  if (labels === 0) return found
  if (labels > found.train.length) throw new ValueError('train', 'more labels than images', { expected: `--labels up to ${found.train.length}`, received: String(labels) })
  return { ...found, train: some(found.train, labels, options.seed ?? 0), unlabelled: found.train, unit: 'labelled images' }
}
const some = (all: Dataset, count: number, seed: number): Dataset => all.select(shuffled(all.length, hostRandom(seed, 10)).subarray(0, count))

export const digits: Recipe = {
  name: 'digits',
  about: 'handwritten digits (MNIST, 60 000 + 10 000 images)',
  models: {
    mlp,
    lenet,
    cnn,
    dbn,
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
  options: { labels: { about: 'how many training images have a label (0: all)', default: 0 } },
  data,
  pictures: { classes: DIGITS },
  outputs: (model) => (model === 'lecture' ? 'signals' : 'logits'),
  yardstick: { text: 'the lecture’s figure for neural networks', error: 0.0175 },
}
