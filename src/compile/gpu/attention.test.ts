// The GPU's attention, without a GPU: verified, and run by the interpreter member by member, which finds races. The truth is
// the reference's evaluation of the op.
import { expect, test } from 'vitest'
import { type NDArray, ndarray, type TypedArray } from '../../base/index.ts'
import { defOf, emit as e, interpretProgram, type Node, verifyProgram, wholeTable } from '../../ir/index.ts'
import { compile } from '../compile.ts'
import { gpuTarget } from './target.ts'

wholeTable()

const numbers = (n: number, seed: number): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898 + seed))
const up = (bytes: number): number => Math.ceil(bytes / 256) * 256
const size = (n: Node): number => n.shape.reduce((a, b) => a * b, 1)

/** The worst difference of each result, the kernels, and the bytes of intermediate values. */
function compare(params: readonly Node[], node: Node, values: readonly (Float32Array | Uint8Array)[]): { readonly worst: readonly number[]; readonly names: readonly string[]; readonly arena: number } {
  const program = compile({ params, results: e.picks(node) }, gpuTarget('gpu'))
  verifyProgram(program)
  const outs: TypedArray[] = program.outputs.map((o) => new Float32Array(o.length))
  interpretProgram(program, values, outs)
  const want = defOf(node.op).evaluate(
    values.map((data, i): NDArray => ({ ...ndarray(params[i]!.dtype, params[i]!.shape), data })),
    node,
    () => [],
  ) as unknown as NDArray[]
  const worst = outs.map((o, i) => Array.from(o).reduce((m: number, x: number, j: number) => Math.max(m, Math.abs(x - want[i]!.data[j]!)), 0))
  return { worst, names: program.kernels.map((k) => k.name).filter((name) => !name.startsWith('barrier')), arena: program.arenaBytes }
}
const input = (...shape: number[]): Node => e.make('input', [], { name: 'x', shape, dtype: 'float32' })

/** B, T, S, E, F, causal. The widths of 130 take two blocks of columns. */
const CASES = [
  [2, 5, 7, 3, 2, false],
  [1, 33, 35, 4, 4, true],
  [1, 2, 3, 4, 130, false],
] as const
test.each(CASES)('forward: %i × [%i, %i], widths %i and %i, causal: %s', (B, T, S, E, F, causal) => {
  const params = [input(B, T, E), input(B, S, E), input(B, S, F)]
  const got = compare(
    params,
    e.make('attention', params, { scale: 0.3, causal }),
    params.map((p, i) => numbers(size(p), i)),
  )
  for (const w of got.worst) expect(w).toBeLessThan(1e-5)
  expect(got.names).toEqual([`attention_${T}x${S}x${E}`])
  expect(got.arena).toBe(up(4 * B * T * F) + up(4 * B * T)) // the results wait there; no scores
})

test.each(CASES.slice(0, 2))('gradients: %i × [%i, %i], widths %i and %i, causal: %s', (B, T, S, E, F, causal) => {
  const params = [input(B, T, E), input(B, S, E), input(B, S, F), input(B, T), input(B, T), input(B, T, F)]
  const values = params.map((p, i) => numbers(size(p), i))
  values[3]!.forEach((x, i) => (values[3]![i] = 2 + x)) // logarithms of sums
  const got = compare(params, e.make('attentionGradient', params, { scale: 0.3, causal }), values)
  for (const w of got.worst) expect(w).toBeLessThan(1e-4)
  expect(got.names).toEqual(['q', 'k', 'v'].map((x) => `attention_gradient_${x}_${T}x${S}x${E}`))
})

