// Long rows shared by a workgroup, without a GPU: verified, and run by the interpreter member by member, which finds races.
import { expect, test } from 'vitest'
import { type Node, emit as e, interpretProgram, verifyProgram } from '../../ir/index.ts'
import { compile } from '../compile.ts'
import { gpuTarget } from './target.ts'

const data = Float32Array.from({ length: 5 * 100 }, (_, i) => ((i * 7) % 17) - 8)
const x: Node = e.make('input', [], { name: 'x', shape: [5, 100], dtype: 'float32' })
const rows = (f: (row: Float32Array) => number[]): number[] => Array.from({ length: 5 }, (_, r) => f(data.subarray(100 * r, 100 * r + 100))).flat()

function run(result: Node): { readonly out: number[]; readonly groups: boolean } {
  const program = compile({ params: [x], results: [result] }, gpuTarget('gpu'))
  verifyProgram(program)
  const out = new Float32Array(program.outputs[0]!.length)
  interpretProgram(program, [data], [out])
  return { out: [...out], groups: program.kernels.some((k) => k.group !== undefined) }
}

test('sums and extremes of rows', () => {
  expect(run(e.sum(x, [1]))).toEqual({ out: rows((r) => [r.reduce((a, b) => a + b, 0)]), groups: true })
  expect(run(e.make('reduceMax', [x], { axes: [1] } as never))).toEqual({ out: rows((r) => [Math.max(...r)]), groups: true })
})

test('a row less its sum: what one loop stores the next may read', () => {
  const sum = e.sum(x, [1])
  const centred = e.sub(x, e.expand(e.reshape(sum, [5, 1]), [5, 100]))
  expect(run(e.mul(centred, centred)).out).toEqual(rows((r) => [...r].map((v) => (v - r.reduce((a, b) => a + b, 0)) ** 2)))
})
