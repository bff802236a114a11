// Checkpoints of Hugging Face and torchvision into our models by name: the same outputs; every misfit in one error.
import { describe, expect, test } from 'vitest'
import { loadWeights, openTorch, openWeights, writeSafetensors } from '../src/formats/index.ts'
import { Bert, GPT, type NameTable, ResNet, bertNames, foreignNames, gpt2Names, resnetNames } from '../src/models/index.ts'
import { Linear, type Module } from '../src/nn/index.ts'
import { linspace, tensor } from '../src/tensor/index.ts'
import { differences } from './support/compare.ts'
import { goldenFile, goldenValues } from './support/golden-files.ts'

const ids = tensor([[1, 5, 2, 7], [0, 3, 3, 10]], 'int32')
const close = { rtol: 1e-4, atol: 1e-5 }
const by = (model: Module, table: NameTable) => ({ places: foreignNames(model, table), ...(table.prefix === undefined ? {} : { prefix: table.prefix }), ...(table.ignored === undefined ? {} : { ignored: table.ignored }) })
const gpt = () => new GPT({ vocabulary: 11, context: 6, width: 8, layers: 2, heads: 2, dropout: 0 }).eval()

test('GPT-2 of Hugging Face, safetensors: the same logits', async () => {
  const model = gpt()
  await loadWeights(model, await openWeights(goldenFile('tiny-gpt2.safetensors')), by(model, gpt2Names))
  const { shape, data } = goldenValues('models').get('gpt2')!
  const logits = model.call(ids)
  expect(logits.shape).toEqual(shape)
  expect(differences(await logits.data(), data, close)).toBeNull()
})
test('BERT of Hugging Face, torch.save: the same hidden states', async () => {
  const model = new Bert({ vocabulary: 11, width: 8, layers: 1, heads: 2, hidden: 12, context: 6, dropout: 0 }).eval()
  await loadWeights(model, await openTorch(goldenFile('tiny-bert.bin')), by(model, bertNames))
  const { data } = goldenValues('models').get('bert')!
  expect(differences(await model.call(ids).hidden.data(), data, close)).toBeNull()
})
test('ResNet of torchvision, torch.save: the same classes, running statistics and all', async () => {
  const model = new ResNet({ blocks: [1, 1, 1, 1], widths: [3, 4, 4, 5], classes: 2 }).eval()
  await loadWeights(model, await openTorch(goldenFile('tiny-resnet.pth')), by(model, resnetNames))
  const { data } = goldenValues('models').get('resnet')!
  const picture = linspace(-1, 1, 3 * 32 * 32).reshape(1, 3, 32, 32)
  expect(differences(await model.call(picture).data(), data, close)).toBeNull()
})

describe('misfits', () => {
  test('missing, unexpected and shapes in one error; nothing is read, the model stays as it was', async () => {
    const model = new Linear(3, 2)
    const before = await model.weight.array()
    const file = await openWeights(writeSafetensors({ weight: { dtype: 'float32', shape: [2, 4], data: new Float32Array(8) }, extra: { dtype: 'float32', shape: [1], data: new Float32Array(1) } }), { name: 'w.safetensors' })
    await expect(loadWeights(model, { ...file, read: () => Promise.reject(new Error('read')) })).rejects.toThrow(
      'loadWeights: w.safetensors does not hold the weights of this model: missing: "bias"; unexpected: "extra"; another shape: "weight" is [2,4] where weight needs [2,3].',
    )
    expect(await model.weight.array()).toEqual(before)
  })
  test('not strict: what fits is taken', async () => {
    const file = await openWeights(writeSafetensors({ bias: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) }, extra: { dtype: 'float32', shape: [1], data: new Float32Array(1) } }))
    expect(await (await loadWeights(new Linear(3, 2), file, { strict: false })).bias!.array()).toEqual([1, 2])
  })
  test('a GPT-2 of another width', async () => {
    const model = new GPT({ vocabulary: 11, context: 6, width: 16, layers: 2, heads: 2 })
    await expect(openWeights(goldenFile('tiny-gpt2.safetensors')).then((file) => loadWeights(model, file, by(model, gpt2Names)))).rejects.toThrow(/another shape: "transformer\.wte\.weight" is \[11,8\] where tokens\.weight needs \[11,16\]/)
  })
})
