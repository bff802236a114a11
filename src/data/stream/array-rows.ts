// Rows of arrays in idx, npy and npz files, read piece by piece: the file may be larger than memory, a row may not.
import { FormatError, type NDArray, ValueError, optionsOf, sizeOf } from '../../base/index.ts'
import { isGzip } from '../gzip.ts'
import { parseIdx, parseIdxStart } from '../idx.ts'
import { type DataFile, fileOf } from './lines.ts'
import { Stream } from './stream.ts'

/** Bytes read at once, but at least a row. */
const PIECE = 2 ** 20

/** A file open for reading rows. */
interface Rows {
  readonly name: string
  readonly length: number
  /** Bytes of a row. */
  readonly row: number
  read(start: number, stop: number): Promise<NDArray>
  close(): Promise<void>
}

/**
 * The rows (…) of an array (N, …) in an idx or npy file, one after another; `array` names one of an npz file. A pass can begin at
 * any row without reading those before. Resolves to a stream whose length is known.
 *
 * @throws FormatError for what is no such file, is damaged, or packed (gzip: an idx file must be unpacked to be read by rows).
 * @example
 * ```ts
 * import { arrayRows, writeIdx } from 'gradus/data'
 *
 * const file = writeIdx({ dtype: 'uint8', shape: [3, 2], data: Uint8Array.of(1, 2, 3, 4, 5, 6) })
 * const rows = await arrayRows(file)
 * await rows.skip(1).map(({ data }) => data[0]!).toArray() // → [3, 5]
 * ```
 */
export async function arrayRows(file: DataFile, options: { readonly array?: string } = {}): Promise<Stream<NDArray>> {
  optionsOf('arrayRows', options)
  const first = await openRows(file, options.array)
  const { name, length, row } = first
  await first.close()
  // a few bytes would claim any number of rows, each as good as no row
  if (row === 0 && length > 0) throw new FormatError('arrayRows', `${name}: the rows are empty`, { expected: 'at least a number in each row', received: `${length} rows of 0 bytes` })
  return Stream.at((start) => rowsFrom(file, options.array, start), length)
}

async function* rowsFrom(file: DataFile, array: string | undefined, start: number): AsyncGenerator<NDArray, void, undefined> {
  const rows = await openRows(file, array)
  try {
    const step = Math.max(1, Math.floor(PIECE / Math.max(1, rows.row)))
    for (let at = start; at < rows.length; at += step) {
      const { dtype, shape, data } = await rows.read(at, Math.min(rows.length, at + step))
      const [one, size] = [shape.slice(1), sizeOf(shape.slice(1))]
      for (let i = 0; i < shape[0]!; i++) yield { dtype, shape: one, data: data.subarray(i * size, (i + 1) * size) }
    }
  } finally {
    await rows.close()
  }
}

async function openRows(file: DataFile, array: string | undefined): Promise<Rows> {
  const { openSource, openRowsOf } = await import('../../formats/index.ts')
  const source = await openSource('arrayRows', fileOf('arrayRows', file))
  const { name } = source
  try {
    const head = await source.read(0, Math.min(source.size, 4 + 4 * 255))
    if (isGzip(head)) throw new ValueError('arrayRows', `${name} is gzipped: its rows cannot be read one by one`, { remedy: 'Unpack it (gunzip), or read the whole of it (readIdx).' })
    if (!(head[0] === 0 && head[1] === 0)) return await openRowsOf(source, array)
    const { kind, shape, start } = parseIdxStart(head, source.size, name, { operation: 'arrayRows', limit: Number.MAX_SAFE_INTEGER })
    if (shape.length === 0) throw new ValueError('arrayRows', `${name} holds one number, no rows`)
    const row = sizeOf(shape.slice(1)) * kind.bytes
    return {
      name, length: shape[0]!, row,
      read: async (from, to) => {
        // the piece as an idx file of its own: the same header, with as many rows
        const body = await source.read(start + from * row, (to - from) * row)
        const piece = new Uint8Array(start + body.length)
        piece.set(head.subarray(0, start))
        new DataView(piece.buffer).setUint32(4, to - from)
        piece.set(body, start)
        return parseIdx(piece, name)
      },
      close: () => source.close(),
    }
  } catch (error) {
    await source.close()
    throw error
  }
}
