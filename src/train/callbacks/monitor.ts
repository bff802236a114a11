// The best of a value over epochs, for callbacks that wait for progress.
import { ValueError } from '../../base/index.ts'
import type { EpochRecord } from '../types.ts'

export interface Monitor {
  /** A value of the epoch's record; default val_loss where there is one, else loss. */
  readonly monitor?: string
  /** Whether less or more is better; default: less, but more for accuracies. */
  readonly mode?: 'min' | 'max'
  /** Smaller changes do not count; default 0. */
  readonly minDelta?: number
}
export interface Watched {
  /** Takes an epoch in: whether it is the best so far. */
  improves(record: EpochRecord): boolean
  name(record: EpochRecord): string
  value(): number | null
  state(): number | null
  restore(best: number | null): void
}

export function watch(operation: string, { monitor, mode, minDelta = 0 }: Monitor): Watched {
  let best: number | null = null
  const name = (record: EpochRecord): string => monitor ?? ('val_loss' in record ? 'val_loss' : 'loss')
  return {
    improves(record) {
      const key = name(record)
      const value = record[key]
      if (value === undefined) throw new ValueError(operation, `there is no value called "${key}"`, { expected: Object.keys(record).join(', '), received: key })
      const upward = (mode ?? (/acc/.test(key) ? 'max' : 'min')) === 'max'
      const better = best === null || (upward ? value > best + minDelta : value < best - minDelta)
      if (better) best = value
      return better
    },
    name,
    value: () => best,
    state: () => best,
    restore(saved) {
      best = saved
    },
  }
}
