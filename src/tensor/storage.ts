// Where a value lives: on the JavaScript side, on a device, or both.
import type { DType, NDArray, Shape, TypedArray } from '../base/index.ts'
import type { Node, SubGraph } from '../ir/index.ts'

/** A computed value. `host` or `resident` is there; both after an upload. */
export interface Storage {
  readonly dtype: DType
  readonly shape: Shape
  host: NDArray | null
  /** The owning device's own handle (a pointer, a GPU buffer). */
  resident: { readonly backend: Backend; readonly handle: unknown } | null
  /** Set once the value was given away (donated) or disposed: reading it is an error that says so. */
  gone: string | null
}

/** A compiled sub-graph, ready to run again. */
export interface Executable {
  /** `donated[i]`: the input's memory may be overwritten; the caller never reads it again. */
  run(inputs: readonly Storage[], donated?: readonly boolean[]): Storage[]
  readonly stats: ExecutableStats
}
export interface ExecutableStats {
  readonly compileMs: number
  readonly kernels: number
  readonly arenaBytes: number
}

export interface DeviceOptions {
  /** Threads of the wasm and native devices; default: one a core. */
  readonly threads?: number
  /**
   * Whether the wasm and native devices may measure once which register tile suits matrix products here (some 50 ms at the
   * first program worth it; in Node kept in the user's cache). Default: yes, unless the environment variable GRADUS_TILE is
   * `off`. No bit of a result depends on the tile.
   */
  readonly probe?: boolean
  /** `false`: the wasm device does without fused multiply-adds and gives the bits of engines that have none. */
  readonly relaxed?: boolean
  /**
   * webgpu, when it is opened: `float16` lets matrix products and convolutions round their operands to 16 bits on the way
   * through the card's shared memory and add up in 32 (a relative error of 2⁻¹⁰ in each product of two numbers, infinity from
   * 65520 on); values stay float32. For cards with the feature shader-f16. Default `float32`.
   */
  readonly precision?: 'float32' | 'float16'
}

/** A device: compiles graphs, keeps values. */
export interface Backend {
  readonly name: string
  /** The longest chain of operations that waits to be computed together; default 400. */
  readonly pending?: number
  /** Types it does not compute with. */
  readonly lacks?: readonly DType[]
  /** Whether it takes denormals for zero, as WGSL allows. */
  readonly flushes?: boolean
  /** Whether it has kernels for attention with keys and values of these widths, and with a mask. */
  attends?(keys: number, values: number, masked: boolean): boolean
  compile(graph: SubGraph, options?: { readonly donate?: readonly boolean[] }): Executable
  /** Reads a value back; the typed array is the caller's own. */
  read(storage: Storage): Promise<TypedArray>
  /** The same without waiting, on devices that can (null on others). */
  readNow(storage: Storage): TypedArray | null
  /** readNow gives none: values must be waited for. */
  readonly waits?: boolean
  /** Frees a value's memory now. */
  release(storage: Storage): void
  /** Called at every reading: something to wait for while values that nobody holds are freed, or null. */
  relieve?(): Promise<void> | null
  /** The most arithmetic and memory traffic a second this device reaches here; null: not known. Measured when first asked for. */
  peak(): Promise<{ readonly gflops: number; readonly gbps: number } | null>
  /** Bytes of live values, as far as the device knows. */
  memory(): { readonly bytes: number; readonly peak: number }
  /** Waits until all that was asked for is computed; only on devices that compute on the side. */
  settle?(): Promise<void>
  /** Opens a device again that was lost; true: it had been, and is there again. Only on devices that can be lost. */
  recover?(): Promise<boolean>
  /** The hardware behind it, where that is worth a word. */
  describe?(): string
  close(): void
}

export const hostStorage = (host: NDArray): Storage => ({ dtype: host.dtype, shape: host.shape, host, resident: null, gone: null })
export const storageOf = (node: Node): Storage | null => node.storage as Storage | null
