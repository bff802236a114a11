// train cifar10: small colour pictures of ten kinds of things, by a residual network made for two cores.
import { THINGS, cifar10 as pictures, compose, cutout, randomCrop, randomFlip, standardColors, toTensor } from '../data/index.ts'
import { SwiftResNet, patchWhitening, resnetCifar } from '../models/index.ts'
import { Muon, SGD, crossEntropy, oneCycle } from '../nn/index.ts'
import { type Tensor, tensor } from '../tensor/index.ts'
import { ownPictures } from './own-pictures.ts'
import type { Assets, DataOptions, Recipe, RecipeData } from './plan.ts'

/** Labels softened, so that a picture that was cut through is not insisted on (Szegedy et al., 2015). */
const smoothed = (logits: Tensor, labels: Tensor): Tensor => crossEntropy(logits, labels, { labelSmoothing: 0.1 })
const augment = compose(randomFlip(), randomCrop(4, { fill: 'reflect' }), cutout(8, { value: 120 }))

/** The first filters come from the data: what a run must keep besides its weights. */
async function data(options: DataOptions): Promise<RecipeData> {
  const found = (await ownPictures(options.folder, THINGS, { size: 32, prepare: standardColors })) ?? (await pictures(options))
  const filters = await patchWhitening(standardColors(toTensor(found.train.take(2000).inputs)))
  return { ...found, assets: { whitening: await filters.array() } }
}
const whiteningOf = (assets: Assets): Tensor => tensor(assets.whitening as number[][][][])

export const cifar10: Recipe = {
  name: 'cifar10',
  about: 'small colour pictures (CIFAR-10, 50 000 + 10 000)',
  models: {
    resnet: {
      about: 'residual network of seven convolutions on whitened patches, Muon, one-cycle rate, pictures mirrored, moved and holed',
      build: (assets) => new SwiftResNet({ whitening: whiteningOf(assets) }),
      loss: smoothed,
      optimizer: (rate, steps) => new Muon(oneCycle(rate, steps, { rise: 0.2, shape: 'linear' }), { momentum: 0.9 }),
      learningRate: 0.06,
      epochs: 6,
      batchSize: 250,
      augment,
    },
    resnet20: {
      about: 'ResNet-20 of the paper (He et al., 2015), SGD with momentum; needs many epochs',
      build: () => resnetCifar(20),
      loss: crossEntropy,
      optimizer: (rate, steps) => new SGD(oneCycle(rate, steps, { rise: 0.2 }), { momentum: 0.9, nesterov: true, weightDecay: 5e-4 }),
      learningRate: 0.2,
      epochs: 30,
      batchSize: 128,
      augment,
    },
  },
  data,
  pictures: { classes: THINGS, colors: 32, prepare: standardColors },
}
