// What a device in this process's memory is to the tensors.
import type { TypedArray } from '../base/index.ts'
import type { Program } from '../ir/index.ts'
import type { Storage } from './storage.ts'

/** Allocates, loads programs and runs them. Addresses are numbers. */
export interface CpuRuntime<E> {
  allocate(bytes: number): number
  free(address: number): void
  write(address: number, data: TypedArray): void
  /** A copy of the elements. */
  read(address: number, dtype: Storage['dtype'], length: number): TypedArray
  load(program: Program): E
  run(executable: E, inputs: readonly number[], outputs: readonly number[]): void
  /** The program again, made to tell when its kernels begin and end. */
  loadTimed(program: Program): E
  /** Runs such a program: `seen` learns of every call of a kernel (or of several at once), in ms of performance.now(). */
  runTimed(executable: E, inputs: readonly number[], outputs: readonly number[], seen: KernelSeen): void
  stats(): { readonly bytesInUse: number; readonly peakBytes: number }
  close(): void
}
export type KernelSeen = (kernel: number, start: number, end: number, calls: number) => void
