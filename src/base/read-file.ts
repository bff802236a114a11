// Reading a whole file that may not be trusted: a regular file, not too large, and (if asked) really inside its folder.
import { FormatError } from './errors.ts'
import { nodeModule } from './node.ts'

// the parts of Node used here: this room knows no Node types
interface Fs {
  readonly promises: {
    realpath(path: string): Promise<string>
    stat(path: string): Promise<{ readonly size: number; isFile(): boolean; isDirectory(): boolean }>
    readFile(path: string): Promise<Uint8Array>
  }
}
interface Path {
  dirname(path: string): string
}

export interface ReadFileOptions {
  /** The most bytes it may have; default 2 GiB, the most Node reads at once. */
  readonly limit?: number
  /** The folder it must not lead out of, not by a link either. */
  readonly inside?: string
  /** Thrown instead of the usual error when there is no such file. */
  readonly missing?: Error
}

const REASONS: Readonly<Record<string, string>> = { ENOENT: 'there is no such file', EACCES: 'no permission to read it', EPERM: 'no permission to read it', EISDIR: 'this is a folder', ENOTDIR: 'a part of the path is a file, not a folder', ELOOP: 'its links lead in a circle' }

/** What the system says about a file, as an error of ours. */
export function fileError(operation: string, path: string, error: unknown): FormatError {
  const { code = '' } = error as { code?: string }
  return new FormatError(operation, `${path}: ${REASONS[code] ?? `cannot be read (${code})`}`)
}

/** Refuses folders, and pipes and devices: they have no end. */
export function requireRegular(operation: string, path: string, found: { isFile(): boolean; isDirectory(): boolean }): void {
  if (!found.isFile()) throw new FormatError(operation, `${path}: ${found.isDirectory() ? 'this is a folder' : 'this is no regular file'}`)
}

/**
 * The bytes of a file on this machine (Node). Pipes and devices are refused: they have no end.
 *
 * @throws FormatError that names the file, for one that is missing, too large, no regular file, or outside its folder.
 */
export async function readRegularFile(operation: string, path: string, options: ReadFileOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const { limit = 2 ** 31 - 1, inside, missing } = options
  const fs = nodeModule<Fs>('node:fs', operation).promises
  const refuse = (error: unknown): never => {
    if (missing !== undefined && (error as { code?: string }).code === 'ENOENT') throw missing
    throw fileError(operation, path, error)
  }
  if (inside !== undefined) {
    const { dirname } = nodeModule<Path>('node:path', operation)
    const [home, real] = [await fs.realpath(inside).catch(refuse), await fs.realpath(path).catch(refuse)]
    if (dirname(real) !== home) throw new FormatError(operation, `${path}: a link out of its folder`, { expected: `a file in ${inside}`, remedy: 'Put the file itself there.' })
  }
  const found = await fs.stat(path).catch(refuse)
  requireRegular(operation, path, found)
  if (found.size > limit) throw new FormatError(operation, `${path}: the file is too large`, { expected: `at most ${limit} bytes`, received: String(found.size) })
  return new Uint8Array(await fs.readFile(path).catch(refuse))
}
