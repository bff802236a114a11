// The GPU's matrix product, without a GPU: verified, and run by the interpreter member by member, which finds races.
import { expect, test } from 'vitest'
import type { TypedArray } from '../../base/index.ts'
import { type Node, emit as e, interpretProgram, roundToHalf, verifyProgram } from '../../ir/index.ts'
import { compile } from '../compile.ts'
import { gpuTarget } from './target.ts'
import { tilesWithin } from './tiles.ts'

const input = (...shape: number[]): Node => e.make('input', [], { name: 'x', shape, dtype: 'float32' })
const numbers = (n: number, seed: number): Float32Array => Float32Array.from({ length: n }, (_, i) => ((i * 7 + seed * 13) % 17) - 8)

function run(params: readonly Node[], result: Node): { readonly out: Float32Array; readonly inputs: readonly TypedArray[]; readonly vectors: boolean } {
  const program = compile({ params, results: [result] }, gpuTarget('gpu'))
  verifyProgram(program)
  const inputs = params.map((p, i) => numbers(p.shape.reduce((a, b) => a * b, 1), i))
  const out = new Float32Array(program.outputs[0]!.length)
  interpretProgram(program, inputs, [out])
  return { out, inputs, vectors: program.kernels.some((k) => k.params.some((p) => p.scope === 'global' && p.aligned === 4)) }
}

function product(a: TypedArray, b: TypedArray, [B, M, N, K]: readonly [number, number, number, number], at: (b: number, k: number, n: number) => number): number[] {
  return Array.from({ length: B * M * N }, (_, i) => {
    const [batch, m, n] = [Math.floor(i / (M * N)), Math.floor(i / N) % M, i % N]
    return Array.from({ length: K }, (_, k) => a[(batch * M + m) * K + k]! * b[at(batch, k, n)]!).reduce((s, x) => s + x, 0)
  })
}

test.each([[1, 8, 8, 16, true], [2, 12, 20, 24, true], [1, 9, 11, 5, false], [3, 1, 4, 3, true], [1, 36, 40, 17, true]] as const)('%i × [%i × %i] over %i', (B, M, N, K, vectors) => {
  const [a, b] = [input(B, M, K), input(B, K, N)]
  const got = run([a, b], e.make('dot', [a, b], {}))
  expect([...got.out]).toEqual(product(got.inputs[0]!, got.inputs[1]!, [B, M, N, K], (x, k, n) => (x * K + k) * N + n))
  expect(got.vectors).toBe(vectors)
})

/** Few rows, few columns, both, a batch; a sum of single elements. */
test.each([[1, 1, 9, 128], [2, 3, 5, 132], [1, 7, 2, 160], [1, 1, 1, 130]] as const)('%i × [%i × %i] over %i: the sum is shared by a workgroup', (B, M, N, K) => {
  const [a, b, bias] = [input(B, M, K), input(B, N, K), input(B, M, N)]
  const program = compile({ params: [a, b, bias], results: [e.unary('relu', e.add(e.make('dot', [a, e.swapLast(b)], {}), bias))] }, gpuTarget('gpu'))
  expect(program.kernels.map((k) => k.name.split('_')[0])).toEqual(['gemv'])
  const got = run([a, b, bias], e.unary('relu', e.add(e.make('dot', [a, e.swapLast(b)], {}), bias)))
  const want = product(got.inputs[0]!, got.inputs[1]!, [B, M, N, K], (x, k, n) => (x * N + n) * K + k)
  expect([...got.out]).toEqual(want.map((x, i) => Math.max(0, x + got.inputs[2]![i]!)))
  expect(got.vectors).toBe(K % 4 === 0)
})

