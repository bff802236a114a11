// A table of the epochs as a CSV file, complete after every epoch (also when the run is resumed).
import { textOf } from '../../base/index.ts'
import { writeFileAtomic } from '../checkpoint/atomic-file.ts'
import type { Callback, EpochRecord } from '../types.ts'

/** Writes one line an epoch to `file`: epoch, loss, metrics, seconds, learning rate, validation. */
export function csvLog(file: string): Callback {
  textOf('csvLog', 'file', file)
  return {
    async onEpoch(run) {
      await writeFileAtomic(file, new TextEncoder().encode(toCsv(run.history)))
    },
  }
}

export function toCsv(history: readonly EpochRecord[]): string {
  const columns = [...new Set(history.flatMap((record) => Object.keys(record)))]
  const lines = history.map((record) => columns.map((c) => (record[c] === undefined ? '' : String(record[c]))).join(','))
  return `${[columns.join(','), ...lines].join('\n')}\n`
}
