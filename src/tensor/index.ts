// Tensors: where array ops, transforms, the compiler and the devices meet. The front door of the library.
export { type DType, type Nested, type Shape, type TypedArray, DTypeError, DeviceError, FormatError, GradusError, ShapeError, TransformError, ValueError, TREE } from '../base/index.ts'
export { type AttentionOptions, scaledDotProductAttention } from './attention.ts'
export { cond, type ScanOptions, scan } from './control.ts'
export { type TensorOptions, arange, eye, full, fullLike, linspace, ones, onesLike, tensor, zeros, zerosLike } from './create.ts'
export { type GradOptions, checkpoint, customVjp, grad, hessian, jacobian, jvp, stopGradient, valueAndGrad, vjp } from './derivatives.ts'
export { type DeviceName, backend, currentDevice, deviceNames, deviceProblem, setDevice } from './devices.ts'
export { withConvolution } from './families.ts'
export {
  type ConvOptions, type ConvTransposeOptions, type PoolOptions, avgPool1d, avgPool2d, avgPool3d, concat, conv1d, conv2d, conv3d,
  convTranspose1d, convTranspose2d, convTranspose3d, einsum, embedding, matmul, maxPool1d, maxPool2d, maxPool3d, oneHot, realize, stack, where,
} from './functions.ts'
export { manualSeed, nextKey, withKey } from './generator.ts'
export { type JitFunction, type JitOptions, jit } from './jit.ts'
export { type KernelProfile, type Profile, profile } from './profile.ts'
export { readNow } from './read-now.ts'
export { type RandomOptions, bernoulli, categorical, key, normal, permutation, randint, split, truncatedNormal, uniform } from './random.ts'
export type { Backend, DeviceOptions, ExecutableStats } from './storage.ts'
export { type At, type AxesArg, type ReduceOptions, Tensor, type TensorLike, isTensor, tensorOf } from './tensor.ts'
export { type TracedArgument, type TracedGraph, traceGraph } from './trace.ts'
export { type Tree, treeEntries, treeLeaves, treeMap } from './trees.ts'
export { type VmapOptions, vmap } from './vmap.ts'
