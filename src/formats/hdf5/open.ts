// An HDF5 file in memory: its arrays by path, and texts that its first group has as attributes. What h5py writes for Keras:
// groups in groups, float arrays in one piece; compressed arrays, links to elsewhere and types of one's own are not read.
import { type Fault, quote } from '../fault.ts'
import { Hdf5Bytes } from './bytes.ts'
import { linksOf } from './groups.ts'
import { messagesAt } from './messages.ts'
import { type Hdf5Array, arrayOf, numbersOf, textAttribute } from './values.ts'

export interface Hdf5File {
  /** Paths of arrays, in the order of the file. */
  readonly arrays: ReadonlyMap<string, Hdf5Entry>
  /** A text attribute of the first group. */
  text(name: string): string | null
}
export interface Hdf5Entry {
  /** Null: not to be read. */
  readonly shape: readonly number[] | null
  /** Its numbers as float32. */
  read(): Float32Array
}

const [MAX_DEPTH, MAX_ARRAYS, MAX_PATH] = [12, 20_000, 1000]
const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
export const isHdf5 = (start: Uint8Array): boolean => SIGNATURE.every((b, i) => start[i] === b)

/**
 * Reads the table of an HDF5 file. Arrays together are no larger than the file, no object is read twice.
 *
 * @throws FormatError by way of `fault`, for a damaged file, a circle of groups, limits passed, and what is not supported.
 */
export function openHdf5(bytes: Uint8Array, fault: Fault): Hdf5File {
  if (!isHdf5(bytes)) throw fault('its HDF5 does not begin with the signature of HDF5')
  const file = new Hdf5Bytes(bytes, fault)
  const first = rootOf(file)
  const root = messagesAt(file, first)
  const arrays = new Map<string, Hdf5Entry>()
  const seen = new Set([first])
  let total = 0
  const visit = (links: ReadonlyMap<string, number>, prefix: string, depth: number): void => {
    if (depth > MAX_DEPTH) throw fault('its HDF5: groups nested too deeply', { expected: `at most ${MAX_DEPTH} levels` })
    for (const [name, at] of links) {
      const path = prefix + name
      if (path.length > MAX_PATH) throw fault('its HDF5: a path too long', { expected: `at most ${MAX_PATH} characters`, received: quote(path) })
      if (seen.has(at)) throw fault(`its HDF5: ${quote(path)} is there twice`, { remedy: 'Groups in a circle and arrays of two names are not supported.' })
      seen.add(at)
      const messages = messagesAt(file, at)
      const inner = linksOf(file, messages)
      if (inner !== null) {
        visit(inner, `${path}/`, depth + 1)
        continue
      }
      const array = arrayOf(file, messages)
      if (array === null) continue
      if (arrays.size >= MAX_ARRAYS) throw fault('its HDF5: too many arrays', { expected: `at most ${MAX_ARRAYS}` })
      if (!('problem' in array)) total += array.shape.reduce((n, d) => n * d, array.width)
      if (total > bytes.length) throw fault('its HDF5: arrays together are larger than the file', { expected: `at most ${bytes.length} bytes` })
      arrays.set(path, entryOf(file, path, array, fault))
    }
  }
  const links = linksOf(file, root)
  if (links === null) throw fault('its HDF5 does not begin with a group')
  visit(links, '', 0)
  return { arrays, text: (name) => textAttribute(file, root, name) }
}

function entryOf(file: Hdf5Bytes, path: string, array: Hdf5Array | { readonly problem: string }, fault: Fault): Hdf5Entry {
  if (!('problem' in array)) return { shape: array.shape, read: () => numbersOf(file, array) }
  return { shape: null, read: () => { throw fault(`${quote(path)} is ${array.problem}`) } }
}

/** The header of the first group. */
function rootOf(file: Hdf5Bytes): number {
  file.begin('superblock', 0, 48)
  const version = file.version(8, 0, 1, 2, 3)
  const sizes = version < 2 ? 13 : 9
  if (file.u8(sizes) !== 8 || file.u8(sizes + 1) !== 8) throw file.bad('has addresses or sizes that are not 64 bits', `${file.u8(sizes)} and ${file.u8(sizes + 1)} bytes`)
  const base = file.u64(version === 0 ? 24 : version === 1 ? 28 : 12)
  if (base !== 0) throw file.bad('has a base address that is not 0', base)
  return file.u64(version === 0 ? 64 : version === 1 ? 68 : 36)
}
