// ImageFolder: pictures in a folder for each class as training data, decoded when their batch comes, by threads if wanted.
import { FormatError, type NDArray, type Shape, ValueError, listOf, objectOf, optionsOf, sizeOf, textOf } from '../../base/index.ts'
import type { Tensor } from '../../tensor/index.ts'
import { batchCount } from '../batches.ts'
import { Dataset } from '../dataset.ts'
import { toUnit } from '../mnist.ts'
import { STREAM, hostRandom, shuffled } from '../random.ts'
import { gather } from '../rows.ts'
import type { Batch, BatchOptions, DatasetOptions, ExampleForm, TrainingData } from '../training-data.ts'
import { type BatchPool, batchPool, workerBatches } from '../workers/worker-batches.ts'
import { type PictureForm, decodePicture, decodePictures, pictureShape } from './decode.ts'
import { type PictureFiles, scanPictures } from './scan.ts'

/** What can be changed of a folder by `with`. */
interface FolderSettings extends Omit<DatasetOptions, 'classes'> {
  /** Threads that decode and augment while the model learns; default 0: in line. The numbers are the same, however many there are. */
  readonly workers?: number
}
export interface ImageFolderOptions extends FolderSettings {
  /** Pixels of a side, or [height, width]. */
  readonly size: number | readonly [height: number, width: number]
  /** Default rgb: (3, H, W); gray: (H, W). */
  readonly color?: PictureForm['color']
  /** How a picture of another shape is brought to size; default cover. */
  readonly fit?: PictureForm['fit']
  /** The most bytes of a file; default 64 MiB. */
  readonly maxBytes?: number
}

/** Bytes of pictures that `load` takes into memory. */
const MOST_LOADED = 2 ** 31 - 1

/**
 * The pictures of a folder that has a folder for each class (`flowers/rose/1.jpg`, `flowers/tulip/a.png` …), PNG and JPEG, as bytes
 * (3, H, W) that the step turns into 0 … 1. Only the names are read now; pictures are decoded batch by batch. Classes are the names
 * of the folders, sorted; hidden files and files of other kinds are passed over. Node.
 *
 * @throws FormatError when there is no such folder, or a link leads out of it; while reading for a damaged file, by its name;
 *   ValueError for a folder without folders, or one without pictures.
 * @example
 * ```ts no-run
 * import { compose, imageFolder, randomCrop, randomFlip } from 'gradus/data'
 *
 * const all = await imageFolder('flowers', { size: 64, workers: 2, augment: compose(randomFlip(), randomCrop(4)) })
 * const [train, test] = all.split(0.2)
 * console.log(train.length, test.length, all.classes)
 * ```
 */
export async function imageFolder(folder: string, options: ImageFolderOptions): Promise<ImageFolder> {
  textOf('imageFolder', 'folder', folder)
  optionsOf('imageFolder', options, 'options such as { size: 32 }')
  const { size, color = 'rgb', fit = 'cover', maxBytes = 2 ** 26, ...rest } = options
  const [height, width] = typeof size === 'number' ? [size, size] : listOf('imageFolder', 'size', size, 'a number, or [height, width]')
  for (const side of [height, width]) if (!Number.isSafeInteger(side) || side < 1 || side > 4096) throw new ValueError('imageFolder', 'bad size', { expected: 'pixels of a side, 1 to 4096', received: String(size) })
  return new ImageFolder(await scanPictures(folder), { height, width, color, fit, maxBytes }, rest)
}

/** Pictures in files; made by `imageFolder`. */
export class ImageFolder implements TrainingData {
  readonly options: DatasetOptions & FolderSettings
  readonly classes: readonly string[]
  /** Paths below the folder. */
  readonly files: readonly string[]
  readonly labels: NDArray
  private readonly found: PictureFiles
  private readonly picture: PictureForm
  private pool: BatchPool | null = null

  constructor(found: PictureFiles, picture: PictureForm, options: FolderSettings) {
    objectOf('ImageFolder', 'pictures', found, 'what imageFolder(folder, options) finds', 'classes')
    optionsOf('ImageFolder', options)
    this.found = found
    this.picture = picture
    this.classes = found.classes
    this.files = found.files
    this.labels = { dtype: 'int32', shape: [found.files.length], data: found.labels }
    this.options = { prepare: toUnit, ...options, classes: found.classes }
  }
  get length(): number {
    return this.files.length
  }
  get exampleShape(): Shape {
    return pictureShape(this.picture)
  }
  form(): ExampleForm {
    return { inputs: { dtype: 'uint8', shape: this.exampleShape }, targets: { dtype: 'int32', shape: [] } }
  }
  batchCount(batchSize: number, dropLast = false): number {
    return batchCount(this.length, batchSize, dropLast)
  }
  batches(options: BatchOptions): AsyncGenerator<Batch, void, undefined> {
    const { augment, workers = 0 } = this.options
    this.pool ??= batchPool('imageFolder', { kind: 'pictures', root: this.found.root, files: this.files, form: this.picture }, augment, workers)
    return workerBatches(this.pool, this.labels, options, 2 * workers)
  }
  prepare(inputs: Tensor): Tensor {
    return this.options.prepare === undefined ? inputs : this.options.prepare(inputs)
  }
  with(options: FolderSettings): ImageFolder {
    return new ImageFolder(this.found, this.picture, { ...this.options, ...options })
  }
  /** The pictures of the given numbers. */
  select(indices: ArrayLike<number>): ImageFolder {
    const chosen = Array.from(indices)
    return new ImageFolder({ ...this.found, files: chosen.map((i) => this.files[i]!), labels: gather(this.labels, chosen).data as Int32Array }, this.picture, this.options)
  }
  /** Two parts, the second with `share` of the pictures (0 … 1), drawn at random by `seed`. */
  split(share: number, seed = 0): [ImageFolder, ImageFolder] {
    if (!(share >= 0 && share <= 1)) throw new ValueError('ImageFolder.split', 'bad share', { expected: 'a number from 0 to 1', received: String(share) })
    const order = shuffled(this.length, hostRandom(seed, STREAM.split))
    const cut = this.length - Math.round(this.length * share)
    return [this.select(order.subarray(0, cut).sort()), this.select(order.subarray(cut).sort())]
  }
  /** Decodes every picture and tells which cannot be. */
  async check(): Promise<{ readonly file: string; readonly problem: string }[]> {
    const bad: { file: string; problem: string }[] = []
    for (const file of this.files) {
      try {
        await decodePicture(this.found.root, file, this.picture)
      } catch (error) {
        if (!(error instanceof FormatError)) throw error
        bad.push({ file, problem: error.message })
      }
    }
    return bad
  }
  /** All pictures in memory. */
  async load(): Promise<Dataset> {
    const bytes = this.length * sizeOf(this.exampleShape)
    if (bytes > MOST_LOADED) throw new ValueError('ImageFolder.load', 'the pictures are too many for memory', { expected: `at most ${MOST_LOADED} bytes`, received: String(bytes), remedy: 'Train on the folder itself; it is read batch by batch.' })
    const all = Int32Array.from({ length: this.length }, (_, i) => i)
    return new Dataset(await decodePictures({ root: this.found.root, files: this.files, form: this.picture }, all), this.labels, this.options)
  }
}
