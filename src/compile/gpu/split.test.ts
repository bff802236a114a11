// Long sums and products in pieces, without a GPU: verified, and run by the interpreter. The truth is the reference's
// evaluation of the op; small whole numbers, so that sums are exact in any order.
import { expect, test } from 'vitest'
import { type NDArray, ndarray, tabulate } from '../../base/index.ts'
import { type Node, type Program, defOf, emit as e, interpretProgram, verifyProgram, wholeTable } from '../../ir/index.ts'
import { compile } from '../compile.ts'
import { gpuTarget } from './target.ts'

wholeTable()

const some = (dtype: 'float32' | 'int32', shape: readonly number[], seed: number): NDArray => tabulate(dtype, shape, (i) => ((i * 7 + seed * 13) % 17) - 8)
const input = (x: NDArray): Node => e.make('input', [], { name: 'x', shape: x.shape, dtype: x.dtype })
const groupsOf = ({ steps, kernels }: Program): number[] => steps.flatMap((s) => (s.kind === 'kernel' ? [kernels[s.kernel]!.extent] : []))

function run(inputs: readonly NDArray[], params: readonly Node[], node: Node): { readonly got: number[]; readonly program: Program } {
  const program = compile({ params, results: [node] }, gpuTarget('gpu'))
  verifyProgram(program)
  const out = ndarray(node.dtype, node.shape)
  interpretProgram(program, inputs.map((x) => x.data), [out.data])
  return { got: [...out.data], program }
}

test.each([
  ['sum', 'float32', [2048, 3], [0]], ['sum', 'int32', [3, 1031, 2], [1]], ['sum', 'float32', [130, 2, 6, 60], [0, 2, 3]],
  ['reduceMax', 'float32', [1031, 2], [0]], ['reduceMin', 'int32', [1031, 2], [0]], ['reduceMax', 'float32', [2, 16411], [1]], ['sum', 'float32', [1, 512, 4], [0, 1]],
] as const)('%s of %s %j over %j', (op, dtype, shape, axes) => {
  const x = some(dtype, shape, 1)
  const params = [input(x)]
  const node = e.make(op, params, { axes: [...axes] } as never)
  const { got, program } = run([x], params, node)
  expect(got).toEqual([...(defOf(op).evaluate([x], node as never, () => []) as unknown as NDArray).data])
  expect(groupsOf(program).length).toBeGreaterThan(1)
  expect(groupsOf(program)[0]!).toBeGreaterThanOrEqual(4 * groupsOf(program).at(-1)!)
})

test('a product over a prime length is padded with what changes nothing', () => {
  const x = tabulate('float32', [2, 1031], (i) => (i % 97 === 0 ? -1 : 1))
  const params = [input(x)]
  expect(run([x], params, e.make('prod', [e.permute(params[0]!, [1, 0])], { axes: [0] } as never)).got).toEqual([0, 1].map((r) => Array.from(x.data).slice(1031 * r, 1031 * (r + 1)).reduce((p, v) => p * v, 1)))
})

test('sums with many results stay whole', () => {
  const x = some('float32', [128, 2000], 1)
  const params = [input(x)]
  expect(groupsOf(run([x], params, e.sum(params[0]!, [0])).program).length).toBe(1)
})

const product = (a: NDArray, b: NDArray): number[] => [...(defOf('dot').evaluate([a, b], e.make('dot', [input(a), input(b)], {}) as never, () => []) as unknown as NDArray).data]

test.each([[1, 8, 9, 1024], [3, 1, 64, 512], [2, 5, 7, 390], [1, 65, 3, 260]])('a product of %i × [%i, %i] over %i', (B, M, N, K) => {
  const [a, b] = [some('float32', [B, M, K], 1), some('float32', [B, K, N], 2)]
  const params = [input(a), input(b)]
  const { got, program } = run([a, b], params, e.make('dot', params, {}))
  expect(got).toEqual(product(a, b))
  const [first, ...more] = groupsOf(program)
  expect([first! >= 4 * B, more.length]).toEqual([true, 1])
})

test('windows of images are cut between images', () => {
  // the gradient of a convolution by its filters: [4, 40·6·6] · [40·6·6, 9]
  const [images, filters, n, size] = [40, 4, 8, 6]
  const [x, g] = [some('float32', [images, n, n], 1), some('float32', [filters, images * size * size], 2)]
  const params = [input(x), input(g)]
  const windows = e.make('window', [params[0]!], { size: [3, 3], stride: [1, 1], dilation: [1, 1] })
  const columns = e.reshape(windows, [1, images * size * size, 9])
  const { got, program } = run([x, g], params, e.make('dot', [e.reshape(params[1]!, [1, filters, images * size * size]), columns], {}))
  const want = Array.from({ length: filters * 9 }, (_, at) => {
    const [f, di, dj] = [Math.floor(at / 9), Math.floor((at % 9) / 3), at % 3]
    let sum = 0
    for (let k = 0; k < images * size * size; k++) {
      const [image, i, j] = [Math.floor(k / 36), Math.floor((k % 36) / 6), k % 6]
      sum += g.data[f * images * size * size + k]! * x.data[image * n * n + (i + di) * n + j + dj]!
    }
    return sum
  })
  expect(got).toEqual(want)
  expect(groupsOf(program)[0]).toBeGreaterThanOrEqual(4)
})
