// Renderers: programs as text or bytes for a machine. Pure functions.
export { type CImage, type COptions, readMarks, renderC } from './c/index.ts'
export { type WasmImage, type WasmOptions, renderWasm } from './wasm/index.ts'
