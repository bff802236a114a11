// A file to read from at any place: bytes in memory, a Blob of the browser, or a file on disk (Node). Nothing is read ahead.
import { FormatError, nodeModule } from '../../base/index.ts'

/** Random access to the bytes of a file. */
export interface ByteSource {
  /** Stands in error messages. */
  readonly name: string
  readonly size: number
  /** Exactly `length` bytes from `offset`; may share memory with the source. */
  read(offset: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** Bytes, a Blob or File, the path of a file (Node), or something that reads at any place. */
export type FileInput = Uint8Array | Blob | string | ByteSource

const isBlob = (x: unknown): x is Blob => typeof Blob !== 'undefined' && x instanceof Blob

/** Opens whatever stands for a file. Paths are files of this machine: nothing is fetched. */
export async function openSource(operation: string, input: FileInput, name?: string): Promise<ByteSource> {
  if (input instanceof Uint8Array) return bytesSource(input, name)
  if (isBlob(input)) return blobSource(input, name)
  if (typeof input === 'string') return fileSource(operation, input)
  return input
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

const REASONS: Readonly<Record<string, string>> = { ENOENT: 'there is no such file', EACCES: 'no permission to read it', EPERM: 'no permission to read it', EISDIR: 'this is a folder', ENOTDIR: 'a part of the path is a file, not a folder', ELOOP: 'its links lead in a circle' }

/** A regular file on disk; pipes and devices are refused, for they have no end. */
export async function fileSource(operation: string, path: string): Promise<ByteSource> {
  const { open, stat } = nodeModule<typeof import('node:fs')>('node:fs', operation).promises
  const refuse = (error: unknown): never => {
    const { code = '' } = error as { code?: string }
    throw new FormatError(operation, `${path}: ${REASONS[code] ?? `cannot be read (${code})`}`)
  }
  const found = await stat(path).catch(refuse)
  if (!found.isFile()) throw new FormatError(operation, `${path}: ${found.isDirectory() ? 'this is a folder' : 'this is no regular file'}`)
  const handle = await open(path, 'r').catch(refuse)
  const { size } = found
  return {
    name: path, size,
    read: async (offset, length) => {
      const bytes = new Uint8Array(length)
      for (let at = 0; at < length; ) {
        const { bytesRead } = await handle.read(bytes, at, length - at, offset + at)
        if (bytesRead === 0) throw new FormatError(operation, `${path}: it became shorter while it was read`, { expected: `${size} bytes`, received: `${offset + at} bytes` })
        at += bytesRead
      }
      return bytes
    },
    close: () => handle.close(),
  }
}
