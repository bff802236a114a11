// Training over a sequence multiplies twice a step of it: what does not wait for other steps is one product for all of them.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Tensor, jit, key, normal, profile, setDevice, valueAndGrad } from '../../tensor/index.ts'
import { withTensors } from '../module.ts'
import { GRU, LSTM, RNN } from './index.ts'

beforeAll(() => void setDevice('wasm', { threads: 1 }))
afterAll(() => void setDevice('reference'))

test.each([
  ['LSTM', () => new LSTM(8, 16)],
  ['GRU', () => new GRU(8, 16)],
  ['RNN', () => new RNN(8, 16)],
])('%s: forwards one product a step, backwards one', async (_, make) => {
  const layer = make()
  const params = Object.fromEntries(layer.namedParameters())
  const step = jit((p: typeof params, x: Tensor) => valueAndGrad((q: typeof params) => (withTensors(layer, q).call(x) as { output: Tensor }).output.square().sum())(p))
  const products = async (T: number): Promise<number> => {
    const x = normal([4, T, 8], { key: key(T) })
    const run = async (): Promise<void> => {
      const [loss, grads] = step(params, x)
      for (const t of [loss, ...Object.values(grads)]) await t.data()
    }
    await run()
    const { kernels } = await profile(run)
    return kernels.filter((k) => k.name.startsWith('gemm')).reduce((sum, k) => sum + k.calls, 0)
  }
  const [short, long] = [await products(6), await products(11)]
  expect(long - short).toBe(2 * 5)
  expect(short).toBeLessThanOrEqual(2 * 6 + 6)
})
