// Any network as a graph: its values and gradients against plain numbers, differences and the formula's own.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Tensor, manualSeed, tensor, zeros } from 'gradus'
import { exportOnnx } from 'gradus/formats'
import { Conv2d, Embedding, Flatten, Linear, Sequential, Tanh } from 'gradus/nn'
import { expect, test } from 'vitest'
import { folderOfPrograms, pythonWith, runGradus, runPython } from '../../../test/programs.ts'
import { caught } from '../../../test/caught.ts'
import { decodeState, encodeState } from '../../core/permalink.ts'
import { code } from './code.ts'
import * as compute from './compute.ts'
import { pictureOf } from './network.ts'
import { OWN_BYTES, type State, form, initial, light, withOwn } from './model.ts'
import { countCheck, lengthCheck, outcomeCheck, partCheck, sizeCheck } from './proofs.ts'

const at: State = { ...initial, mode: 'network' }
const look = async (s: State) => {
  const got = await compute.lookInside(s)
  if (!got.ok) throw new Error(got.why)
  return got
}

test('XOR: every node in order, values by plain arithmetic, gradients by differences', async () => {
  const s: State = { ...at, input: [1, 0] }
  const got = await look(s)
  expect(got.nodes.map(({ op }) => op)).toEqual(['input', 'weight', 'MatMul', 'weight', 'Add', 'Tanh', 'weight', 'MatMul', 'weight', 'Add', 'Sigmoid'])
  expect(got.nodes.map(({ inputs }) => inputs)).toEqual([[], [], [0, 1], [], [2, 3], [4], [], [5, 6], [], [7, 8], [9]])
  const h = [Math.tanh(2 - 1), Math.tanh(-2 + 3)]
  const z = 1.5 * h[0]! + 1.5 * h[1]! - 1.2
  const f = 1 / (1 + Math.exp(-z))
  expect(got.f).toBeCloseTo(f, 5)
  expect(got.parameters).toBe(9)
  expect(got.values[5]!).toBeCloseTo(Math.hypot(...h), 5)
  const slope = f * (1 - f)
  expect(got.gradients[9]!).toBeCloseTo(slope, 5)
  expect(got.gradients[5]!).toBeCloseTo(slope * Math.hypot(1.5, 1.5), 5)
  const { value, gradient } = await compute.insideNode(s, 5)
  expect([value!.shape, value!.columns, gradient!.first]).toEqual([[1, 2], 2, [expect.closeTo(1.5 * slope, 5), expect.closeTo(1.5 * slope, 5)]])
  // on the reference device: the same numbers, and others for another input
  for (const i of [0, 1, 4, 5, 10]) {
    const [one, two, other] = [await compute.insideNode(s, i), await compute.nodeAgainInside(s, i), await compute.nodeAgainInside({ ...s, input: [0, 0] }, i)]
    for (const of of ['value', 'gradient'] as const) two[of]!.first.forEach((v, k) => expect(v).toBeCloseTo(one[of]!.first[k]!, 5))
    expect([two.value!.norm, two.value!.mean]).toEqual([expect.closeTo(one.value!.norm, 5), expect.closeTo(one.value!.mean, 5)])
    if (i !== 1) expect(Math.abs(other.value!.norm - one.value!.norm)).toBeGreaterThan(1e-3)
  }
  expect(await compute.countWeightsInside(s)).toBe(9)
  for (const i of [0, 1, 4, 8]) expect(await compute.differenceInside(s, i)).toBeCloseTo(got.gradients[i]!, 3)
})
test.each(['xor', 'signals', 'lenet'] as const)('%s: every proof passes its number and refuses one a little off', async (network) => {
  const s: State = { ...at, network, seed: 5 }
  const got = await look(s)
  await caught(outcomeCheck(compute, s), got.f, 'f')
  await caught(countCheck(compute, s), got.parameters, 'weights', 1)
  const every = network === 'lenet' ? 7 : 1
  for (const i of got.nodes.keys()) {
    if (i % every !== 0 || got.gradients[i] === null || got.values[i] === null) continue
    await caught(lengthCheck(compute, s, i), got.gradients[i]!, `gradient of ${i}`, Math.max(5e-4, 0.05 * got.gradients[i]!))
    await caught(sizeCheck(compute, s, i), got.values[i]!, `size of ${i}`)
    const { value, gradient } = await compute.insideNode(s, i)
    for (const [of, numbers] of [['value', value!], ['gradient', gradient!]] as const) {
      for (const key of ['norm', 'mean'] as const) await caught(partCheck(compute, s, i, of, (again) => again[key]), numbers[key], `${key} of the ${of} of ${i}`, Math.max(1e-4, 1e-3 * Math.abs(numbers[key])))
    }
  }
})
test('the loss of an answer; whose gradient at the outputs sums to nothing', async () => {
  manualSeed(2)
  const bytes = exportOnnx(new Sequential(new Linear(3, 4), new Tanh(), new Linear(4, 3)), tensor([[1, 2, 3]]))
  const opened = await compute.openNetwork([{ name: 'mine.onnx', bytes }])
  if (!opened.ok) throw new Error(opened.problem)
  const s: State = { ...withOwn(initial, opened), goal: 'loss', output: 2, input: [0.5, -1, 2] }
  const got = await look(s)
  expect([got.file, got.outputs, got.inputShape]).toEqual(['mine.onnx', 3, [1, 3]])
  const last = got.nodes.length - 1
  const { value, gradient } = await compute.insideNode(s, last)
  const e = value!.first.map((v) => Math.exp(v))
  const p = e.map((v) => v / e.reduce((a, b) => a + b))
  expect(got.f).toBeCloseTo(-Math.log(p[2]!), 5)
  gradient!.first.forEach((g, k) => expect(g).toBeCloseTo(p[k]! - (k === 2 ? 1 : 0), 5))
  // the link holds it; a page that never saw the file shows the same
  const there = await decodeState(await encodeState(s), form)
  expect(there.own!.bytes.length).toBeGreaterThan(100)
  expect((await look(there)).f).toBe(got.f)
  // a lighter link does not, and says so until the file is opened again
  expect(light(s).own).toMatchObject({ file: 'mine.onnx', bytes: '' })
  expect((await look(light(s))).f).toBe(got.f)
  await compute.openNetwork([{ name: 'other.onnx', bytes: exportOnnx(new Linear(2, 1), tensor([[1, 2]])) }])
  await look(at)
  expect(await compute.lookInside(light(s))).toEqual({ ok: false, why: 'absent' })
})
test('a network of the same name and size as the one before takes its place, in the link or not', async () => {
  for (const wide of [2, 200]) {
    const seen: number[] = []
    for (const seed of [1, 2]) {
      manualSeed(seed)
      const opened = await compute.openNetwork([{ name: 'mine.onnx', bytes: exportOnnx(new Linear(wide, 90), tensor(new Float32Array(wide), { shape: [1, wide] })) }])
      if (!opened.ok) throw new Error(opened.problem)
      expect(opened.own.bytes === '').toBe(wide === 200)
      seen.push((await look(withOwn(initial, opened))).f)
    }
    expect(seen[0]).not.toBe(seen[1])
  }
})
test('a picture of numbers: rows as they are, maps side by side with a gap', () => {
  const data = Float32Array.from({ length: 8 }, (_, i) => i + 1)
  expect(pictureOf(data, [2, 4])).toEqual({ columns: 4, first: [1, 2, 3, 4, 5, 6, 7, 8] })
  expect(pictureOf(data, [1, 2, 2, 2])).toEqual({ columns: 5, first: [1, 2, 0, 5, 6, 3, 4, 0, 7, 8] })
  expect(pictureOf(Float32Array.of(7), [])).toEqual({ columns: 1, first: [7] })
})
test('a state dict, a bad file, a network without a picture of its input; links made before there were networks', async () => {
  const wide = exportOnnx(new Linear(200, 90), tensor(new Float32Array(200), { shape: [1, 200] }))
  expect(wide.length).toBeGreaterThan(OWN_BYTES)
  expect(await compute.openNetwork([{ name: 'wide.onnx', bytes: wide }])).toMatchObject({ ok: true, parameters: 18_090, own: { bytes: '', size: wide.length } })
  expect(await compute.openNetwork([{ name: 'cut.onnx', bytes: wide.slice(0, 500) }])).toMatchObject({ ok: false, problem: 'unreadable', file: 'cut.onnx' })
  const two = exportOnnx((a: ReturnType<typeof tensor>, b: ReturnType<typeof tensor>) => a.add(b), [tensor([1]), tensor([2])])
  const opened = await compute.openNetwork([{ name: 'two.onnx', bytes: two }])
  expect(opened.ok && (await compute.lookInside(withOwn(initial, opened)))).toMatchObject({ ok: false, why: expect.stringContaining('input_0, input_1') })
  const { formula, x, y, w, b, step } = initial
  expect(form({ formula, x, y, w, b, step })).toEqual(initial)
})
test('the exported programs print the numbers on the screen: small networks, LeNet, one from a file', async () => {
  const files = folderOfPrograms()
  try {
    const run = async (s: State) => (await runGradus(code(s).gradus, files)) as Record<'f', number> & Record<'x' | 'weights' | 'biases' | 'outputs' | 'slopes', readonly number[]>
    for (const s of [{ ...at, input: [1, 0.25] }, { ...at, network: 'signals', seed: 12 }] as const) {
      const [seen, printed] = [await look(s), await run(s)]
      expect(printed.f).toBeCloseTo(seen.f, 5)
      expect(printed.x).toEqual((await compute.insideNode(s, 0)).gradient!.first.map((v) => expect.closeTo(v, 5)))
      const norms = seen.nodes.flatMap(({ op }, i) => (op === 'weight' ? [seen.gradients[i]!] : []))
      expect(printed.weights.flatMap((w, l) => [w, printed.biases[l]])).toEqual(norms.map((v) => expect.closeTo(v, 5)))
    }
    const lenet: State = { ...at, network: 'lenet', goal: 'loss', output: 3 }
    const printed = await run(lenet)
    const shown = await look(lenet)
    expect(printed.f).toBeCloseTo(shown.f, 4)
    expect(printed.outputs).toEqual((await compute.insideNode(lenet, shown.nodes.length - 1)).value!.first.map((v) => expect.closeTo(v, 4)))
    const gradients = (await compute.insideNode(lenet, 0)).gradient!.first
    expect(printed.slopes).toEqual([10, 13, 16].map((column) => expect.closeTo(gradients[14 * 28 + column]!, 5)))
    manualSeed(4)
    const bytes = exportOnnx(new Sequential(new Linear(3, 4), new Tanh(), new Linear(4, 3)), tensor([[1, 2, 3]]))
    writeFileSync(join(files, 'mine.onnx'), bytes)
    const opened = await compute.openNetwork([{ name: 'mine.onnx', bytes }])
    if (!opened.ok) throw new Error(opened.problem)
    for (const part of [{ input: [0.5, -1, 2], goal: 'loss', output: 1 }, { seed: 9, output: 2 }] as const) {
      const s: State = { ...withOwn(initial, opened), ...part }
      expect((await run(s)).f).toBeCloseTo((await look(s)).f, 5)
    }
  } finally {
    rmSync(files, { recursive: true, force: true })
  }
})

