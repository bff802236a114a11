// The layers.
export { ELU, GELU, LeakyReLU, LogSoftmax, ReLU, SiLU, Sigmoid, Sign, Softmax, Softplus, Step, Tanh } from './activations.ts'
export { Conv1d, Conv2d, Conv3d, type ConvOptions } from './conv.ts'
export { Dropout, dropout } from './dropout.ts'
export { Embedding } from './embedding.ts'
export { Linear, type WeightOptions } from './linear.ts'
export { BatchNorm1d, BatchNorm2d, type BatchNormOptions, LayerNorm, type LayerNormOptions } from './normalization.ts'
export { AvgPool1d, AvgPool2d, type AvgPoolOptions, MaxPool1d, MaxPool2d } from './pool.ts'
export { Flatten, Identity, Sequential } from './structure.ts'
