// exportOnnx: every model and every op, read again by our own importer, whose truth are ONNX's official tests
// (src/formats/onnx/onnx.test.ts). ONNX Runtime computes the same files in runtime.test.ts.
import { describe, expect, test } from 'vitest'
import { emit } from '../../src/ir/index.ts'
import { exportOnnx, importOnnx } from '../../src/formats/index.ts'
import { decodeModel } from '../../src/formats/onnx/decode.ts'
import { encodeModel } from '../../src/formats/onnx/encode.ts'
import { Dropout, Linear, Module, ReLU, Sequential } from '../../src/nn/index.ts'
import * as models from '../../src/models/index.ts'
import { Tensor, arange, cond, grad, normal, readNow, scan, setDevice, tensor, treeLeaves, zeros } from '../../src/tensor/index.ts'
import { compareArrays } from '../support/compare.ts'
import { usual, opCases, results } from './ops.ts'
import { type ExportCase, callOf, exportCases } from './models.ts'
import { problemsOf } from './structure.ts'

const array = (t: Tensor) => ({ dtype: t.dtype, shape: t.shape, data: readNow(t) })
const bytesOf = (c: ExportCase): Uint8Array => exportOnnx(c.f, c.args(2), c.options)

/** The classes of a module and of all in it. */
const inside = (x: unknown): unknown[] => (x instanceof Module ? [x.constructor, ...Object.values(x).flatMap(inside)] : Array.isArray(x) ? x.flatMap(inside) : [])
test('no model of gradus/models is left out', () => {
  const tried = new Set(exportCases().flatMap(({ f }) => (f instanceof Module ? inside(f) : [])))
  const classes = Object.values(models as Readonly<Record<string, unknown>>).filter((x): x is typeof Module => typeof x === 'function' && x.prototype instanceof Module)
  expect(classes.filter((x) => !tried.has(x)).map((x) => x.name)).toEqual([])
  expect(classes.length).toBeGreaterThan(15)
})

describe('every model, at two batch sizes', () => {
  test.for(exportCases().map((c) => [c.name, c] as const))('%s', ([, c]) => {
    const bytes = bytesOf(c)
    expect(problemsOf(bytes)).toEqual([])
    const net = importOnnx(bytes)
    for (const batch of [1, 3]) {
      const args = c.args(batch)
      const want = treeLeaves(callOf(c, args)).map(array)
      const got = net(...treeLeaves(args)).map(array)
      expect(got.length).toBe(want.length)
      want.forEach((w, i) => expect(compareArrays(got[i]!, w, { rtol: 1e-4, atol: 1e-6 * Math.max(...Array.from(w.data, Math.abs)) })).toBeNull())
    }
  })
  test('parameters are stored under their names, and nothing else of size', () => {
    for (const c of exportCases()) {
      if (!(c.f instanceof Module)) continue
      const net = importOnnx(bytesOf(c))
      const missing = c.f.namedParameters().filter(([name]) => !Object.hasOwn(net.weights, name) && !/visibleBias/.test(name)).map(([name]) => name)
      expect(missing, c.name).toEqual([])
    }
  })
  test('a message written and read is the same', () => {
    for (const c of exportCases().slice(0, 20)) {
      const message = decodeModel(bytesOf(c))
      expect(decodeModel(encodeModel(message))).toEqual(message)
    }
  })
})

describe('every op', () => {
  test.for(opCases())('%s', async ([op, cases]) => {
    setDevice('reference')
    try {
      const tried = cases.filter(usual)
      const problems = await Promise.all(tried.map((c) => results(c, (bytes, inputs) => importOnnx(bytes)(...inputs.map((a) => tensor(a.data, a))).map(array))))
      expect(problems.flat()).toEqual([])
      expect(tried.length, op).toBeGreaterThan(0)
    } finally {
      setDevice('wasm')
    }
  })
  test('what ONNX cannot say is refused by name', () => {
    const export2 = (f: (x: Tensor) => unknown) => exportOnnx(f, zeros([2]), { batch: false })
    expect(() => export2((x) => new Tensor(emit.make('bitcast', [x.node], { dtype: 'int32' })))).toThrow(/bitcast cannot be exported: .*reads the bits/)
    expect(() => export2((x) => x.add(normal([2])))).toThrow(/random numbers.*model.eval/)
    expect(() => export2((x) => x.to('int32').pow(x.to('int32')))).toThrow(/pow: powers of whole numbers/)
  })
})

