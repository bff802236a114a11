// The devices of this process and the current one. Devices are made on first use and kept.
import { DeviceError } from '../base/index.ts'
import { nativeBackend, nativeProblem } from './native-backend.ts'
import { referenceBackend } from './reference-backend.ts'
import type { Backend, DeviceOptions } from './storage.ts'
import { wasmBackend } from './wasm-backend.ts'

export type DeviceName = 'wasm' | 'native' | 'reference'

const FACTORIES: Record<DeviceName, (options: DeviceOptions) => Backend> = { wasm: wasmBackend, native: nativeBackend, reference: referenceBackend }
const made = new Map<DeviceName, Backend>()
let current: DeviceName = 'wasm'

const ALL = Object.keys(FACTORIES) as readonly DeviceName[]

/** Why a device is missing here and what to do about it; null when it is there. */
export const deviceProblem = (name: DeviceName): string | null => (name === 'native' ? nativeProblem() : null)

/** The devices of this machine. */
export const deviceNames = (): readonly DeviceName[] => ALL.filter((name) => deviceProblem(name) === null)

/** The backend computations run on now. */
export function backend(name: DeviceName = current): Backend {
  let b = made.get(name)
  if (b === undefined) made.set(name, (b = FACTORIES[name]({})))
  return b
}

/**
 * Chooses the device later computations run on ('auto' takes the fastest there is: native, else wasm). Values made before stay readable
 * and move over when used.
 */
export function setDevice(name: DeviceName | 'auto', options: DeviceOptions = {}): DeviceName {
  const { threads } = options
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1 || threads > 64)) {
    throw new DeviceError('setDevice', 'bad number of threads', { expected: 'an integer from 1 to 64', received: String(threads) })
  }
  const make = (wanted: DeviceName): DeviceName => {
    if (threads !== undefined) made.set(wanted, FACTORIES[wanted](options))
    backend(wanted)
    return (current = wanted)
  }
  if (name !== 'auto') {
    if (!Object.hasOwn(FACTORIES, name)) {
      throw new DeviceError('setDevice', 'no such device', { expected: `auto, ${ALL.join(', ')}`, received: String(name) })
    }
    return make(name)
  }
  if (deviceProblem('native') !== null) return make('wasm')
  try {
    return make('native')
  } catch (error) {
    if (error instanceof DeviceError) return make('wasm') // such as a cache in a place that may not hold programs
    throw error
  }
}
export const currentDevice = (): DeviceName => current
