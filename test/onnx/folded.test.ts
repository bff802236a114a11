// What depends on the file alone (weights turned from 8 bits to floats) is computed at the first call, by name as by place,
// wherever that call was made.
import { expect, test } from 'vitest'
import { importOnnx } from '../../src/formats/index.ts'
import { type Tensor, grad, jit, ones, profile, readNow, setDevice, vmap } from '../../src/tensor/index.ts'
import { buildModel } from './build.ts'

const bytes = buildModel({
  inputs: { x: ['float32', [1, 32]] }, stored: { w: ['uint8', [32, 40], Array.from({ length: 1280 }, (_, i) => i % 7)], s: ['float32', [], [0.5]] },
  nodes: [{ op: 'DequantizeLinear', inputs: ['w', 's'], outputs: ['d'] }, { op: 'MatMul', inputs: ['x', 'd'] }],
})
const x = ones([1, 32])
const want = Array.from({ length: 40 }, (_, j) => Array.from({ length: 32 }, (_, i) => ((i * 40 + j) % 7) / 2).reduce((a, b) => a + b))

test.each(['eager', 'jit', 'grad', 'vmap'])('first in %s', (first) => {
  const net = importOnnx(bytes)
  const f = (v: Tensor): Tensor => net.run({ x: v }).y!
  if (first === 'jit') readNow(jit(f)(x))
  if (first === 'grad') readNow(grad((v: Tensor) => f(v).sum())(x))
  if (first === 'vmap') readNow(vmap(f)(ones([3, 1, 32])))
  expect([...readNow(f(x))]).toEqual(want)
  expect([...readNow(jit(f)(x))]).toEqual(want)
  expect([...readNow(vmap(jit(f))(ones([2, 1, 32])))]).toEqual([...want, ...want])
})
test('the second call multiplies nothing but the product', async () => {
  setDevice('wasm')
  const net = importOnnx(bytes)
  const kernels = async (): Promise<string[]> => (await profile(() => net.run({ x }).y!.data())).kernels.map((k) => k.name)
  expect((await kernels()).length).toBeGreaterThan(1)
  expect((await kernels()).filter((name) => !name.startsWith('gemm'))).toEqual([])
})
