// Which device trains the digit labs (for compute.ts, in the Worker): the GPU where the page has one and Gradus reaches it, else
// WebAssembly. The one place that decides; what it gives goes into `jit(f, { device })`, everything else stays where it was.
import { DeviceError, type DeviceName, backend, currentDevice, deviceNames, jit, setDevice, tensor } from 'gradus'

export interface TrainingDevice {
  readonly name: DeviceName
  /** Threads of the wasm device in this page: 1 unless it is isolated (`gradus studio` sends the headers for that). */
  readonly threads: number
}

const PREFERRED: readonly DeviceName[] = ['webgpu', 'wasm']

/** Opens a device; the current one stays what it was. */
async function open(name: DeviceName): Promise<void> {
  if (name !== 'webgpu') return void backend(name)
  const before = currentDevice()
  try {
    await setDevice('webgpu')
  } finally {
    setDevice(before)
  }
}
/** Whether a small program runs there and gives the right number. */
async function works(name: DeviceName): Promise<boolean> {
  try {
    await open(name)
    return (await jit((x: ReturnType<typeof tensor>) => x.mul(2).sum(), { device: name })(tensor([1, 2, 3])).item()) === 12
  } catch {
    return false
  }
}

let chosen: Promise<TrainingDevice> | null = null

async function choose(): Promise<TrainingDevice> {
  const { navigator } = globalThis as { navigator?: Navigator & { gpu?: unknown } }
  const threads = globalThis.crossOriginIsolated === true ? (navigator?.hardwareConcurrency ?? 1) : 1
  for (const name of deviceNames().filter((n) => PREFERRED.includes(n)).sort((a, b) => PREFERRED.indexOf(a) - PREFERRED.indexOf(b))) {
    if (name === 'webgpu' && navigator?.gpu === undefined) continue
    if (await works(name)) return { name, threads }
  }
  return { name: 'reference', threads: 1 }
}

/** The device training runs on, found once. */
export const trainingDevice = (): Promise<TrainingDevice> => (chosen ??= choose())
/** The GPU was lost: what begins now begins by WebAssembly. */
export function withoutGpu(): void {
  chosen = trainingDevice().then(({ threads }) => ({ name: 'wasm', threads }))
}
/** What computes on the training device, begun again by WebAssembly where the GPU was lost in the middle of it. */
export async function* onTrainingDevice<T>(run: (device: DeviceName) => AsyncGenerator<T>): AsyncGenerator<T> {
  const { name } = await trainingDevice()
  try {
    yield* run(name)
  } catch (error) {
    if (!(error instanceof DeviceError) || name === 'wasm') throw error
    withoutGpu()
    yield* run('wasm')
  }
}
/** Kept once no choice is under way: while a GPU is being opened nothing else should compute. */
export const deviceSettled = (): Promise<unknown> => chosen ?? Promise.resolve()
