// A CSV file as columns: numbers, or categories by number; NaN where a value is missing.
import { FormatError, ValueError } from '../../base/index.ts'
import type { DataFile } from '../stream/lines.ts'
import { type CsvOptions, listed, openCsv, quoted } from './csv.ts'

export interface NumberColumn {
  readonly name: string
  readonly kind: 'number'
  readonly data: Float64Array
}
interface CategoryColumn {
  readonly name: string
  readonly kind: 'category'
  /** The values there are, sorted: as numbers where all are, else as texts. */
  readonly values: readonly string[]
  /** The number of each row's value. */
  readonly data: Float64Array
}
export type Column = NumberColumn | CategoryColumn
export interface ColumnTable {
  readonly name: string
  readonly length: number
  readonly columns: readonly Column[]
  /** Line of each row in the file. */
  readonly lines: Float64Array
  readonly missing: ReadonlySet<string>
}
interface ColumnOptions extends CsvOptions {
  readonly categories?: readonly string[]
  readonly missing?: readonly string[]
  readonly decimal?: '.' | ','
  /** The columns wanted; default all. */
  readonly names?: readonly string[] | undefined
}

/** More different texts than this are no categories. */
const MOST_VALUES = 1000
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
/** Written as a number, and one that float32 can hold. */
const isNumber = (cell: string): boolean => NUMBER.test(cell) && Number.isFinite(Math.fround(Number(cell)))
const COMMA = /^[+-]?\d+,\d+$/

/** Reads a file. A column in which every value is a number is one of numbers, unless it is listed in `categories`. */
export async function readColumns(file: DataFile, options: ColumnOptions): Promise<ColumnTable> {
  const { categories = [], decimal = '.', names } = options
  const missing = new Set(['', ...(options.missing ?? ['NA', 'NaN', 'nan', 'null', '?'])])
  const { name: place, columns, groups } = await openCsv('csvDataset', file, options)
  for (const wanted of [...(names ?? []), ...categories]) {
    if (!columns.includes(wanted)) throw new ValueError('csvDataset', `${place} has no column ${quoted(wanted)}`, { expected: listed(columns) })
  }
  const kept = columns.map((name, at) => ({ name, at })).filter(({ name }) => names === undefined || names.includes(name))
  const texts: string[][] = kept.map(() => [])
  const lines: number[] = []
  for await (const group of groups) {
    for (const { cells, line } of group) {
      lines.push(line)
      kept.forEach(({ at }, i) => texts[i]!.push(cells[at]!.trim()))
    }
  }
  if (lines.length === 0) throw new ValueError('csvDataset', `${place} has no rows below its header`)
  const made = kept.map(({ name }, i): Column => {
    const column = texts[i]!
    const plain = decimal === ',' ? (cell: string): string => cell.replace(',', '.') : (cell: string): string => cell
    if (!categories.includes(name)) {
      const odd = column.findIndex((cell) => !missing.has(cell) && !isNumber(plain(cell)))
      if (odd === -1) return { name, kind: 'number', data: Float64Array.from(column, (cell) => (missing.has(cell) ? Number.NaN : Number(plain(cell)))) }
      refuseMostlyNumbers(place, name, column, lines, odd, missing, plain)
    }
    const values = [...new Set(column)].filter((cell) => !missing.has(cell)).sort(byValue)
    if (values.length > MOST_VALUES) throw new ValueError('csvDataset', `column ${quoted(name)} of ${place} has ${values.length} different texts`, { expected: `at most ${MOST_VALUES} categories`, remedy: 'Leave it out: inputs: [the other columns].' })
    const number = new Map(values.map((value, n) => [value, n]))
    return { name, kind: 'category', values, data: Float64Array.from(column, (cell) => number.get(cell) ?? Number.NaN) }
  })
  return { name: place, length: lines.length, columns: made, lines: Float64Array.from(lines), missing }
}

const byValue = (a: string, b: string): number => (isNumber(a) && isNumber(b) ? Number(a) - Number(b) : 0) || (a < b ? -1 : a > b ? 1 : 0)

/** Numbers with a few texts among them are a mistake in the file, not categories. */
function refuseMostlyNumbers(place: string, name: string, column: readonly string[], lines: readonly number[], odd: number, missing: ReadonlySet<string>, plain: (cell: string) => string): void {
  const present = column.filter((cell) => !missing.has(cell))
  const where = `${place}, line ${lines[odd]}, column ${quoted(name)}`
  const received = quoted(column[odd]!)
  if (COMMA.test(column[odd]!) && present.every((cell) => NUMBER.test(cell) || COMMA.test(cell))) throw new FormatError('csvDataset', `${where}: a number with a comma`, { received, remedy: 'Pass decimal: \',\'.' })
  const numbers = present.filter((cell) => isNumber(plain(cell))).length
  if (numbers > present.length / 2) throw new FormatError('csvDataset', `${where}: a text among numbers`, { expected: 'a number', received, remedy: 'Mend it; or say that it means a gap (missing: [...]), or that the column holds names (categories: [...]).' })
}
