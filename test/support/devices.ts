// The devices of this machine, for suites that run on all of them; why one is missing is part of the answer.
import type { DType } from '../../src/base/index.ts'
import { type DeviceName, type DeviceOptions, backend, deviceProblem, setDevice } from '../../src/tensor/index.ts'

export interface Present {
  readonly name: DeviceName
  /** null: it is there. */
  readonly missing: string | null
}

const NAMES: readonly DeviceName[] = ['wasm', 'native', 'webgpu', 'reference']

/** Every device; those that are waited for are open afterwards: setDevice takes effect at once. With GRADUS_TEST_DEVICES only those it names. */
export async function probeDevices(): Promise<Present[]> {
  const chosen = process.env.GRADUS_TEST_DEVICES?.split(',')
  const out: Present[] = []
  for (const name of NAMES) {
    let missing = chosen !== undefined && !chosen.includes(name) ? 'not in GRADUS_TEST_DEVICES' : deviceProblem(name)
    try {
      if (missing === null) await setDevice(name)
    } catch (error) {
      missing = (error as Error).message
    } finally {
      setDevice('reference')
    }
    out.push({ name, missing })
  }
  return out
}

export interface Processor {
  readonly name: 'wasm' | 'native'
  readonly missing: string | null
  /** In words. */
  readonly how: string
  readonly options: DeviceOptions
}

/** The processor's devices, wasm both with fused multiply-adds and without. */
export async function processors(): Promise<Processor[]> {
  return (await probeDevices()).flatMap(({ name, missing }): Processor[] => {
    if (name === 'native') return [{ name, missing, how: name, options: {} }]
    if (name !== 'wasm') return []
    return [{ name, missing, how: name, options: {} }, { name, missing, how: 'wasm without fused multiply-adds', options: { relaxed: false } }]
  })
}

/** Whether the device takes denormals for zero: it is tried on samples without them. */
export const flushes = (name: DeviceName): boolean => backend(name).flushes === true
/** Whether the device computes with a type. */
export const computesWith = (name: DeviceName, dtype: DType): boolean => backend(name).lacks?.includes(dtype) !== true

/** Every program costs a run of a compiler: samples are computed together, and fewer of them. On a card all suites run whole. */
export const isCostly = (name: DeviceName): boolean => name === 'native' || (name === 'webgpu' && !onCard())
function onCard(): boolean {
  try {
    return !(backend('webgpu').describe?.() ?? '').includes('a processor')
  } catch {
    return false // not open
  }
}

/** At most `limit` of a list, spread over it. */
export const spread = <T>(list: readonly T[], limit: number): T[] => (list.length <= limit ? [...list] : Array.from({ length: limit }, (_, i) => list[Math.floor((i * list.length) / limit)]!))

/** Runs a body with a device chosen, and goes back to the reference. */
export async function on<T>(name: DeviceName, body: () => Promise<T> | T): Promise<T> {
  void setDevice(name)
  try {
    return await body()
  } finally {
    setDevice('reference')
  }
}
