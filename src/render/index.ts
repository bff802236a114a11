// Renderers: programs as text or bytes for a machine. Pure functions.
export { type WasmImage, type WasmOptions, renderWasm } from './wasm/index.ts'
