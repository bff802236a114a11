// Compile: array-op graphs → programs of kernels.
export { type Target, compile } from './compile.ts'
export { gpuTarget } from './gpu/target.ts'
