// What the runtime takes: a program as C. The renderer makes these; the rooms share only the shape.
import type { ImageSlot } from '../wasm/image.ts'

export interface CImage {
  /** Equal keys mean equal programs. */
  readonly key: string
  /** Defines `void gradus_main(struct gradus_team *team, char *const *slots)`. */
  readonly source: string
  /** The same in several translation units, for compilers that work at once. */
  readonly units?: readonly string[]
  readonly slots: readonly ImageSlot[]
  readonly arenaBytes: number
  /** Private bytes of each thread. */
  readonly scratchBytes: number
  /** Estimated nanoseconds of work that several threads can share. */
  readonly sharedNs: number
}
