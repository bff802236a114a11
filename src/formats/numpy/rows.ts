// The rows of an array in an npy or npz file, read a piece at a time: for files larger than memory.
import { type NDArray, argumentOf, textOf } from '../../base/index.ts'
import { fromRaw, rawSize } from '../elements/element-types.ts'
import { type Fault, faultOf, quote } from '../fault.ts'
import { type ByteSource, bytesSource, sourceOf } from '../source/source.ts'
import { isCount } from '../strict-json.ts'
import { openArchive } from '../zip/archive.ts'
import { NPY_START, parseNpyHeader } from './header.ts'
import { arrange } from './npy.ts'

/** An array (N, …) of an open file. */
export interface ArrayRows {
  readonly name: string
  /** N. */
  readonly length: number
  /** Bytes of a row in the file. */
  readonly row: number
  /** Rows from `start` up to `stop`, not included. */
  read(start: number, stop: number): Promise<NDArray>
  close(): Promise<void>
}

/**
 * The rows of an npy file, or of one array of an npz file (`array` names it where there are several). An array that is compressed
 * (np.savez_compressed) is unpacked whole.
 *
 * @throws FormatError for a damaged file, a single number, or an array stored columns first.
 */
export async function openRowsOf(source: ByteSource, array?: string): Promise<ArrayRows> {
  sourceOf('openRowsOf', source)
  if (array !== undefined) textOf('openRowsOf', 'array', array)
  const fault = faultOf('arrayRows', source.name)
  const head = await source.read(0, Math.min(source.size, NPY_START))
  if (!(head[0] === 0x50 && head[1] === 0x4b)) return rowsAt(source, 0, source.size, head, { fault, name: source.name, close: () => source.close() })
  const archive = await openArchive(source, fault)
  const names = [...archive.entries.keys()].filter((name) => name.endsWith('.npy')).map((name) => name.slice(0, -4))
  const wanted = array ?? (names.length === 1 ? names[0]! : undefined)
  const entry = wanted === undefined ? undefined : archive.entries.get(`${wanted}.npy`)
  if (entry === undefined) throw fault(wanted === undefined ? 'there are several arrays' : `there is no array ${quote(wanted)}`, { expected: `one of ${names.slice(0, 8).map(quote).join(', ')}`, remedy: 'Name it: { array: … }.' })
  const part = { fault: faultOf('arrayRows', `${source.name}: ${quote(wanted!)}`), name: `${source.name}: ${wanted}`, close: () => source.close() }
  if (entry.method !== 0) {
    const bytes = await archive.load(entry)
    return rowsAt(bytesSource(bytes), 0, bytes.length, bytes.subarray(0, NPY_START), part)
  }
  return rowsAt(source, await archive.dataStart(entry), entry.size, await archive.start(entry, NPY_START), part)
}

interface Part {
  readonly fault: Fault
  readonly name: string
  readonly close: () => Promise<void>
}
function rowsAt(source: ByteSource, from: number, size: number, head: Uint8Array, { fault, name, close }: Part): ArrayRows {
  const header = parseNpyHeader(head, size, fault)
  const { type, shape } = header
  if (shape.length === 0) throw fault('this is one number, it has no rows')
  if (header.fortran && shape.length > 1) throw fault('the array is stored columns first: a row is not in one place', { remedy: 'Write it anew: np.save(file, np.ascontiguousarray(x)).' })
  const one = shape.slice(1)
  const row = rawSize(type, one)
  return {
    name, row, close,
    length: shape[0]!,
    read: async (start, stop) => {
      argumentOf('arrayRows', isCount(start) && isCount(stop) && start <= stop && stop <= shape[0]!, 'rows', `start and stop, from 0 to ${shape[0]}`, [start, stop])
      const bytes = await source.read(from + header.start + start * row, (stop - start) * row)
      const part = [stop - start, ...one]
      return fromRaw({ type, shape: part, bytes: arrange(bytes, { ...header, fortran: false }) }, { operation: 'arrayRows', file: name, tensor: 'array' })
    },
  }
}
