// Pictures as networks get them: colours scaled and standardised as the training data is, digits light on dark.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pngjs from 'pngjs'
import { expect, test } from 'vitest'
import { standardColors } from '../data/index.ts'
import { recipes } from '../recipes/index.ts'
import { tensor } from '../tensor/index.ts'
import { seePicture } from './see-picture.ts'

test('cifar10 sees the middle of a photograph in its own colours, digits a digit', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradus-see-'))
  try {
    const png = new pngjs.PNG({ width: 96, height: 64 })
    // orange with a black bar
    for (let i = 0; i < 96 * 64; i++) png.data.set(i % 96 >= 40 && i % 96 < 56 && i >= 960 && i < 5184 ? [0, 0, 0, 255] : [255, 128, 0, 255], 4 * i)
    const file = join(folder, 'x.png')
    writeFileSync(file, pngjs.PNG.sync.write(png))
    const color = await seePicture(file, recipes.cifar10!.pictures!)
    expect([color.x.shape, color.side, color.pixels.length]).toEqual([[1, 3, 32, 32], 32, 1024])
    const corner = await standardColors(tensor(Uint8Array.of(255, 128, 0), { shape: [1, 3, 1, 1] })).data()
    for (const c of [0, 1, 2]) expect(await color.x.at(0, c, 0, 0).item()).toBeCloseTo(corner[c]!, 5)
    expect([color.pixels[0], color.pixels[16 * 32 + 16]]).toEqual([Math.round(0.299 * 255 + 0.587 * 128), 0])
    const digit = await seePicture(file, recipes.digits!.pictures!)
    expect([digit.x.shape, digit.about, digit.pixels[14 * 28 + 14]]).toEqual([[1, 28, 28], 'dark on light', 255])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
