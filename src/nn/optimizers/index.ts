// Optimisers and gradient clipping.
export { Adam, AdamW, type AdamOptions } from './adam.ts'
export { Adagrad, type AdagradOptions, RMSProp, type RMSPropOptions } from './adaptive.ts'
export { clipByGlobalNorm, clipByValue } from './clipping.ts'
export type { Optimizer, OptimizerState } from './optimizer.ts'
export { SGD, type SGDOptions } from './sgd.ts'
