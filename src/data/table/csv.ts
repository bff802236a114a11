// CSV files row by row (RFC 4180, through the library csv-parse, loaded on use): any size, separator found from the first lines.
import { FormatError, nodeModule } from '../../base/index.ts'
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
  readonly rows: AsyncIterable<CsvRow>
}

/** Characters of one row. */
const LONGEST = 2 ** 20

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
  return Stream.from(async function* () {
    const { columns, rows } = await openCsv('csvRows', file, options)
    for await (const { cells } of rows) {
      // no names that every object has: a column may be called __proto__
      const row = Object.create(null) as Record<string, string>
      columns.forEach((name, i) => (row[name] = cells[i]!))
      yield row
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
    if (/\S[^]*\n/.test(start) || start.length > LONGEST) break
  }
  if (start.trim() === '') throw refuse(' is empty')
  const rows = parsed(start, text, separator ?? separatorOf(start), refuse)
  const first = header === undefined ? await rows.next() : null
  if (first?.done === true) throw refuse(' is empty')
  const columns = (header ?? (first as IteratorYieldResult<CsvRow>).value.cells).map((column) => column.trim())
  const twice = columns.findIndex((column, i) => columns.indexOf(column) !== i)
  if (twice !== -1) throw refuse(`: two columns are called ${JSON.stringify(columns[twice])}`, { remedy: 'Rename one of them.' })
  const unnamed = columns.indexOf('')
  if (unnamed !== -1) throw refuse(`: column ${unnamed + 1} has no name`, { remedy: 'Name it in the first line, or pass header: [...].' })
  return { name, columns, rows: checked(rows) }

  async function* checked(all: AsyncGenerator<CsvRow, void, undefined>): AsyncGenerator<CsvRow, void, undefined> {
    for await (const row of all) {
      if (row.cells.length !== columns.length) throw refuse(`, line ${row.line}: ${row.cells.length} cells`, { expected: `${columns.length} (${columns.slice(0, 6).join(', ')}${columns.length > 6 ? ', …' : ''})`, received: JSON.stringify(row.cells.join(' | ').slice(0, 60)) })
      yield row
    }
  }
}

type Refuse = (problem: string, parts?: { expected?: string; received?: string; remedy?: string }) => FormatError

async function* parsed(start: string, rest: AsyncIterable<string>, separator: string, refuse: Refuse): AsyncGenerator<CsvRow, void, undefined> {
  const { parse } = await import('csv-parse')
  const { Readable, pipeline } = nodeModule<typeof import('node:stream')>('node:stream', 'csvRows')
  async function* all(): AsyncGenerator<string, void, undefined> {
    yield start
    yield* rest
  }
  const parser = parse({ delimiter: separator, info: true, relax_column_count: true, skip_empty_lines: true, record_delimiter: ['\r\n', '\n', '\r'], max_record_size: LONGEST })
  const source = Readable.from(all())
  pipeline(source, parser, () => {})
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) yield { cells: record, line: info.lines }
  } catch (error) {
    const { code = '', lines, message } = error as { code?: string; lines?: number; message: string }
    const known = PROBLEMS[code]
    if (known === undefined && !code.startsWith('CSV_')) throw error
    throw refuse(`, line ${lines ?? '?'}: ${known?.[0] ?? message.slice(0, 200)}`, known === undefined ? {} : { remedy: known[1] })
  } finally {
    source.destroy()
    parser.destroy()
  }
}
const PROBLEMS: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  CSV_QUOTE_NOT_CLOSED: ['a quote is never closed', 'Close it, or double quotes that belong to the text ("").'],
  CSV_INVALID_CLOSING_QUOTE: ['text after a closing quote', 'Double quotes that belong to the text ("").'],
  INVALID_OPENING_QUOTE: ['a quote in the middle of a cell', 'Put the whole cell in quotes, and double those in it ("").'],
  CSV_MAX_RECORD_SIZE: ['the row is too long', `Rows have at most ${LONGEST} characters: is a quote never closed?`],
}

/** Of the first line that has text. */
function separatorOf(text: string): string {
  const line = text.split('\n').find((l) => l.trim() !== '')!.replace(/"(?:[^"]|"")*"/g, '')
  const count = (sign: string): number => line.split(sign).length
  const [best] = ['\t', ';', ','].sort((a, b) => count(b) - count(a))
  return count(best!) > 1 ? best! : ','
}
