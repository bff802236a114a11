// Folders of generated PNG and JPEG files: what is found, how pictures come to size, what is refused by name; with threads the same.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import jpeg from 'jpeg-js'
import pngjs from 'pngjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FormatError } from '../../base/index.ts'
import { compose, randomCrop, randomFlip } from '../augment-more.ts'
import type { BatchOptions, TrainingData } from '../training-data.ts'
import { Dataset } from '../dataset.ts'
import { inWorkers } from '../workers/worker-batches.ts'
import { pictureBytes } from './decode.ts'
import { imageFolder } from './image-folder.ts'

let dir: string
beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'gradus-folder-'))))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

type Rgb = readonly [number, number, number]
const pixels = (width: number, height: number, at: (x: number, y: number) => Rgb): Buffer => Buffer.from(Array.from({ length: width * height }, (_, i) => [...at(i % width, Math.floor(i / width)), 255]).flat())
const png = (width: number, height: number, at: (x: number, y: number) => Rgb): Buffer => pngjs.PNG.sync.write(Object.assign(new pngjs.PNG({ width, height }), { data: pixels(width, height, at) }))
const jpg = (width: number, height: number, at: (x: number, y: number) => Rgb): Buffer => jpeg.encode({ data: pixels(width, height, at), width, height }, 95).data
function put(path: string, content: Buffer | string): void {
  mkdirSync(join(dir, path, '..'), { recursive: true })
  writeFileSync(join(dir, path), content)
}
/** A folder of two classes: red squares as PNG, blue ones as JPEG. */
function colours(name: string, count: number): string {
  for (let i = 0; i < count; i++) {
    put(`${name}/red/${i}.png`, png(10, 8, (x) => [200, x, i]))
    put(`${name}/blue/${i}.JPG`, jpg(8, 8, () => [10, i, 200]))
  }
  return join(dir, name)
}
async function all(data: TrainingData, options: BatchOptions): Promise<number[][][]> {
  const out: number[][][] = []
  for await (const { inputs, targets, examples } of data.batches(options)) out.push([[...(await inputs.data())], [...(await targets.data())], [...examples]])
  return out
}

describe('what is found', () => {
  test('classes are folders, sorted; pictures below them; the rest is passed over', async () => {
    const folder = colours('found', 3)
    put('found/red/deep/er/x.jpeg', jpg(4, 4, () => [250, 0, 0]))
    put('found/red/notes.txt', 'no picture')
    put('found/red/.hidden.png', 'no picture')
    put('found/readme.md', 'no class')
    const data = await imageFolder(folder, { size: 8 })
    expect([data.classes, data.length, data.exampleShape]).toEqual([['blue', 'red'], 7, [3, 8, 8]])
    expect(data.files.slice(3)).toEqual(['red/0.png', 'red/1.png', 'red/2.png', 'red/deep/er/x.jpeg'])
    const loaded = await data.load()
    expect([...loaded.targets.data]).toEqual([0, 0, 0, 1, 1, 1, 1])
    for (let i = 0; i < 7; i++) {
      const [r, , b] = [0, 64, 128].map((at) => loaded.inputs.data[i * 192 + at]!)
      expect(i < 3 ? b! - r! : r! - b!).toBeGreaterThan(150)
    }
    expect(await data.check()).toEqual([])
  })
  test.each([
    ['nothing there', () => join(dir, 'none'), /there is no folder/],
    ['a file', () => {
      put('file', '')
      return join(dir, 'file')
    }, /is no folder/],
    ['no classes', () => {
      put('flat/1.png', png(2, 2, () => [0, 0, 0]))
      return join(dir, 'flat')
    }, /has no folders in it: expected a folder for each class: .*received 1 files/],
    ['an empty class', () => {
      put('half/a/1.png', png(2, 2, () => [0, 0, 0]))
      put('half/b/x.txt', '')
      return join(dir, 'half')
    }, /half\/b has no PNG or JPEG files/],
    ['a link out', () => {
      put('links/a/1.png', png(2, 2, () => [0, 0, 0]))
      put('secret.png', png(2, 2, () => [1, 1, 1]))
      symlinkSync(join(dir, 'secret.png'), join(dir, 'links/a/2.png'))
      return join(dir, 'links')
    }, /links\/a\/2\.png: a link out of the folder/],
    ['a linked folder', () => {
      put('linked/a/1.png', png(2, 2, () => [0, 0, 0]))
      symlinkSync(dir, join(dir, 'linked/b'))
      return join(dir, 'linked')
    }, /linked\/b: a link out of the folder/],
    ['a circle', () => {
      put('round/a/1.png', png(2, 2, () => [0, 0, 0]))
      symlinkSync(join(dir, 'round'), join(dir, 'round/a/b'))
      return join(dir, 'round')
    }, /a link out of the folder/],
  ])('refused: %s', async (_, make, message) => {
    await expect(imageFolder(make(), { size: 4 })).rejects.toThrow(message)
  })
  test('a link that stays inside is followed', async () => {
    put('inner/a/1.png', png(2, 2, () => [0, 0, 0]))
    mkdirSync(join(dir, 'inner/b'))
    symlinkSync('../a/1.png', join(dir, 'inner/b/2.png'))
    expect((await imageFolder(join(dir, 'inner'), { size: 2 })).length).toBe(2)
  })
})

