// Kernels for GPUs.
export { gpuTarget } from './target.ts'
