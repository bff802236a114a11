// Runs of texts that are stopped on the way and go on end with the figures of runs that were not, to the bit.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { setDevice } from '../tensor/index.ts'
import { type RunChoices, type RunOptions, type RunResult, recipes, runRecipe, settingsOf } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'gradus-resume-'))
const place = (name: string): string => join(folder, name)
beforeAll(async () => {
  await setDevice('wasm')
  writeFileSync(place('book.txt'), 'the cat sat on the mat, and that was that.\n'.repeat(20))
  writeFileSync(place('pairs.tsv'), Array.from({ length: 60 }, (_, i) => `${i % 10} ${i}\t${i} ${i % 10}`).join('\n'))
  writeFileSync(place('labels.tsv'), Array.from({ length: 60 }, (_, i) => `${i % 2 === 0 ? 'cats' : 'mats'}\tthe ${i % 2 === 0 ? 'cat' : 'mat'} ${'sat '.repeat(1 + (i % 3))}`).join('\n'))
})
afterAll(async () => {
  await setDevice('reference')
  rmSync(folder, { recursive: true, force: true })
})

async function run(name: string, data: string, choices: RunChoices, more: Partial<RunOptions> = {}): Promise<RunResult> {
  const recipe = recipes[name]!
  const settings = settingsOf(recipe, { epochs: 2, batchSize: 8, seed: 4, ...choices }, { recipe: name, file: null, data: place(data), device: 'wasm' })
  return runRecipe(recipe, { out: place(`${name}-${settings.model}-whole`), settings, ...more })
}
/** Is stopped after the first epoch, and goes on (stops in mid-epoch are `fit`’s own tests). */
async function cut(name: string, data: string, choices: RunChoices, between = () => {}): Promise<RunResult> {
  const out = place(`${name}-${choices.model}-cut`)
  const stop = new AbortController()
  const stopped = await run(name, data, choices, { out, signal: stop.signal, callbacks: [{ onEpoch: () => stop.abort() }] })
  expect(stopped).toMatchObject({ history: { reason: 'aborted', epochs: { length: 1 } }, score: null, testAccuracy: null })
  between()
  return run(name, data, choices, { out, resume: true })
}
const told = ({ trainLoss, testAccuracy, score, history }: RunResult) => ({ trainLoss, testAccuracy, figures: score?.figures, losses: history.epochs.map(({ loss, val_loss }) => [loss, val_loss]) })

test.each([
  ['translate', 'pairs.tsv', { model: 'transformer', options: { tokenizer: 'characters', vocabulary: 256, context: 8 } }],
  ['bert', 'book.txt', { model: 'masked', options: { tokenizer: 'characters', vocabulary: 256, context: 16, finetune: '' } }],
] as const)('%s', async (name, data, choices) => {
  const whole = await run(name, data, choices)
  expect(Object.keys(whole.score!.figures).length).toBeGreaterThan(0)
  expect(told(await cut(name, data, choices))).toEqual(told(whole))
}, 120_000)

test('bert, fine-tuned: the pretrained run is not needed again, and the comparison is made all the same', async () => {
  const choices = { model: 'classifier', options: { tokenizer: 'characters', vocabulary: 256, context: 16, finetune: place('labels.tsv'), labels: 40 } }
  let examples = 0
  const whole = await run('bert', 'bert-masked-whole', choices, { onReady: (ready) => void (examples = ready.examples) })
  expect(examples).toBe(40) // of 48; 12 are held back
  expect(whole.score?.figures.scratchAccuracy).toBeGreaterThanOrEqual(0)
  expect(told(await cut('bert', 'bert-masked-whole', choices, () => rmSync(place('bert-masked-whole'), { recursive: true })))).toEqual(told(whole))
}, 120_000)
