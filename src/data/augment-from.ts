// An augmentation from its description.
import { randomAffine, randomShift } from './augment.ts'
import type { Augment } from './augment.ts'
import { compose, cutout, randomCrop, randomFlip } from './augment-more.ts'
import type { AugmentSpec } from './described.ts'

const MAKERS: Readonly<Record<string, (...args: never[]) => Augment>> = { randomAffine, randomShift, cutout, randomCrop, randomFlip }

export function augmentFrom({ name, arguments: args }: AugmentSpec): Augment {
  if (name === 'compose') return compose(...(args as AugmentSpec[]).map(augmentFrom))
  return MAKERS[name]!(...(args as never[]))
}
