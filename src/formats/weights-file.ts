// An open file of named arrays, whatever its format: its table is in memory, the numbers are read when asked for.
import { FormatError, type NDArray, type Shape } from '../base/index.ts'
import { type ElementType, type RawArray, fromRaw, rawSize } from './elements/element-types.ts'
import { quote } from './fault.ts'
import type { ByteSource } from './source/source.ts'

/** What a file says about one array. */
export interface TensorInfo {
  /** Type of its elements in the file: F32, BF16, I64, Q4_K … */
  readonly type: string
  readonly shape: Shape
  /** Bytes it takes in the file. */
  readonly bytes: number
}

/** Values a file says about itself. */
export type MetadataValue = string | number | bigint | boolean | readonly MetadataValue[]

/** A file of named arrays, open: safetensors, npz, PyTorch, GGUF, Keras. */
export interface WeightsFile {
  readonly format: string
  /** Its path or name. */
  readonly name: string
  /** Bytes of the file. */
  readonly size: number
  readonly metadata: ReadonlyMap<string, MetadataValue>
  readonly tensors: ReadonlyMap<string, TensorInfo>
  /** One array in the engine's types. Only its bytes are read. */
  read(name: string): Promise<NDArray>
  /** One array as the file holds it, without loss; refused where the type is a packing of the format's own (GGUF's quantised blocks). */
  readRaw(name: string): Promise<RawArray>
  /** Every array. */
  readAll(): Promise<Map<string, NDArray>>
  close(): Promise<void>
}

/** An entry of a format's table: how its bytes are found, and decoded where they are no plain elements. */
export interface StoredTensor extends TensorInfo {
  /** Little-endian, row-major elements. */
  load(): Promise<Uint8Array>
  /** For packed types: the numbers. */
  readonly decode?: (bytes: Uint8Array) => NDArray
}

interface Parts {
  readonly format: string
  readonly operation: string
  readonly source: Pick<ByteSource, 'name' | 'size' | 'close'>
  /** What `load` gives is memory of its own: an array may lie in it. */
  readonly keep?: boolean
  readonly metadata?: ReadonlyMap<string, MetadataValue>
  readonly tensors: ReadonlyMap<string, StoredTensor>
}

/** The open file over a format's table. */
export function weightsFile({ format, operation, source, metadata = new Map(), tensors, keep = false }: Parts): WeightsFile {
  const find = (name: string): StoredTensor => {
    const found = tensors.get(name)
    if (found !== undefined) return found
    const names = [...tensors.keys()]
    throw new FormatError(operation, `${source.name}: there is no tensor ${quote(String(name))}`, { expected: names.slice(0, 8).join(', ') + (names.length > 8 ? `, … (${names.length})` : '') })
  }
  const plain = async (name: string, found: StoredTensor): Promise<RawArray> => {
    const bytes = await found.load()
    const type = found.type as ElementType
    if (rawSize(type, found.shape) !== bytes.length) throw new FormatError(operation, `${source.name}: ${quote(name)} has another length than its shape says`, { expected: `${rawSize(type, found.shape)} bytes`, received: String(bytes.length) })
    return { type, shape: found.shape, bytes }
  }
  const read = async (name: string): Promise<NDArray> => {
    const found = find(name)
    return found.decode === undefined ? fromRaw(await plain(name, found), { operation, file: source.name, tensor: name }, { keep }) : found.decode(await found.load())
  }
  return {
    format, name: source.name, size: source.size, metadata,
    tensors: new Map([...tensors].map(([name, { type, shape, bytes }]) => [name, { type, shape, bytes }])),
    read,
    readRaw: async (name) => {
      const found = find(name)
      if (found.decode !== undefined) throw new FormatError(operation, `${source.name}: ${quote(name)} is packed (${found.type})`, { remedy: 'read() gives its numbers.' })
      return plain(name, found)
    },
    readAll: async () => {
      const all = new Map<string, NDArray>()
      for (const name of tensors.keys()) all.set(name, await read(name))
      return all
    },
    close: () => source.close(),
  }
}
