// When threads are worth waking: a small training step leaves them alone, whatever was asked for; a large program uses them,
// and its bits do not change.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SGD, crossEntropy, relu } from '../src/nn/index.ts'
import { jit, key, matmul, setDevice, type Tensor, tensor, uniform, valueAndGrad } from '../src/tensor/index.ts'

const threadsModule = process.getBuiltinModule('node:worker_threads')
const { Worker } = threadsModule
let started = 0
class Counted extends Worker {
  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args)
    started++
  }
}
beforeAll(() => {
  threadsModule.Worker = Counted
})
afterAll(() => {
  threadsModule.Worker = Worker
  setDevice('reference')
})

const random = (n: number, ...shape: number[]): Tensor => uniform(shape, { key: key(n) }).sub(0.5)

/** Losses of some steps of a network with one hidden layer. */
async function train(batch: number, width: number, steps: number): Promise<number[]> {
  const labels = tensor(Int32Array.from({ length: batch }, (_, i) => i % 4), { dtype: 'int32' })
  const x = random(1, batch, width)
  const optimizer = new SGD(0.1)
  const step = jit((params: Tensor[], x: Tensor, labels: Tensor) => {
    const [loss, grads] = valueAndGrad((p: Tensor[]) => crossEntropy(matmul(relu(matmul(x, p[0]!)), p[1]!), labels))(params)
    return { params: optimizer.update(params, grads, optimizer.init(params), tensor(0.1)).params, loss }
  })
  let params: Tensor[] = [random(2, width, width), random(3, width, 4)]
  const losses: number[] = []
  for (let s = 0; s < steps; s++) {
    const next = step(params, x, labels)
    params = next.params
    losses.push(await next.loss.item())
  }
  return losses
}

test('a small step wakes no thread; a large one does, and computes the same bits', async () => {
  setDevice('wasm', { threads: 64 })
  await train(8, 16, 3)
  expect(started).toBe(0)
  setDevice('wasm', { threads: 3 })
  const shared = await train(64, 128, 2)
  expect(started).toBe(2)
  setDevice('wasm', { threads: 1 })
  expect(shared).toEqual(await train(64, 128, 2))
})
