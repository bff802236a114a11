// The wasm runtime: memory, threads, launches.
export { type WasmFeatures, features } from './features.ts'
export type { HeapStats } from './heap.ts'
export type { WasmImage } from './image.ts'
export { type Executable, type KernelTime, WasmRuntime, type WasmRuntimeOptions } from './runtime.ts'