describe('to size', () => {
  const picture = (width: number, height: number, at: (x: number, y: number) => Rgb) => ({ width, height, data: Uint8Array.from(pixels(width, height, at)) })
  const form = { height: 4, width: 4, color: 'rgb', maxBytes: 1e6 } as const
  const quarters = picture(8, 4, (x) => [x * 10, 0, 0])
  test('the same size: the very bytes', () => expect([...pictureBytes(picture(4, 4, (x, y) => [x, y, 9]), { ...form, fit: 'cover' })]).toEqual([0, 1, 2].flatMap((c) => Array.from({ length: 16 }, (_, i) => [i % 4, Math.floor(i / 4), 9][c]))))
  test('cover cuts out the middle; contain leaves black above and below; stretch squeezes', () => {
    expect([...pictureBytes(quarters, { ...form, fit: 'cover' }).subarray(0, 4)]).toEqual([20, 30, 40, 50])
    const whole = pictureBytes(quarters, { ...form, fit: 'contain' })
    expect([...whole.subarray(0, 4), ...whole.subarray(12, 16)]).toEqual(new Array(8).fill(0))
    // a triangle of two pixels each way: (10, 30, 50, 70 with the neighbours) / 8
    const squeezed = [...pictureBytes(quarters, { ...form, fit: 'stretch' }).subarray(0, 4)]
    expect([...whole.subarray(4, 8)]).toEqual(squeezed)
    expect(squeezed.slice(1, 3)).toEqual([25, 45])
  })
  test('gray is the brightness; what is transparent is white', () => {
    expect([...pictureBytes(picture(4, 4, () => [100, 50, 200]), { ...form, color: 'gray', fit: 'cover' })]).toEqual(new Array(16).fill(Math.round(0.299 * 100 + 0.587 * 50 + 0.114 * 200)))
    const clear = picture(4, 4, () => [0, 0, 0])
    clear.data.fill(0)
    expect(pictureBytes(clear, { ...form, fit: 'cover' }).every((v) => v === 255)).toBe(true)
  })
})

test('damaged files are told by name, when their batch comes and by check()', async () => {
  const folder = colours('bad', 2)
  put('bad/red/1.png', png(10, 8, () => [0, 0, 0]).subarray(0, 60))
  put('bad/blue/x.jpg', 'no picture at all')
  for (const workers of [0, 1]) {
    const data = await imageFolder(folder, { size: 8, workers })
    const error = await all(data, { batchSize: 10 }).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(FormatError)
    expect((error as Error).message).toMatch(/imageFolder: .*bad\/blue\/x\.jpg: not a picture it can read.* Take it out; check\(\) lists all such files\./)
  }
  const data = await imageFolder(folder, { size: 8 })
  expect((await data.check()).map(({ file }) => file)).toEqual(['blue/x.jpg', 'red/1.png'])
  put('big/a/1.png', png(10, 8, () => [0, 0, 0]))
  await expect(all(await imageFolder(join(dir, 'big'), { size: 8, maxBytes: 20 }), { batchSize: 1 })).rejects.toThrow(/big\/a\/1\.png: the file is too large/)
})

describe('threads', () => {
  const augment = compose(randomFlip(), randomCrop(2))
  test('give what is made in line, in order, whatever their number; a pass that begins later too', async () => {
    const folder = colours('threads', 9)
    const options = { batchSize: 4, shuffle: true, seed: 3, epoch: 1, augment: true }
    const [plain, one, two] = [await imageFolder(folder, { size: 8, augment }), await imageFolder(folder, { size: 8, augment, workers: 1 }), await imageFolder(folder, { size: 8, augment, workers: 2 })]
    const expected = await all(plain, options)
    expect(expected.flatMap((b) => b[2]!).sort((a, b) => a - b)).toEqual(Array.from({ length: 18 }, (_, i) => i))
    expect(await all(plain, { ...options, augment: false })).not.toEqual(expected)
    expect(await all(one, { ...options, start: 3 })).toEqual(expected.slice(3))
    // whoever stops early can begin again
    for await (const _ of two.batches(options)) break
    expect(await all(two, options)).toEqual(expected)
  })
  test('a set in memory as well', async () => {
    const inputs = { dtype: 'uint8', shape: [20, 2, 5, 5], data: Uint8Array.from({ length: 1000 }, (_, i) => i % 251) } as const
    const data = new Dataset(inputs, { dtype: 'int32', shape: [20], data: Int32Array.from({ length: 20 }, (_, i) => i) }, { augment })
    const options = { batchSize: 6, shuffle: true, seed: 1, epoch: 2, augment: true }
    const expected = await all(data, options)
    for (const workers of [0, 1]) expect(await all(inWorkers(data, { workers }), options)).toEqual(expected)
  })
  test('what cannot be sent to a thread is refused', async () => {
    const data = new Dataset({ dtype: 'float32', shape: [1, 1, 1], data: new Float32Array(1) }, { dtype: 'int32', shape: [1], data: new Int32Array(1) }, { augment: (input, output) => output.set(input) })
    expect(() => inWorkers(data, { workers: 1 })).toThrow(/a function of your own cannot be sent to worker threads: .*Take workers: 0/)
    expect(() => inWorkers(data, { workers: -1 })).toThrow(/bad workers: expected a whole number from 0 to 256/)
  })
})
