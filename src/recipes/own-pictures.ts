// The user's own pictures instead of a built-in set: --data DIR with a folder for each class, or with train/ and test/ of such.
import { ValueError, findNodeModule } from '../base/index.ts'
import { Dataset, type ImageFolderOptions, type TrainAndTest, imageFolder } from '../data/index.ts'

/** Files in the form of MNIST or CIFAR-10. */
const OWN_FORM = /(ubyte|\.bin)(\.gz)?$/
/** The share of pictures that are tested on where there is no folder test/. */
const TEST = 0.2

/**
 * The pictures in `folder`, scaled to the form of the set; null: it holds no folders, so it may hold files in the set's own form.
 * Folders are called by the names of the classes, or their numbers.
 *
 * @throws ValueError for a folder of another name; FormatError for damaged pictures, by name.
 */
export async function ownPictures(folder: string | undefined, classes: readonly string[], form: ImageFolderOptions): Promise<TrainAndTest | null> {
  const fs = findNodeModule<typeof import('node:fs')>('node:fs')?.promises
  if (folder === undefined || fs === undefined) return null
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => [])
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name)
  if (folders.length === 0 || entries.some(({ name }) => OWN_FORM.test(name))) return null
  const load = async (place: string): Promise<Dataset> => {
    const pictures = await imageFolder(place, form)
    const numbers = pictures.classes.map((name) => {
      const at = classes.indexOf(name)
      const number = at === -1 && /^\d+$/.test(name) ? Number(name) : at
      if (!(number >= 0 && number < classes.length)) throw new ValueError('train', `${place} has a folder that is no class: ${name}`, { expected: `folders called ${classes.join(', ')}, or 0 … ${classes.length - 1}`, received: pictures.classes.slice(0, 20).join(', ') })
      return number
    })
    const { inputs, targets, options } = await pictures.load()
    return new Dataset(inputs, { ...targets, data: Int32Array.from(targets.data, (label) => numbers[label]!) }, { ...options, classes })
  }
  if (folders.includes('train') && folders.includes('test')) return { train: await load(`${folder}/train`), test: await load(`${folder}/test`), from: folder }
  const [train, test] = (await load(folder)).split(TEST)
  return { train, test, from: folder }
}
