// Files in a tar archive, gzipped or not, held in memory. For archives whose digest is known: of strangers' it trusts the sizes.
import { FormatError } from '../../base/index.ts'
import { gunzip, isGzip } from '../gzip.ts'

/** The regular files of an archive by name, without the leading folder. */
export async function untar(bytes: Uint8Array, name: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const { parseTar } = await import('nanotar')
  const plain = isGzip(bytes) ? await gunzip(bytes, { name }) : bytes
  try {
    const files = parseTar(plain).filter((item) => item.type === 'file' && item.data !== undefined)
    return new Map(files.map((item) => [item.name.replace(/^\.?\/?[^/]*\//, ''), item.data!]))
  } catch (error) {
    throw new FormatError('untar', `${name} is no tar archive (${(error as Error).message})`)
  }
}
