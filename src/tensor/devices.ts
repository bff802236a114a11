// The devices of this process and the current one. Devices are made on first use and kept.
import { DeviceError, optionsOf } from '../base/index.ts'
import { webgpuProblem } from '../runtime/index.ts'
import { nativeBackend, nativeProblem } from './native-backend.ts'
import { referenceBackend } from './reference-backend.ts'
import type { Backend, DeviceOptions } from './storage.ts'
import { wasmBackend } from './wasm-backend.ts'

export type DeviceName = 'wasm' | 'native' | 'webgpu' | 'reference'
/** Devices that are there at once; the others are waited for. */
type PromptName = Exclude<DeviceName, 'webgpu'>

const FACTORIES: Record<PromptName, (options: DeviceOptions) => Backend> = { wasm: wasmBackend, native: nativeBackend, reference: referenceBackend }
const made = new Map<DeviceName, Backend>()
let current: DeviceName = 'wasm'

const ALL: readonly DeviceName[] = ['wasm', 'native', 'webgpu', 'reference']

/** Why a device is missing here and what to do about it; null when it is there (webgpu: as far as is known before it is asked for). */
export const deviceProblem = (name: DeviceName): string | null => (name === 'native' ? nativeProblem() : name === 'webgpu' ? webgpuProblem() : null)

/** The devices of this machine. */
export const deviceNames = (): readonly DeviceName[] => ALL.filter((name) => deviceProblem(name) === null)

function known<N extends string>(operation: string, name: N): N {
  if (!Object.hasOwn(FACTORIES, name)) throw new DeviceError(operation, 'no such device', { expected: `auto, ${ALL.join(', ')}`, received: String(name) })
  return name
}

/** The backend computations run on now. */
export function backend(name: DeviceName = current): Backend {
  let b = made.get(name)
  if (b === undefined) {
    if (name === 'webgpu') throw new DeviceError('webgpu', 'the device is not open yet', { remedy: "Write await setDevice('webgpu') first." })
    made.set(name, (b = FACTORIES[known('backend', name)]({})))
  }
  return b
}

/**
 * Chooses the device later computations run on ('auto' takes the fastest processor device there is: native, else wasm).
 * Values made before stay readable and move over when used. A GPU is asked for, so that 'webgpu' gives a promise:
 * `await setDevice('webgpu')`; where it was lost, this opens it again.
 * @throws DeviceError (webgpu: rejects) where the device is missing, with what to do about it.
 */
export function setDevice(name: PromptName | 'auto', options?: DeviceOptions): DeviceName
export function setDevice(name: 'webgpu', options?: DeviceOptions): Promise<DeviceName>
export function setDevice(name: DeviceName | 'auto', options?: DeviceOptions): DeviceName | Promise<DeviceName>
export function setDevice(name: DeviceName | 'auto', options: DeviceOptions = {}): DeviceName | Promise<DeviceName> {
  const { threads, precision } = optionsOf('setDevice', options)
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1 || threads > 64)) {
    throw new DeviceError('setDevice', 'bad number of threads', { expected: 'an integer from 1 to 64', received: String(threads) })
  }
  if (precision !== undefined && precision !== 'float32' && (precision !== 'float16' || name !== 'webgpu')) {
    throw new DeviceError('setDevice', 'bad precision', { expected: name === 'webgpu' ? 'float32 or float16' : `float32 (${name})`, received: String(precision) })
  }
  if (name === 'webgpu') return openWebgpu(precision)
  const make = (wanted: PromptName): DeviceName => {
    if (Object.values(options).some((given) => given !== undefined)) made.set(wanted, FACTORIES[wanted](options))
    backend(wanted)
    return (current = wanted)
  }
  if (name !== 'auto') return make(known('setDevice', name))
  if (deviceProblem('native') !== null) return make('wasm')
  try {
    return make('native')
  } catch (error) {
    if (error instanceof DeviceError) return make('wasm') // such as a cache in a place that may not hold programs
    throw error
  }
}
export const currentDevice = (): DeviceName => current

let opening: Promise<Backend & { readonly precision: string; reopen(): Promise<void> }> | null = null
/** The device is the current one from now on; until the promise is kept, what needs it is an error. */
async function openWebgpu(precision: DeviceOptions['precision']): Promise<DeviceName> {
  const before = current
  current = 'webgpu'
  try {
    opening ??= import('./webgpu-backend.ts').then(({ webgpuBackend }) => webgpuBackend(precision === undefined ? {} : { precision }))
    const gpu = await opening
    if (precision !== undefined && precision !== gpu.precision) {
      throw new DeviceError('setDevice', `the device is open already, with precision ${gpu.precision}`, { remedy: 'Choose the precision where the device is opened first.' })
    }
    await gpu.reopen()
    made.set('webgpu', gpu)
    return 'webgpu'
  } catch (error) {
    opening = null
    if (current === 'webgpu') current = before
    throw error
  }
}
