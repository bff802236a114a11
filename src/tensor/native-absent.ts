// Stands in for native-backend.ts where programs cannot be compiled: in browsers.
import { DeviceError } from '../base/index.ts'
import type { Backend, DeviceOptions } from './storage.ts'

const REASON = 'a browser compiles no C'
export const nativeProblem = (): string | null => `native: ${REASON}. Use the wasm device.`
export function nativeBackend(_options: DeviceOptions = {}): Backend {
  throw new DeviceError('native', REASON, { remedy: 'Use the wasm device.' })
}
