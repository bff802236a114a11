// gradus export and gradus info on a run of one tensor.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { readNpz, readSafetensors, writeSafetensors } from '../../formats/index.ts'
import { saveCheckpoint } from '../../train/index.ts'
import { exportRun } from './export.ts'
import { info } from './info.ts'

let dir: string
const weights = new Map([['layer.weight', { dtype: 'float32' as const, shape: [1, 2], data: Float32Array.of(1, 2) }]])
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gradus-weights-'))
  writeFileSync(join(dir, 'run.json'), JSON.stringify({ version: 1, recipe: 'digits', file: null, model: 'mlp', epochs: 1, batchSize: 1, learningRate: 1, seed: 0, data: null, device: 'auto' }))
  const progress = { version: 1, seed: 0, batchSize: 1, examples: 1, epochs: 1, epoch: 0, batch: 0, step: 0, seconds: 0, epochSeconds: 0, rateScale: 1, optimizer: 'adam', stopped: null, history: [], callbacks: {} } as const
  await saveCheckpoint(dir, { weights, training: new Map(), progress })
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

async function output(work: () => Promise<number>): Promise<string> {
  const lines: string[] = []
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0)
  try {
    expect(await work()).toBe(0)
  } finally {
    spy.mockRestore()
  }
  return lines.join('')
}

test('export as safetensors, and what info says of it', async () => {
  expect(await output(() => exportRun(dir, { format: 'safetensors', checkpoint: 'last' }))).toMatch(/model\.safetensors: 1 tensors, 2 numbers/)
  const { tensors, metadata } = readSafetensors(new Uint8Array(readFileSync(join(dir, 'model.safetensors'))))
  expect(tensors).toEqual(weights)
  expect(metadata.get('model')).toBe('mlp')
  const said = JSON.parse(await output(() => info(join(dir, 'model.safetensors'), { json: true }))) as object
  expect(said).toMatchObject({ format: 'safetensors', parameters: 2, tensors: [{ name: 'layer.weight', type: 'F32', shape: [1, 2], bytes: 8 }], metadata: { recipe: 'digits' } })
  expect(await output(() => info(join(dir, 'model.safetensors'), {}))).toMatch(/layer\.weight +F32 +\[1,2\] +8 bytes\n$/)
})
test('export as npz, to a file of one’s own', async () => {
  const out = join(dir, 'weights.npz')
  const said = JSON.parse(await output(() => exportRun(dir, { format: 'npz', checkpoint: 'last', out, json: true }))) as object
  expect(said).toMatchObject({ format: 'npz', tensors: 1, parameters: 2, out })
  expect(await readNpz(new Uint8Array(readFileSync(out)))).toEqual(weights)
})
test('an unknown format is a wrong call', async () => {
  await expect(exportRun(dir, { format: 'npy', checkpoint: 'last' })).rejects.toThrow(/npz/)
})
test('names out of a file do not steer the terminal', async () => {
  const file = join(dir, 'escape.safetensors')
  writeFileSync(file, writeSafetensors({ '\u001b[2Ja': weights.get('layer.weight')! }, { '\u0007': '\u001b]0;x' }))
  const said = await output(() => info(file, {}))
  expect(said).toContain('\\u001b[2Ja')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(said.replaceAll('\u001b[1m', '').replaceAll('\u001b[0m', '')).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
})
