// A file to read from at any place: bytes in memory, a Blob of the browser, or a file on disk (Node). Nothing is read ahead.
import { FormatError, argumentOf, fileError, nodeModule, objectOf, optionsOf, requireRegular, textOf } from '../../base/index.ts'

/** Random access to the bytes of a file. */
export interface ByteSource {
  /** Stands in error messages. */
  readonly name: string
  readonly size: number
  /** Exactly `length` bytes from `offset`; may share memory with the source. */
  read(offset: number, length: number): Promise<Uint8Array>
  /** The same as memory that the file is mapped to: the reader's to keep, without a copy. */
  map?(offset: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** Bytes, a Blob or File, the path of a file (Node), or something that reads at any place. */
export type FileInput = Uint8Array | Blob | string | ByteSource

const isBlob = (x: unknown): x is Blob => typeof Blob !== 'undefined' && x instanceof Blob

export interface SourceOptions {
  /** Stands in error messages, where the input has no name of its own. */
  readonly name?: string
  /**
   * Maps the file into memory instead of reading it (Node on Linux and macOS, with koffi; the input is a path). Tensors of 64 KiB
   * and more are then views of the file that take memory only where they are looked at, shared between processes; writing to one
   * changes neither the file nor another's view. They outlive `close`; what nobody sees any more is unmapped by the collector.
   * The file must not be shortened meanwhile: a look beyond its new end ends the process (SIGBUS). Default false.
   */
  readonly map?: boolean
}

const SOURCE = 'a source { name, size, read, close }'
/** Opens whatever stands for a file. Paths are files of this machine: nothing is fetched. */
export async function openSource(operation: string, input: FileInput, options: SourceOptions = {}): Promise<ByteSource> {
  textOf('openSource', 'operation', operation)
  const { name, map = false } = optionsOf(operation, options)
  if (typeof input === 'string') return fileSource(operation, input, map)
  if (map) throw new FormatError(operation, `${name ?? 'the file'}: only a file on disk can be mapped`, { expected: 'its path', received: input instanceof Uint8Array ? 'bytes' : isBlob(input) ? 'a Blob' : 'a source', remedy: 'Leave out { map: true }.' })
  if (input instanceof Uint8Array) return bytesSource(input, name)
  if (isBlob(input)) return blobSource(input, name)
  return sourceOf(operation, input, `a path, bytes (Uint8Array), a Blob, or ${SOURCE}`)
}

/** A file by what it holds, `open`; closed again where it does not hold that. */
export async function openWith<T>(operation: string, input: FileInput, options: SourceOptions, open: (source: ByteSource) => Promise<T>): Promise<T> {
  const source = await openSource(operation, input, options)
  try {
    return await open(source)
  } catch (error) {
    await source.close()
    throw error
  }
}

export function sourceOf(operation: string, x: ByteSource, wanted = SOURCE): ByteSource {
  const { read, close, size } = objectOf(operation, 'file', x, wanted)
  return argumentOf(operation, typeof read === 'function' && typeof close === 'function' && Number.isSafeInteger(size), 'file', wanted, x)
}

export function bytesSource(bytes: Uint8Array, name = 'the file'): ByteSource {
  return {
    name, size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    close: async () => {},
  }
}

function blobSource(blob: Blob, name = (blob as Partial<File>).name ?? 'the file'): ByteSource {
  return {
    name, size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
    close: async () => {},
  }
}

/** A regular file on disk; pipes and devices are refused, for they have no end. */
async function fileSource(operation: string, path: string, map: boolean): Promise<ByteSource> {
  const { open, stat } = nodeModule<typeof import('node:fs')>('node:fs', operation).promises
  const refuse = (error: unknown): never => {
    throw fileError(operation, path, error)
  }
  const found = await stat(path).catch(refuse)
  requireRegular(operation, path, found)
  const mapper = map ? (await import('./mapping.ts')).mapperOf(operation, path) : undefined
  const handle = await open(path, 'r').catch(refuse)
  const { size } = found
  let closed = false
  const check = (now: number): void => {
    if (now < size) throw new FormatError(operation, `${path}: it became shorter while it was read`, { expected: `${size} bytes`, received: `${now} bytes` })
  }
  const checkOpen = (): void => {
    if (closed) throw new FormatError(operation, `${path}: the file is closed`)
  }
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    checkOpen()
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; ) {
      const { bytesRead } = await handle.read(bytes, at, length - at, offset + at)
      if (bytesRead === 0) check(offset + at)
      at += bytesRead
    }
    return bytes
  }
  const view = async (offset: number, length: number): Promise<Uint8Array> => {
    checkOpen()
    // what lies beyond the end of a file that shrank must not be mapped: looking at it would end the process
    check((await handle.stat()).size)
    checkOpen()
    return mapper!(handle.fd, offset, length) ?? read(offset, length)
  }
  return {
    name: path, size, read,
    ...(mapper === undefined ? {} : { map: view }),
    close: () => {
      closed = true
      return handle.close()
    },
  }
}

/** Bytes of a tensor: mapped where the file is, read otherwise. */
export const tensorBytes = (source: ByteSource, offset: number, length: number): Promise<Uint8Array> => (source.map ?? source.read)(offset, length)
