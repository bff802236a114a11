// train digits --data DIR with pictures: classes by name, sizes brought to the set's, folders that are no classes refused.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pngjs from 'pngjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Dataset } from '../data/index.ts'
import { setDevice } from '../tensor/index.ts'
import { recipes, runRecipe, settingsOf } from './index.ts'

const dir = mkdtempSync(join(tmpdir(), 'gradus-pictures-'))
const { digits, cifar10, fashion } = recipes as Required<Record<string, NonNullable<(typeof recipes)[string]>>>
beforeAll(() => setDevice('wasm', { threads: 1 }))
afterAll(async () => {
  await setDevice('reference')
  rmSync(dir, { recursive: true, force: true })
})
/** A bright bar at a height of its own for each class. */
function put(place: string, label: number, count: number): string {
  mkdirSync(join(dir, place), { recursive: true })
  for (let n = 0; n < count; n++) {
    const picture = new pngjs.PNG({ width: 56, height: 56 })
    for (let i = 0; i < 56 * 56; i++) picture.data.set([...new Array(3).fill(Math.abs(Math.floor(i / 56) - 8 - 20 * label) < 5 ? 200 + (n % 50) : n), 255], 4 * i)
    writeFileSync(join(dir, place, `${n}.png`), pngjs.PNG.sync.write(picture))
  }
  return dir
}

test('folders of classes, split at random; the network learns them', async () => {
  put('all/2', 2, 25)
  put('all/0', 0, 25)
  const folder = join(dir, 'all')
  const { train, test: testing } = (await digits!.data({ folder, options: { labels: 0 } })) as { train: Dataset; test: Dataset }
  expect([train.length, testing.length, train.exampleShape, new Set(train.targets.data)]).toEqual([40, 10, [28, 28], new Set([0, 2])])
  const settings = settingsOf(digits!, { model: 'mlp', epochs: 8, batchSize: 10 }, { recipe: 'digits', file: null, data: folder, device: 'wasm' })
  expect((await runRecipe(digits!, { out: join(dir, 'run'), settings })).testAccuracy).toBe(1)
})
test('train and test; numbers as names of classes; colours', async () => {
  put('parts/train/dog', 1, 4)
  put('parts/train/0', 0, 4)
  put('parts/test/truck', 2, 2)
  const { train, test: testing } = (await cifar10!.data({ folder: join(dir, 'parts') })) as { train: Dataset; test: Dataset }
  expect([[...train.targets.data], [...testing.targets.data], train.exampleShape]).toEqual([[0, 0, 0, 0, 5, 5, 5, 5], [9, 9], [3, 32, 32]])
})
test('a folder that is no class', async () => {
  put('odd/hat', 1, 1)
  await expect(fashion!.data({ folder: join(dir, 'odd') })).rejects.toThrow(/has a folder that is no class: hat: expected folders called T-shirt, .*or 0 … 9, received hat/)
})
