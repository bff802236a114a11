// A file of two columns: tab-separated, or CSV with commas or semicolons and quotes (RFC 4180). Columns after the second are left out.
import { FormatError, ValueError } from '../../base/index.ts'
import { readText } from './read.ts'

export interface Pair {
  readonly first: string
  readonly second: string
}
const NAMES: Readonly<Record<string, string>> = { '\t': 'a tab', ',': 'a comma', ';': 'a semicolon' }

/**
 * The rows of a file, both cells trimmed.
 *
 * @throws ValueError or FormatError when there is no such file, it is no UTF-8, has one column, a row that lacks a cell, or too few rows.
 */
export async function readPairs(file: string, least: number): Promise<Pair[]> {
  const text = await readText(file)
  const separator = separatorOf(text, file)
  const rows = separator === '\t' ? text.split('\n').map((line, i) => ({ cells: line.split('\t'), line: i + 1 })) : csvRows(text, separator, file)
  const pairs: Pair[] = []
  for (const { cells, line } of rows) {
    if (cells.every((cell) => cell.trim() === '')) continue
    const [first, second] = [cells[0]!.trim(), cells[1]?.trim()]
    if (second === undefined) throw new FormatError('train', `${file}, line ${line}: one column`, { expected: `two, with ${NAMES[separator]} between them`, received: JSON.stringify(first.slice(0, 60)) })
    if (first === '' || second === '') throw new FormatError('train', `${file}, line ${line}: the ${first === '' ? 'first' : 'second'} column is empty`, { remedy: 'Fill it, or take the line out.' })
    pairs.push({ first, second })
  }
  if (pairs.length < least) throw new ValueError('train', `${file} is too short`, { expected: `at least ${least} lines of two columns`, received: String(pairs.length) })
  return pairs
}

/** A tab if the first line has one; else the sign that a CSV file of this text would have. */
function separatorOf(text: string, file: string): string {
  const line = text.split('\n').find((l) => l.trim() !== '')!
  const plain = line.replace(/"(?:[^"]|"")*"/g, '')
  const found = ['\t', ';', ','].find((sign) => plain.includes(sign))
  if (found === undefined) throw new FormatError('train', `${file} has one column`, { expected: 'two columns with a tab, a comma or a semicolon between them', received: JSON.stringify(line.slice(0, 60)) })
  // a sentence may have a comma, and a file of sentences separated by semicolons then has both
  return found
}

function csvRows(text: string, separator: string, file: string): { cells: string[]; line: number }[] {
  const rows: { cells: string[]; line: number }[] = []
  let cells: string[] = []
  let [at, line, began] = [0, 1, 1]
  while (at < text.length) {
    let cell = ''
    if (text[at] === '"') {
      const from = line
      for (at++; ; at++) {
        if (at >= text.length) throw new FormatError('train', `${file}, line ${from}: a quote is never closed`, { remedy: 'Close it, or double quotes that belong to the text ("").' })
        if (text[at] === '\n') line++
        if (text[at] !== '"') cell += text[at]
        else if (text[at + 1] === '"') cell += text[at++]
        else break
      }
      at++
      if (at < text.length && text[at] !== separator && text[at] !== '\n') throw new FormatError('train', `${file}, line ${line}: text after a closing quote`, { expected: `${NAMES[separator]} or the end of the line`, received: JSON.stringify(text[at]) })
    } else while (at < text.length && text[at] !== separator && text[at] !== '\n') cell += text[at++]
    cells.push(cell)
    if (at >= text.length || text[at] === '\n') {
      rows.push({ cells, line: began })
      cells = []
      began = ++line
    }
    at++
  }
  return rows
}
