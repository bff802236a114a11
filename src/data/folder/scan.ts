// A folder of pictures, a folder each class: which files there are. Links that lead out of the folder are refused. Node.
import { FormatError, ValueError, nodeModule } from '../../base/index.ts'

export interface PictureFiles {
  readonly root: string
  readonly classes: readonly string[]
  /** Paths from the root, sorted. */
  readonly files: readonly string[]
  /** The class of each. */
  readonly labels: Uint8Array | Int32Array
}

const PICTURE = /\.(png|jpe?g)$/i
const DEEPEST = 8

/** Reads the names. Files that are no PNG or JPEG by name, and hidden ones, are passed over. */
export async function scanPictures(folder: string): Promise<PictureFiles> {
  const fs = nodeModule<typeof import('node:fs')>('node:fs', 'imageFolder').promises
  const path = nodeModule<typeof import('node:path')>('node:path', 'imageFolder')
  const root = path.resolve(folder)
  const real = await fs.realpath(root).catch((error: { code?: string }) => {
    throw new FormatError('imageFolder', error.code === 'ENOENT' ? `there is no folder ${folder}` : `${folder} cannot be read (${error.code})`)
  })
  if (!(await fs.stat(real)).isDirectory()) throw new FormatError('imageFolder', `${folder} is no folder`)
  const list = async (at: string): Promise<{ name: string; folder: boolean }[]> => {
    const entries = (await fs.readdir(path.join(root, at), { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'))
    return Promise.all(entries.map(async (entry) => {
      if (!entry.isSymbolicLink()) return { name: entry.name, folder: entry.isDirectory() }
      const place = path.join(root, at, entry.name)
      const target = await fs.realpath(place).catch(() => null)
      const inside = target === null ? '..' : path.relative(real, target)
      if (inside === '' || inside.startsWith('..') || path.isAbsolute(inside)) throw new FormatError('imageFolder', `${place}: a link ${target === null ? 'to nothing' : 'out of the folder'}`, { expected: `a file in ${folder}`, remedy: 'Put the file itself there, or take the link out.' })
      return { name: entry.name, folder: (await fs.stat(target!)).isDirectory() }
    }))
  }
  const found: string[] = []
  const walk = async (at: string, depth: number): Promise<void> => {
    if (depth > DEEPEST) throw new FormatError('imageFolder', `${at}: folders in folders, more than ${DEEPEST} deep`)
    for (const { name, folder: isFolder } of await list(at)) {
      if (isFolder) await walk(`${at}/${name}`, depth + 1)
      else if (PICTURE.test(name)) found.push(`${at}/${name}`)
    }
  }
  const top = await list('.')
  const classes = top.filter((entry) => entry.folder).map(({ name }) => name).sort()
  if (classes.length === 0) throw new ValueError('imageFolder', `${folder} has no folders in it`, { expected: 'a folder for each class: cats/1.png, dogs/2.jpg …', received: `${top.length} files` })
  const files: string[] = []
  const labels: number[] = []
  for (const [label, name] of classes.entries()) {
    found.length = 0
    await walk(name, 0)
    if (found.length === 0) throw new ValueError('imageFolder', `${path.join(folder, name)} has no PNG or JPEG files`, { remedy: 'Put pictures there, or take the folder out.' })
    for (const file of found.sort()) {
      files.push(file)
      labels.push(label)
    }
  }
  return { root, classes, files, labels: Int32Array.from(labels) }
}
