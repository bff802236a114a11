// gradus export --format onnx: runs of recipes and of one's own file as whole networks.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { CharacterTokenizer } from '../../data/index.ts'
import { importOnnx } from '../../formats/index.ts'
import { type Layer, Linear } from '../../nn/index.ts'
import { modelPlan, recipes } from '../../recipes/index.ts'
import { readNow, tensor, zeros } from '../../tensor/index.ts'
import { saveCheckpoint } from '../../train/index.ts'
import { exportRun } from './export.ts'

const folders: string[] = []
afterAll(() => folders.forEach((f) => rmSync(f, { recursive: true, force: true })))

const progress = { version: 1, seed: 0, batchSize: 1, examples: 1, epochs: 1, epoch: 0, batch: 0, step: 0, seconds: 0, epochSeconds: 0, rateScale: 1, optimizer: 'adam', stopped: null, history: [], callbacks: {} } as const
async function runOf(model: Layer, settings: object, assets: object = {}): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'gradus-export-'))
  folders.push(dir)
  writeFileSync(join(dir, 'run.json'), JSON.stringify({ version: 1, recipe: null, file: null, model: 'mlp', epochs: 1, batchSize: 1, learningRate: 1, seed: 0, data: null, device: 'auto', ...settings }))
  for (const [name, value] of Object.entries(assets)) writeFileSync(join(dir, `${name}.json`), JSON.stringify(value))
  const weights = new Map(Object.entries(model.state()).map(([name, t]) => [name, { dtype: t.dtype, shape: t.shape, data: readNow(t) }]))
  await saveCheckpoint(dir, { weights, training: new Map(), progress })
  return dir
}
async function exported(dir: string, json = false): Promise<{ said: string; bytes: Uint8Array }> {
  const lines: string[] = []
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0)
  try {
    expect(await exportRun(dir, { format: 'onnx', checkpoint: 'last', json })).toBe(0)
  } finally {
    spy.mockRestore()
  }
  return { said: lines.join(''), bytes: new Uint8Array(readFileSync(join(dir, 'model.onnx'))) }
}

for (const [name, kind] of [['digits', 'mlp'], ['digits', 'lecture'], ['fashion', 'lenet']] as const) {
  test(`${name} ${kind}`, async () => {
    const model = modelPlan(recipes[name]!, kind).build({})
    const { said, bytes } = await exported(await runOf(model, { recipe: name, model: kind }))
    expect(said).toMatch(/input float32\[batch,1,28,28\] → output float32\[batch,10\]\nRun it:\n {2}gradus onnx run .*model\.onnx -i input=input\.npy\n {2}Python: onnxruntime\.InferenceSession/)
    const x = tensor(Float32Array.from({ length: 3 * 784 }, (_, i) => Math.sin(i)), { shape: [3, 1, 28, 28] })
    const net = importOnnx(bytes)
    const want = await model.eval().call(x).data()
    ;(await net(x)[0]!.data()).forEach((v, i) => expect(v).toBeCloseTo(want[i]!, 4))
    expect(net.info.metadata).toMatchObject({ recipe: name, model: kind, outputs: kind === 'lecture' ? 'signals' : 'logits' })
  })
}
test('chars gpt: token numbers in, logits out', async () => {
  const assets = { tokenizer: CharacterTokenizer.of('to be or not').toJSON(), text: { context: 16, charactersPerToken: 1, bytesPerToken: 1, opening: 't' } }
  const model = modelPlan(recipes.chars!, 'gpt').build(assets)
  const { said, bytes } = await exported(await runOf(model, { recipe: 'chars', model: 'gpt' }, assets), true)
  expect(JSON.parse(said)).toMatchObject({ format: 'onnx', inputs: [{ name: 'input', type: 'int32', shape: ['batch', 16] }] })
  const ids = zeros([2, 16], 'int32').add(tensor([[1], [3]], { dtype: 'int32' }))
  const want = await model.eval().call(ids).data()
  ;(await importOnnx(bytes)(ids)[0]!.data()).forEach((v, i) => expect(v).toBeCloseTo(want[i]!, 4))
})
test('a file of one’s own: the input is one example of its data', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradus-own-'))
  folders.push(folder)
  const file = join(folder, 'own.ts')
  writeFileSync(file, `import { Dataset } from 'gradus/data'
import { Adam, Linear, mse } from 'gradus/nn'
import { defineTraining } from 'gradus/recipes'
export default defineTraining({ model: () => new Linear(2, 1), data: () => ({ train: Dataset.of([[1, 2], [2, 3]], [[2], [4]]) }), loss: mse, optimizer: (rate) => new Adam(rate) })
`)
  const dir = await runOf(new Linear(2, 1), { file, model: 'own' })
  expect((await exported(dir)).said).toContain('input float32[batch,2] → output float32[batch,1]')
})
