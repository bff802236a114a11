// The runtime's C functions through koffi, which is loaded on use.
import { DeviceError, requirePackage } from '../../base/index.ts'
import { compiledLibrary } from './cache.ts'
import type { Compiler } from './compiler.ts'
import { host } from './host.ts'
import { RUNTIME_SOURCE } from './runtime-source.ts'

type Bytes = ArrayBufferView
/** Contexts, libraries and entries are addresses, positions are bytes from the start of a context's memory. */
export interface NativeLibrary {
  create(threads: number, bytes: number): number
  reserved(context: number): number
  destroy(context: number): void
  scratch(context: number, at: number, step: number): void
  write(context: number, at: number, from: Bytes, bytes: number): void
  read(context: number, at: number, to: Bytes, bytes: number): void
  discard(context: number, at: number, bytes: number): void
  load(path: string, handle: Float64Array, text: Uint8Array, length: number): number
  unload(library: number): void
  run(context: number, entry: number, table: Float64Array, count: number, wake: number): number
}

const DECLARATIONS: Record<keyof NativeLibrary, string> = {
  create: 'int64_t gradus_create(int threads, double bytes)',
  reserved: 'double gradus_reserved(int64_t context)',
  destroy: 'void gradus_destroy(int64_t context)',
  scratch: 'void gradus_scratch(int64_t context, double at, double step)',
  write: 'void gradus_write(int64_t context, double at, const void *from, double bytes)',
  read: 'void gradus_read(int64_t context, double at, void *to, double bytes)',
  discard: 'void gradus_discard(int64_t context, double at, double bytes)',
  load: 'int gradus_load(const char *path, void *handle, void *text, int length)',
  unload: 'void gradus_unload(int64_t library)',
  run: 'int gradus_run(int64_t context, int64_t entry, const void *table, int count, int wake)',
}

interface Koffi {
  load(path: string): { func(declaration: string): (...args: unknown[]) => unknown }
}

/** koffi, or a typed error that names the package to install. */
export const loadKoffi = (): Koffi => requirePackage<Koffi>('koffi', (problem) => new DeviceError('native', problem, { remedy: 'Run npm install koffi, or use the wasm device.' }))

const loaded = new Map<string, NativeLibrary>()

/** Compiles the runtime where the cache does not have it, and loads it. */
export function nativeLibrary(compiler: Compiler): NativeLibrary {
  const koffi = loadKoffi()
  const path = compiledLibrary(compiler, RUNTIME_SOURCE, { libraries: ['-lpthread', ...(host().process.platform === 'linux' ? ['-ldl'] : [])] })
  let library = loaded.get(path)
  if (library === undefined) {
    const file = koffi.load(path)
    library = Object.fromEntries(Object.entries(DECLARATIONS).map(([name, text]) => [name, file.func(text)])) as unknown as NativeLibrary
    loaded.set(path, library)
  }
  return library
}
