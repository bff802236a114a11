// The native runtime: programs as C, compiled by the system's compiler, called through koffi.
import { findCompiler } from './compiler.ts'
import { findHost } from './host.ts'
import { loadKoffi } from './library.ts'
export { type Compiler, findCompiler } from './compiler.ts'
export type { CImage } from './image.ts'
export { type NativeExecutable, NativeRuntime, type NativeRuntimeOptions } from './runtime.ts'

/** Why this machine has no native device, and what to do about it; null when it has one. */
export function nativeProblem(): string | null {
  if (findHost() === null) return 'native: this is not Node.js. Use the wasm device: it runs everywhere.'
  try {
    loadKoffi()
    findCompiler()
    return null
  } catch (error) {
    return (error as Error).message
  }
}
