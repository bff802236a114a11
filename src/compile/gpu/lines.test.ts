// The GPU's scatter, running sums and sorting, without a GPU: verified, and run by the interpreter member by member, which
// finds races. The truth is the reference's evaluation of the op.
import { expect, test } from 'vitest'
import { type DType, type NDArray, ndarray, tabulate } from '../../base/index.ts'
import { type Node, defOf, emit as e, interpretProgram, verifyProgram } from '../../ir/index.ts'
import { compile } from '../compile.ts'
import { gpuTarget } from './target.ts'

const array = (dtype: DType, shape: readonly number[], f: (i: number) => number): NDArray => tabulate(dtype, shape, f)
/** Small integers: sums are exact in any order. */
const some = (seed: number) => (i: number): number => ((i * 7 + seed * 13) % 17) - 8

/** Result and truth, and the kernel's units and members. */
function run(inputs: readonly NDArray[], make: (xs: readonly Node[]) => Node): { got: number[]; want: number[]; units: number; members: number | undefined } {
  const params = inputs.map((x) => e.make('input', [], { name: 'x', shape: x.shape, dtype: x.dtype }))
  const node = make(params)
  const program = compile({ params, results: [node] }, gpuTarget('gpu'))
  verifyProgram(program)
  const [out] = program.outputs.map((o) => ndarray(o.dtype, node.shape, array(o.dtype, [o.length], () => 0).data))
  interpretProgram(program, inputs.map((x) => x.data), [out!.data])
  const want = defOf(node.op).evaluate(inputs, node, () => []) as unknown as NDArray | NDArray[]
  const kernel = program.kernels.find((k) => k.name === node.op)!
  return { got: [...out!.data], want: [...(Array.isArray(want) ? want[0]! : want).data], units: kernel.extent, members: kernel.group?.size }
}

test.each([
  ['add', 'float32', [2, 5, 7, 70], 64], ['set', 'float32', [1, 4, 9, 33], 64],
  ['add', 'uint8', [2, 6, 8, 3], undefined], ['add', 'bool', [1, 6, 8, 1], undefined], ['set', 'int32', [2, 3, 6, 1], undefined],
  // more places than indices
  ['add', 'float32', [2, 9, 7, 70], 64], ['set', 'float32', [1, 12, 9, 33], 64], ['add', 'uint8', [2, 9, 8, 3], undefined], ['set', 'int32', [2, 7, 6, 1], undefined],
] as const)('scatter, %s of %s %j: every place looks for its writers, or every first index of a place for the others', (mode, dtype, [B, N, I, R], members) => {
  const index = array('int32', [B, I], (i) => (I < N ? ((i * i) % 5) * 3 - 1 : ((i * 5) % (N + 2)) - 1)) // some outside, some twice
  const byte = (f: (i: number) => number) => (i: number): number => (dtype === 'uint8' ? 30 * Math.abs(f(i)) : dtype === 'bool' ? Math.abs(f(i)) % 2 : f(i))
  const r = run([array(dtype, [B, N, R], byte(some(1))), index, array(dtype, [B, I, R], byte(some(2)))], (xs) => e.make('scatter', xs, { mode }))
  expect(r.got).toEqual(r.want)
  expect([r.units, r.members]).toEqual([B * Math.min(N, I) * (members === undefined ? R : 1), members])
})

test.each([
  ['float32', [3, 150], 1, false, 64], ['int32', [130, 2], 0, true, 64], ['uint8', [2, 128], 1, false, 64], ['float32', [1, 2100], 1, true, 256], ['float32', [4, 100], 1, false, undefined],
] as const)('cumsum of %s %j along %i, reverse: %s: members share a line', (dtype, shape, axis, reverse, members) => {
  const r = run([array(dtype, shape, (i) => Math.abs(some(3)(i)))], (xs) => e.make('cumsum', xs, { axis, reverse }))
  expect(r.got).toEqual(r.want)
  expect(r.members).toBe(members)
})

test.each([
  ['float32', [2, 40], 1, false], ['float32', [2, 40], 1, true], ['int32', [30, 3], 0, true], ['bool', [25], 0, false],
] as const)('argsort of %s %j along %i, descending: %s: every element counts', (dtype, shape, axis, descending) => {
  const special = [Number.NaN, Infinity, -Infinity, -0, 0]
  const x = array(dtype, shape, (i) => (dtype === 'float32' && i % 6 === 0 ? special[(i / 6) % 5]! : dtype === 'bool' ? i % 2 : some(4)(i)))
  const r = run([x], (xs) => e.make('argsort', xs, { axis, descending }))
  expect(r.got).toEqual(r.want)
  expect(r.units).toBe(x.data.length)
})
