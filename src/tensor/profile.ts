// profile: runs a function and says where its time went, kernel by kernel, beside what the machine could do.
import { TransformError, functionOf } from '../base/index.ts'
import { backend } from './devices.ts'
import { realize } from './realize.ts'
import { recorder, setRecorder } from './recorder.ts'
import type { KernelProfile } from './recording.ts'
import { leavesOf } from './trees.ts'

export type { KernelProfile }

export interface Profile {
  /** The longest first. */
  readonly kernels: readonly KernelProfile[]
  /** From the first line of the function to its last value. */
  readonly totalMs: number
  /** Spent compiling. */
  readonly compileMs: number
  /** The largest arena (memory of intermediate values) of a program that ran. */
  readonly arenaBytes: number
  /** What the device reached on this machine at most; null on the reference device. */
  readonly peak: { readonly gflops: number; readonly gbps: number } | null
  /** Kernels, programs, compilation and the JavaScript between, for chrome://tracing or ui.perfetto.dev. */
  chromeTrace(): string
}

/**
 * Runs `fn` (awaited when it is async; pending tensors it returns are computed) and says where its time went. Kernels are
 * timed on the calling thread, waiting for the others included; on webgpu by the card's own clock where it can be asked.
 * Compilation shows as well, so call what you want to measure once before.
 * @throws TransformError inside another profile.
 *
 * @example
 * ```ts
 * import { ones, profile } from 'gradus'
 *
 * const x = ones([64, 64])
 * const { kernels, totalMs } = await profile(() => x.matmul(x).exp())
 * kernels.length > 0 && totalMs > 0 // → true
 * ```
 */
export async function profile(fn: () => unknown): Promise<Profile> {
  functionOf('profile', fn)
  const { Recording, chromeTrace, kernelProfiles } = await import('./late.ts')
  if (recorder() !== null) throw new TransformError('profile', 'a profile is being made already', { remedy: 'Await the first one.' })
  const recording = new Recording()
  let begin = 0
  let totalMs = 0
  setRecorder(recording)
  try {
    begin = performance.now()
    const result = await fn()
    const pending = leavesOf(result).leaves.filter((t) => t.node.storage === null)
    if (pending.length > 0) realize(backend(), pending.map((t) => t.node))
    await backend().settle?.()
    totalMs = performance.now() - begin
  } finally {
    setRecorder(null)
  }
  const { compileMs, arenaBytes } = recording
  return { kernels: kernelProfiles(recording, totalMs), totalMs, compileMs, arenaBytes, peak: await backend().peak(), chromeTrace: () => chromeTrace(recording, begin, totalMs) }
}
