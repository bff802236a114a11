// The devices of this machine, for suites that run on all of them; why one is missing is part of the answer.
import { type DeviceName, deviceNames, setDevice } from '../../src/tensor/index.ts'

export interface Present {
  readonly name: DeviceName
  /** null: it is there. */
  readonly missing: string | null
}

export function probeDevices(): Present[] {
  return deviceNames().map((name) => {
    try {
      setDevice(name)
      return { name, missing: null }
    } catch (error) {
      return { name, missing: (error as Error).message }
    } finally {
      setDevice('reference')
    }
  })
}

/** Every program costs a run of the C compiler: samples are computed together, and fewer of them. */
export const isCostly = (name: DeviceName): boolean => name === 'native'

/** At most `limit` of a list, spread over it. */
export const spread = <T>(list: readonly T[], limit: number): T[] => (list.length <= limit ? [...list] : Array.from({ length: limit }, (_, i) => list[Math.floor((i * list.length) / limit)]!))

/** Runs a body with a device chosen, and goes back to the reference. */
export async function on<T>(name: DeviceName, body: () => Promise<T> | T): Promise<T> {
  setDevice(name)
  try {
    return await body()
  } finally {
    setDevice('reference')
  }
}
