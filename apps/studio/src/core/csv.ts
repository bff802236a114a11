// A table that a person pastes or drops in → points, or faults that say line, column, what was expected and what stood there.
// Papa Parse splits the text into cells (loaded on use); what the cells must be is decided here. Nothing is guessed in silence:
// what was changed on the way (names of classes, a header, a scale) is told as notes.

/** What a column must hold: a number, or one of exactly two classes in any spelling. */
export interface Column {
  readonly name: string
  readonly kind: 'number' | 'class'
  /** The range the lab can show; a column that leaves it is scaled into `fit`. */
  readonly range?: readonly [number, number]
  readonly fit?: readonly [number, number]
}
export interface TableForm {
  readonly columns: readonly Column[]
  readonly min: number
  readonly max: number
}
export type CsvProblem = 'empty' | 'binary' | 'large' | 'quote' | 'columns' | 'decimalComma' | 'gap' | 'text' | 'huge' | 'oneClass' | 'classes' | 'few' | 'many' | 'constant'
/** Lines count from 1, as an editor shows them; columns too. */
export interface CsvFault {
  readonly problem: CsvProblem
  readonly line?: number
  readonly column?: number
  readonly name?: string
  readonly expected?: string
  readonly received?: string
}
export type CsvNote =
  | { readonly kind: 'header'; readonly names: readonly string[] }
  | { readonly kind: 'separator'; readonly separator: string; readonly comma: boolean }
  | { readonly kind: 'classes'; readonly names: readonly [string, string] }
  | { readonly kind: 'scaled'; readonly name: string; readonly from: readonly [number, number]; readonly to: readonly [number, number] }
export type CsvResult =
  | { readonly ok: true; readonly rows: readonly (readonly number[])[]; readonly notes: readonly CsvNote[] }
  | { readonly ok: false; readonly faults: readonly CsvFault[]; readonly more: number }

export const LARGEST_BYTES = 2_000_000
const LARGEST_NUMBER = 1e9
const SHOWN = 5

/** Text from a file's bytes: UTF-8, UTF-16 with its mark, or else Windows-1251. Null when it is no text. */
export function textOf(bytes: Uint8Array): string | null {
  const [a, b] = bytes
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return new TextDecoder(a === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes)
  if (bytes.includes(0)) return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1251').decode(bytes)
  }
}

interface Row {
  readonly line: number
  readonly cells: readonly string[]
}
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
/** A number as the table writes it; undefined when it is none. */
function numberOf(cell: string, comma: boolean): number | undefined {
  const plain = cell.replace('−', '-').replace(/[\s\u00a0\u202f](?=\d{3}(\D|$))/g, '')
  const text = comma ? plain.replace(',', '.') : plain
  return NUMBER.test(text) ? Number(text) : undefined
}
const shown = (cell: string): string => (cell.length > 24 ? `${cell.slice(0, 23)}…` : cell)

