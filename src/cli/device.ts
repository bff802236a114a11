// --device and --threads: chooses the device before anything is computed, or says what is wrong with the choice.
import { availableParallelism } from 'node:os'
import { type DeviceName, deviceProblem, setDevice } from '../tensor/index.ts'
import { UsageError } from './errors.ts'
import { unknownName } from './suggest.ts'

/** All devices, whether this machine has them or not; the fastest first. */
export const DEVICES: readonly DeviceName[] = ['native', 'wasm', 'webgpu', 'reference']

export interface DeviceChoice {
  readonly device: DeviceName
  readonly threads: number
}

export async function chooseDevice(name: string, threads: number | undefined): Promise<DeviceChoice> {
  if (name !== 'auto') {
    if (!DEVICES.includes(name as DeviceName)) throw unknownName('device', name, ['auto', ...DEVICES])
    const problem = deviceProblem(name as DeviceName)
    if (problem !== null) throw new UsageError(`there is no device ${name} here. ${problem}`)
  }
  const wanted = threads ?? availableParallelism()
  const device = await setDevice(name as DeviceName | 'auto', name === 'reference' || name === 'webgpu' ? {} : { threads: Math.min(64, wanted) })
  return { device, threads: device === 'reference' || device === 'webgpu' ? 1 : Math.min(64, wanted) }
}
