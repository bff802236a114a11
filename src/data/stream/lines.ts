// Text files line by line, as long as they may be: UTF-8, plain or gzipped. Only a piece of a file is in memory.
import { FormatError, ValueError, noText, nodeModule } from '../../base/index.ts'
import { DENSEST, isGzip } from '../gzip.ts'
import { Stream } from './stream.ts'

/** The path or file: address of a file (Node), a Blob or File, or bytes. */
export type DataFile = string | URL | Blob | Uint8Array
export interface Line {
  readonly text: string
  /** From 1. */
  readonly line: number
  readonly file: string
}

/** Bytes read at once. */
const PIECE = 2 ** 18
const LONGEST = 2 ** 23
/** Above this, packed files may grow so many times, as those that are read whole. */
const FREE = 2 ** 24
const MAX_RATIO = 100

/**
 * The lines of text files one after another, without their ends. gzipped files are unpacked on the way.
 *
 * @throws FormatError, when a pass comes to it: no such file, not UTF-8, a line of more than 8 Mi characters, or a packed file that grows a hundredfold.
 * @example
 * ```ts
 * import { textLines } from 'gradus/data'
 *
 * const lines = textLines(new TextEncoder().encode('one\r\ntwo\n'))
 * await lines.map((text) => text.length).toArray() // → [3, 3]
 * ```
 */
export const textLines = (files: DataFile | readonly DataFile[]): Stream<string> => Stream.from(() => texts(files))
async function* texts(files: DataFile | readonly DataFile[]): AsyncGenerator<string, void, undefined> {
  for await (const { text } of linesOf('textLines', files)) yield text
}

/**
 * One JSON value a line (JSONL, NDJSON). Empty lines are passed over.
 *
 * @throws FormatError, when a pass comes to it, that names file and line of what is no JSON.
 * @example
 * ```ts
 * import { jsonLines } from 'gradus/data'
 *
 * const rows = jsonLines<{ x: number }>(new TextEncoder().encode('{"x": 1}\n{"x": 2}\n'))
 * await rows.map(({ x }) => x).toArray() // → [1, 2]
 * ```
 */
export const jsonLines = <T = unknown>(files: DataFile | readonly DataFile[]): Stream<T> => Stream.from(() => values<T>(files))
async function* values<T>(files: DataFile | readonly DataFile[]): AsyncGenerator<T, void, undefined> {
  for await (const { text, line, file } of linesOf('jsonLines', files)) {
    if (text.trim() === '') continue
    let value: T
    try {
      value = JSON.parse(text) as T
    } catch (error) {
      throw new FormatError('jsonLines', `${file}, line ${line}: no JSON (${(error as Error).message.slice(0, 120)})`, { received: JSON.stringify(text.slice(0, 60)) })
    }
    yield value
  }
}

/** The lines with their places. */
export async function* linesOf(operation: string, files: DataFile | readonly DataFile[]): AsyncGenerator<Line, void, undefined> {
  for (const one of Array.isArray(files) ? (files as readonly DataFile[]) : [files as DataFile]) {
    const { name: file, pieces } = await piecesOf(operation, one)
    let line = 1
    // the beginning of a line whose end is still to come, in pieces
    let held: string[] = []
    let length = 0
    for await (const text of decoded(operation, file, pieces)) {
      const parts = text.split('\n')
      const open = parts.pop()!
      for (const part of parts) {
        const whole = held.length === 0 ? part : held.join('') + part
        held = []
        yield { text: whole.endsWith('\r') ? whole.slice(0, -1) : whole, line: line++, file }
      }
      length = (held.length === 0 ? 0 : length) + open.length
      if (open !== '') held.push(open)
      if (length > LONGEST) throw new FormatError(operation, `${file}, line ${line}: the line is too long`, { expected: `at most ${LONGEST} characters`, received: 'more', remedy: 'Is this a text file, with an end to each line?' })
    }
    if (held.length > 0) yield { text: held.join(''), line, file }
  }
}

