// The WebGPU runtime: values in pooled buffers, one arena for the intermediate values of all programs, a run as one command
// buffer. Nothing waits but reading.
import { DeviceError, type DType, type TypedArray, byteSize, viewOf } from '../../base/index.ts'
import { type Opened, openDevice } from './adapter.ts'
import { type GpuBuffer, type GpuDevice, type GpuInfo, type GpuPass, MAP_READ, USAGE } from './api.ts'
import { type Call, Executable, type Pipeline, type Range, type Shader, type Site, type WebgpuImage } from './executable.ts'
import { type Chunk, type Memory, Pool } from './pool.ts'
import { type Seen, type Tell, runTimed } from './timed.ts'

export interface WebgpuOptions {
  /** Bytes of the largest buffer; default: what the adapter allows. A smaller one shows what happens at the limit. */
  readonly chunk?: number
  /** Storage buffers of a launch; likewise. */
  readonly buffers?: number
  /** false: no subgroups, though the adapter has them. */
  readonly subgroups?: boolean
  /** false: kernels are timed by the queue even where the GPU's clock can be asked. */
  readonly clock?: boolean
  /** Whether 16-bit arithmetic is asked for. */
  readonly halves?: boolean
  /** Whether the tiles of products are measured where none are kept; default: on a card. */
  readonly tune?: boolean
}

/** Lanes of the largest subgroups that kernels are written for: the members of their workgroups. */
const LANES = 64

/** Bind groups kept for a launch: programs meet the same few sets of buffers again and again. */
const GROUPS = 16

export class WebgpuRuntime {
  readonly info: GpuInfo
  readonly device: GpuDevice
  /** What programs are rendered for. */
  readonly limits: { readonly chunk: number; readonly buffers: number; readonly subgroups: boolean }
  private readonly chunk: number
  private readonly pool: Pool
  private readonly pipelines = new Map<string, Pipeline>()
  private readonly layouts = new Map<string, { readonly group: object; readonly pipeline: object }>()
  private arena: Memory = { chunks: [], bytes: 0 }
  private staging: { readonly buffer: GpuBuffer; readonly bytes: number }[] = []
  private failure: DeviceError | null = null

  static async open(options: WebgpuOptions = {}): Promise<WebgpuRuntime> {
    return new WebgpuRuntime(await openDevice(options), options)
  }

  /** Whether the GPU's clock can be asked. */
  readonly clock: boolean

  private constructor({ device, info }: Opened, { chunk, buffers, subgroups, clock }: WebgpuOptions) {
    this.device = device
    this.info = info
    const { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } = device.limits
    const most = Math.min(maxBufferSize, maxStorageBufferBindingSize, 2 ** 32 - 256)
    this.chunk = Math.floor(Math.min(most, chunk ?? most) / 256) * 256
    this.limits = {
      chunk: this.chunk, buffers: Math.min(maxStorageBuffersPerShaderStage, buffers ?? Infinity),
      subgroups: subgroups !== false && device.features.has('subgroups') && (info.subgroupMaxSize ?? Infinity) <= LANES,
    }
    this.clock = clock !== false && device.features.has('timestamp-query')
    this.pool = new Pool(device, this.chunk)
    device.addEventListener('uncapturederror', ({ error }) => {
      this.failure ??= new DeviceError('webgpu', error.message.split('\n').slice(0, 4).join(' '), { remedy: /memory/i.test(error.message) ? 'Take smaller batches, or another device.' : 'This is a mistake in Gradus: please report it.' })
    })
    void device.lost.then(({ reason, message }) => {
      this.failure = new DeviceError('webgpu', `the device was lost (${reason}${message === '' ? '' : `: ${message.split('\n')[0]}`})`, { remedy: "Call await setDevice('webgpu') to open it again; values that lived on it alone are gone: go on from a checkpoint." })
      this.isLost = true
    })
  }
  /** Set when the device is gone: nothing runs on it any more. */
  isLost = false

  get features(): ReadonlySet<string> {
    return this.device.features
  }
  /** Throws what went wrong since. */
  check(): void {
    const { failure } = this
    if (failure === null) return
    if (!this.isLost) this.failure = null
    throw failure
  }

  // ---- values

