// --device and --threads: chooses the device before anything is computed, or says what is wrong with the choice.
import { availableParallelism } from 'node:os'
import { type DeviceName, deviceNames, setDevice } from '../tensor/index.ts'
import { unknownName } from './suggest.ts'

export interface DeviceChoice {
  readonly device: DeviceName
  readonly threads: number
}

export function chooseDevice(name: string, threads: number | undefined): DeviceChoice {
  const names = ['auto', ...deviceNames()]
  if (!names.includes(name)) throw unknownName('device', name, names)
  const wanted = threads ?? availableParallelism()
  const device = setDevice(name as DeviceName | 'auto', name === 'reference' ? {} : { threads: Math.min(64, wanted) })
  return { device, threads: device === 'reference' ? 1 : Math.min(64, wanted) }
}
