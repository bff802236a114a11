// CTC against the sum over all paths. Values and gradients of PyTorch: test/golden-parts.test.ts.
import { expect, test } from 'vitest'
import { grad, manualSeed, normal, tensor } from '../tensor/index.ts'
import { ctc } from './index.ts'

/** −ln of the probability of all paths of T steps that read as the labels. */
function byPaths(logs: number[][], labels: number[], blank: number): number {
  const [T, C] = [logs.length, logs[0]!.length]
  let p = 0
  for (let n = 0; n < C ** T; n++) {
    const path = Array.from({ length: T }, (_, t) => Math.floor(n / C ** t) % C)
    const read = path.filter((c, t) => c !== blank && c !== path[t - 1])
    if (read.join() === labels.join()) p += Math.exp(path.reduce((s, c, t) => s + logs[t]![c]!, 0))
  }
  return -Math.log(p)
}

test.each([
  [[1], 0], [[1, 2], 0], [[1, 1], 0], [[2, 1, 2], 0], [[0, 1], 2], [[], 0], [[1, 1, 1], 0],
])('labels %j, blank %i', async (labels, blank) => {
  manualSeed(8)
  const output = normal([1, 5, 3]).logSoftmax(-1).realize()
  const logs = ((await output.array()) as number[][][])[0]!
  const got = await ctc(output, tensor(Int32Array.from(labels), { shape: [1, labels.length] }), { blank, reduction: 'sum' }).item()
  expect(got).toBeCloseTo(byPaths(logs, labels, blank), 4)
})
test('labels that do not fit cost infinity, or nothing; their gradient is 0, not NaN', async () => {
  const output = normal([1, 2, 3])
  const labels = tensor([[1, 1]], { dtype: 'int32' })
  expect(await ctc(output.logSoftmax(-1), labels).item()).toBe(Infinity)
  expect(await ctc(output.logSoftmax(-1), labels, { zeroInfinity: true }).item()).toBe(0)
  expect(Array.from(await grad((x: typeof output) => ctc(x.logSoftmax(-1), labels))(output).data())).toEqual(new Array(6).fill(0))
})
test('refusals', () => {
  const output = normal([2, 4, 3])
  const labels = tensor([[1, 1], [2, 1]], { dtype: 'int32' })
  expect(() => ctc(output, labels, { blank: 3 })).toThrow(/0 to 2/)
  expect(() => ctc(output, labels.to('float32'))).toThrow(/int32/)
  expect(() => ctc(output, labels, { inputLengths: [5, 1] })).toThrow(/from 0 to 4/)
})
