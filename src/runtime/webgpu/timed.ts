// A run whose kernels are timed one by one: by the clock of the GPU where it can be asked (timestamp-query), else by when the
// queue says that a kernel is done, which includes the way there and back.
import { type GpuDevice, type GpuPass, MAP_READ, USAGE } from './api.ts'
import type { Call } from './executable.ts'

/** `kernel`: its number in the program, −1 for copies and conditions; times in ms on the scale of performance.now(). */
export type Tell = (kernel: number, start: number, end: number) => void
/** What one run knows from those before it: when the queue was last done, and a tick of the GPU's clock with its time here. */
export interface Seen {
  done: number
  tick: { readonly tick: bigint; readonly ms: number } | null
}
/** Launches timed by one set of queries: the most the standard allows is 4096 times. */
const MOST = 2048

/** Puts the launches on the queue; the promise is kept once all times have been told. */
export async function runTimed(device: GpuDevice, calls: readonly Call[], put: (pass: GpuPass, call: Call) => void, tell: Tell, clock: boolean, seen: Seen): Promise<void> {
  const waits: Promise<void>[] = []
  if (clock) for (let at = 0; at < calls.length; at += MOST) waits.push(byClock(device, calls.slice(at, at + MOST), put, tell, seen))
  else {
    for (const call of calls) {
      const submitted = performance.now()
      const encoder = device.createCommandEncoder()
      const pass = encoder.beginComputePass()
      put(pass, call)
      pass.end()
      device.queue.submit([encoder.finish()])
      waits.push(device.queue.onSubmittedWorkDone().then(() => {
        const now = performance.now()
        tell(call.site.kernel, Math.max(submitted, seen.done), now)
        seen.done = now
      }))
    }
  }
  await Promise.all(waits)
}

/** All launches of one command buffer, each in a pass of its own between two looks at the clock. */
async function byClock(device: GpuDevice, calls: readonly Call[], put: (pass: GpuPass, call: Call) => void, tell: Tell, seen: Seen): Promise<void> {
  const count = 2 * calls.length
  const bytes = 8 * count
  const querySet = device.createQuerySet({ type: 'timestamp', count })
  const resolved = device.createBuffer({ size: bytes, usage: USAGE.queryResolve | USAGE.copySource })
  const read = device.createBuffer({ size: bytes, usage: USAGE.mapRead | USAGE.copyTarget })
  const encoder = device.createCommandEncoder()
  calls.forEach((call, i) => {
    const pass = encoder.beginComputePass({ timestampWrites: { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 } })
    put(pass, call)
    pass.end()
  })
  encoder.resolveQuerySet(querySet, 0, count, resolved, 0)
  encoder.copyBufferToBuffer(resolved, 0, read, 0, bytes)
  const begin = performance.now()
  device.queue.submit([encoder.finish()])
  try {
    await read.mapAsync(MAP_READ)
    const ticks = new BigUint64Array(read.getMappedRange().slice(0))
    // The GPU's clock has a beginning of its own; some cards write 0 for a pass they skip.
    const zero = ticks.reduce((least, t) => (t > 0n && (least === 0n || t < least) ? t : least), 0n)
    const { tick, ms: at } = (seen.tick ??= { tick: zero, ms: begin })
    const ms = (t: bigint): number => at + Number((t > zero ? t : zero) - tick) / 1e6
    calls.forEach((call, i) => tell(call.site.kernel, ms(ticks[2 * i]!), Math.max(ms(ticks[2 * i]!), ms(ticks[2 * i + 1]!))))
  } finally {
    for (const buffer of [resolved, read]) buffer.destroy()
    querySet.destroy()
  }
}
