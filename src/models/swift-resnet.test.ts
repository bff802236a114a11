// Whitened patches are uncorrelated; eigenvectors are such; the network begins as the identity and is trained whole.
import { expect, test } from 'vitest'
import { conv2d, grad, key, normal, tensor, uniform } from '../tensor/index.ts'
import { withTensors } from '../nn/index.ts'
import { SwiftResNet } from './swift-resnet.ts'
import { patchWhitening, symmetricEigen } from './whitening.ts'

test('eigenvalues and eigenvectors of a symmetric matrix', () => {
  const [n, a] = [3, Float64Array.of(4, 1, -2, 1, 2, 0, -2, 0, 3)]
  const { values, vectors } = symmetricEigen(a, n)
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      let left = 0
      for (let j = 0; j < n; j++) left += a[i * n + j]! * vectors[j * n + k]!
      expect(left).toBeCloseTo(values[k]! * vectors[i * n + k]!, 10)
    }
  }
  expect(values.reduce((x, y) => x + y)).toBeCloseTo(9, 10) // the trace
})

test('under the filters, patches are uncorrelated and of variance 1', async () => {
  const noise = uniform([40, 2, 9, 9], { key: key(3) })
  const pictures = noise.add(noise.flip([1]).mul(0.7)).sub(0.85) // channels that hang together
  const out = conv2d(pictures, await patchWhitening(pictures, { eps: 0 })) // (40, 16, 8, 8)
  const rows = out.permute([1, 0, 2, 3]).reshape(16, -1)
  const covariance = (await rows.matmul(rows.transpose()).div(40 * 64).array()) as number[][]
  for (let i = 0; i < 8; i++) for (let j = 0; j < 16; j++) expect(covariance[i]![j]).toBeCloseTo(i === j ? 1 : i + 8 === j ? -1 : 0, 3)
})
test('what is no batch of pictures is refused', async () => {
  await expect(patchWhitening(tensor([[1, 2]]))).rejects.toThrow(/patchWhitening.*received \[1,2\]/s)
})

test('filters begin by handing channels through, and every parameter learns', async () => {
  const whitening = await patchWhitening(normal([20, 3, 8, 8], { key: key(1) }))
  const net = new SwiftResNet({ whitening, widths: [24, 24, 24] })
  const image = normal([2, 24, 6, 6], { key: key(5) })
  const through = conv2d(image, net.stages[0]![0].conv.weight, { padding: 1 })
  expect(await through.sub(image).abs().max().item()).toBeLessThan(1e-6)
  const parameters = Object.fromEntries(net.namedParameters())
  const x = normal([1, 3, 32, 32], { key: key(2) })
  const gradients = grad((p: typeof parameters) => withTensors(net, p).call(x).square().sum())(parameters)
  for (const [name, g] of Object.entries(gradients)) expect(await g.abs().max().item(), name).toBeGreaterThan(0)
})
