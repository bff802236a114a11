// Models saved by Keras 3.15 (scripts/golden/keras_models.py), with its outputs; damaged files.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FormatError, GradusError } from '../../base/index.ts'
import { BatchNorm2d, Conv1d, Conv2d, Embedding, Flatten, LayerNorm, Linear, MaxPool2d, Sequential, relu, softmax } from '../../nn/index.ts'
import { type Tensor, tensor } from '../../tensor/index.ts'
import { loadKeras } from './load.ts'

const file = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`../../../test/golden/keras/${name}`, import.meta.url)))
const golden = JSON.parse(new TextDecoder().decode(file('outputs.json'))) as Record<string, { x: number[]; shape: number[]; y: number[] }>

const convolutional = (): Sequential => new Sequential(
  (x) => x.permute(0, 3, 1, 2), // Keras has the channels last
  new Conv2d(2, 3, { kernelSize: 3, padding: 1 }), relu, new BatchNorm2d(3, { eps: 1e-3 }), new MaxPool2d(2), new Flatten(),
  new Linear(18, 4), (x) => x.tanh(), new Linear(4, 3, { bias: false }), (x) => softmax(x),
)
const words = (): Sequential => new Sequential(
  new Embedding(7, 3), (x) => x.transpose(1, 2), new Conv1d(3, 5, { kernelSize: 2 }), (x) => x.transpose(1, 2), new LayerNorm(5, { eps: 1e-3 }), (x) => x.mean(1), new Linear(5, 2),
)

test.each([['convolutional.keras', convolutional], ['convolutional.h5', convolutional], ['words.keras', words], ['words.h5', words]] as const)('%s gives what Keras gives', async (name, build) => {
  const model = (await loadKeras(build(), file(name))).eval() as unknown as { call(x: Tensor): Tensor }
  const { x, shape, y } = golden[name.split('.')[0]!]!
  const out = await model.call(tensor(x, { shape, dtype: name.startsWith('words') ? 'int32' : 'float32' })).data()
  y.forEach((v, i) => expect(out[i]).toBeCloseTo(v, 5))
})

test('what does not fit is listed, and nothing is changed', async () => {
  const model = new Sequential(new Embedding(7, 4), new Conv1d(4, 5, { kernelSize: 2 }), new LayerNorm(5), new Linear(5, 2, { bias: false }))
  const { weight } = model.layers[0] as Embedding
  const before = Array.from(await weight.data())
  await expect(loadKeras(model, file('words.keras'))).rejects.toThrow(/layers\.0 and "embedding": weight needs \[7,4\], theirs gives \[7,3\].*eps must be 0\.001, not 0\.00001.*unexpected bias/)
  expect(Array.from(await (model.layers[0] as Embedding).weight.data())).toEqual(before)
  await expect(loadKeras(new Sequential(new Linear(2, 3)), file('words.h5'))).rejects.toThrow(/4 layers with weights/)
  await expect(loadKeras(words(), Uint8Array.of(1, 2, 3))).rejects.toThrow(/no Keras file/)
})

test('damaged files give one typed error', async () => {
  for (const name of ['words.keras', 'words.h5']) {
    const whole = file(name)
    for (let i = 0; i < 40; i++) {
      const bytes = i % 3 === 0 ? whole.slice(0, Math.floor((whole.length * i) / 40)) : whole.slice()
      for (let k = 0; k < 3; k++) bytes[(i * 7919 + k * 104729) % bytes.length] = (i * 31 + k * 101) & 255
      try {
        await loadKeras(words(), bytes)
      } catch (error) {
        expect(error, `${name}, change ${i}: ${String((error as Error).stack)}`).toBeInstanceOf(GradusError)
        expect((error as Error).message).toContain('the file')
      }
    }
    await expect(loadKeras(words(), whole.slice(0, 600))).rejects.toThrow(FormatError)
  }
})
