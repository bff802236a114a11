// Asks for an adapter and a device with everything it allows.
import { DeviceError } from '../../base/index.ts'
import type { Gpu, GpuDevice, GpuInfo } from './api.ts'
import { NO_BROWSER, NO_PACKAGE, PACKAGE, browserGpu, findPackage, isNode } from './presence.ts'

/** A device and the adapter it was made from. */
export interface Opened {
  readonly device: GpuDevice
  readonly info: GpuInfo
}

const FASTEST = { powerPreference: 'high-performance' } as const
/**
 * Shared memory starts as zeros. Where the driver is asked to see to that, SwiftShader compiles a store for every word:
 * 1.8 s for the 14 KiB of a tile of attention, where a loop in the shader takes 0.01 s.
 */
const ZEROS_BY_LOOP = 'disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension'

/** Whether no card is behind an adapter but a processor. */
export const playedByProcessor = ({ isFallbackAdapter, description, device, architecture }: GpuInfo): boolean =>
  isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe/i.test(`${description} ${device} ${architecture}`)

/** Dawn leaves 16-bit arithmetic out on NVIDIA's Vulkan driver, some of whose conformance tests fail; who asks for it gets it. */
const HALVES = 'enable-dawn-features=vulkan_enable_f16_on_nvidia'

const instances = new Map<boolean, Promise<Gpu>>()
/** Kept for the life of the process: a collected instance takes its devices along. */
function inNode(halves: boolean): Promise<Gpu> {
  const known = instances.get(halves)
  if (known !== undefined) return known
  const made = (async () => {
    const path = findPackage()
    if (path === null) throw new DeviceError('webgpu', `the package ${PACKAGE} is not installed`, { remedy: NO_PACKAGE })
    try {
      const { create } = (await import(/* @vite-ignore */ path)) as { create(options: readonly string[]): Gpu }
      const options = halves ? [HALVES] : []
      const gpu = create(options)
      const adapter = await gpu.requestAdapter(FASTEST)
      return adapter !== null && playedByProcessor(adapter.info) ? create([...options, ZEROS_BY_LOOP]) : gpu
    } catch (error) {
      throw new DeviceError('webgpu', `the package ${PACKAGE} does not load: ${(error as Error).message.split('\n')[0]}`, { remedy: 'Use another device.' })
    }
  })()
  instances.set(halves, made)
  made.catch(() => instances.delete(halves))
  return made
}

/** What is asked for where the adapter has it. */
const FEATURES = ['shader-f16', 'subgroups', 'timestamp-query']
const LIMITS = [
  'maxBufferSize', 'maxStorageBufferBindingSize', 'maxStorageBuffersPerShaderStage', 'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup', 'maxComputeWorkgroupSizeX',
] as const

/**
 * The fastest adapter and a device with all it allows. `halves`: 16-bit arithmetic is asked for, even where Dawn leaves it out.
 * @throws DeviceError where there is none, with what to install.
 */
export async function openDevice({ halves = false }: { readonly halves?: boolean } = {}): Promise<Opened> {
  const gpu = browserGpu() ?? (isNode() ? await inNode(halves) : undefined)
  if (gpu === undefined) throw new DeviceError('webgpu', 'this browser or page has no WebGPU (navigator.gpu)', { remedy: NO_BROWSER })
  const adapter = await gpu.requestAdapter(FASTEST)
  if (adapter === null) {
    throw new DeviceError('webgpu', 'no graphics card with a driver for Vulkan, Metal or Direct3D 12 was found', {
      remedy: isNode() ? 'On Linux install libvulkan1 and the driver of your card (that of NVIDIA wants libegl1, libgl1, libx11-6 and libxext6 as well), or use another device.' : 'Use the wasm device.',
    })
  }
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]))
  const device = await adapter.requestDevice({ requiredFeatures: FEATURES.filter((f) => adapter.features.has(f)), requiredLimits })
  return { device, info: adapter.info }
}
