// Neural networks: modules, layers, activations, losses, initialisers (`init`), optimisers, schedules.
export { elu, gelu, leakyRelu, logSoftmax, relu, sigmoid, sign, silu, softmax, softplus, step, tanh } from './activations.ts'
export * from './attention/index.ts'
export { type OutputHook, modulePaths, withHooks } from './hooks.ts'
export { type CTCOptions, ctc } from './ctc.ts'
export { type FocalOptions, type InfoNCEOptions, type KLOptions, focal, infoNCE, klDivergence } from './divergence.ts'
export * as init from './init.ts'
export type { Initializer } from './init.ts'
export * from './layers/index.ts'
export {
  type CrossEntropyOptions, type Loss, type LossOptions, type Reduction, binaryCrossEntropy, binaryCrossEntropyWithLogits,
  crossEntropy, hinge, huber, mae, mse, quadratic,
} from './losses.ts'
export { type Layer, Module, withTensors } from './module.ts'
export * from './metrics/index.ts'
export * from './optimizers/index.ts'
export { type ContrastiveGradient, type ContrastiveOptions, RBM } from './rbm.ts'
export * from './recurrent/index.ts'
export { type OneCycleOptions, type Schedule, constant, cosine, exponential, oneCycle, polynomial, stepDecay, warmup } from './schedules.ts'
