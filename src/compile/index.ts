// Compile: array-op graphs → programs of kernels.
export { type Target, compile } from './compile.ts'
export { widthsFit as attentionWidthsFit } from './kernels/attention-tiles.ts'
export type { Tile } from './kernels/gemm.ts'
