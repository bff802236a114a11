// Matrix products of many shapes and layouts, with what follows them, against sums in double precision; and: the register
// tile, which is chosen by a measurement, never changes a bit.
import { describe, expect, test } from 'vitest'
import { compile } from '../src/compile/index.ts'
import { emit as e, interpretProgram, placeholder, verifyProgram } from '../src/ir/index.ts'
import { renderC, renderWasm } from '../src/render/index.ts'
import { NativeRuntime, WasmRuntime, features, nativeProblem } from '../src/runtime/index.ts'
import { type Tensor, jit, matmul, setDevice, tensor } from '../src/tensor/index.ts'
import { together } from '../src/tensor/tile-probe.ts'
import { processors } from './support/devices.ts'

/** M, N, K, which operands are turned, what follows. */
type Case = readonly [number, number, number, 'nn' | 'nt' | 'tn' | 'tt', 'alone' | 'bias' | 'update' | 'turned']
const CASES: Case[] = [
  [1, 7, 33, 'nn', 'alone'], [5, 3, 1, 'nt', 'bias'], [10, 30, 784, 'nt', 'bias'], [30, 784, 10, 'tn', 'update'], [784, 30, 10, 'tn', 'turned'],
  [64, 64, 64, 'nn', 'alone'], [37, 41, 500, 'nn', 'bias'], [13, 70, 513, 'nt', 'alone'], [3, 5, 130, 'nt', 'turned'], [24, 100, 259, 'tn', 'update'],
  [50, 96, 400, 'tn', 'alone'], [97, 129, 300, 'tt', 'bias'], [64, 80, 1024, 'nn', 'alone'], [17, 8, 2048, 'tn', 'turned'], [40, 200, 1100, 'nt', 'update'],
  [129, 35, 7, 'nn', 'turned'], [2, 2, 64, 'nt', 'alone'], [100, 1, 90, 'nn', 'bias'], [1, 300, 128, 'nt', 'alone'], [61, 66, 1024, 'nt', 'bias'],
]
const numbers = (length: number, seed: number): Float32Array => Float32Array.from({ length }, (_, i) => (((i * 7919 + seed * 104729) % 2003) / 2003 - 0.5) * 2)

function operands([M, N, K, layout, after]: Case, seed: number): Tensor[] {
  const of = (rows: number, columns: number, s: number): Tensor => tensor(numbers(rows * columns, s), { shape: [rows, columns] })
  const extra = after === 'bias' ? tensor(numbers(N, seed + 2)) : after === 'turned' ? of(N, M, seed + 2) : of(M, N, seed + 2)
  return [layout[0] === 't' ? of(K, M, seed) : of(M, K, seed), layout[1] === 't' ? of(N, K, seed + 1) : of(K, N, seed + 1), extra]
}
function product([, , , layout, after]: Case, [a, b, extra]: readonly Tensor[]): Tensor {
  const c = matmul(layout[0] === 't' ? a!.T : a!, layout[1] === 't' ? b!.T : b!)
  if (after === 'bias') return c.add(extra!).maximum(0)
  if (after === 'update') return extra!.sub(c.mul(0.5))
  return after === 'turned' ? extra!.sub(c.T.mul(0.5)) : c
}
/** The same in double precision, and the sum of absolute values that bounds the error of each. */
function exact([M, N, K, layout, after]: Case, seed: number): { value: Float64Array; bound: Float64Array } {
  const [a, b] = [numbers(M * K, seed), numbers(K * N, seed + 1)]
  const extra = numbers(after === 'bias' ? N : M * N, seed + 2)
  const value = new Float64Array(M * N)
  const bound = new Float64Array(M * N)
  for (let i = 0; i < M; i++)
    for (let j = 0; j < N; j++) {
      let [sum, size] = [0, 0]
      for (let k = 0; k < K; k++) {
        const x = a[layout[0] === 't' ? k * M + i : i * K + k]! * b[layout[1] === 't' ? j * K + k : k * N + j]!
        sum += x
        size += Math.abs(x)
      }
      const at = after === 'turned' ? j * M + i : i * N + j
      value[at] = after === 'bias' ? Math.max(0, sum + extra[j]!) : after === 'alone' ? sum : extra[at]! - sum * 0.5
      bound[at] = 2 ** -24 * (K + 2) * (size + 2)
    }
  return { value, bound }
}

