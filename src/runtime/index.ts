// Runtimes: each allocates, loads programs and runs them on one kind of device.
export { type Executable, type HeapStats, type KernelTime, type WasmFeatures, WasmRuntime, type WasmRuntimeOptions, features } from './wasm/index.ts'
