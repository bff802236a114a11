// Convolutions on GPUs, without a GPU: products in tiles whose operand is the window view, read through tables of offsets.
// The truth is the reference's evaluation; of the gradients, that ⟨conv(x, w), g⟩ = ⟨x, dX⟩ = ⟨w, dW⟩ for any x and w.
import { expect, test } from 'vitest'
import { type NDArray, sizeOf, tabulate } from '../../base/index.ts'
import { type Node, defOf, emit as e, interpretProgram, verifyProgram, wholeTable } from '../../ir/index.ts'
import { compile } from '../compile.ts'
import { gpuTarget } from './target.ts'

wholeTable()

/** Small integers: every sum is exact. */
const some = (shape: readonly number[], seed: number): NDArray => tabulate('float32', shape, (i) => ((i * 7 + seed * 13 + ((i * i) % 5)) % 11) - 5)
const input = (like: NDArray): Node => e.make('input', [], { name: 'x', shape: like.shape, dtype: 'float32' })
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a, (x, i) => x * b[i]!).reduce((s, x) => s + x, 0)

function run(params: readonly Node[], values: readonly NDArray[], result: Node): { out: Float32Array; tiles: boolean; arena: number } {
  const program = compile({ params, results: [result] }, gpuTarget('gpu'))
  verifyProgram(program)
  const out = new Float32Array(program.outputs[0]!.length)
  interpretProgram(program, values.map((v) => v.data), [out])
  return { out, tiles: program.kernels.some((k) => k.name.startsWith('gemm') && k.group !== undefined), arena: program.arenaBytes }
}

test.each([
  ['padded', { stride: [1, 1], padding: [[1, 1], [1, 1]], groups: 1 }],
  ['with a stride', { stride: [2, 1], padding: [[0, 0], [1, 0]], groups: 1 }],
  ['in groups', { stride: [1, 2], padding: [[0, 0], [0, 0]], groups: 2 }],
] as const)('%s: the result and both gradients, no window laid out in memory', (_, p) => {
  const params = { ...p, stride: [...p.stride], padding: p.padding.map((x): [number, number] => [x[0], x[1]]), inputDilation: [1, 1], dilation: [1, 1] }
  const [x, w] = [some([2, 4, 7, 6], 1), some([6, 4 / p.groups, 3, 3], 2)]
  const [xNode, wNode] = [input(x), input(w)]
  const node = e.make('conv', [xNode, wNode], params)
  const forward = (a: NDArray, b: NDArray): NDArray => defOf('conv').evaluate([a, b], node, () => []) as unknown as NDArray
  const g = some(node.shape, 3)
  const gNode = input(g)
  const { derivative } = defOf('conv') as unknown as { derivative: { transpose(emit: typeof e, g: Node, node: Node, input: number): Node } }

  const y = run([xNode, wNode], [x, w], node)
  expect([...y.out]).toEqual([...forward(x, w).data])
  const dx = run([gNode, wNode], [g, w], derivative.transpose(e, gNode, node, 0))
  const dw = run([xNode, gNode], [x, g], derivative.transpose(e, gNode, node, 1))
  for (const seed of [5, 6]) {
    const [x2, w2] = [some(x.shape, seed), some(w.shape, seed)]
    expect(dot(dx.out, x2.data)).toBe(dot(forward(x2, w).data, g.data))
    expect(dot(dw.out, w2.data)).toBe(dot(forward(x, w2).data, g.data))
  }
  for (const r of [y, dx, dw]) expect(r.tiles).toBe(true)
  // Bytes of the windows: of the input at every place of the result, of the gradient at every place of the input.
  const [ofInput, ofGradient] = [4 * (sizeOf(node.shape) / 6) * 4 * 9, 4 * (sizeOf(x.shape) / 4) * 6 * 9]
  expect(Math.max(y.arena, dw.arena)).toBeLessThan(ofInput)
  expect(dx.arena).toBeLessThan(ofGradient / 4)
})
