// Kernels for GPUs.
export { gpuTarget } from './target.ts'
export type { GpuTile } from './gemm.ts'
export { GPU_SHAPES, type ShapeClass, type TileLimits, tileBy, tilesWithin } from './tiles.ts'
