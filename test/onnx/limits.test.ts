// What a run of a model may take: refused where it is passed, by the limit's name; what stays inside runs.
import { expect, test } from 'vitest'
import { importOnnx } from '../../src/formats/index.ts'
import type { OnnxLimits } from '../../src/formats/onnx/budget.ts'
import { type Tensor, jit, ones, readNow, tensor } from '../../src/tensor/index.ts'
import { Builder, Names } from '../../src/formats/onnx/export/builder.ts'
import type { GraphMessage, NodeMessage } from '../../src/formats/onnx/messages.ts'
import { buildModel } from './build.ts'

const square = (n: number, limits: OnnxLimits) => importOnnx(buildModel({ inputs: { x: ['float32', [n, n]] }, nodes: [{ op: 'MatMul', inputs: ['x', 'x'] }] }), { limits, name: 'm.onnx' })
/** x, expanded to `n` numbers, summed. */
const widened = (n: number, limits: OnnxLimits) => importOnnx(buildModel({ inputs: { x: ['float32', [1]] }, stored: { n: ['int64', [1], [n]] }, nodes: [{ op: 'Expand', inputs: ['x', 'n'], outputs: ['w'] }, { op: 'ReduceSum', inputs: ['w'], attributes: { keepdims: 0 } }] }), { limits })

test('arithmetic: just inside, just outside, also inside jit', () => {
  expect([...readNow(square(4, { work: 200 })(ones([4, 4]))[0]!)]).toEqual(new Array(16).fill(4))
  expect(() => square(4, { work: 63 })(ones([4, 4]))).toThrow(/m\.onnx: node "MatMul_0" \(MatMul\): the model asks for too much arithmetic: expected at most 63 elementary operations, received \d+. If that is meant: importOnnx\(bytes, \{ limits: \{ work: … \} \}\)/)
  expect(() => jit((x: Tensor) => square(4, { work: 63 })(x)[0]!)(ones([4, 4]))).toThrow(/too much arithmetic/)
})
test('bytes: of what is there at a time, weights aside', () => {
  expect(readNow(widened(1000, { bytes: 4100 })(tensor([2]))[0]!)[0]).toBe(2000)
  expect(() => widened(1000, { bytes: 3999 })(tensor([2]))).toThrow(/values of the model are too large: expected at most 3999 bytes of values at a time, received 400\d/)
  // a chain of a hundred, of which two are there at a time
  const nodes = Array.from({ length: 100 }, (_, i) => ({ op: 'Neg', inputs: [i === 0 ? 'x' : `n${i}`], outputs: [i === 99 ? 'y' : `n${i + 1}`] }))
  const chain = (bytes: number) => importOnnx(buildModel({ inputs: { x: ['float32', [100]] }, nodes }), { limits: { bytes } })
  expect(readNow(chain(900)(ones([100]))[0]!)[99]).toBe(1)
  expect(() => chain(700)(ones([100]))).toThrow(/too large/)
})
test('nodes, seconds, and limits that are none', () => {
  const steps = (limits: OnnxLimits) => importOnnx(buildModel({ inputs: { x: ['float32', [1]] }, nodes: Array.from({ length: 10 }, (_, i) => ({ op: 'Neg', inputs: [i === 0 ? 'x' : `n${i}`], outputs: [i === 9 ? 'y' : `n${i + 1}`] })) }), { limits })
  expect(readNow(steps({ nodes: 11 })(ones([1]))[0]!)[0]).toBe(1)
  expect(() => steps({ nodes: 10 })(ones([1]))).toThrow(/does not come to an end: expected at most 10 nodes run, loops step by step, received 11/)
  expect(() => steps({ seconds: 0 })(ones([1]))).toThrow(/at most 0 seconds/)
  expect(readNow(steps({ nodes: Infinity, work: Infinity, bytes: Infinity, seconds: Infinity, steps: Infinity })(ones([1]))[0]!)[0]).toBe(1)
  expect(() => steps({ nodes: Number.NaN })).toThrow(/no such limit: nodes/)
  expect(() => steps({ time: 3 } as OnnxLimits)).toThrow(/no such limit: time: expected nodes, steps, open, work, bytes, seconds/)
})
/** Counts x down to 0 in a loop whose end nobody can tell, `weights` numbers lying beside. */
function countdown(limits: OnnxLimits = {}, weights = 1): (x: number) => Promise<number> {
  const port = (name: string, type: number) => ({ name, type: { kind: 'tensor' as const, elementType: type, shape: null } })
  const b = new Builder(new Names(), null, null)
  b.nodeOf('Sub', ['v', 'one'], {}, ['w'])
  b.nodeOf('Greater', ['w', 'none'], {}, ['on'])
  const body: GraphMessage = { name: 'body', sparseInitializers: 0, nodes: b.nodes as NodeMessage[], initializers: [], inputs: [port('i', 7), port('c', 9), port('v', 1)], outputs: [port('on', 9), port('w', 1)] }
  const stored = { one: ['float32', [], [1]], none: ['float32', [], [0]], more: ['float32', [weights], new Array<number>(weights).fill(0)] } as const
  const net = importOnnx(buildModel({ inputs: { x: ['float32', []] }, stored, nodes: [{ op: 'Loop', inputs: ['', '', 'x'], attributes: { body: { graph: body } } }] }), { limits })
  return async (x) => (await net(tensor(x))[0]!.data())[0]!
}
test('loops whose end nobody can tell: honest ones run, weights allow more, endless ones are stopped', async () => {
  expect(await countdown()(150)).toBe(0)
  await expect(countdown()(400)).rejects.toThrow(/does not come to an end: expected at most 16\d{3} nodes run in loops whose end nobody can tell, received 16\d{3}.*limits: \{ open: … \}/)
  expect(await countdown({}, 500_000)(400)).toBe(0)
  expect(await countdown({ open: Infinity })(400)).toBe(0)
  await expect(countdown({ open: 10 })(2)).rejects.toThrow(/at most 1\d nodes run in loops whose end nobody can tell/)
})
test('largest sizes that run: a range and a padding just inside what the host may make', () => {
  const range = (n: number) => importOnnx(buildModel({ inputs: { x: ['float32', [1]] }, stored: { a: ['int64', [], [0]], n: ['int64', [], [n]], d: ['int64', [], [2 ** 20]] }, outputs: { y: 'int64' }, nodes: [{ op: 'Range', inputs: ['a', 'n', 'd'] }] }))
  expect([...readNow(range(2 ** 31 - 1)(ones([1]))[0]!)].at(-1)).toBe(2 ** 31 - 2 ** 20)
  expect(() => range(2 ** 45)(ones([1]))).toThrow(/too many elements on the host: expected 0 … 16777216, received 33554432/)
})
