import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { afterAll, describe, expect, test } from 'vitest'
import { FormatError } from '../../base/index.ts'
import { buildModel } from '../../../test/onnx/build.ts'
import { grad, jit, setDevice, tensor, vmap } from '../../tensor/index.ts'
import { runConformance } from './conformance.ts'
import { folderData, loadOnnx } from './load.ts'
import { importOnnx } from './model.ts'

const golden = resolve(import.meta.dirname, '../../../test/golden/onnx')

// ---- models by hand: protocol buffers, field numbers of onnx.proto

type Write = (w: BinaryWriter) => unknown
const message = (w: BinaryWriter, field: number, write: Write): void => {
  w.tag(field, 2).fork()
  write(w)
  w.join()
}
const text = (w: BinaryWriter, field: number, value: string): BinaryWriter => w.tag(field, 2).string(value)
const port = (name: string): Write => (w) => {
  text(w, 1, name)
  message(w, 2, (t) => message(t, 1, (x) => x.tag(1, 0).int32(1)))
}
const node = (op: string, inputs: string[], outputs: string[], domain = ''): Write => (w) => {
  for (const x of inputs) text(w, 1, x)
  for (const x of outputs) text(w, 2, x)
  text(w, 4, op)
  if (domain !== '') text(w, 7, domain)
}
/** A float32 tensor; `extra` writes its numbers. */
const weights = (name: string, dims: (number | bigint)[], extra: Write): Write => (w) => {
  for (const d of dims) w.tag(1, 0).int64(d.toString())
  w.tag(2, 0).int32(1)
  text(w, 8, name)
  extra(w)
}
const raw = (values: number[]): Write => (w) => w.tag(9, 2).bytes(new Uint8Array(Float32Array.from(values).buffer))
const outside = (location: string): Write => (w) => {
  message(w, 13, (e) => text(text(e, 1, 'location'), 2, location))
  w.tag(14, 0).int32(1)
}
function model(nodes: Write[], inputs: string[], outputs: string[], stored: Write[] = [], more: Write = () => {}, opset = 17): Uint8Array {
  const w = new BinaryWriter()
  w.tag(1, 0).int64(8)
  message(w, 7, (g) => {
    for (const n of nodes) message(g, 1, n)
    for (const t of stored) message(g, 5, t)
    for (const x of inputs) message(g, 11, port(x))
    for (const x of outputs) message(g, 12, port(x))
  })
  message(w, 8, (o) => text(o, 1, '').tag(2, 0).int64(opset))
  more(w)
  return w.finish()
}
const affine = model([node('Mul', ['x', 'w'], ['p']), node('Tanh', ['p'], ['y'])], ['x'], ['y'], [weights('w', [3], raw([1, 2, 3]))])

describe('official tests', () => {
  test('the committed selection', () => {
    const results = runConformance(golden)
    expect(results.filter((r) => r.status === 'fail')).toEqual([])
    expect(results.length).toBe(22)
  })
  const all = '/usr/share/libonnx-testdata/data'
  test.skipIf(!existsSync(all))(`all of them (${existsSync(all) ? 'libonnx-testdata' : 'left out: libonnx-testdata is not installed'})`, () => {
    const results = runConformance(all)
    // each of these is explained in docs/onnx-support.md
    expect(results.filter((r) => r.status === 'fail').map((r) => r.name).sort()).toEqual([
      'test_adam_multiple', 'test_cast_FLOAT_to_BFLOAT16', 'test_castlike_FLOAT_to_BFLOAT16', 'test_castlike_FLOAT_to_BFLOAT16_expanded', 'test_gradient_of_add', 'test_gradient_of_add_and_mul',
    ])
    expect(results.filter((r) => r.plain && r.status !== 'fail').length).toBeGreaterThanOrEqual(900)
  }, 300_000)
})

