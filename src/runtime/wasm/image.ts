// What the runtime takes: a compiled program. The renderer makes these; the rooms share only the shape.

export type ImageSlot =
  | { readonly kind: 'input' | 'output'; readonly index: number; readonly bytes: number }
  | { readonly kind: 'temp'; readonly offset: number; readonly bytes: number }
  | { readonly kind: 'const'; readonly data: Uint8Array; readonly bytes: number }

export interface WasmImage {
  /** Equal keys mean equal programs. */
  readonly key: string
  /**
   * A module that imports `env.memory` and exports `main(tid, threads, table, sync, scratch, maySleep) → failed`. With a
   * tid other than 0 it helps with the program whose number stands in the table's place, until that ends.
   */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** One word of the table each. */
  readonly slots: readonly ImageSlot[]
  readonly arenaBytes: number
  /** Private bytes of each thread. */
  readonly scratchBytes: number
  /** Estimated nanoseconds of work that several threads can share. */
  readonly sharedNs: number
  /** Names of kernels, when the module calls `env.mark(kernel)` as it begins each and `env.mark(−1)` at the end. */
  readonly profile: readonly string[] | null
  /**
   * Byte offsets in the block that the threads of a launch share: the number of the running program, the threads' scratch
   * and its size for each, the word that says a thread failed, and two words somebody may sleep on.
   */
  readonly sync: {
    readonly program: number
    readonly scratch: number
    readonly scratchStep: number
    readonly failed: number
    readonly ticket: number
    readonly done: number
    readonly bytes: number
  }
}

export type Main = (tid: number, threads: number, table: number, sync: number, scratch: number, maySleep: number) => number
