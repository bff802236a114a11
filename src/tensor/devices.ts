// The devices of this process and the current one. Devices are made on first use and kept.
import { DeviceError } from '../base/index.ts'
import { referenceBackend } from './reference-backend.ts'
import type { Backend, DeviceOptions } from './storage.ts'
import { wasmBackend } from './wasm-backend.ts'

export type DeviceName = 'wasm' | 'reference'

const FACTORIES: Record<DeviceName, (options: DeviceOptions) => Backend> = { wasm: wasmBackend, reference: referenceBackend }
const made = new Map<DeviceName, Backend>()
let current: DeviceName = 'wasm'

export const deviceNames = (): readonly DeviceName[] => Object.keys(FACTORIES) as DeviceName[]

/** The backend computations run on now. */
export function backend(name: DeviceName = current): Backend {
  let b = made.get(name)
  if (b === undefined) made.set(name, (b = FACTORIES[name]({})))
  return b
}

/**
 * Chooses the device later computations run on ('auto' takes the fastest there is). Values made before stay readable
 * and move over when used.
 */
export function setDevice(name: DeviceName | 'auto', options: DeviceOptions = {}): DeviceName {
  const wanted = name === 'auto' ? 'wasm' : name
  if (!Object.hasOwn(FACTORIES, wanted)) {
    throw new DeviceError('setDevice', 'no such device', { expected: `auto, ${deviceNames().join(', ')}`, received: String(name) })
  }
  if (options.threads !== undefined) {
    if (!Number.isInteger(options.threads) || options.threads < 1 || options.threads > 64) {
      throw new DeviceError('setDevice', 'bad number of threads', { expected: 'an integer from 1 to 64', received: String(options.threads) })
    }
    made.set(wanted, FACTORIES[wanted](options))
  }
  backend(wanted)
  current = wanted
  return wanted
}
export const currentDevice = (): DeviceName => current