describe('the batch', () => {
  const run = (f: (x: Tensor) => unknown, sizes: readonly number[]): void => {
    const net = importOnnx(exportOnnx(f, zeros([2, 3])))
    for (const n of sizes) {
      const x = arange(n * 3).reshape([n, 3]).mul(0.25).sub(1).to('float32')
      const want = f(x) as Tensor
      expect(compareArrays(array(net(x)[0]!), array(want), { rtol: 1e-5, atol: 1e-6 }), `batch ${n}`).toBeNull()
    }
  }
  test('shapes that depend on it', () => {
    run((x) => x.reshape([-1]), [1, 4])
    run((x) => x.T.reshape([3, -1]).T, [1, 5])
    run((x) => x.add(arange(x.shape[0]!).reshape([-1, 1])), [1, 4])
    run((x) => x.flip(0), [1, 4])
    run((x) => x.unsqueeze(0).expand([x.shape[0]!, x.shape[0]!, 3]).sum(1), [1, 3])
    run((x) => zeros([2 * x.shape[0]! + 1, 2]).add(x.sum()), [1, 3])
    run((x) => x.at(-1), [1, 3])
    run((x) => x.cumsum(0), [1, 3])
    run((x) => x.softmax(0), [1, 3])
    run((x) => x.mean(0), [1, 3])
    run((x) => x.mul(x.shape[0]!), [1, 3])
    run((x) => x.matmul(x.T), [1, 3])
    run((x) => x.sort(0), [3])
    run((x) => scan((c: Tensor, row: Tensor) => [c.add(row), c], zeros([3]), x)[1], [1, 4])
    run((x) => cond(x.sum().gt(0), (y: Tensor) => y.mul(2), (y: Tensor) => y.neg(), x), [1, 4])
    run((x) => grad((y: Tensor) => y.tanh().square().sum())(x), [1, 4])
  })
  test('is refused where ONNX cannot say it', () => {
    expect(() => exportOnnx((x: Tensor) => x.mul(x.shape[0]! ** 2), zeros([2, 3]))).toThrow(/a number of the function depends on the batch.*batch: false/)
    expect(() => exportOnnx((x: Tensor) => zeros([x.shape[0]! ** 2]).add(x.sum()), zeros([2, 3]))).toThrow(/depends on the batch in a way/)
    expect(() => exportOnnx((x: Tensor) => (x.shape[0]! > 40 ? x.exp() : x), zeros([2, 3]))).toThrow(/other things at another batch size/)
    expect(() => exportOnnx((x: Tensor) => x.add(tensor(new Float32Array(x.size), { shape: x.shape })), zeros([2, 3]))).toThrow(/constant/)
    expect(importOnnx(exportOnnx((x: Tensor) => x.mean(0), zeros([2, 3]), { batch: false })).inputs[0]!.shape).toEqual([2, 3])
    expect(() => exportOnnx((x: Tensor, y: Tensor) => x.add(y.sum()), [zeros([2, 3]), zeros([3])])).toThrow(/batches of different sizes/)
    expect(() => exportOnnx((x: Tensor) => x, zeros([2, 3]), { batch: { y: 0 } })).toThrow(/names an input "y"/)
    expect(() => exportOnnx((x: Tensor) => x, zeros([2, 3]), { batch: 2 })).toThrow(/no axis 2/)
  })
  test('names of inputs, outputs, sizes', () => {
    const net = importOnnx(exportOnnx((x: Tensor, y: { a: Tensor }) => ({ sum: x.add(y.a), twice: x.mul(2) }), [zeros([2, 3]), { a: zeros([2, 3]) }]))
    expect(net.inputs.map((i) => [i.name, i.shape])).toEqual([['input_0', ['batch', 3]], ['input_1_a', ['batch', 3]]])
    expect(net.outputs.map((o) => [o.name, o.shape])).toEqual([['sum', ['batch', 3]], ['twice', ['batch', 3]]])
    const named = importOnnx(exportOnnx((x: Tensor) => x.neg(), zeros([2]), { inputs: ['x'], outputs: ['y'], metadata: { from: 'a test' }, name: 'minus' }))
    expect([named.inputs[0]!.name, named.outputs[0]!.name, named.info.metadata]).toEqual(['x', 'y', { from: 'a test' }])
    expect(() => exportOnnx((x: Tensor) => x, zeros([2]), { inputs: ['a', 'b'] })).toThrow(/names of the inputs/)
  })
  test('a module is exported in evaluation and left as it was', () => {
    const model = new Sequential(new Linear(3, 2), new Dropout(0.5), new ReLU())
    const net = importOnnx(exportOnnx(model, zeros([1, 3])))
    expect(model.training).toBe(true)
    expect((model.layers[1] as Dropout).training).toBe(true)
    expect(Object.keys(net.weights)).toEqual(['layers.0.weight', 'layers.0.bias'])
    expect(net.info.operators).not.toHaveProperty('Where')
    expect(() => exportOnnx((x: Tensor) => model.call(x), zeros([1, 3]))).toThrow(/random numbers.*model.eval\(\)/)
  })
})