/** Reads a table of the form; never throws, never changes anything. */
export async function readCsv(text: string, form: TableForm): Promise<CsvResult> {
  const fail = (...faults: CsvFault[]): CsvResult => ({ ok: false, faults: faults.slice(0, SHOWN), more: Math.max(0, faults.length - SHOWN) })
  if (text.length > LARGEST_BYTES) return fail({ problem: 'large', expected: String(LARGEST_BYTES / 1e6), received: (text.length / 1e6).toFixed(1) })
  if (text.includes('\0')) return fail({ problem: 'binary' })
  const { columns, min, max } = form
  const count = columns.length
  const { default: papa } = await import('papaparse')
  const parsed = papa.parse<string[]>(text.replace(/^\ufeff/, ''), { delimiter: separatorOf(text, count), skipEmptyLines: false })
  const open = parsed.errors.find(({ type }) => type === 'Quotes')
  if (open !== undefined) return fail({ problem: 'quote', line: (open.row ?? 0) + 1 })

  let line = 1
  const all: Row[] = []
  for (const cells of parsed.data) {
    const trimmed = cells.map((cell) => cell.replace(/^[\s\u00a0]+|[\s\u00a0]+$/g, ''))
    if (trimmed.some((cell) => cell !== '')) all.push({ line, cells: trimmed })
    line += 1 + cells.reduce((n, cell) => n + cell.split('\n').length - 1, 0)
  }
  if (all.length === 0) return fail({ problem: 'empty' })

  const separator = parsed.meta.delimiter
  const comma = separator !== ',' && all.some(({ cells }) => cells.some((cell) => /^[+−-]?\d*,\d+$/.test(cell)))
  const notes: CsvNote[] = []
  if (separator !== ',' || comma) notes.push({ kind: 'separator', separator, comma })

  // A first line without a single number is a header.
  const first = all[0]!
  const header = all.length > 1 && first.cells.every((cell) => numberOf(cell, true) === undefined) && all[1]!.cells.some((cell) => numberOf(cell, true) !== undefined)
  if (header) notes.push({ kind: 'header', names: first.cells })
  const rows = header ? all.slice(1) : all
  const nameOf = (column: number): string => (header ? first.cells[column] : undefined) || columns[column]!.name

  const faults: CsvFault[] = []
  const values: number[][] = []
  const classes = new Map<string, { readonly line: number }>()
  for (const { line: at, cells } of rows) {
    if (cells.length !== count) {
      const halves = separator === ',' && cells.length > count && cells.length <= 2 * count && cells.every((cell) => /^[+−-]?\d+$/.test(cell))
      faults.push({ problem: halves ? 'decimalComma' : 'columns', line: at, expected: String(count), received: String(cells.length) })
      continue
    }
    const row: number[] = []
    for (const [i, cell] of cells.entries()) {
      const where = { line: at, column: i + 1, name: nameOf(i) }
      if (cell === '' || /^(na|nan|null|none|\?|-)$/i.test(cell)) faults.push({ problem: 'gap', ...where, expected: columns[i]!.kind, received: cell })
      else if (columns[i]!.kind === 'class') {
        if (!classes.has(cell)) classes.set(cell, { line: at })
        row.push([...classes.keys()].indexOf(cell))
      } else {
        const value = numberOf(cell, comma)
        if (value === undefined) faults.push({ problem: 'text', ...where, received: shown(cell) })
        else if (!(Math.abs(value) <= LARGEST_NUMBER)) faults.push({ problem: 'huge', ...where, expected: String(LARGEST_NUMBER), received: shown(cell) })
        else row.push(value)
      }
    }
    if (row.length === count) values.push(row)
  }
  if (faults.length > 0) return fail(...faults)
  if (values.length < min) return fail({ problem: 'few', expected: String(min), received: String(values.length) })
  if (values.length > max) return fail({ problem: 'many', line: rows[max]!.line, expected: String(max), received: String(values.length) })

  const at = columns.findIndex(({ kind }) => kind === 'class')
  if (at !== -1) {
    const names = [...classes.keys()]
    if (names.length === 1) return fail({ problem: 'oneClass', column: at + 1, name: nameOf(at), received: shown(names[0]!) })
    if (names.length > 2) return fail({ problem: 'classes', line: classes.get(names[2]!)!.line, column: at + 1, name: nameOf(at), expected: names.slice(0, 2).map(shown).join(', '), received: shown(names[2]!) })
    const order = [...names].sort((p, q) => (numberOf(p, comma) ?? 0) - (numberOf(q, comma) ?? 0) || (p < q ? -1 : 1)) as [string, string]
    for (const row of values) row[at] = order.indexOf(names[row[at]!]!)
    if (order[0] !== '0' || order[1] !== '1') notes.push({ kind: 'classes', names: order })
  }
  for (const [i, { range, fit }] of columns.entries()) {
    if (range === undefined || fit === undefined) continue
    const column = values.map((row) => row[i]!)
    const [low, high] = [Math.min(...column), Math.max(...column)]
    if (low >= range[0] && high <= range[1]) continue
    if (low === high) return fail({ problem: 'constant', column: i + 1, name: nameOf(i), received: String(low) })
    for (const row of values) row[i] = fit[0] + ((row[i]! - low) / (high - low)) * (fit[1] - fit[0])
    notes.push({ kind: 'scaled', name: nameOf(i), from: [low, high], to: fit })
  }
  return { ok: true, rows: values.map((row) => row.map((v) => Number(v.toFixed(4)))), notes }
}

/** The sign between the cells: the one of ; tab | , that cuts most lines into the wanted number of cells; '' lets the parser guess. */
function separatorOf(text: string, count: number): string {
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '').slice(0, 20)
  const hits = (sign: string): number => lines.filter((line) => line.split(sign).length === count).length
  const best = [';', '\t', '|', ','].reduce((a, b) => (hits(b) > hits(a) ? b : a))
  if (hits(best) > 0) return best
  return [';', '\t', '|', ','].find((sign) => lines.some((line) => line.includes(sign))) ?? ','
}

/** Points as a table again: comma between, point in numbers. */
export const writeCsv = (head: readonly string[], rows: readonly (readonly (number | string)[])[]): string => [head, ...rows].map((row) => row.join(',')).join('\n')
