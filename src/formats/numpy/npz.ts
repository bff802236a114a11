// npz files: a zip archive of npy files, by name.
import { FormatError, type NDArray, bytesOf, optionsOf } from '../../base/index.ts'
import { type Arrays, entriesOf } from '../elements/given.ts'
import { faultOf, quote } from '../fault.ts'
import { type ByteSource, type FileInput, type SourceOptions, bytesSource, openWith } from '../source/source.ts'
import { type StoredTensor, type WeightsFile, weightsFile } from '../weights-file.ts'
import { type ArchiveOptions, openArchive } from '../zip/archive.ts'
import { writeZip } from '../zip/write.ts'
import { NPY_START, parseNpyHeader } from './header.ts'
import { arrange, npyBytes } from './npy.ts'

const OPERATION = 'npz'

export interface NpzOptions extends ArchiveOptions, SourceOptions {}

/** An open npz file over any source. */
export async function npzOf(source: ByteSource, options: ArchiveOptions = {}): Promise<WeightsFile> {
  const fault = faultOf(OPERATION, source.name)
  const archive = await openArchive(source, fault, options)
  const tensors = new Map<string, StoredTensor>()
  for (const entry of archive.entries.values()) {
    if (!entry.name.endsWith('.npy')) throw fault(`${quote(entry.name)} is no npy file`, { expected: 'names that end in .npy' })
    const inside = faultOf(OPERATION, `${source.name}: ${quote(entry.name)}`)
    const short = await archive.start(entry, 256)
    const length = short.length < 12 ? 0 : short[6] === 1 ? short[8]! | (short[9]! << 8) : new DataView(short.buffer, short.byteOffset).getUint32(8, true)
    const start = length <= 240 ? short : await archive.start(entry, Math.min(12 + length, NPY_START))
    const header = parseNpyHeader(start, entry.size, inside)
    tensors.set(entry.name.slice(0, -4), {
      type: header.type, shape: header.shape, bytes: header.bytes,
      load: async () => arrange((await archive.load(entry)).subarray(header.start), header),
    })
  }
  return weightsFile({ format: 'npz', operation: OPERATION, source, tensors, keep: source.map !== undefined })
}

/**
 * Opens an npz file (np.savez, np.savez_compressed): bytes, a Blob, or a path (Node). Each array is unpacked when asked for.
 *
 * @throws FormatError when the archive or a header in it is damaged, or an array holds Python objects.
 */
export function openNpz(input: FileInput, options: NpzOptions = {}): Promise<WeightsFile> {
  return openWith('openNpz', input, options, (source) => npzOf(source, options))
}

/**
 * All arrays of an npz file.
 *
 * @throws FormatError as `openNpz`.
 * @example
 * ```ts
 * import { readNpz, writeNpz } from 'gradus/formats'
 *
 * const bytes = writeNpz({ x: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } })
 * const arrays = await readNpz(bytes)
 * Array.from(arrays.get('x')!.data) // → [1, 2]
 * ```
 */
export async function readNpz(bytes: Uint8Array, options: NpzOptions = {}): Promise<Map<string, NDArray>> {
  bytesOf('readNpz', bytes)
  optionsOf('readNpz', options)
  return (await npzOf(bytesSource(bytes, options.name), options)).readAll()
}

/**
 * Writes arrays as an npz file, not compressed, as np.savez does.
 *
 * @throws FormatError for 4 GiB and more, or a name NumPy could not read back.
 * @example
 * ```ts
 * import { writeNpz } from 'gradus/formats'
 *
 * const bytes = writeNpz({ x: { dtype: 'uint8', shape: [1], data: Uint8Array.of(7) } })
 * String.fromCharCode(bytes[0]!, bytes[1]!) // → 'PK'
 * ```
 */
export function writeNpz(arrays: Arrays): Uint8Array<ArrayBuffer> {
  const list = entriesOf('writeNpz', 'arrays', arrays)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  for (const [name] of list) if (name === '' || /^\/|[\\\u0000-\u001f]/.test(name) || name.split('/').includes('..')) throw new FormatError('writeNpz', 'a name no archive can hold', { received: quote(name) })
  return writeZip('writeNpz', list.map(([name, array]) => [`${name}.npy`, npyBytes('writeNpz', quote(name), array)]))
}
