// The wasm device: graphs compiled to WebAssembly programs.
import { DeviceError } from '../base/index.ts'
import type { Backend } from './storage.ts'

export function wasmBackend(): Backend {
  throw new DeviceError('wasm', 'the compiler is being written')
}