test('the programs for networks from files, run by ONNX Runtime: vectors given and drawn, pictures, whole numbers', async ({ skip }) => {
  const python = pythonWith('onnxruntime')
  if (python === undefined) return skip('no Python with onnxruntime (GRADUS_PYTHON can name one)')
  const files = folderOfPrograms()
  try {
    manualSeed(6)
    const words = { table: new Embedding(8, 3), out: new Linear(3, 4) }
    const nets: readonly (readonly [string, Uint8Array, Partial<State>])[] = [
      ['vector.onnx', exportOnnx(new Sequential(new Linear(3, 4), new Tanh(), new Linear(4, 3)), tensor([[1, 2, 3]])), { input: [0.5, -1, 2], goal: 'loss', output: 1 }],
      ['vector.onnx', exportOnnx(new Sequential(new Linear(3, 4), new Tanh(), new Linear(4, 3)), tensor([[1, 2, 3]])), { seed: 9, output: 2 }],
      ['picture.onnx', exportOnnx(new Sequential(new Conv2d(1, 2, { kernelSize: 3 }), new Flatten(), new Linear(2 * 6 * 6, 5)), zeros([1, 1, 8, 8])), { seed: 4, goal: 'loss', output: 3 }],
      ['words.onnx', exportOnnx((ids: Tensor) => words.out.call(words.table.call(ids)), tensor([[1, 2, 3]], { dtype: 'int32' })), { seed: 3, output: 1 }],
    ]
    for (const [name, bytes, part] of nets) {
      writeFileSync(join(files, name), bytes)
      const opened = await compute.openNetwork([{ name, bytes }])
      if (!opened.ok) throw new Error(`${name}: ${opened.problem}: ${opened.expected}; ${opened.received}`)
      const s: State = { ...withOwn(initial, opened), ...part }
      const shown = await look(s)
      const { numpy, pytorch } = code(s)
      expect(pytorch).toBe(numpy)
      const printed = runPython(python, numpy, files) as { readonly f: number; readonly outputs: readonly number[] }
      expect(printed.f, name).toBeCloseTo(shown.f, 4)
      expect(printed.outputs, name).toEqual(((await runGradus(code(s).gradus, files)) as { readonly outputs: readonly number[] }).outputs.map((v) => expect.closeTo(v, 4)))
    }
  } finally {
    rmSync(files, { recursive: true, force: true })
  }
})
