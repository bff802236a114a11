// Every op Gradus has, exhaustive by type, whoever brings it along.
import type { OpTable } from './def.ts'
import { attention } from './ops/attention.ts'
import { control } from './ops/control.ts'
import { convolution } from './ops/convolution.ts'
import { windows } from './ops/windows.ts'
import { COMMON, addOps } from './table.ts'

/** The whole table; from now on its ops are there without the functions that make them. */
export function wholeTable(): OpTable {
  const all = { ...COMMON, ...windows, ...convolution, ...attention, ...control } satisfies OpTable
  addOps(all)
  return all
}
