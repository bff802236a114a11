// PyTorch files by torch.save: the values PyTorch holds, whatever the strides; programs and other objects are refused by name.
import { describe, expect, test } from 'vitest'
import { goldenFile, goldenValues, plainNumbers } from '../../../test/support/golden-files.ts'
import { openTorch } from './read.ts'

test.each([['state.pt', 'state.pt'], ['protocol4.pt', 'state.pt'], ['views.pt', 'views.pt']])('%s', async (name, values) => {
  const file = await openTorch(goldenFile(name))
  const expected = goldenValues(values)
  expect([...file.tensors.keys()]).toEqual([...expected.keys()])
  for (const [key, { shape, data }] of expected) {
    const array = await file.read(key)
    expect(array.shape, key).toEqual(shape)
    expect(plainNumbers(array.data), key).toEqual(data)
  }
})
test('types stay as they are in the raw elements', async () => {
  const file = await openTorch(goldenFile('views.pt'))
  expect([...file.tensors.values()].map((t) => t.type)).toEqual(['F32', 'F32', 'F32', 'F32', 'F32', 'F32', 'F32', 'F16', 'BF16', 'F64', 'I64', 'I32', 'I16', 'I8', 'U8', 'BOOL', 'U16', 'F8_E4M3'])
  expect((await file.readRaw('int64')).bytes).toEqual(new Uint8Array(BigInt64Array.of(-5n).buffer))
})
test('a checkpoint: tensors by their paths, numbers and texts beside them', async () => {
  const file = await openTorch(goldenFile('checkpoint.pt'))
  expect([...file.tensors.keys()]).toEqual(['model.a', 'optimizer.state.0.step'])
  expect(Object.fromEntries(file.metadata)).toEqual({
    epoch: 3, loss: 0.25, name: 'run', dtype: 'torch.float32', 'size.0': 2, 'size.1': 3,
    'optimizer.param_groups.0.lr': 0.1, 'optimizer.param_groups.0.betas.0': 0.9, 'optimizer.param_groups.0.betas.1': 0.99, 'optimizer.param_groups.0.params.0': 0,
  })
})
describe('refused by name', () => {
  test.each([
    ['legacy.pt', /legacy.pt: the legacy format of PyTorch before 1\.6/],
    ['module.pt', /module.pt: it names "(__main__|torch\.nn)[\w.]+", which is not allowed/],
    ['script.pt', /script.pt: a TorchScript program/],
  ])('%s', async (name, message) => {
    await expect(openTorch(goldenFile(name), { name })).rejects.toThrow(message)
  })
})
