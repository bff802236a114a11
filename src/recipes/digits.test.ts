// train digits --model dbn: few labels drawn by the seed, all images without them, the comparison, and Ctrl-C on the way.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { smallMnist } from '../../test/cli-helper.ts'
import type { Dataset } from '../data/index.ts'
import { setDevice } from '../tensor/index.ts'
import { hasCheckpoint } from '../train/index.ts'
import { type RunChoices, type RunOptions, type RunResult, recipes, runRecipe, settingsOf, whereData } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'gradus-digits-'))
const { digits } = recipes as { digits: NonNullable<(typeof recipes)[string]> }
const settings = (choices: RunChoices) => settingsOf(digits, choices, { recipe: 'digits', file: null, data: folder, device: 'wasm' })
beforeAll(async () => {
  await setDevice('wasm')
  await smallMnist(folder, 300, 40)
})
afterAll(async () => {
  await setDevice('reference')
  rmSync(folder, { recursive: true, force: true })
})

test('labels: as many as wanted, drawn by the seed; the other models take all', async () => {
  expect([settings({ model: 'dbn' }).options, settings({ model: 'mlp' }).options]).toEqual([{ labels: 1000 }, { labels: 0 }])
  const inMemory = async (choices: RunChoices) => {
    const found = await digits.data(whereData(settings(choices)))
    return { ...found, train: found.train as Dataset }
  }
  const drawn = async (seed: number) => inMemory({ model: 'dbn', seed, options: { labels: 50 } })
  const [a, b, other] = [await drawn(1), await drawn(1), await drawn(2)]
  expect([a.train.length, a.unlabelled?.length, a.test?.length]).toEqual([50, 300, 40])
  expect(a.train.inputs.data).toEqual(b.train.inputs.data)
  expect(a.train.inputs.data).not.toEqual(other.train.inputs.data)
  // an image keeps its label
  const all = await inMemory({ model: 'mlp' })
  const image = (data: typeof all.train, i: number): string => Buffer.from(data.inputs.data.slice(i * 784, (i + 1) * 784) as Uint8Array).toString('base64')
  const label = new Map(Array.from({ length: 300 }, (_, i) => [image(all.train, i), all.train.targets.data[i]]))
  for (let i = 0; i < 50; i++) expect(label.get(image(a.train, i))).toBe(a.train.targets.data[i])
  await expect(digits.data(whereData(settings({ options: { labels: 301 } })))).rejects.toThrow(/--labels up to 300, received 301/)
})

test('pretraining: both figures are told; stopped on the way nothing half learned is kept, and going on begins with it again', async () => {
  const out = join(folder, 'run')
  const run = async (more: Partial<RunOptions> = {}): Promise<RunResult> => runRecipe(digits, { out, settings: settings({ model: 'dbn', epochs: 2, batchSize: 25, options: { labels: 100 } }), ...more })
  const stop = new AbortController()
  const stopped = await run({ signal: stop.signal, say: (text) => void (/layer 1\/3, epoch 1/.test(text) && stop.abort()) })
  expect([stopped.history.reason, await hasCheckpoint(out)]).toEqual(['aborted', false])
  const told: string[] = []
  const { score, testAccuracy } = await run({ resume: true, say: (text) => void told.push(text) })
  expect(told.filter((text) => /layer \d\/3, epoch \d\/5/.test(text))).toHaveLength(15)
  expect(score?.figures.scratchError).toBeCloseTo(1 - score!.figures.scratchAccuracy!, 9)
  expect(score?.text).toBe(`Pretrained: ${(100 * testAccuracy!).toFixed(2)} % right; the same network from random weights: ${(100 * score!.figures.scratchAccuracy!).toFixed(2)} %.`)
  // stopped in the comparison: the accuracy stands, going on makes it again
  const late = new AbortController()
  const half = await run({ resume: true, signal: late.signal, say: (text) => void (/to compare/.test(text) && late.abort()) })
  expect(half).toMatchObject({ testAccuracy, score: null, history: { reason: 'finished' } })
  expect((await run({ resume: true })).score).toEqual(score)
})

test('worker threads that change the pictures: the same numbers; refused where nothing is changed', async () => {
  const run = (name: string, more: Partial<RunOptions>, model = 'mlp') => runRecipe(digits, { out: join(folder, name), settings: settings({ model, epochs: 1, batchSize: 50 }), ...more })
  expect((await run('threads', { workers: 1 })).trainLoss).toBe((await run('plain', {})).trainLoss)
  await expect(run('none', { workers: 2 }, 'lecture')).rejects.toThrow(/nothing for worker threads to do.*received --workers 2.*Leave out --workers/)
})
