// Asks for an adapter and a device with everything it allows.
import { DeviceError } from '../../base/index.ts'
import type { Gpu, GpuDevice, GpuInfo } from './api.ts'
import { NO_BROWSER, NO_PACKAGE, PACKAGE, browserGpu, findPackage, isNode } from './presence.ts'

/** A device and the adapter it was made from. */
export interface Opened {
  readonly device: GpuDevice
  readonly info: GpuInfo
}

let node: Promise<Gpu> | null = null
/** Kept for the life of the process: a collected instance takes its devices along. */
function inNode(): Promise<Gpu> {
  node ??= (async () => {
    const path = findPackage()
    if (path === null) throw new DeviceError('webgpu', `the package ${PACKAGE} is not installed`, { remedy: NO_PACKAGE })
    try {
      const { create } = (await import(/* @vite-ignore */ path)) as { create(options: readonly string[]): Gpu }
      return create([])
    } catch (error) {
      throw new DeviceError('webgpu', `the package ${PACKAGE} does not load: ${(error as Error).message.split('\n')[0]}`, { remedy: 'Use another device.' })
    }
  })()
  node.catch(() => (node = null))
  return node
}

/** What is asked for where the adapter has it. */
const FEATURES = ['shader-f16', 'subgroups', 'timestamp-query']
const LIMITS = [
  'maxBufferSize', 'maxStorageBufferBindingSize', 'maxStorageBuffersPerShaderStage', 'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup', 'maxComputeWorkgroupSizeX',
] as const

/**
 * The fastest adapter and a device with all it allows.
 * @throws DeviceError where there is none, with what to install.
 */
export async function openDevice(): Promise<Opened> {
  const gpu = browserGpu() ?? (isNode() ? await inNode() : undefined)
  if (gpu === undefined) throw new DeviceError('webgpu', 'this browser or page has no WebGPU (navigator.gpu)', { remedy: NO_BROWSER })
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (adapter === null) {
    throw new DeviceError('webgpu', 'no graphics card with a driver for Vulkan, Metal or Direct3D 12 was found', {
      remedy: isNode() ? 'On Linux install libvulkan1 and the driver of your card, or use another device.' : 'Use the wasm device.',
    })
  }
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]))
  const device = await adapter.requestDevice({ requiredFeatures: FEATURES.filter((f) => adapter.features.has(f)), requiredLimits })
  return { device, info: adapter.info }
}
