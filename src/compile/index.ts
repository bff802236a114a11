// Compile: array-op graphs → programs of kernels.
export { attentionFamily } from './attention.ts'
export { type Target, compile } from './compile.ts'
export { controlFamily } from './control.ts'
export { convolutionFamily } from './convolution.ts'
export { addFamily } from './families.ts'
export { widthsFit as attentionWidthsFit } from './kernels/attention-tiles.ts'
export type { Tile } from './kernels/gemm.ts'
