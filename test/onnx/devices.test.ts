// An imported model on every device: official tests of the kinds of arithmetic there are, and a control flow, equal to their
// outputs; derivative and vmap there, too.
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { importOnnx } from '../../src/formats/index.ts'
import { decodeTensor } from '../../src/formats/onnx/decode.ts'
import { tensorFromMessage } from '../../src/formats/onnx/tensor-message.ts'
import { hostOf, tensorOf } from '../../src/formats/onnx/value.ts'
import { type Tensor, grad, jit, tensor, vmap } from '../../src/tensor/index.ts'
import { computesWith, on, probeDevices } from '../support/devices.ts'
import { buildModel } from './build.ts'

const golden = fileURLToPath(new URL('../golden/onnx', import.meta.url))
const TESTS = ['test_conv_with_strides_padding', 'test_gemm_all_attributes', 'test_layer_normalization_2d_axis1', 'test_einsum_batch_matmul', 'test_qlinearconv', 'test_maxpool_2d_ceil', 'test_if']
const read = (dir: string, kind: string) => readdirSync(dir).filter((f) => f.startsWith(`${kind}_`)).sort().map((f) => tensorFromMessage(decodeTensor(readFileSync(`${dir}/${f}`)), null))

describe.each(await probeDevices())('$name', ({ name, missing }) => {
  const why = missing === null ? '' : ` (${missing})`
  test.skipIf(missing !== null).each(TESTS)(`%s${why}`, (which) => on(name, async () => {
    const net = importOnnx(readFileSync(`${golden}/${which}/model.onnx`))
    // as they would come: tensors, computed with on the device
    const got = net(...read(`${golden}/${which}/test_data_set_0`, 'input').map(tensorOf))
    for (const [i, want] of read(`${golden}/${which}/test_data_set_0`, 'output').entries()) {
      if (!computesWith(name, got[i]!.dtype)) {
        // by name, never another number
        await expect(got[i]!.data()).rejects.toThrow(new RegExp(`${name}: the device does not compute with float64`))
        continue
      }
      const [values, expected] = [await got[i]!.data(), hostOf(want) as ArrayLike<number>]
      expect(got[i]!.shape).toEqual(want.shape)
      Array.from(values).forEach((v, k) => expect(Math.abs(v - expected[k]!)).toBeLessThanOrEqual(1e-6 + 1e-3 * Math.abs(expected[k]!)))
    }
  }))
  test.skipIf(missing !== null)(`it differentiates, compiles and batches${why}`, () => on(name, async () => {
    const net = importOnnx(buildModel({ inputs: { x: ['float32', [3]] }, stored: { w: ['float32', [3], [1, 2, 3]] }, nodes: [{ op: 'Mul', inputs: ['x', 'w'], outputs: ['p'] }, { op: 'Tanh', inputs: ['p'] }] }))
    const rows = tensor([[0.1, -0.2, 0.3], [0.5, 0, -1]])
    const slopes = jit(vmap(grad((x: Tensor) => net(x)[0]!.sum())))(rows)
    const want = [0.1, -0.2, 0.3, 0.5, 0, -1].map((x, i) => ((i % 3) + 1) * (1 - Math.tanh(x * ((i % 3) + 1)) ** 2))
    ;(await slopes.data()).forEach((v, i) => expect(v).toBeCloseTo(want[i]!, 5))
  }))
})
