// Values that were computed through one program and are used in the next.
import { expect, test } from 'vitest'
import { type Tensor, grad, jit, setDevice, tensor, zeros } from './index.ts'

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

test('a program made for zeros that were computed before serves other values as well', async () => {
  setDevice('wasm')
  try {
    const index = tensor([1, 0], { dtype: 'int32' })
    const nothing = zeros([2])
    await nothing.data()
    expect(await nothing.take(index, 0).array()).toEqual([0, 0])
    expect(await tensor([5, 6]).take(index, 0).array()).toEqual([6, 5])
  } finally {
    setDevice('reference')
  }
})
