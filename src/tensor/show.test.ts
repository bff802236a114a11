import { inspect } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { Linear } from '../nn/index.ts'
import { arange, grad, jit, setDevice, tensor, zeros } from './index.ts'
import type { Tensor } from './index.ts'

afterEach(() => setDevice('reference'))

test.each(['reference', 'wasm'] as const)('console.log shows the values, computed or not: %s', (device) => {
  setDevice(device)
  expect(inspect(tensor([[1, 2, 3], [40, 5, -6]]).add(1))).toBe('Tensor float32[2,3]\n[[ 2,  3,  4],\n [41,  6, -5]]')
  expect(inspect(tensor(1).div(3))).toBe('Tensor float32[] 0.3333')
  expect(inspect(tensor([true, false]))).toBe('Tensor bool[2] [ true, false]')
  expect(inspect(zeros([0, 3]))).toBe('Tensor float32[0,3] []')
})
test('numbers of different sizes, NaN and infinities, three axes', () => {
  expect(inspect(tensor([1e-9, 1, NaN]))).toBe('Tensor float32[3] [1.0000e-9, 1.0000e+0,       NaN]')
  expect(inspect(tensor([0.5, -Infinity]))).toBe('Tensor float32[2] [0.5000,     -∞]')
  expect(inspect(arange(8).reshape([2, 2, 2]))).toBe('Tensor int32[2,2,2]\n[[[0, 1],\n  [2, 3]],\n\n [[4, 5],\n  [6, 7]]]')
})
test('of long tensors only the ends', () => {
  expect(inspect(arange(2000))).toBe('Tensor int32[2000] [   0,    1,    2, …, 1997, 1998, 1999]')
  expect(inspect(zeros([100, 100])).split('\n')).toHaveLength(8)
})
test('where there is no value, it says why', () => {
  const seen: string[] = []
  const look = (x: Tensor) => {
    seen.push(inspect(x))
    return x.sum()
  }
  jit(look)(tensor([1, 2]))
  grad(look)(tensor([1, 2]))
  const gone = tensor([1])
  gone.dispose()
  expect([...seen, inspect(gone)]).toEqual([
    'Tensor float32[2] (a placeholder: it gets values when the function runs)',
    'Tensor float32[2] [1, 2]',
    'Tensor float32[1] (disposed)',
  ])
})
test('inside other objects: in few words when long', () => {
  expect(inspect({ x: tensor([1, 2]) })).toBe('{ x: Tensor float32[2] [1, 2] }')
  expect(inspect(new Linear(784, 10))).toMatch(/weight: Tensor float32\[10,784\],/)
})