/** Logarithms of sums that are none make weights of e^37 here, and differences as large: rounding, no mistake. */
test('gradients of width 130 at scale 0.7, with the logarithms of sums that attention gives', () => {
  const [B, T, S, E, F] = [1, 2, 3, 130, 6]
  const params = [input(B, T, E), input(B, S, E), input(B, S, F), input(B, T), input(B, T), input(B, T, F)]
  const values = params.map((p, i) => numbers(size(p), i))
  const arrays = values.slice(0, 3).map((data, i): NDArray => ({ ...ndarray('float32', params[i]!.shape), data }))
  const [out, log] = defOf('attention').evaluate(arrays, e.make('attention', params.slice(0, 3), { scale: 0.7, causal: false }), () => []) as unknown as [NDArray, NDArray]
  expect(Math.max(...log.data)).toBeGreaterThan(39)
  values[3]!.set(log.data as Float32Array)
  values[4]!.forEach((_, t) => (values[4]![t] = Array.from({ length: F }, (_, f) => out.data[t * F + f]! * values[5]![t * F + f]!).reduce((x, y) => x + y)))
  const got = compare(params, e.make('attentionGradient', params, { scale: 0.7, causal: false }), values)
  for (const w of got.worst) expect(w).toBeLessThan(1e-5)
})

const MASKED = [[1, 5, 7, 3, 2, false, 'float32'], [1, 33, 35, 4, 4, true, 'bool']] as const
/** A third of the pairs hidden, all of query 1; added, −1.5 … 1.5, or −∞ there. */
const masking = (B: number, T: number, S: number, dtype: 'bool' | 'float32'): Float32Array | Uint8Array => {
  const hidden = (i: number): boolean => i % 3 === 0 || Math.floor(i / S) % T === 1
  return dtype === 'bool' ? Uint8Array.from({ length: B * T * S }, (_, i) => (hidden(i) ? 0 : 1)) : Float32Array.from({ length: B * T * S }, (_, i) => (hidden(i) ? -Infinity : 1.5 * Math.sin(i)))
}
test.each(MASKED)('with a mask: %i × [%i, %i], widths %i and %i, causal: %s, of %s', (B, T, S, E, F, causal, dtype) => {
  const mask = e.make('input', [], { name: 'mask', shape: [B, T, S], dtype })
  const params = [input(B, T, E), input(B, S, E), input(B, S, F), mask]
  const shown = masking(B, T, S, dtype)
  const values = [...params.slice(0, 3).map((p, i) => numbers(size(p), i)), shown]
  const node = e.make('attention', params, { scale: 0.3, causal })
  const got = compare(params, node, values)
  for (const w of got.worst) expect(w).toBeLessThan(1e-5)
  expect(got.names).toEqual([`attention_${T}x${S}x${E}`])
  expect(got.arena).toBe(up(4 * B * T * F) + up(4 * B * T))

  const arrays = values.map((data, i): NDArray => ({ ...ndarray(params[i]!.dtype, params[i]!.shape), data }))
  const [out, log] = defOf('attention').evaluate(arrays, node, () => []) as unknown as [NDArray, NDArray]
  expect(Array.from(out.data.subarray(F, 2 * F))).toEqual(new Array(F).fill(0))
  const back = [...params.slice(0, 3), input(B, T), input(B, T), input(B, T, F), mask]
  const g = numbers(B * T * F, 7)
  const delta = Float32Array.from({ length: B * T }, (_, t) => Array.from({ length: F }, (_, f) => out.data[t * F + f]! * g[t * F + f]!).reduce((x, y) => x + y))
  const slopes = compare(back, e.make('attentionGradient', back, { scale: 0.3, causal }), [...(values.slice(0, 3) as Float32Array[]), log.data as Float32Array, delta, g, shown])
  for (const w of slopes.worst) expect(w).toBeLessThan(1e-4)
  expect(slopes.names).toHaveLength(3)
})

test('a mask of padding is read where it lies, one that is computed is computed once at its own size', () => {
  const [B, H, T, S] = [2, 3, 40, 33]
  const params = [input(B * H, T, 4), input(B * H, S, 4), input(B * H, S, 4), e.make('input', [], { name: 'lengths', shape: [B, S], dtype: 'bool' })]
  const wide = e.reshape(e.broadcastTo(e.reshape(params[3]!, [B, 1, 1, S]), [B, H, T, S]), [B * H, T, S])
  const bytes = (mask: Node): number => {
    const program = compile({ params, results: [e.picks(e.make('attention', [...params.slice(0, 3), mask], { scale: 1, causal: true }))[0]!] }, gpuTarget('gpu'))
    verifyProgram(program)
    return program.arenaBytes
  }
  expect(bytes(wide)).toBeLessThanOrEqual(up(4 * B * H * T * 4) + up(4 * B * H * T))
  const not = e.reshape(e.broadcastTo(e.reshape(e.unary('not', params[3]!), [B, 1, 1, S]), [B, H, T, S]), [B * H, T, S])
  expect(bytes(not)).toBeLessThanOrEqual(bytes(wide) + 2 * up(B * S))
})

