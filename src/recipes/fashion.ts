// train fashion: ten kinds of clothing, in MNIST's form and harder.
import { GARMENTS, compose, fashionMnist, randomFlip, randomShift } from '../data/index.ts'
import { cnn, lenet, mlp } from './digits.ts'
import { ownPictures } from './own-pictures.ts'
import type { Recipe } from './plan.ts'

export const fashion: Recipe = {
  name: 'fashion',
  about: 'pictures of clothing (Fashion-MNIST, 60 000 + 10 000 images)',
  models: {
    mlp: { ...mlp, about: 'multilayer perceptron 784-256-128-10 with ReLU, Adam, one-cycle rate', augment: undefined },
    lenet: { ...lenet, about: 'LeNet-5, Adam, one-cycle rate', augment: undefined },
    cnn: { ...cnn, about: 'five 3×3 convolutions with batch normalisation, AdamW, one-cycle rate, images mirrored and moved', augment: compose(randomFlip(), randomShift(1)) },
  },
  data: async (options) => (await ownPictures(options.folder, GARMENTS, { size: 28, color: 'gray' })) ?? fashionMnist(options),
  pictures: { classes: GARMENTS, inner: 28, by: 'box' },
}
