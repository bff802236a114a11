// The WebGPU runtime, loaded on use: nothing here is part of a page that does not ask for it.
export { playedByProcessor } from './adapter.ts'
export type { Executable as WebgpuExecutable, WebgpuImage } from './executable.ts'
export type { Memory } from './pool.ts'
export { type WebgpuOptions, WebgpuRuntime } from './runtime.ts'