test('queries, keys and values in one buffer are read where they lie, as vectors', () => {
  const all = input(2, 6, 24)
  const parts = [0, 8, 16].map((at) => e.slice(all, [0, 0, at], [2, 6, 8]))
  const node = e.make('attention', parts, { scale: 1, causal: true })
  const program = compile({ params: [all], results: e.picks(node) }, gpuTarget('gpu'))
  const kernels = program.kernels.filter((k) => !k.name.startsWith('barrier'))
  expect(kernels).toHaveLength(1)
  expect(kernels[0]!.params.filter((p) => p.scope === 'global').map((p) => p.aligned)).toEqual([4, 4, undefined])
})

test('operands whose rows do not lie together are copied first', () => {
  const [B, T, S, E, F] = [2, 5, 7, 3, 2]
  const turned = (x: Node): Node => e.permute(x, [0, 2, 1])
  const given = [input(B, E, T), input(B, S, E), input(B, F, S)]
  const values = given.map((p, i) => numbers(size(p), i))
  const flat = (at: number): Float32Array => {
    const [, X, Y] = given[at]!.shape as [number, number, number]
    return Float32Array.from({ length: size(given[at]!) }, (_, i) => values[at]![Math.floor(i / (X * Y)) * X * Y + (i % X) * Y + (Math.floor(i / X) % Y)]!)
  }
  const program = compile({ params: given, results: e.picks(e.make('attention', [turned(given[0]!), given[1]!, turned(given[2]!)], { scale: 0.3, causal: false })) }, gpuTarget('gpu'))
  verifyProgram(program)
  const outs = program.outputs.map((o) => new Float32Array(o.length))
  interpretProgram(program, values, outs)
  const plain = [input(B, T, E), input(B, S, E), input(B, S, F)]
  const want = defOf('attention').evaluate(
    [flat(0), values[1]!, flat(2)].map((data, i): NDArray => ({ ...ndarray('float32', plain[i]!.shape), data })),
    e.make('attention', plain, { scale: 0.3, causal: false }),
    () => [],
  ) as unknown as NDArray[]
  outs.forEach((o, k) => o.forEach((x, i) => expect(Math.abs(x - want[k]!.data[i]!)).toBeLessThan(1e-5)))
  expect(program.kernels.map((k) => k.name)).toContain(`attention_${T}x${S}x${E}`)
})

test('values of queries that are repeated for every head are read where their copies are, when the kernel is known as well', () => {
  const [T, S, E] = [2, 3, 2]
  const given = [input(1, T, E), input(1, S, E), input(1, S, E), input(1, T), input(1, T), input(1, T, E, 3)]
  const repeated = (x: Node): Node => e.reshape(e.broadcastTo(x, [3, ...x.shape]), [3 * x.shape[0]!, ...x.shape.slice(1)])
  const build = (): Node[] => e.picks(e.make('attentionGradient', [...given.slice(0, 5).map(repeated), e.reshape(e.permute(given[5]!, [3, 0, 1, 2]), [3, T, E])], { scale: 0.5, causal: false }))
  const reads = ([result]: readonly Node[]): boolean => {
    const program = compile({ params: given, results: [result!] }, gpuTarget('gpu'))
    verifyProgram(program)
    const written = new Set<number>()
    return program.steps.every((s) => {
      if (s.kind !== 'kernel') return true
      const global = program.kernels[s.kernel]!.params.filter((p) => p.scope === 'global')
      const known = s.args.every(({ slot }, i) => global[i]!.access !== 'read' || program.slots[slot]!.kind !== 'temp' || written.has(slot))
      s.args.forEach(({ slot }, i) => global[i]!.access !== 'read' && written.add(slot))
      return known
    })
  }
  expect([reads(build()), reads(build())]).toEqual([true, true])
})
