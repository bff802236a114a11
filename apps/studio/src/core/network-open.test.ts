// Small networks in the labs that take them: saved, opened again, the same; what does not fit is told.
import { tensor } from 'gradus'
import { exportOnnx, importOnnx } from 'gradus/formats'
import { Linear, ReLU, Sequential } from 'gradus/nn'
import { expect, test } from 'vitest'
import * as signals from '../labs/09-signals/compute.ts'
import { initial as first, form as netForm, withActivation, withOpened } from '../labs/09-signals/model.ts'
import * as playground from '../labs/19-playground/compute.ts'
import { type State, begin, changed, form, initial, plainAnswer } from '../labs/19-playground/model.ts'

const files = (name: string, bytes: Uint8Array) => [{ name, bytes }]
const zeros = (sizes: readonly number[]): Uint8Array => exportOnnx(new Sequential(...sizes.slice(1).flatMap((m, i) => [new Linear(sizes[i]!, m), ...(i < sizes.length - 2 ? [new ReLU()] : [])])), tensor(new Float32Array(sizes[0]!), { shape: [1, sizes[0]!] }))

test('lab 9: its network as ONNX and as weights comes back; layers of different functions; others are refused', async () => {
  const smooth = withActivation(first, 'sigmoid').net
  for (const as of ['onnx', 'safetensors'] as const) {
    const opened = await signals.openNetwork(files(`a.${as}`, await signals.saveNetwork(smooth, as)))
    if (!opened.ok) throw new Error(opened.problem)
    expect(opened).toMatchObject({ sizes: [4, 2, 1], assumed: as === 'safetensors' })
    expect(opened.net.layers.map(({ weights, biases }) => [weights, biases])).toEqual(smooth.layers.map(({ weights, biases }) => [weights, biases]))
    if (as === 'onnx') expect(opened.net).toEqual(smooth)
  }
  const mixed = await signals.openNetwork(files('m.onnx', zeros([3, 2, 2])))
  if (!mixed.ok) throw new Error(mixed.problem)
  const s = netForm(withOpened(first, mixed.net))
  expect([s.x, s.net.layers.map(({ activation }) => activation)]).toEqual([[1, 1, 0], ['relu', 'identity']])
  // one layer's function is changed where they differ
  expect(withActivation({ ...s, picked: [2, 0] }, 'tanh').net.layers.map(({ activation }) => activation)).toEqual(['relu', 'tanh'])
  const [{ z }, [direct]] = [await signals.signals(s.net, [1, 0.5, -1]), importOnnx(await signals.saveNetwork(s.net, 'onnx'))(tensor([[1, 0.5, -1]]))]
  ;(await direct!.data()).forEach((v, k) => expect(v).toBeCloseTo(z[1]![k]!, 4))
  expect(await signals.openNetwork(files('w.onnx', zeros([101, 2])))).toMatchObject({ ok: false, problem: 'sizes', file: 'w.onnx', received: '101-2' })
  expect(await signals.openNetwork(files('d.onnx', zeros([1, ...Array<number>(10).fill(2)])))).toMatchObject({ ok: false, problem: 'sizes', received: '1-2-2-2-2-2-2-2-2-2-2' })
  expect(await signals.openNetwork(files('x.txt', new Uint8Array(2)))).toMatchObject({ ok: false, problem: 'none' })
})
test('lab 19: what was learned goes out and comes in as the weights to start from, and answers the same', async () => {
  const trained: State = { ...initial, hidden: [3], activation: 'softplus' }
  const layers = begin(trained)
  const bytes = await playground.saveNetwork(layers, trained.activation, 'onnx')
  const p = (await importOnnx(bytes)(tensor([[0.5, -1]]))[0]!.data())[0]!
  expect(p).toBeCloseTo(plainAnswer(trained, layers, 0.5, -1), 5)
  const opened = await playground.openNetwork(files('p.onnx', bytes), ['x1', 'x2', 'x1x2'])
  if (!opened.ok) throw new Error(opened.problem)
  const next = form(changed({ ...initial, features: ['x1', 'x2', 'x1x2'] }, opened.part))
  expect([next.features, next.hidden, next.activation, next.seen]).toEqual([['x1', 'x2'], [3], 'softplus', 0])
  expect(plainAnswer(next, begin(next), 0.5, -1)).toBeCloseTo(p, 5)
  expect(await playground.openNetwork(files('w.onnx', zeros([3, 2, 1])), ['x1', 'x2'])).toMatchObject({ ok: false, problem: 'sizes', expected: '2-…-1', received: '3-2-1' })
  expect(await playground.openNetwork(files('w.onnx', zeros([2, 2, 2])), ['x1', 'x2'])).toMatchObject({ ok: false, problem: 'sizes', received: '2-2-2' })
  expect(await playground.openNetwork(files('cut.onnx', bytes.slice(0, 90)), ['x1', 'x2'])).toMatchObject({ ok: false, problem: 'unreadable', file: 'cut.onnx' })
})
