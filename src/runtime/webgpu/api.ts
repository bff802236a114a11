// The part of the WebGPU interface that is used, as types: browsers and Dawn's package for Node both have it.

export interface GpuBuffer {
  readonly size: number
  destroy(): void
  mapAsync(mode: number): Promise<void>
  getMappedRange(offset?: number, size?: number): ArrayBuffer
  unmap(): void
}
export interface GpuPass {
  setPipeline(pipeline: object): void
  setBindGroup(index: number, group: object, offsets?: readonly number[]): void
  dispatchWorkgroups(x: number, y?: number, z?: number): void
  dispatchWorkgroupsIndirect(buffer: GpuBuffer, offset: number): void
  end(): void
}
export interface GpuEncoder {
  beginComputePass(descriptor?: object): GpuPass
  copyBufferToBuffer(from: GpuBuffer, fromOffset: number, to: GpuBuffer, toOffset: number, size: number): void
  resolveQuerySet(set: object, first: number, count: number, to: GpuBuffer, offset: number): void
  finish(): object
}
export interface GpuDevice {
  readonly limits: GpuLimits
  readonly features: ReadonlySet<string>
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>
  readonly queue: {
    submit(buffers: readonly object[]): void
    writeBuffer(buffer: GpuBuffer, offset: number, data: ArrayBufferView | ArrayBuffer, dataOffset?: number, size?: number): void
    onSubmittedWorkDone(): Promise<void>
  }
  createBuffer(descriptor: { readonly size: number; readonly usage: number; readonly label?: string }): GpuBuffer
  createShaderModule(descriptor: { readonly code: string; readonly label?: string }): object & { getCompilationInfo(): Promise<{ readonly messages: readonly { readonly type: string; readonly message: string; readonly lineNum: number }[] }> }
  createBindGroupLayout(descriptor: object): object
  createPipelineLayout(descriptor: object): object
  createComputePipeline(descriptor: object): object
  createBindGroup(descriptor: object): object
  createCommandEncoder(descriptor?: object): GpuEncoder
  createQuerySet(descriptor: { readonly type: 'timestamp'; readonly count: number }): object & { destroy(): void }
  addEventListener(type: 'uncapturederror', listener: (event: { readonly error: { readonly message: string } }) => void): void
  destroy(): void
}
export type GpuLimits = Readonly<Record<LimitName, number>>
type LimitName =
  | 'maxBufferSize' | 'maxStorageBufferBindingSize' | 'maxStorageBuffersPerShaderStage' | 'maxComputeWorkgroupStorageSize'
  | 'maxComputeInvocationsPerWorkgroup' | 'maxComputeWorkgroupSizeX' | 'maxComputeWorkgroupsPerDimension'
export interface GpuAdapter {
  readonly limits: GpuLimits
  readonly features: ReadonlySet<string>
  readonly info: GpuInfo
  requestDevice(descriptor?: object): Promise<GpuDevice>
}
export interface GpuInfo {
  readonly vendor: string
  readonly architecture: string
  readonly device: string
  readonly description: string
  readonly isFallbackAdapter?: boolean
  readonly subgroupMaxSize?: number
}
export interface Gpu {
  requestAdapter(options?: object): Promise<GpuAdapter | null>
}

/** Values of GPUBufferUsage and GPUMapMode: fixed by the standard. */
export const USAGE = { mapRead: 1, copySource: 4, copyTarget: 8, uniform: 64, storage: 128, indirect: 256, queryResolve: 512 } as const
export const MAP_READ = 1
