// What a worker does: the inputs of a batch, augmented, from an array they share or from picture files. The same in line.
import type { NDArray } from '../../base/index.ts'
import { augmentFrom } from '../augment-from.ts'
import type { Augment } from '../augment.ts'
import { augmented } from '../batches.ts'
import type { AugmentSpec } from '../described.ts'
import { type PictureForm, decodePictures } from '../folder/decode.ts'
import { gather } from '../rows.ts'

export type BatchSource =
  | { readonly kind: 'array'; readonly inputs: NDArray }
  | { readonly kind: 'pictures'; readonly root: string; readonly files: readonly string[]; readonly form: PictureForm }
export interface BatchSetup {
  readonly source: BatchSource
  /** As plain data, for a thread; or the function itself, in line. */
  readonly augment: AugmentSpec | Augment | null
}
export interface BatchTask {
  readonly examples: Int32Array
  readonly seed: number
  readonly epoch: number
  readonly augment: boolean
}

export default function makeBatches({ source, augment }: BatchSetup): (task: BatchTask) => Promise<NDArray> {
  const change = augment === null ? undefined : typeof augment === 'function' ? augment : augmentFrom(augment)
  return async ({ examples, seed, epoch, augment: wanted }) => {
    const inputs = source.kind === 'array' ? gather(source.inputs, examples) : await decodePictures(source, examples)
    return augmented(wanted ? change : undefined, inputs, examples, { seed, epoch })
  }
}
