// gradus train FILE.ts with data of the user's own: a CSV table of three kinds of flowers, and a stream of unknown length.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostRandom } from '../data/index.ts'
import { runRecipe, settingsOf } from '../recipes/index.ts'
import { setDevice } from '../tensor/index.ts'
import { findRecipe } from './task.ts'

const dir = mkdtempSync(join(tmpdir(), 'gradus-own-data-'))
beforeAll(() => setDevice('wasm', { threads: 1 }))
afterAll(async () => {
  await setDevice('reference')
  rmSync(dir, { recursive: true, force: true })
})
async function trained(name: string, program: string) {
  const file = join(dir, `${name}.ts`)
  writeFileSync(file, program)
  const recipe = await findRecipe(file)
  return runRecipe(recipe, { out: join(dir, `run-${name}`), settings: settingsOf(recipe, {}, { recipe: null, file, data: null, device: 'wasm' }) })
}

test('a table beside the file', async () => {
  // like Fisher's irises: four lengths, three kinds, normal about means of their own
  const random = hostRandom(1, 9)
  const means = { setosa: [5, 3.4, 1.5, 0.2], versicolor: [5.9, 2.8, 4.3, 1.3], virginica: [6.6, 3, 5.5, 2] }
  const rows = Object.entries(means).flatMap(([kind, four]) => Array.from({ length: 50 }, () => [...four.map((m) => (m + 0.25 * random.normal()).toFixed(1)), kind].join(',')))
  writeFileSync(join(dir, 'iris.csv'), `sepal length,sepal width,petal length,petal width,species\n${rows.join('\n')}\n`)
  const { testAccuracy, parameters } = await trained('iris', `
import { csvDataset } from 'gradus/data'
import { Adam, Linear, Sequential, Tanh, crossEntropy } from 'gradus/nn'
import { defineTraining } from 'gradus/recipes'

const flowers = await csvDataset(new URL('iris.csv', import.meta.url), { target: 'species', test: 0.3 })
export default defineTraining({
  model: () => new Sequential(new Linear(flowers.width, 8), new Tanh(), new Linear(8, flowers.classes!.length)),
  data: () => flowers,
  loss: crossEntropy,
  optimizer: (rate) => new Adam(rate),
  learningRate: 0.02,
  epochs: 30,
  batchSize: 16,
})
`)
  expect(parameters).toBe(4 * 8 + 8 + 8 * 3 + 3)
  expect(testAccuracy).toBeGreaterThan(0.9)
})

test('a stream whose length nobody knows: it is counted for the schedule', async () => {
  const { history } = await trained('stream', `
import { Stream, StreamingDataset } from 'gradus/data'
import { Adam, Linear, mse, oneCycle } from 'gradus/nn'
import { defineTraining } from 'gradus/recipes'

function* line() {
  for (let x = 0; x < 50; x++) yield { inputs: [x / 50], targets: [x / 25] }
}
let updates = 0
export default defineTraining({
  model: () => new Linear(1, 1),
  data: () => ({ train: new StreamingDataset(Stream.from(line).shuffle(20)) }),
  loss: mse,
  optimizer: (rate, steps) => {
    if (steps !== 4 * 5) throw new Error('steps: ' + steps)
    return new Adam(oneCycle(rate, steps))
  },
  epochs: 4,
  batchSize: 10,
})
`)
  expect([history.steps, history.reason]).toEqual([20, 'finished'])
})
