// A table as training data: column types found and kept, gaps told with their place, categories as one-hot columns, numbers
// standardised by the training part alone.
import { FormatError, ValueError, optionsOf } from '../../base/index.ts'
import { Dataset } from '../dataset.ts'
import type { DataFile } from '../stream/lines.ts'
import { STREAM, hostRandom, shuffled } from '../random.ts'
import { type Column, type ColumnTable, type NumberColumn, readColumns } from './columns.ts'
import { type CsvOptions, listed, quoted } from './csv.ts'

export interface CsvDatasetOptions extends CsvOptions {
  /** The column to be predicted: texts are classes, numbers are numbers (unless listed in `categories`). */
  readonly target: string
  /** The columns to predict from; default: all others. */
  readonly inputs?: readonly string[]
  /** Columns whose numbers are names (a postcode, a class 1 … 3). */
  readonly categories?: readonly string[]
  /** Cells that stand for a missing value, besides empty ones; default NA, NaN, null, ?. */
  readonly missing?: readonly string[]
  /**
   * What to do about a missing value: `'error'` (default) names its place; `'drop'` leaves the row out; `'fill'` takes the mean of
   * the training part, and for a category none of them (all its columns 0). A missing target is an error or dropped.
   */
  readonly gaps?: 'error' | 'drop' | 'fill'
  /** The sign before fractions; default a point. */
  readonly decimal?: '.' | ','
  /** The share of rows kept for testing, drawn at random by `seed`; default 0.2. */
  readonly test?: number
  readonly seed?: number
  /** Numbers get mean 0 and deviation 1 over the training part; default true. */
  readonly standardize?: boolean
}

/** One input column as it came to be numbers. */
export type EncodedColumn =
  | { readonly name: string; readonly kind: 'number'; readonly mean: number; readonly deviation: number }
  | { readonly name: string; readonly kind: 'category'; readonly values: readonly string[] }

export interface CsvDataset {
  readonly train: Dataset
  readonly test: Dataset
  readonly from: string
  /** What the inputs are made of, in order: a number takes one place, a category as many as it has values. */
  readonly columns: readonly EncodedColumn[]
  /** How many numbers one input has. */
  readonly width: number
  /** Names of the classes; undefined when the target is a number. */
  readonly classes: readonly string[] | undefined
  /** A row that the model has not seen, as its input: (width). */
  encode(row: Readonly<Record<string, string | number>>): Float32Array
}

/**
 * A CSV file as a training and a test set: inputs (N, width) float32; targets classes (N) or numbers (N, 1). It is read into memory
 * (for more than that: `csvRows`). Node.
 *
 * @throws FormatError that names file, line and column for a gap or a text among numbers; ValueError for a column that does not exist.
 * @example
 * ```ts
 * import { csvDataset } from 'gradus/data'
 *
 * const rows = ['length,colour,kind', '1,red,a', '2,blue,b', '3,red,a', '4,red,b']
 * const { train, columns, width, classes } = await csvDataset(new TextEncoder().encode(rows.join('\n')), { target: 'kind', test: 0 })
 * columns.map((c) => c.name) // → ['length', 'colour']
 * width // → 3
 * classes // → ['a', 'b']
 * train.inputs.shape // → [4, 3]
 * ```
 */
