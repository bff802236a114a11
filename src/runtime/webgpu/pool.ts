// Buffers of the device: in sizes of a few classes, kept when freed, for the next value of the size. What runs on the queue
// runs in order, so that a buffer may be handed on while commands that use it are still waiting there.
import { type GpuBuffer, type GpuDevice, USAGE } from './api.ts'

/** A buffer with a number: what bind groups are remembered by. */
export interface Chunk {
  readonly buffer: GpuBuffer
  readonly id: number
}
/** A value: one buffer, or several where it is larger than a binding may be. */
export interface Memory {
  readonly chunks: readonly Chunk[]
  readonly bytes: number
}

/** Freed buffers are kept up to this many bytes. */
const KEPT = 2 ** 30

export class Pool {
  private readonly device: GpuDevice
  private readonly chunk: number
  private readonly free = new Map<number, Chunk[]>()
  private kept = 0
  private next = 0
  inUse = 0
  peak = 0

  constructor(device: GpuDevice, chunk: number) {
    this.device = device
    this.chunk = chunk
  }

  allocate(bytes: number): Memory {
    const chunks: Chunk[] = []
    for (let left = Math.max(bytes, 1); left > 0; left -= this.chunk) chunks.push(this.take(sizeClass(Math.min(left, this.chunk), this.chunk)))
    this.inUse += bytes
    this.peak = Math.max(this.peak, this.inUse)
    return { chunks, bytes }
  }
  release({ chunks, bytes }: Memory): void {
    this.inUse -= bytes
    for (const c of chunks) {
      const { size } = c.buffer
      if (this.kept + size > KEPT) c.buffer.destroy()
      else {
        this.kept += size
        const list = this.free.get(size)
        if (list === undefined) this.free.set(size, [c])
        else list.push(c)
      }
    }
  }
  private take(size: number): Chunk {
    const found = this.free.get(size)?.pop()
    if (found === undefined) return { buffer: this.device.createBuffer({ size, usage: USAGE.storage | USAGE.copySource | USAGE.copyTarget }), id: this.next++ }
    this.kept -= size
    return found
  }
}

/** Multiples of 256 that are a power of two, or halfway to the next. */
function sizeClass(bytes: number, most: number): number {
  let size = 256
  while (size < bytes) size *= 2
  const less = size * 0.75
  return Math.min(most, less >= bytes && less % 256 === 0 ? less : size)
}