describe.each(await processors())('$how', ({ name, missing, options }) => {
  test.skipIf(missing !== null).each([1, 2])(`${CASES.length} products on %i thread(s)`, async (threads) => {
    setDevice(name, { ...options, threads })
    try {
      const inputs = CASES.map((c, i) => operands(c, 3 * i))
      const all = jit((xs: Tensor[][]) => CASES.map((c, i) => product(c, xs[i]!)), { device: name })
      const over = jit((extra: Tensor, a: Tensor, b: Tensor) => product(CASES[3]!, [a, b, extra]), { device: name, donate: [0] })
      const results = all(inputs)
      for (const [i, c] of CASES.entries()) {
        const { value, bound } = exact(c, 3 * i)
        const got = await results[i]!.data()
        const wrong = value.findIndex((v, j) => !(Math.abs(got[j]! - v) <= bound[j]!))
        expect(wrong, `${c.join(' ')}: at ${wrong} ${got[wrong]}, not ${value[wrong]}`).toBe(-1)
      }
      // In place of a matrix that is given away: the same bits.
      const [a, b] = inputs[3]!
      const given = operands(CASES[3]!, 9)[2]!.realize()
      expect(await over(given, a!, b!).data()).toEqual(await results[3]!.data())
    } finally {
      setDevice('reference')
    }
  }, 120_000)

  test.skipIf(missing !== null).each([1, 2])('what several values are made of a product is computed where it is stored, with the same bits, on %i thread(s)', async (threads) => {
    setDevice(name, { ...options, threads })
    try {
      // of ten columns the last are stored one by one: also where the parameter lies the other way
      const cases = [[40, 37, 50, false], [40, 68, 10, false], [128, 588, 10, true]] as const
      for (const [i, [[K, M, N, upright], turned]] of cases.flatMap((c) => [false, true].map((t) => [c, t] as const)).entries()) {
        const of = (rows: number, columns: number, seed: number): Tensor => tensor(numbers(rows * columns, seed), { shape: [rows, columns] }).realize()
        const [a, b] = [upright ? of(M, K, i) : of(K, M, i), of(K, N, i + 1)]
        const state = (): Tensor[] => [2, 3, 4].map((seed) => (turned ? of(N, M, seed) : of(M, N, seed)))
        const gradient = (x: Tensor, y: Tensor): Tensor => {
          const g = matmul(upright ? x : x.T, y)
          return turned ? g.T : g
        }
        // Adam's step; and a value that is wanted beside the product it is made of
        const rule = ([p, m, v]: readonly Tensor[], g: Tensor): Tensor[] => {
          const [mean, square] = [m!.mul(0.9).add(g.mul(0.1)), v!.abs().mul(0.99).add(g.square().mul(0.01))]
          return [p!.sub(mean.div(square.sqrt().add(0.001))), mean, square]
        }
        const whole = jit((s: Tensor[], x: Tensor, y: Tensor) => rule(s, gradient(x, y)), { device: name, donate: [0] })
        const first = jit((x: Tensor, y: Tensor) => gradient(x, y), { device: name })
        const then = jit((s: Tensor[], g: Tensor) => rule(s, g), { device: name })
        const wide = jit((x: Tensor, y: Tensor) => [gradient(x, y), gradient(x, y).mul(gradient(x, y).exp())], { device: name })
        const made = whole(state(), a, b)
        const apart = then(state(), first(a, b))
        const both = wide(a, b)
        for (const [got, wanted] of [...made.map((t, j) => [t, apart[j]!] as const), [both[0]!, first(a, b)] as const]) expect(await got.data()).toEqual(await wanted.data())
        const plain = await both[0]!.data()
        expect((await both[1]!.data()).every((y, j) => Math.abs(y - plain[j]! * Math.exp(plain[j]!)) <= 1e-5 * (1 + Math.abs(y)))).toBe(true)
        // no loop of its own over the parameter
        expect(whole.programs()[0]!.kernels).toBe(first.programs()[0]!.kernels)
      }
    } finally {
      setDevice('reference')
    }
  })
})

test.skipIf(!features().relaxed)('fused multiply-adds round once, and can be done without', async () => {
  // (1 + ε)² − 1 ends in ε², which two roundings lose
  const [a, b] = [tensor([-1, 1 + 2 ** -12]).expand([4, 2]), tensor([[1], [1 + 2 ** -12]]).expand([2, 8])]
  const dot = async (relaxed: boolean): Promise<number> => {
    setDevice('wasm', { threads: 1, relaxed })
    return matmul(a, b).max().item()
  }
  expect([await dot(false), await dot(true)]).toEqual([2 ** -11, 2 ** -11 + 2 ** -24])
  setDevice('reference')
})