  allocate(bytes: number): Memory {
    this.check()
    return this.pool.allocate(bytes)
  }
  release(memory: Memory): void {
    if (!this.isLost) this.pool.release(memory)
  }
  write(memory: Memory, data: TypedArray): void {
    this.check()
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    memory.chunks.forEach(({ buffer }, i) => {
      const from = i * this.chunk
      const n = Math.min(this.chunk, bytes.length - from)
      if (n <= 0) return
      const whole = n - (n % 4)
      if (whole > 0) this.device.queue.writeBuffer(buffer, 0, bytes, from, whole)
      if (whole < n) {
        const rest = new Uint8Array(4)
        rest.set(bytes.subarray(from + whole, from + n))
        this.device.queue.writeBuffer(buffer, whole, rest)
      }
    })
  }
  /** A copy of the elements, once everything before has been computed. */
  async read(memory: Memory, dtype: DType, length: number): Promise<TypedArray> {
    this.check()
    const out = new Uint8Array(length * byteSize(dtype))
    const encoder = this.device.createCommandEncoder()
    const parts = memory.chunks.map(({ buffer }, i) => {
      const from = i * this.chunk
      const bytes = Math.max(0, Math.ceil(Math.min(this.chunk, out.length - from) / 4) * 4)
      const to = this.takeStaging(Math.max(bytes, 4))
      if (bytes > 0) encoder.copyBufferToBuffer(buffer, 0, to.buffer, 0, bytes)
      return { from, bytes, to }
    })
    this.device.queue.submit([encoder.finish()])
    try {
      for (const { from, bytes, to } of parts) {
        await to.buffer.mapAsync(MAP_READ)
        if (bytes > 0) out.set(new Uint8Array(to.buffer.getMappedRange(0, bytes)).subarray(0, out.length - from), from)
        to.buffer.unmap()
        this.staging.push(to)
      }
    } catch (error) {
      // Losing the device rejects the mapping before the reason is told.
      await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, 100))])
      this.check()
      throw new DeviceError('webgpu', `reading failed: ${(error as Error).message.split('\n')[0]}`)
    }
    this.check()
    return viewOf(dtype, out.buffer, 0, length)
  }
  private takeStaging(bytes: number): { readonly buffer: GpuBuffer; readonly bytes: number } {
    const at = this.staging.findIndex((s) => s.bytes >= bytes && s.bytes <= 4 * bytes + 4096)
    if (at >= 0) return this.staging.splice(at, 1)[0]!
    while (this.staging.length > 8) this.staging.shift()!.buffer.destroy()
    const size = Math.ceil(bytes / 4096) * 4096
    return { buffer: this.device.createBuffer({ size, usage: USAGE.mapRead | USAGE.copyTarget }), bytes: size }
  }

  // ---- programs

  load(image: WebgpuImage): Executable {
    this.check()
    return new Executable(image, this.device, (s) => this.pipeline(s), (data) => {
      const memory = this.pool.allocate(data.length)
      this.write(memory, data)
      return memory
    })
  }

  private pipeline(shader: Shader): Pipeline {
    let made = this.pipelines.get(shader.code)
    if (made === undefined) {
      const key = `${shader.access.join()}${shader.bases > 0 ? ',numbers' : ''}`
      let layout = this.layouts.get(key)
      if (layout === undefined) {
        const entries: object[] = shader.access.map((a, binding) => ({ binding, visibility: 4, buffer: { type: a === 'read' ? 'read-only-storage' : 'storage' } }))
        if (shader.bases > 0) entries.push({ binding: entries.length, visibility: 4, buffer: { type: 'uniform', hasDynamicOffset: true } })
        const group = this.device.createBindGroupLayout({ entries })
        this.layouts.set(key, (layout = { group, pipeline: this.device.createPipelineLayout({ bindGroupLayouts: [group] }) }))
      }
      const module = this.device.createShaderModule({ code: shader.code, label: shader.label })
      const pipeline = this.device.createComputePipeline({ label: shader.label, layout: layout.pipeline, compute: { module, entryPoint: 'main' } })
      this.pipelines.set(shader.code, (made = { pipeline, layout: layout.group }))
    }
    return made
  }

  /** Puts a run on the queue: one command buffer, one pass. */
  run(exe: Executable, inputs: readonly Memory[], outputs: readonly Memory[]): void {
    const put = this.placing(exe, inputs, outputs)
    const encoder = this.device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    for (const call of exe.calls) put(pass, call)
    pass.end()
    this.device.queue.submit([encoder.finish()])
  }
  /** The same, and tells how long each kernel took, at the latest when `done` is kept. */
  runTimed(exe: Executable, inputs: readonly Memory[], outputs: readonly Memory[], tell: Tell): void {
    const timed = runTimed(this.device, exe.calls, this.placing(exe, inputs, outputs), tell, this.clock, this.seen).catch(() => undefined) // a lost device is told by who reads
    this.timing = Promise.all([this.timing, timed])
  }
  private timing: Promise<unknown> = Promise.resolve()
  private readonly seen: Seen = { done: 0, tick: null }

  /** Puts a launch into a pass; a pipeline that is set already is not set again. */
  private placing(exe: Executable, inputs: readonly Memory[], outputs: readonly Memory[]): (pass: GpuPass, call: Call) => void {
    this.check()
    if (exe.image.arenaBytes > this.arena.bytes) this.growArena(exe.image.arenaBytes)
    const memoryOf = (slot: number): Memory => {
      if (slot === -1) return this.arena
      const s = exe.image.slots[slot]
      return s?.kind === 'input' ? inputs[s.index]! : s?.kind === 'output' ? outputs[s.index]! : exe.own.get(slot)!
    }
    let pipeline: object | null = null
    let within: GpuPass | null = null
    return (pass, call) => {
      const { site } = call
      if (pass !== within || site.pipeline.pipeline !== pipeline) pass.setPipeline((pipeline = site.pipeline.pipeline))
      within = pass
      const group = this.groupOf(exe, call, memoryOf)
      if (site.numbers > 0) pass.setBindGroup(0, group, [call.numbers])
      else pass.setBindGroup(0, group)
      if (site.when === null) pass.dispatchWorkgroups(site.groups[0], site.groups[1])
      else pass.dispatchWorkgroupsIndirect(exe.sizes!, site.when.row * 12)
    }
  }

  private groupOf(exe: Executable, { site }: Call, memoryOf: (slot: number) => Memory): object {
    const chunkOf = ({ slot, chunk }: Range): Chunk => memoryOf(slot).chunks[chunk]!
    let key = ''
    for (const r of site.ranges) key += `${chunkOf(r).id},`
    let group = site.known.get(key)
    if (group === undefined) {
      if (site.known.size >= GROUPS) site.known.clear()
      site.known.set(key, (group = this.bind(exe, site, chunkOf)))
    }
    return group
  }
  private bind(exe: Executable, site: Site, chunkOf: (r: Range) => Chunk): object {
    const entries: object[] = site.ranges.map((r, binding) => {
      const { buffer } = chunkOf(r)
      return { binding, resource: { buffer, offset: r.offset, size: r.bytes < 0 ? buffer.size : Math.min(r.bytes, buffer.size - r.offset) } }
    })
    if (site.numbers > 0) entries.push({ binding: entries.length, resource: { buffer: exe.uniform!, offset: 0, size: site.numbers } })
    return this.device.createBindGroup({ layout: site.pipeline.layout, entries })
  }
  private growArena(bytes: number): void {
    for (const { buffer } of this.arena.chunks) buffer.destroy()
    const chunks: Chunk[] = []
    for (let left = bytes; left > 0; left -= this.chunk) {
      chunks.push({ buffer: this.device.createBuffer({ size: Math.ceil(Math.min(left, this.chunk) / 256) * 256, usage: USAGE.storage | USAGE.copySource | USAGE.copyTarget }), id: this.arenas-- })
    }
    this.arena = { chunks, bytes }
  }
  /** Numbers of arena chunks, below those of all others. */
  private arenas = -10

  stats(): { readonly bytesInUse: number; readonly peakBytes: number } {
    return { bytesInUse: this.pool.inUse, peakBytes: this.pool.peak }
  }
  /** Waits until the queue is empty, and every time is told. */
  async done(): Promise<void> {
    await this.device.queue.onSubmittedWorkDone()
    await this.timing
  }
  close(): void {
    this.device.destroy()
  }
}
