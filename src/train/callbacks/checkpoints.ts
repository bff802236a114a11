// Saves a run as it goes: the last state after every epoch and every so many seconds, the best one beside it.
import { optionsOf, textOf } from '../../base/index.ts'
import { loadCheckpoint, saveCheckpoint } from '../checkpoint/store.ts'
import type { Callback } from '../types.ts'
import { type Monitor, watch } from './monitor.ts'

export interface CheckpointsOptions extends Monitor {
  /** Also in mid-epoch, after so many seconds without a save; default 20, Infinity never. */
  readonly everySeconds?: number
  /** Keep the best epoch as well (by `monitor`); default: when there is a validation value. */
  readonly best?: boolean
}

/**
 * Keeps `last` (and `best`) of a run in a folder. A run that is aborted is saved where it stopped.
 *
 * @example
 * ```ts no-run
 * import { Dataset } from 'gradus/data'
 * import { Adam, Linear, mse } from 'gradus/nn'
 * import { checkpoints, fit, loadCheckpoint } from 'gradus/train'
 *
 * const data = Dataset.of([[1], [2], [3]], [[2], [4], [6]])
 * const options = { epochs: 50, loss: mse, optimizer: new Adam(0.1), callbacks: [checkpoints('runs/one')] }
 * await fit(new Linear(1, 1), data, options)
 * // after an interruption: goes on, to the bit
 * await fit(new Linear(1, 1), data, { ...options, resume: await loadCheckpoint('runs/one') })
 * ```
 */
export function checkpoints(folder: string, options: CheckpointsOptions = {}): Callback {
  textOf('checkpoints', 'folder', folder)
  optionsOf('checkpoints', options)
  const { everySeconds = 20 } = options
  const best = watch('checkpoints', options)
  let saved = performance.now()
  let savedStep = -1
  return {
    name: 'checkpoints',
    onStart() {
      saved = performance.now()
    },
    async onProgress(run) {
      if ((performance.now() - saved) / 1000 < everySeconds) return
      await saveCheckpoint(folder, await run.state())
      savedStep = run.step
      saved = performance.now()
    },
    async afterEpoch(run, record) {
      const keep = options.best ?? Object.keys(record).some((name) => name.startsWith('val_'))
      const improved = keep && best.improves(record)
      const state = await run.state()
      await saveCheckpoint(folder, state)
      if (improved) await saveCheckpoint(folder, state, 'best')
      savedStep = run.step
      saved = performance.now()
    },
    async onStop(run, reason) {
      if (reason === 'failed' || (savedStep === run.step && reason !== 'stopped')) return
      await saveCheckpoint(folder, await run.state())
    },
    kept: async () => (savedStep < 0 ? null : loadCheckpoint(folder)),
    state: () => ({ best: best.state() }),
    restore: (state) => best.restore((state as { best: number | null }).best),
  }
}