describe('a model is a function', () => {
  const net = importOnnx(affine)
  const expected = [0.1, -0.2, 0.3].map((x, i) => Math.tanh(x * (i + 1)))
  const close = (got: ArrayLike<number>, want: readonly number[]): void => want.forEach((v, i) => expect(got[i]).toBeCloseTo(v, 5))
  const x = tensor([0.1, -0.2, 0.3])

  test('it runs, by place and by name', async () => {
    close(await net(x)[0]!.data(), expected)
    close(await net.run({ x }).y!.data(), expected)
  })
  test('it compiles', async () => close(await jit(net)(x)[0]!.data(), expected))
  test('it batches', async () => {
    const y = vmap((row: typeof x) => net(row)[0]!)(tensor([[0.1, -0.2, 0.3], [0, 0, 0]]))
    close(await y.data(), [...expected, 0, 0, 0])
  })
  test('it differentiates, by inputs and by weights', async () => {
    const g = grad((v: typeof x) => net(v)[0]!.sum())(x)
    close(await g.data(), expected.map((y, i) => (1 - y * y) * (i + 1)))
    const h = grad((w: typeof x) => net.run({ x }, { w }).y!.sum())(net.weights.w!)
    close(await h.data(), expected.map((y, i) => (1 - y * y) * [0.1, -0.2, 0.3][i]!))
  })
  test('its graph can be looked at, and into: by values and by gradients of what lies inside', async () => {
    expect(net.nodes).toEqual([{ op: 'Mul', name: '', inputs: ['x', 'w'], outputs: ['p'], attributes: {} }, { op: 'Tanh', name: '', inputs: ['p'], outputs: ['y'], attributes: {} }])
    const seen: Record<string, typeof x> = {}
    net.run({ x }, {}, { watch: (name, value) => (seen[name] = value) })
    expect(Object.keys(seen)).toEqual(['p', 'y'])
    close(await seen.p!.data(), [0.1, -0.4, 0.9])
    // ∂Σ tanh(p)/∂p = 1 − tanh² p
    const inside = jit(grad((shift: typeof x) => net.run({ x }, {}, { watch: (name, value) => (name === 'p' ? value.add(shift) : value) }).y!.sum()))(tensor([0, 0, 0]))
    close(await inside.data(), expected.map((y) => 1 - y * y))
    expect(() => net.run({ x }, {}, { watch: (_, value) => value.sum() })).toThrow(/watch: "p" came back with another shape: expected \[3\], received \[\]/)
  })
  test('wrong inputs are named', () => {
    expect(() => net()).toThrow(/another number of inputs: expected x, received 0/)
    expect(() => net(x.to('int32'))).toThrow(/input "x" has another type: expected float32, received int32/)
  })
})

test('a branch may give its values the names that its node gives (as merged decoders do)', async () => {
  const branch = (name: string, op: string): Write => (n) => message(n, 5, (a) => {
    text(a, 1, name)
    message(a, 6, (g) => {
      message(g, 1, node(op, ['x'], ['y']))
      message(g, 12, port('y'))
    })
    a.tag(20, 0).int32(5)
  })
  const choose: Write = (n) => {
    node('If', ['flag'], ['y'])(n)
    branch('then_branch', 'Neg')(n)
    branch('else_branch', 'Abs')(n)
  }
  const flag: Write = (t) => {
    t.tag(2, 0).int32(9)
    text(t, 8, 'flag')
    t.tag(9, 2).bytes(Uint8Array.of(1))
  }
  expect(await importOnnx(model([choose], ['x'], ['y'], [flag]))(tensor([1, -2]))[0]!.array()).toEqual([-1, 2])
})

describe('quantised products', () => {
  const K = 700
  const bytes = (name: string, type: number, dims: number[], data: Uint8Array): Write => (t) => {
    for (const d of dims) t.tag(1, 0).int64(d)
    t.tag(2, 0).int32(type)
    text(t, 8, name)
    t.tag(9, 2).bytes(data)
  }
  // the largest numbers there are, and some that are not even: their sums pass 2²⁴
  const a = Uint8Array.from({ length: 3 * K }, (_, i) => (i < K ? 255 : (i * 7919) % 256))
  const b = Uint8Array.from({ length: K * 2 }, (_, i) => (i % 2 === 0 ? 255 : (i * 104729) % 256))
  const expected = (zero: number): number[] => Array.from({ length: 6 }, (_, at) => {
    let sum = 0n
    for (let k = 0; k < K; k++) sum += BigInt(a[Math.floor(at / 2) * K + k]! - zero) * BigInt(b[k * 2 + (at % 2)]!)
    return Number(sum)
  })
  const u8 = (name: string): Write => (w) => {
    text(w, 1, name)
    message(w, 2, (t) => message(t, 1, (x) => x.tag(1, 0).int32(2)))
  }
  const graph = (known: boolean): Uint8Array => {
    const w = new BinaryWriter()
    w.tag(1, 0).int64(8)
    message(w, 7, (g) => {
      message(g, 1, node('MatMulInteger', ['a', 'b', 'z'], ['y']))
      if (known) message(g, 5, bytes('b', 2, [K, 2], b))
      message(g, 5, bytes('z', 2, [], Uint8Array.of(3)))
      message(g, 11, u8('a'))
      if (!known) message(g, 11, u8('b'))
      message(g, 12, port('y'))
    })
    message(w, 8, (o) => text(o, 1, '').tag(2, 0).int64(17))
    return w.finish()
  }
  for (const device of ['reference', 'wasm'] as const) {
    test(`sums beyond 2²⁴ are exact on ${device}, with weights of the file and without`, async () => {
      setDevice(device)
      try {
        const x = tensor(a, { shape: [3, K] })
        expect(Array.from(await importOnnx(graph(true))(x)[0]!.data())).toEqual(expected(3))
        expect(Array.from(await importOnnx(graph(false))(x, tensor(b, { shape: [K, 2] }))[0]!.data())).toEqual(expected(3))
      } finally {
        setDevice('reference')
      }
    })
  }
})

