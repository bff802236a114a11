// CSV files row by row (RFC 4180, through the library csv-parse, loaded on use): any size, separator found from the first lines.
import { FormatError, optionsOf } from '../../base/index.ts'
import { type DataFile, decoded, piecesOf } from '../stream/lines.ts'
import { Stream } from '../stream/stream.ts'

export interface CsvOptions {
  /** Default: the one of tab, semicolon and comma that the first line has most of. */
  readonly separator?: string
  /** Names of the columns for a file whose first line is no header. */
  readonly header?: readonly string[]
}
/** A row of a file, as text. */
export interface CsvRow {
  readonly cells: readonly string[]
  /** Line on which it ends, from 1. */
  readonly line: number
}
export interface CsvFile {
  readonly name: string
  readonly columns: readonly string[]
  /** The rows, some at a time. */
  readonly groups: AsyncIterable<readonly CsvRow[]>
}

/** A name in an error: quoted, and not without end. */
export const quoted = (name: string): string => JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name)
/** Some names in an error. */
export const listed = (names: readonly string[]): string => names.slice(0, 8).map((name) => (name.length > 40 ? `${name.slice(0, 40)}…` : name)).join(', ') + (names.length > 8 ? ', …' : '')

/** Characters of one row. */
const LONGEST = 2 ** 18

/**
 * The rows of a CSV file as objects of texts, by the names of its columns; streamed, so the file may be larger than memory. Empty
 * lines are passed over. Node.
 *
 * @throws FormatError, when a pass comes to it, that names file and line: a row with more or fewer cells, a quote that is never
 *   closed, two columns of one name, not UTF-8.
 * @example
 * ```ts
 * import { csvRows } from 'gradus/data'
 *
 * const file = new TextEncoder().encode('name;height\n"Ann; 7";1.2\nBob;1.4\n')
 * await csvRows(file).map((row) => row.name).toArray() // → ['Ann; 7', 'Bob']
 * ```
 */
export function csvRows(file: DataFile, options: CsvOptions = {}): Stream<Readonly<Record<string, string>>> {
  optionsOf('csvRows', options)
  return Stream.from(async function* () {
    const { columns, groups } = await openCsv('csvRows', file, options)
    for await (const group of groups) {
      for (const { cells } of group) {
        // no names that every object has: a column may be called __proto__
        const row = Object.create(null) as Record<string, string>
        columns.forEach((name, i) => (row[name] = cells[i]!))
        yield row
      }
    }
  })
}

/** Opens a file: its header is read, its rows when they are asked for (once). */
export async function openCsv(operation: string, file: DataFile, { separator, header }: CsvOptions = {}): Promise<CsvFile> {
  const { name, pieces } = await piecesOf(operation, file)
  const text = decoded(operation, name, pieces)
  const refuse = (problem: string, parts: { expected?: string; received?: string; remedy?: string } = {}): FormatError => new FormatError(operation, `${name}${problem}`, parts)
  // enough of it for the first line
  let start = ''
  for (let next = await text.next(); ; next = await text.next()) {
    if (next.done === true) break
    start += next.value
    if (start.trimStart().includes('\n') || start.length > LONGEST) break
  }
  if (start.trim() === '') throw refuse(' is empty')
  const rows = parsed(start, text, separator ?? separatorOf(start), refuse)
  let group: CsvRow[] = []
  while (group.length === 0) {
    const next = await rows.next()
    if (next.done === true) break
    group = next.value
  }
  const first = header ?? group.shift()?.cells
  if (first === undefined) throw refuse(' is empty')
  const columns = first.map((column) => column.trim())
  const twice = columns.findIndex((column, i) => columns.indexOf(column) !== i)
  if (twice !== -1) throw refuse(`: two columns are called ${quoted(columns[twice]!)}`, { remedy: 'Rename one of them.' })
  const unnamed = columns.indexOf('')
  if (unnamed !== -1) throw refuse(`: column ${unnamed + 1} has no name`, { remedy: 'Name it in the first line, or pass header: [...].' })
  return { name, columns, groups: checked() }

  async function* checked(): AsyncGenerator<CsvRow[], void, undefined> {
    try {
      for (;;) {
        const odd = group.find((row) => row.cells.length !== columns.length)
        if (odd !== undefined) throw refuse(`, line ${odd.line}: ${odd.cells.length} cells`, { expected: `${columns.length} (${listed(columns)})`, received: JSON.stringify(odd.cells.join(' | ').slice(0, 60)) })
        yield group
        const next = await rows.next()
        if (next.done === true) return
        group = next.value
      }
    } finally {
      await rows.return(undefined)
      await text.return(undefined)
    }
  }
}

