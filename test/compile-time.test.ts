// Compiling stays cheap: the whole training step of a network of 20 layers, in the time this machine takes for a known loop.
import { expect, test } from 'vitest'
import { type Tensor, jit, normal, realize, setDevice, tensor, valueAndGrad } from 'gradus'
import { Adam, Linear, ReLU, Sequential, crossEntropy, withTensors } from 'gradus/nn'

/** Processor seconds of this process, its compiling threads included. */
const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
/** What a fixed amount of scalar arithmetic costs here: about half a second on a server of 2023. */
function yardstick(): number {
  const begin = cpu()
  let a = 1
  for (let i = 0; i < 3e8; i++) a = (Math.imul(a, 1664525) + 1013904223) | 0
  expect(a).not.toBe(0.5)
  return cpu() - begin
}

test('20 layers: forwards, backwards and Adam compile in less than a second of a machine that counts to 3·10⁸ in half of one', async () => {
  setDevice('wasm', { threads: 1 })
  const compile = async (width: number): Promise<number> => {
    const model = new Sequential(...Array.from({ length: 19 }, () => [new Linear(width, width), new ReLU()]).flat(), new Linear(width, 10))
    const optimizer = new Adam(1e-3)
    const names = model.namedParameters().map(([name]) => name)
    const step = jit((params: Tensor[], state: ReturnType<typeof optimizer.init>, x: Tensor, y: Tensor) => {
      const [loss, grads] = valueAndGrad((list: Tensor[]) => crossEntropy(withTensors(model, Object.fromEntries(names.map((n, i) => [n, list[i]!]))).call(x), y))(params)
      return { ...optimizer.update(params, grads, state, tensor(1e-3)), loss }
    })
    const params = model.parameters()
    const x = normal([32, width])
    const y = tensor(new Int32Array(32), { dtype: 'int32' })
    realize(params, x, y)
    const state = optimizer.init(params)
    const begin = cpu()
    await step(params, state, x, y).loss.item()
    return cpu() - begin
  }
  await compile(40) // the compiler's own code is compiled by now
  // sizes of their own each time: nothing comes from a cache
  const seconds = Math.min(await compile(48), await compile(56), await compile(72))
  expect(seconds).toBeGreaterThan(0.005) // it was compiled at all
  expect(seconds / yardstick()).toBeLessThan(2)
})