test('computed layer by layer, with constants kept: the same at every call, and with other weights', async () => {
  // y = tanh((x·w)·w), z = wᵀ + 0
  const bytes = model([node('MatMul', ['x', 'w'], ['p']), node('MatMul', ['p', 't'], ['q']), node('Transpose', ['w'], ['t']), node('Tanh', ['q'], ['y'])], ['x'], ['y', 'p'], [weights('w', [2, 2], raw([1, 2, 3, 4]))])
  const net = importOnnx(bytes)
  const x = tensor([[0.1, -0.05]])
  // p = [−0.05, 0], p·wᵀ = [−0.05, −0.15]
  for (let i = 0; i < 2; i++) {
    const [y, p] = net(x)
    expect((await y!.data())[1]).toBeCloseTo(Math.tanh(-0.15), 6)
    expect((await p!.data())[0]).toBeCloseTo(-0.05, 6)
  }
  const other = net.run({ x }, { w: tensor([[0, 1], [1, 0]]) })
  expect((await other.y!.data())[0]).toBeCloseTo(Math.tanh(0.1), 6)
  const g = grad((v: typeof x) => net(v)[0]!.sum())(x)
  expect((await g.data()).every(Number.isFinite)).toBe(true)
  expect((await jit(net)(x)[0]!.data())[1]).toBeCloseTo(Math.tanh(-0.15), 6)
})