/** Pieces of bytes as text; a byte order mark is left out. */
export async function* decoded(operation: string, file: string, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let lines = 1
  let first = true
  const decode = (piece?: Uint8Array): string => {
    try {
      return piece === undefined ? decoder.decode() : decoder.decode(piece as Uint8Array<ArrayBuffer>, { stream: true })
    } catch {
      throw notUtf8(operation, file, lines)
    }
  }
  for await (const piece of pieces) {
    const other = first ? noText(piece) : null
    if (other !== null) throw new FormatError(operation, `${file} ${other.what}`, { expected: 'a text file in UTF-8', remedy: other.remedy })
    first = false
    const text = decode(piece)
    yield text
    for (let i = piece.indexOf(10); i >= 0; i = piece.indexOf(10, i + 1)) lines++
  }
  const last = decode()
  if (last !== '') yield last
}
const notUtf8 = (operation: string, file: string, line: number): FormatError => new FormatError(operation, `${file} is not UTF-8`, { expected: 'a text file in UTF-8', received: `bytes that are none, in line ${line} or after it`, remedy: 'Convert it, for example: iconv -f WINDOWS-1251 -t UTF-8.' })

/** The address of a file as its path; nothing is fetched. */
export function fileOf(operation: string, file: DataFile): Exclude<DataFile, URL> {
  if (!(file instanceof URL)) return file
  if (file.protocol !== 'file:') throw new ValueError(operation, 'only files of this machine are read', { expected: 'file:…', received: file.protocol, remedy: 'Fetch it, and hand over the bytes.' })
  return nodeModule<typeof import('node:url')>('node:url', operation).fileURLToPath(file)
}

/** A file piece by piece, unpacked if it is gzipped. */
export async function piecesOf(operation: string, file: DataFile): Promise<{ readonly name: string; readonly pieces: AsyncIterable<Uint8Array> }> {
  const { openSource } = await import('../../formats/index.ts')
  const source = await openSource(operation, fileOf(operation, file))
  async function* raw(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (let at = 0; at < source.size; at += PIECE) yield await source.read(at, Math.min(PIECE, source.size - at))
    } finally {
      await source.close()
    }
  }
  const head = await source.read(0, Math.min(2, source.size))
  if (isGzip(head)) {
    // the unpacked length stands at the end; a file that lies about it is found out on the way
    const last = await source.read(Math.max(0, source.size - 4), Math.min(4, source.size))
    refuseBomb(operation, source.name, source.size, last.length < 4 ? 0 : new DataView(last.buffer, last.byteOffset).getUint32(0, true))
  }
  return { name: source.name, pieces: isGzip(head) ? unzipped(operation, source.name, source.size, raw()) : raw() }
}

function refuseBomb(operation: string, name: string, size: number, unpacked: number): void {
  if (unpacked > DENSEST * size) throw new FormatError(operation, `${name}: a damaged gzip file (cut off, or not gzip to its end)`, { remedy: 'Fetch the file again.' })
  if (unpacked > FREE && unpacked > MAX_RATIO * size) throw new FormatError(operation, `${name}: it unpacks to more than ${MAX_RATIO} times its size`, { expected: `at most ${MAX_RATIO * size} bytes`, received: String(unpacked), remedy: 'Unpack it yourself if you trust it.' })
}

async function* unzipped(operation: string, name: string, size: number, pieces: AsyncGenerator<Uint8Array, void, undefined>): AsyncGenerator<Uint8Array, void, undefined> {
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { done, value } = await pieces.next()
      if (done === true) controller.close()
      else controller.enqueue(value as Uint8Array<ArrayBuffer>)
    },
    cancel: () => pieces.return(undefined).then(() => {}),
  })
  const reader = source.pipeThrough(new DecompressionStream('gzip')).getReader()
  let total = 0
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw error instanceof FormatError ? error : new FormatError(operation, `${name}: a damaged gzip file (${error instanceof Error ? error.message : String(error)})`, { remedy: 'Fetch the file again.' })
      })
      if (done) return
      total += value.length
      refuseBomb(operation, name, size, total)
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
    await pieces.return(undefined)
  }
}
