// Values that were computed through one program and are used in the next.
import { expect, test } from 'vitest'
import { type Tensor, grad, jit, setDevice, tensor } from './index.ts'

test('a view computed as an argument of jit is itself afterwards, not what it is a view of', async () => {
  setDevice('wasm')
  try {
    const x = tensor([[1, 2, 3]])
    const w = tensor([1, 2, 3, 4, 5, 6]).reshape(3, 2)
    jit((p: Tensor) => p.mul(2))(w)
    const g = grad((v: Tensor) => x.matmul(v).square().mean())(w)
    // y = [22, 28]: xᵀ·y
    expect(await g.array()).toEqual([[22, 28], [44, 56], [66, 84]])
  } finally {
    setDevice('reference')
  }
})
