// Lowers the learning rate when a value has not got better for some epochs.
import { optionsOf } from '../../base/index.ts'
import type { Callback } from '../types.ts'
import { type Monitor, watch } from './monitor.ts'

export interface ReduceOnPlateauOptions extends Monitor {
  /** What the rate is multiplied by; default 0.1. */
  readonly factor?: number
  /** Epochs without progress before that; default 3. */
  readonly patience?: number
  /** All reductions together do not go below this share of the optimiser's rate; default 1e-4. */
  readonly least?: number
}

/** Multiplies the learning rate by `factor` after `patience` epochs without progress. */
export function reduceOnPlateau(options: ReduceOnPlateauOptions = {}): Callback {
  optionsOf('reduceOnPlateau', options)
  const { factor = 0.1, patience = 3, least = 1e-4 } = options
  const best = watch('reduceOnPlateau', options)
  let waited = 0
  let scale = 1
  return {
    name: 'reduceOnPlateau',
    onEpoch(run, record) {
      if (best.improves(record)) {
        waited = 0
        return
      }
      waited++
      if (waited < patience || scale <= least) return
      const next = Math.max(least, scale * factor)
      run.scaleLearningRate(next / scale)
      scale = next
      waited = 0
    },
    state: () => ({ best: best.state(), waited, scale }),
    restore(state) {
      const saved = state as { best: number | null; waited: number; scale: number }
      best.restore(saved.best)
      waited = saved.waited
      scale = saved.scale
    },
  }
}
