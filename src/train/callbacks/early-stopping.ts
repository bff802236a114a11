// Early stopping: ends a run when a value has not got better for some epochs.
import { optionsOf } from '../../base/index.ts'
import { type Monitor, type Watched, watch } from './monitor.ts'
import type { Callback } from '../types.ts'

export interface EarlyStoppingOptions extends Monitor {
  /** Epochs without progress before the run ends; default 5. */
  readonly patience?: number
}

/**
 * Stops when `monitor` (default val_loss, else loss) has not improved by more than `minDelta` for `patience` epochs.
 *
 * @example
 * ```ts
 * import { Dataset } from 'gradus/data'
 * import { Linear, SGD, mse } from 'gradus/nn'
 * import { earlyStopping, fit } from 'gradus/train'
 *
 * const data = Dataset.of([[1], [2], [3]], [[2], [4], [6]])
 * const stop = earlyStopping({ monitor: 'loss', patience: 3, minDelta: 1e9 })
 * const history = await fit(new Linear(1, 1), data, { epochs: 100, loss: mse, optimizer: new SGD(0.01), callbacks: [stop] })
 * history.epochs.length // → 4
 * ```
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  optionsOf('earlyStopping', options)
  const patience = options.patience ?? 5
  const best: Watched = watch('earlyStopping', options)
  let waited = 0
  return {
    name: 'earlyStopping',
    onEpoch(run, record) {
      if (best.improves(record)) {
        waited = 0
        return
      }
      waited++
      if (waited >= patience) run.stop(`${best.name(record)} has not improved on ${best.value()} for ${patience} epochs`)
    },
    state: () => ({ best: best.state(), waited }),
    restore(state) {
      const saved = state as { best: number | null; waited: number }
      best.restore(saved.best)
      waited = saved.waited
    },
  }
}
