// A number of the state as every view may change it: a cell of a table, a slot of a formula, an edge of a diagram, a number in a program.
import { formatNumber } from '../core/format.ts'
import type { Lang } from '../core/language.svelte.ts'
import type { Html } from '../core/math.ts'
import type { Proof } from './value.svelte'

export interface Edit {
  /** Read aloud; `sign` is what is shown. */
  readonly label: string
  readonly sign?: Html
  readonly value: number
  readonly min: number
  readonly max: number
  readonly step?: number
  readonly digits?: number
  readonly onchange: (value: number) => void
}

/** A number that was computed, with where it comes from; the proof is made when it is looked at. */
export interface Proven {
  readonly value: number | undefined
  readonly digits?: number
  readonly proof: () => Proof
}

/** Words, a number of the state, a computed number. */
export type Cell = string | Edit | Proven
export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}
export const isEdit = (cell: Cell): cell is Edit => typeof cell === 'object' && 'onchange' in cell

/** What a closed table and a file hold of a cell. */
export const cellText = (cell: Cell, lang: Lang): string => (typeof cell === 'string' ? cell : cell.value === undefined ? '…' : formatNumber(cell.value, lang, cell.digits ?? 3))
export const plainRows = (table: Table, lang: Lang): readonly (readonly string[])[] => table.rows.map((row) => row.map((cell) => cellText(cell, lang)))
