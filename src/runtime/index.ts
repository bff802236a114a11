// Runtimes: each allocates, loads programs and runs them on one kind of device.
export { type CImage, type Compiler, type NativeExecutable, NativeRuntime, type NativeRuntimeOptions, nativeProblem } from './native/index.ts'
export { type Executable, type HeapStats, type KernelTime, type WasmFeatures, WasmRuntime, type WasmRuntimeOptions, features } from './wasm/index.ts'
export type { Memory, WebgpuExecutable, WebgpuOptions, WebgpuRuntime } from './webgpu/index.ts'
export { webgpuProblem } from './webgpu/presence.ts'
/** The WebGPU runtime, loaded on use: no part of a page that does not ask for it. */
export const loadWebgpu = (): Promise<typeof import('./webgpu/index.ts')> => import('./webgpu/index.ts')
