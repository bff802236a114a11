// Compile: array-op graphs → programs of kernels.
export { type Target, compile } from './compile.ts'
export { widthsFit as attentionWidthsFit } from './kernels/attention-tiles.ts'
/** How kernels for GPUs are written, loaded on use. */
export const loadGpu = (): Promise<typeof import('./gpu/index.ts')> => import('./gpu/index.ts')