test('halves: the product of the operands rounded to 16 bits, added up in 32', () => {
  const [M, N, K] = [9, 12, 21]
  const [a, b] = [input(1, M, K), input(1, K, N)]
  const program = compile({ params: [a, b], results: [e.make('dot', [a, b], {})] }, gpuTarget('gpu', { name: 'halves', half: true }))
  verifyProgram(program)
  const [x, y] = [Float32Array.from({ length: M * K }, (_, i) => Math.sin(i)), Float32Array.from({ length: K * N }, (_, i) => Math.cos(3 * i))]
  const out = new Float32Array(M * N)
  interpretProgram(program, [x, y], [out])
  const half = (v: Float32Array): Float32Array => v.map(roundToHalf)
  const [rounded, exact] = [[half(x), half(y)], [x, y]].map(([p, q]) => product(p!, q!, [1, M, N, K], (_, k, n) => k * N + n))
  // of each product of two numbers 2⁻¹⁰ at most is lost
  const size = product(x.map(Math.abs), y.map(Math.abs), [1, M, N, K], (_, k, n) => k * N + n)
  out.forEach((v, i) => {
    expect(Math.abs(v - rounded![i]!)).toBeLessThan(1e-5)
    expect(Math.abs(v - exact![i]!)).toBeLessThan(2 ** -10 * size[i]! + 1e-5)
  })
  expect(Math.max(...out.map((v, i) => Math.abs(v - exact![i]!)))).toBeGreaterThan(1e-5)
})

test('a transposed operand, and what follows the product', () => {
  const [a, b, bias] = [input(1, 12, 8), input(1, 20, 8), input(1, 12, 20)]
  const dot = e.make('dot', [a, e.swapLast(b)], {})
  const got = run([a, b, bias], e.unary('relu', e.add(dot, bias)))
  const want = product(got.inputs[0]!, got.inputs[1]!, [1, 12, 20, 8], (_, k, n) => n * 8 + k)
  expect([...got.out]).toEqual(want.map((x, i) => Math.max(0, x + got.inputs[2]![i]!)))
  expect(got.vectors).toBe(true)
})

test('whatever the tile, the same bits', () => {
  const [a, b] = [input(1, 17, 9), input(1, 9, 20)]
  const bits = (target: ReturnType<typeof gpuTarget>): number[] => {
    const program = compile({ params: [a, b], results: [e.make('dot', [a, b], {})] }, target)
    verifyProgram(program)
    const out = new Float32Array(17 * 20)
    interpretProgram(program, [numbers(17 * 9, 0).map((x) => x / 7), numbers(9 * 20, 1).map((x) => x / 3)], [out])
    return [...out]
  }
  const byRule = bits(gpuTarget('gpu'))
  // the others are as these, and larger: a GPU runs them
  for (const tile of [...tilesWithin({ maxComputeInvocationsPerWorkgroup: 64, maxComputeWorkgroupStorageSize: 8192 }, 'small'), { rows: 32, columns: 16, depth: 8, own: 8 }]) {
    expect(bits(gpuTarget('gpu', { name: JSON.stringify(tile), tile: () => tile })), JSON.stringify(tile)).toEqual(byRule)
  }
})

test('a slice read ahead: the same bits, with edges and without', () => {
  for (const [M, N, K, turned] of [[17, 20, 9, false], [32, 16, 40, false], [20, 24, 32, true]] as const) {
    const params = [input(1, M, K), turned ? input(1, N, K) : input(1, K, N)] as const
    const graph = { params, results: [e.unary('relu', e.make('dot', turned ? [params[0], e.swapLast(params[1])] : [...params], {}))] }
    const [once, ahead] = [0, 1].map((flag) => {
      const tile = { rows: 16, columns: 16, depth: 16, own: 4, ahead: flag }
      const program = compile(graph, gpuTarget('gpu', { name: JSON.stringify(tile), tile: () => tile }))
      verifyProgram(program)
      const out = new Float32Array(M * N)
      interpretProgram(program, [numbers(M * K, 0).map((x) => x / 7), numbers(N * K, 1).map((x) => x / 3)], [out])
      return { out: [...out], text: JSON.stringify(program.kernels[0]!.body).includes('"slice"') }
    })
    expect(ahead!.out).toEqual(once!.out)
    expect([once!.text, ahead!.text]).toEqual([false, true])
  }
})
