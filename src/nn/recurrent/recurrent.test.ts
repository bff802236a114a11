// Recurrent layers where no golden values reach: sequences cut in two, dropout, refusals. Values: test/golden-parts.test.ts.
import { beforeEach, expect, test } from 'vitest'
import { ShapeError, type Tensor, ValueError, concat, manualSeed, normal, tensor } from '../../tensor/index.ts'
import * as nn from '../index.ts'

const numbers = async (x: Tensor): Promise<number[]> => Array.from(await x.data())
beforeEach(() => manualSeed(7))

test('a sequence in two parts, the state carried over, gives what the whole gives', async () => {
  const lstm = new nn.LSTM(3, 4, { layers: 2 })
  const x = normal([2, 5, 3])
  const whole = lstm.call(x)
  const first = lstm.call(x.at(null, [0, 4]))
  const second = lstm.call(x.at(null, [4, 5]), { state: first.state })
  const [a, b] = [await numbers(concat([first.output, second.output], 1)), await numbers(whole.output)]
  a.forEach((v, i) => expect(v).toBeCloseTo(b[i]!, 5))
})
test('padding does not matter, whatever stands there', async () => {
  const gru = new nn.GRU(2, 3, { bidirectional: true })
  const x = normal([2, 4, 2])
  const spoiled = concat([x.at(null, [0, 2]), x.at(null, [2, 4]).mul(100)], 1)
  const read = async (z: Tensor): Promise<number[]> => numbers(gru.call(z, { lengths: tensor([2, 1], { dtype: 'int32' }) }).output)
  expect(await read(spoiled)).toEqual(await read(x))
})
test('the forget gates of an LSTM can begin open, and nothing else of it changes', async () => {
  const biases = async (options: nn.LSTMOptions): Promise<number[]> => {
    manualSeed(3)
    const { forward, backward } = new nn.LSTM(2, 3, { bidirectional: true, ...options }).layers[0]!
    return numbers(concat([forward.biasIh!, backward!.biasIh!, forward.biasHh!, forward.weightHh.reshape(-1)]))
  }
  const [plain, open] = [await biases({}), await biases({ forgetBias: 1 })]
  open.forEach((v, i) => expect(v - plain[i]!).toBeCloseTo([3, 4, 5, 15, 16, 17].includes(i) ? 1 : 0, 6))
})
test('signals between layers are dropped in training only', async () => {
  const rnn = new nn.RNN(2, 8, { layers: 2, dropout: 0.5 })
  const x = normal([1, 3, 2])
  const read = async (): Promise<number[]> => numbers(rnn.call(x).output)
  expect(await read()).not.toEqual(await read())
  rnn.eval()
  expect(await read()).toEqual(await read())
})
test('refusals', () => {
  const lstm = new nn.LSTM(3, 4)
  expect(() => lstm.call(normal([2, 3]))).toThrow(ShapeError)
  expect(() => lstm.call(normal([2, 5, 3]), { lengths: [5, 6] })).toThrow(/from 1 to 5/)
  expect(() => lstm.call(normal([2, 5, 3]), { lengths: [5] })).toThrow(ValueError)
  expect(() => lstm.call(normal([2, 5, 3]), { state: { h: normal([1, 2, 5]), c: normal([1, 2, 4]) } })).toThrow(/\[1,2,4\]/)
  expect(() => new nn.RNN(3, 4, { layers: 0 })).toThrow(ValueError)
})