type Refuse = (problem: string, parts?: { expected?: string; received?: string; remedy?: string }) => FormatError

/** Rows in groups, as pieces of the file give them: a promise for each row would take longer than its parsing. */
async function* parsed(start: string, rest: AsyncIterable<string>, separator: string, refuse: Refuse): AsyncGenerator<CsvRow[], void, undefined> {
  const { parse } = await import('csv-parse')
  const parser = parse({ delimiter: separator, info: true, relax_column_count: true, skip_empty_lines: true, record_delimiter: ['\r\n', '\n', '\r'], max_record_size: LONGEST })
  let failed: Failure | null = null
  parser.on('error', (error: Failure) => (failed = error))
  /** Hands a piece over (null: the end) and takes the rows that are whole with it. */
  const feed = async (piece: string | null): Promise<CsvRow[]> => {
    const taken = new Promise<void>((resolve) => {
      if (piece === null) parser.end(resolve)
      else parser.write(piece, () => resolve())
      parser.once('close', resolve)
    })
    const rows: CsvRow[] = []
    const take = (): void => {
      for (let row = parser.read() as Parsed | null; row !== null; row = parser.read() as Parsed | null) rows.push({ cells: row.record, line: row.info.lines })
    }
    take()
    // the callback comes when the rows are read
    parser.on('readable', take)
    await taken
    parser.off('readable', take)
    take()
    parser.removeAllListeners('close')
    if (failed !== null) throw storyOf(failed, refuse)
    return rows
  }
  try {
    yield await feed(start)
    for await (const piece of rest) yield await feed(piece)
    yield await feed(null)
  } finally {
    parser.destroy()
  }
}
interface Parsed {
  readonly record: string[]
  readonly info: { readonly lines: number }
}
interface Failure {
  readonly code?: string
  readonly lines?: number
  readonly message: string
}
function storyOf({ code = '', lines, message }: Failure, refuse: Refuse): FormatError {
  const known = PROBLEMS[code]
  return refuse(`, line ${lines ?? '?'}: ${known?.[0] ?? message.slice(0, 200)}`, known === undefined ? {} : { remedy: known[1] })
}
const PROBLEMS: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  CSV_QUOTE_NOT_CLOSED: ['a quote is never closed', 'Close it, or double quotes that belong to the text ("").'],
  CSV_INVALID_CLOSING_QUOTE: ['text after a closing quote', 'Double quotes that belong to the text ("").'],
  INVALID_OPENING_QUOTE: ['a quote in the middle of a cell', 'Put the whole cell in quotes, and double those in it ("").'],
  CSV_MAX_RECORD_SIZE: ['the row is too long', `Rows have at most ${LONGEST} characters: is a quote never closed?`],
}

/** Of the first line that has text. */
function separatorOf(text: string): string {
  const line = text.trimStart().split('\n', 1)[0]!.replace(/"(?:[^"]|"")*"/g, '')
  const count = (sign: string): number => line.split(sign).length
  const [best] = ['\t', ';', ','].sort((a, b) => count(b) - count(a))
  return count(best!) > 1 ? best! : ','
}