export async function csvDataset(file: DataFile, options: CsvDatasetOptions): Promise<CsvDataset> {
  optionsOf('csvDataset', options, "options such as { target: 'price' }")
  const { target, gaps = 'error', test = 0.2, seed = 0, standardize = true, decimal = '.' } = options
  if (!(test >= 0 && test < 1)) throw new ValueError('csvDataset', 'bad test', { expected: 'a share from 0 to below 1', received: String(test) })
  const table = await readColumns(file, { ...options, names: options.inputs === undefined ? undefined : [...options.inputs, target] })
  const wanted = pick(table, target)
  const inputs = (options.inputs ?? table.columns.map((c) => c.name).filter((name) => name !== target)).map((name) => pick(table, name))
  if (inputs.length === 0) throw new ValueError('csvDataset', `${table.name} has no columns but the target`)
  const rows = Array.from({ length: table.length }, (_, i) => i).filter((row) => whole(table, gaps === 'fill' ? [wanted] : [...inputs, wanted], row, gaps === 'drop'))
  const order = shuffled(rows.length, hostRandom(seed, STREAM.split))
  const cut = rows.length - Math.round(rows.length * test)
  const part = (from: number, to?: number): number[] => [...order.subarray(from, to)].sort((a, b) => a - b).map((i) => rows[i]!)
  const [training, testing] = [part(0, cut), part(cut)]
  if (training.length === 0) throw new ValueError('csvDataset', `${table.name} has no rows to train on`, { expected: 'at least 1', received: `${table.length} rows, ${table.length - rows.length} left out for gaps` })
  const columns = inputs.map((column): EncodedColumn => (column.kind === 'category' ? { name: column.name, kind: 'category', values: column.values } : { name: column.name, kind: 'number', ...(standardize ? spread(column, training) : { mean: 0, deviation: 1 }) }))
  const width = columns.reduce((sum, c) => sum + (c.kind === 'number' ? 1 : c.values.length), 0)
  const classes = wanted.kind === 'category' ? wanted.values : undefined
  const dataset = (some: readonly number[]): Dataset => {
    const x = new Float32Array(some.length * width)
    some.forEach((row, i) => {
      let at = i * width
      columns.forEach((column, c) => (at = write(x, at, column, inputs[c]!.data[row]!)))
    })
    const y = Float32Array.from(some, (row) => wanted.data[row]!)
    const data = { dtype: 'float32', shape: [some.length, width], data: x } as const
    return classes === undefined ? new Dataset(data, { dtype: 'float32', shape: [some.length, 1], data: y }) : new Dataset(data, { dtype: 'int32', shape: [some.length], data: Int32Array.from(y) }, { classes })
  }
  const encode = (row: Readonly<Record<string, string | number>>): Float32Array => {
    const out = new Float32Array(width)
    let at = 0
    for (const column of columns) at = write(out, at, column, cellOf(column, row, { missing: table.missing, decimal, fill: gaps === 'fill' }))
    return out
  }
  return { train: dataset(training), test: dataset(testing), from: table.name, columns, width, classes, encode }
}

function pick(table: ColumnTable, name: string): Column {
  const found = table.columns.find((c) => c.name === name)
  if (found === undefined) throw new ValueError('csvDataset', `${table.name} has no column ${quoted(name)}`, { expected: listed(table.columns.map((c) => c.name)) })
  return found
}

/** Has the row all its values? A gap is an error where it is not to be dropped. */
function whole(table: ColumnTable, columns: readonly Column[], row: number, drop: boolean): boolean {
  const gap = columns.find((c) => Number.isNaN(c.data[row]!))
  if (gap === undefined) return true
  if (drop) return false
  throw new FormatError('csvDataset', `${table.name}, line ${table.lines[row]}, column ${quoted(gap.name)}: the value is missing`, { remedy: 'Fill it in, leave such rows out (gaps: \'drop\'), or take the mean (gaps: \'fill\').' })
}

/** Mean and deviation over some rows, gaps left out. A column that never changes is only moved to 0. */
function spread({ data }: NumberColumn, rows: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const values = rows.map((row) => data[row]!).filter((x) => !Number.isNaN(x))
  const mean = values.reduce((sum, x) => sum + x, 0) / Math.max(1, values.length)
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, values.length))
  return { mean, deviation: deviation > 1e-12 * Math.max(1, Math.abs(mean)) ? deviation : 1 }
}

/** Writes one value (NaN: missing) and gives the next place. */
function write(out: Float32Array, at: number, column: EncodedColumn, value: number): number {
  if (column.kind === 'number') {
    out[at] = Number.isNaN(value) ? 0 : (value - column.mean) / column.deviation
    return at + 1
  }
  if (!Number.isNaN(value)) out[at + value] = 1
  return at + column.values.length
}

function cellOf(column: EncodedColumn, row: Readonly<Record<string, string | number>>, { missing, decimal, fill }: { readonly missing: ReadonlySet<string>; readonly decimal: string; readonly fill: boolean }): number {
  const given = Object.hasOwn(row, column.name) ? String(row[column.name]).trim() : ''
  const refuse = (problem: string, expected: string): ValueError => new ValueError('csvDataset.encode', `column ${quoted(column.name)} ${problem}`, { expected, received: quoted(given) })
  if (missing.has(given)) {
    if (fill) return Number.NaN
    throw refuse('is missing', column.kind === 'number' ? 'a number' : listed(column.values))
  }
  if (column.kind === 'number') {
    const value = typeof row[column.name] === 'number' ? (row[column.name] as number) : Number(decimal === ',' ? given.replace(',', '.') : given)
    if (!Number.isFinite(value)) throw refuse('is no number', 'a number')
    return value
  }
  const at = column.values.indexOf(given)
  if (at === -1) throw refuse('has a value the training data did not have', listed(column.values))
  return at
}
