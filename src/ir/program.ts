// A program: kernels in order over numbered memory slots. What a compiled graph is, whatever the device.
import type { DType } from '../base/index.ts'
import type { Kernel } from './kernel.ts'

/**
 * Where bytes live during a run. `input` and `output` are bound by the caller (in order of `index`); `temp` lies at
 * `offset` in the run's arena (planned: slots alive at different times share bytes); `const` comes with the program.
 */
export type Slot =
  | { readonly kind: 'input' | 'output'; readonly index: number; readonly bytes: number }
  | { readonly kind: 'temp'; readonly offset: number; readonly bytes: number }
  | { readonly kind: 'const'; readonly data: Uint8Array; readonly bytes: number }

/** A slot seen by one step; inside loops the address moves by `strides[l]` bytes per iteration of the l-th enclosing loop. */
export interface Arg {
  readonly slot: number
  readonly strides?: readonly number[]
  /** Bytes from the start of the slot. */
  readonly offset?: number
}

export type Step =
  | {
      readonly kind: 'kernel'
      /** Index into `kernels`. */
      readonly kernel: number
      readonly args: readonly Arg[]
      /** True: all threads share the range. False: thread 0 does it alone. */
      readonly parallel: boolean
    }
  | { readonly kind: 'loop'; readonly count: number; readonly body: readonly Step[] }
  /** Reads one byte (bool) of a slot; both branches see the same memory. */
  | { readonly kind: 'if'; readonly flag: Arg; readonly then: readonly Step[]; readonly else: readonly Step[] }

export interface Program {
  /** Identity by structure: equal keys mean equal programs. */
  readonly key: string
  readonly kernels: readonly Kernel[]
  readonly slots: readonly Slot[]
  readonly steps: readonly Step[]
  readonly inputs: readonly { readonly dtype: DType; readonly length: number }[]
  /** `alias`: written over the input of that index, which the caller gave away. */
  readonly outputs: readonly { readonly dtype: DType; readonly length: number; readonly alias?: number }[]
  /** Bytes of the shared arena. What each thread needs for `thread` buffers of kernels, the renderers count. */
  readonly arenaBytes: number
}
