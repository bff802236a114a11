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

/** Runs a body with a device chosen, and goes back to the reference. */
export async function on<T>(name: DeviceName, body: () => Promise<T> | T): Promise<T> {
  setDevice(name)
  try {
    return await body()
  } finally {
    setDevice('reference')
  }
}
