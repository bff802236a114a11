// Renderers: programs as text or bytes for a machine. Pure functions.
export { type CImage, type COptions, readMarks, renderC } from './c/index.ts'
export type { WgslImage, WgslLimits } from './wgsl/index.ts'
export { type WasmImage, type WasmOptions, renderWasm } from './wasm/index.ts'
/** The WGSL renderer, loaded on use. */
export const loadWgsl = (): Promise<typeof import('./wgsl/index.ts')> => import('./wgsl/index.ts')