describe('files are hostile', () => {
  const refused = (bytes: Uint8Array, error: RegExp): void => {
    expect(() => importOnnx(bytes)).toThrow(FormatError)
    expect(() => importOnnx(bytes)).toThrow(error)
  }
  test('a circle', () => refused(model([node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b'])], ['x'], ['b']), /depends on its own output/))
  test('a value nobody gives', () => refused(model([node('Relu', ['z'], ['y'])], ['x'], ['y']), /uses "z", which nothing gives/))
  test('an output nobody gives', () => refused(model([node('Relu', ['x'], ['y'])], ['x'], ['q']), /output "q" is computed by no node/))
  test('a name given twice', () => refused(model([node('Relu', ['x'], ['y']), node('Abs', ['x'], ['y'])], ['x'], ['y']), /"y" is given twice/))
  test('an unknown operator', () => refused(model([node('Frobnicate', ['x'], ['y'])], ['x'], ['y']), /operator Frobnicate of opset 17 is not supported/))
  test('an opset from the future', () => refused(model([node('Relu', ['x'], ['y'])], ['x'], ['y'], [], () => {}, 24), /opset 24 is not supported: expected 7 … 23/))
  test('a size that overflows', () => refused(model([node('Add', ['x', 'w'], ['y'])], ['x'], ['y'], [weights('w', [2 ** 40, 2 ** 40], raw([]))]), /tensor "w" has too many elements: expected at most 2147483647/))
  test('a negative size', () => refused(model([node('Add', ['x', 'w'], ['y'])], ['x'], ['y'], [weights('w', [-1n], raw([]))]), /tensor "w" has a negative size/))
  test('fewer numbers than the shape says', () => refused(model([node('Add', ['x', 'w'], ['y'])], ['x'], ['y'], [weights('w', [5], raw([1]))]), /expected 20 bytes for float32\[5\], received 4 bytes/))
  test('external data without leave', () => refused(model([node('Add', ['x', 'w'], ['y'])], ['x'], ['y'], [weights('w', [1], outside('w.bin'))]), /lies in another file, "w.bin"/))
  test('a function that calls itself', () => refused(model([node('F', ['x'], ['y'], 'own')], ['x'], ['y'], [], (w) => message(w, 25, (f) => {
    text(f, 1, 'F')
    text(f, 4, 'a')
    text(f, 5, 'b')
    message(f, 7, node('F', ['a'], ['b'], 'own'))
    text(f, 10, 'own')
  })), /nested too deeply/))
  test('graphs in attributes without end', () => {
    const deep = (levels: number): Write => (g) => message(g, 1, (n) => {
      text(n, 4, 'If')
      if (levels > 0) message(n, 5, (a) => message(a, 6, deep(levels - 1)))
    })
    const w = new BinaryWriter()
    message(w, 7, deep(60))
    refused(w.finish(), /nested too deeply: expected at most 48 levels/)
  })
  test('cut off at every byte', () => {
    for (let n = 0; n < affine.length; n++) {
      try {
        importOnnx(affine.subarray(0, n))
      } catch (error) {
        expect(error, `${n} bytes`).toBeInstanceOf(FormatError)
      }
    }
  })
  const dir = mkdtempSync(join(tmpdir(), 'gradus-onnx-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))
  test('external data outside of the folder', () => {
    const data = folderData(dir)
    writeFileSync(join(dir, 'w.bin'), new Uint8Array(8))
    symlinkSync(join(golden, 'test_if', 'model.onnx'), join(dir, 'link.bin'))
    expect(data('w.bin', 4, 4).length).toBe(4)
    for (const name of ['../w.bin', join(dir, 'w.bin'), 'a/../../w.bin', 'C:\\w.bin', '', 'w\0.bin']) expect(() => data(name, 0, 4), name).toThrow(/outside the model's folder/)
    expect(() => data('link.bin', 0, 4)).toThrow(/is a link out of the model's folder/)
    expect(() => data('w.bin', 4, 8)).toThrow(/too short: expected 12 bytes, received 8/)
    expect(() => data('none.bin', 0, 4)).toThrow(/there is no external data/)
  })
  test.skipIf(process.platform === 'win32')('pipes and folders are not waited for', () => {
    spawnSync('mkfifo', [join(dir, 'pipe.bin')])
    expect(() => folderData(dir)('pipe.bin', 0, 4)).toThrow(/is no file/)
    expect(() => loadOnnx(join(dir, 'pipe.bin'))).toThrow(/loadOnnx: .*pipe\.bin: this is no regular file/)
    expect(() => loadOnnx(dir)).toThrow(/this is a folder/)
    expect(() => loadOnnx(join(dir, 'none.onnx'))).toThrow(/none\.onnx: there is no such file/)
  })
  test.each([
    ['ConstantOfShape', { s: ['int64', [1], [3e8]] }], ['Range', { a: ['int64', [], [0]], l: ['int64', [], [3e8]], d: ['int64', [], [1]] }],
    ['Expand', { v: ['int64', [1], [1]], s: ['int64', [1], [3e8]] }], ['Tile', { v: ['int64', [1], [1]], s: ['int64', [1], [3e8]] }],
    ['HannWindow', { s: ['int64', [], [3e8]] }], ['MelWeightMatrix', { a: ['int64', [], [30000]], b: ['int64', [], [60000]], c: ['int64', [], [8000]], d: ['float32', [], [0]], e: ['float32', [], [4000]] }],
  ] as const)('%s of 300 million numbers out of a few is refused', (op, stored) => {
    const value = op === 'ConstantOfShape' ? { attributes: { value: { tensor: { dims: [1n], dataType: 7, name: '', raw: new Uint8Array(8), floats: [], ints: [], strings: [], longs: [], doubles: [], unsigned: [], external: null } } } } : {}
    const bytes = buildModel({ inputs: { x: ['float32', [1]] }, stored: stored as never, nodes: [{ op, inputs: Object.keys(stored), ...value }] })
    const started = performance.now()
    expect(() => importOnnx(bytes, { name: 'bomb.onnx' })(tensor([1]))).toThrow(/bomb\.onnx: node .*too many elements on the host: expected 0 … 16777216/)
    expect(performance.now() - started).toBeLessThan(1000)
  })
  test('a loop that does not end is stopped', () => {
    const body = (w: BinaryWriter): void => {
      message(w, 1, node('Identity', ['c'], ['on']))
      message(w, 1, node('Identity', ['v'], ['w']))
      for (const x of ['i', 'c', 'v']) message(w, 11, port(x))
      for (const x of ['on', 'w']) message(w, 12, port(x))
    }
    const loop: Write = (w) => {
      node('Loop', ['', '', 'x'], ['y'])(w)
      message(w, 5, (a) => {
        text(a, 1, 'body')
        message(a, 6, body)
        a.tag(20, 0).int32(5)
      })
    }
    expect(() => importOnnx(model([loop], ['x'], ['y']), { name: 'endless.onnx' })(tensor([1]))).toThrow(/endless\.onnx: node → "y" \(Loop\): the model does not come to an end: expected at most 50000 steps of a loop, received endlessly many/)
  })
  test('a 64-bit integer that does not fit is an error, not another number', () => {
    const bytes = readFileSync(join(golden, 'test_if', 'model.onnx'))
    expect(importOnnx(bytes).inputs[0]!.dtype).toBe('bool')
    const w: Write = (t) => {
      t.tag(1, 0).int64(1)
      t.tag(2, 0).int32(7)
      text(t, 8, 'w')
      t.tag(7, 0).int64('4294967296')
    }
    expect(() => importOnnx(model([node('Identity', ['w'], ['y'])], ['x'], ['y'], [w]))(tensor([1]))).toThrow(/output "y": a 64-bit integer does not fit/)
  })
})