test('with vectors of every width: nothing is read or written outside, and the sums are right', () => {
  for (const lanes of [4, 8, 16]) for (const [rows, vectors] of [[6, 2], [12, 2], [8, 3]] as const) for (const [M, N, K] of [[13, 17, 3], [7, 2 * lanes + 1, 5], [2, lanes * vectors + 3, 4], [5, lanes - 1, 3], [6, 3 * lanes, 2]] as const) {
    const [a, b] = [placeholder(e, { shape: [1, M, K], dtype: 'float32' }), placeholder(e, { shape: [1, K, N], dtype: 'float32' })]
    const program = compile({ params: [a, b], results: [e.dot(a, b)] }, { name: 'widths', lanes, gemm: { lanes, rows, vectors } })
    verifyProgram(program)
    const out = new Float32Array(M * N)
    interpretProgram(program, [numbers(M * K, 0), numbers(K * N, 1)], [out])
    const { value, bound } = exact([M, N, K, 'nn', 'alone'], 0)
    expect([...out].flatMap((x, i) => (Math.abs(x - value[i]!) <= bound[i]! ? [] : [i])), `${M} × ${N}, ${lanes} lanes`).toEqual([])
  }
})

test.skipIf(!features().simd)('any register tile gives the same bits', () => {
  const runtime = new WasmRuntime({ threads: 1 })
  const place = (data: Float32Array): number => {
    const at = runtime.allocate(data.byteLength)
    runtime.write(at, data)
    return at
  }
  for (const [i, [M, N, K, layout]] of CASES.entries()) {
    const a = placeholder(e, { shape: layout[0] === 't' ? [1, K, M] : [1, M, K], dtype: 'float32' })
    const b = placeholder(e, { shape: layout[1] === 't' ? [1, N, K] : [1, K, N], dtype: 'float32' })
    const turn = (x: typeof a, t: boolean): typeof a => (t ? e.permute(x, [0, 2, 1]) : x)
    const graph = { params: [a, b], results: [e.dot(turn(a, layout[0] === 't'), turn(b, layout[1] === 't'))] }
    const [at, bt] = [place(numbers(M * K, i)), place(numbers(K * N, i + 1))]
    const bits = ([[4, 2], [6, 2], [3, 3], [4, 4], [1, 1], [5, 2]] as const).map(([rows, vectors]) => {
      const program = compile(graph, { name: `tile ${rows}x${vectors}`, lanes: 4, gemm: { lanes: 4, rows, vectors } })
      const image = renderWasm(program, { shared: runtime.shared, relaxed: runtime.relaxed })
      const out = runtime.allocate(M * N * 4)
      runtime.run(runtime.load({ ...image, key: `${rows}x${vectors}|${image.key}` }), [at, bt], [out])
      return runtime.read(out, 'float32', M * N)
    })
    for (const other of bits.slice(1)) expect(other).toEqual(bits[0])
  }
  runtime.close()
})

test.skipIf(nativeProblem() !== null)('so it does in C', () => {
  const runtime = new NativeRuntime({ threads: 1 })
  const { lanes } = runtime.compiler
  const tiles = ([[12, 2], [8, 3], [6, 4], [6, 2], [4, 3]] as const).map(([rows, vectors]) => ({ rows, vectors }))
  for (const [M, N, K] of [[97, 129, 300], [24, 64, 1024], [40, 200, 1100]] as const) {
    const a = placeholder(e, { shape: [1, M, K], dtype: 'float32' })
    const b = placeholder(e, { shape: [1, K, N], dtype: 'float32' })
    const programs = tiles.map((tile) => compile({ params: [a, b], results: [e.dot(a, b)] }, { name: 'native', lanes, gemm: { lanes, ...tile }, tile: () => tile }))
    expect(new Set(programs.map((p) => p.key)).size).toBe(tiles.length)
    const exe = runtime.load(renderC(together(programs), { lanes }))
    const [at, bt, flags, out] = [M * K, K * N, tiles.length, M * N].map((n) => runtime.allocate(4 * n)) as [number, number, number, number]
    runtime.write(at, numbers(M * K, 1))
    runtime.write(bt, numbers(K * N, 2))
    const bits = tiles.map((_, i) => {
      runtime.write(flags, Uint8Array.from(tiles, (_, j) => (i === j ? 1 : 0)))
      runtime.write(out, new Float32Array(M * N))
      runtime.run(exe, [at, bt, flags], [out])
      return runtime.read(out, 'float32', M * N)
    })
    expect(bits[0]!.some((x) => x !== 0)).toBe(true)
    for (const other of bits.slice(1)) expect(other).toEqual(bits[0])
  }
  runtime.close()
})
