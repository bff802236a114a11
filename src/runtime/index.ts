// Runtimes: each allocates, loads programs and runs them on one kind of device.
export { type CImage, type Compiler, type NativeExecutable, NativeRuntime, type NativeRuntimeOptions, nativeProblem } from './native/index.ts'
export { type Executable, type HeapStats, type KernelTime, type WasmFeatures, WasmRuntime, type WasmRuntimeOptions, features } from './wasm/index.ts'
export { webgpuProblem } from './webgpu/presence.ts'
export { machineKey, readTile, writeTile } from './tile-cache.ts'
