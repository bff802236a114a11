// A file that is there completely or not at all: written beside its name, fsynced, renamed, the folder fsynced.
import { DeviceError, bytesOf, nodeModule, textOf } from '../../base/index.ts'

type Fs = typeof import('node:fs')
type Path = typeof import('node:path')

/**
 * Writes a file in one step. If anything fails, what was there before is untouched.
 *
 * @throws DeviceError when the disk is full or the folder cannot be written.
 */
export async function writeFileAtomic(file: string, bytes: Uint8Array): Promise<void> {
  textOf('writeFileAtomic', 'file', file)
  bytesOf('writeFileAtomic', bytes)
  const fs = nodeModule<Fs>('node:fs', 'writeFileAtomic').promises
  const path = nodeModule<Path>('node:path', 'writeFileAtomic')
  const { pid } = nodeModule<typeof import('node:process')>('node:process', 'writeFileAtomic')
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${pid}.tmp`)
  try {
    await fs.mkdir(path.dirname(file), { recursive: true })
    const handle = await fs.open(temporary, 'w')
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await fs.rename(temporary, file)
    await syncFolder(path.dirname(file))
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => {})
    throw explain(file, error)
  }
}

/** Makes renames in a folder last through a power cut. Some systems cannot open folders; they sync by themselves. */
async function syncFolder(folder: string): Promise<void> {
  const fs = nodeModule<Fs>('node:fs', 'writeFileAtomic').promises
  const handle = await fs.open(folder, 'r').catch(() => null)
  if (handle === null) return
  await handle.sync().catch(() => {})
  await handle.close()
}

const REASONS: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ['the disk is full', 'Free some space, or choose another folder.'],
  EDQUOT: ['the disk quota is used up', 'Free some space, or choose another folder.'],
  EFBIG: ['the file would be larger than allowed here', 'Raise the limit (ulimit -f), or choose another folder.'],
  EACCES: ['no permission to write there', 'Choose another folder.'],
  EPERM: ['no permission to write there', 'Choose another folder.'],
  EROFS: ['the file system is read-only', 'Choose another folder.'],
  ENOTDIR: ['a part of the path is a file, not a folder', 'Choose another folder.'],
  EEXIST: ['a part of the path is a file, not a folder', 'Choose another folder.'],
  EISDIR: ['there is a folder of this name', 'Choose another name.'],
}
function explain(file: string, error: unknown): unknown {
  const code = (error as { code?: string }).code
  if (typeof code !== 'string') return error
  const [problem, remedy] = REASONS[code] ?? [`the system refused (${code})`, 'Choose another folder.']
  return new DeviceError('write', `${problem}: ${file} was not written; what was there before is untouched`, { remedy })
}
