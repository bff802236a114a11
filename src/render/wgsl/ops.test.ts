// Every scalar op, every type but f64, one lane and four, against the plain-number meaning in ir/scalar.ts; through Dawn.
import { describe, expect, test } from 'vitest'
import { argumentTypes, combinations, mapKernel } from '../../../test/support/op-kernels.ts'
import type { Launch } from '../../../test/support/run-native.ts'
import { problem, runKernels } from '../../../test/support/run-webgpu.ts'
import { type TypedArray, allocate } from '../../base/index.ts'
import { type Expr, type Kernel, type RegType, SIGNATURES, type ScalarOp, constant, evaluateScalar, op, splat, vtype } from '../../ir/index.ts'

interface Check extends Launch {
  readonly name: string
  readonly expected: (at: number, flush: boolean) => number
  readonly exact: boolean
}
const CONSTANTS: Record<'f32' | 'i32' | 'bool', readonly number[]> = {
  f32: [0, -0, 1, -2.5, Infinity, -Infinity, Number.NaN], i32: [0, 1, -1, 7, 32, 2147483647, -2147483648], bool: [0, 1],
}
/** What is printed in a way of its own: signs of zero, no numbers, the smallest integer. Vectors of it are made of one such text. */
const PRINTED: typeof CONSTANTS = { f32: [-0, Infinity, Number.NaN], i32: [7, -2147483648], bool: [1] }
const names = (Object.keys(SIGNATURES) as ScalarOp[]).filter((n) => !['hi32', 'setHi32', 'toF64'].includes(n))
const typesOf = (name: ScalarOp): ('f32' | 'i32' | 'bool')[] => SIGNATURES[name].of.filter((t) => t !== 'f64')

function launch(name: string, kernel: Kernel, inputs: readonly TypedArray[], expected: Check['expected'], exact = true): Check {
  const { dtype, length } = kernel.params[kernel.params.length - 1]!
  return { name, kernel, buffers: [...inputs, allocate(dtype, length)], expected, exact }
}

/** WGSL promises 2.5 ulp of quotients, and of roots what follows from that. */
const INEXACT: readonly ScalarOp[] = ['div', 'sqrt']

function checksOf(name: ScalarOp, t: 'f32' | 'i32' | 'bool', lanes: number): Check[] {
  const types = argumentTypes(name, t)
  const inputs = combinations(types, lanes)
  if (name === 'fma') inputs.forEach((x) => x.forEach((v, i) => { x[i] = Number.isFinite(v) && Math.abs(v) < 1e4 && Number.isInteger(v) ? v : 3 }))
  const exact = !(t === 'f32' && INEXACT.includes(name))
  const kernel = mapKernel(types, lanes, inputs[0]!.length, (...args) => op(name, ...args))
  const out = [launch(`${name} ${t}`, kernel, inputs, (i, flush) => {
    const [a, b, c] = inputs.map((x) => look(x[i]!, flush))
    return evaluateScalar(name, name === 'select' ? types[1]! : t, a!, b, c)
  }, exact)]
  if (types.length !== 2) return out
  for (const value of (lanes === 1 ? CONSTANTS : PRINTED)[t]) {
    const one = combinations([t], lanes)
    const map = (body: (a: Expr) => Expr): Kernel => mapKernel([t], lanes, one[0]!.length, (a) => body(a!))
    out.push(launch(`${name} ${t} · ${value}`, map((a) => op(name, a, constant(t, value, lanes))), one, (i, flush) => evaluateScalar(name, t, look(one[0]![i]!, flush), value), exact))
    out.push(launch(`${name} ${t} ${value} ·`, map((a) => op(name, constant(t, value, lanes), a)), one, (i, flush) => evaluateScalar(name, t, value, look(one[0]![i]!, flush)), exact))
  }
  return out
}

/** WGSL lets devices take denormals for zero, and zeros without their sign. */
const isZero = (x: number): boolean => Math.abs(x) < 2 ** -126
const look = (x: number, flush: boolean): number => (flush && isZero(x) ? 0 : x)
const same = (got: number, want: number, exact: boolean): boolean =>
  Object.is(got, want) || got === want || (isZero(got) && isZero(want)) || (!exact && Math.abs(got - want) <= Math.abs(want) * 3e-7)

async function verify(checks: readonly Check[]): Promise<void> {
  const results = await runKernels(checks)
  const wrong = checks.flatMap(({ name, buffers, expected, exact }, k) => {
    const got = results[k]![buffers.length - 1]!
    const at = [...got.keys()].find((i) => !same(got[i]!, expected(i, false), exact) && !same(got[i]!, expected(i, true), exact))
    return at === undefined ? [] : [`${name}: (${buffers.slice(0, -1).map((x) => x[at]).join(', ')}) gave ${got[at]}, not ${expected(at, false)}`]
  })
  expect(wrong).toEqual([])
}

describe.skipIf(problem !== null)(`WGSL, every op${problem === null ? '' : ` (${problem})`}`, () => {
  test.each(([1, 4] as const).flatMap((lanes) => (['f32', 'i32', 'bool'] as const).map((t) => [t, lanes] as const)))('%s in %i lanes', async (t, lanes) => {
    const checks = names.filter((name) => typesOf(name).includes(t)).flatMap((name) => checksOf(name, t, lanes))
    expect(checks.length).toBeGreaterThan(10)
    await verify(checks)
  })

  test.each([2, 4])('folds of %i lanes: the upper half onto the lower', async (lanes) => {
    const pairwise = (name: ScalarOp, t: RegType, row: number[]): number =>
      row.length === 1 ? row[0]! : pairwise(name, t, row.slice(0, row.length / 2).map((x, l) => evaluateScalar(name, t, x, row[l + row.length / 2])))
    const data = { f32: Float32Array.from({ length: lanes }, (_, l) => Math.sin(l) * 1e3), i32: Int32Array.from({ length: lanes }, (_, l) => l * 7919 - 30000), bool: Uint8Array.from({ length: lanes }, (_, l) => l % 3 === 0 ? 1 : 0) }
    const cases = (['add', 'mul', 'min', 'max'] as const).flatMap((n) => (['f32', 'i32'] as const).map((t) => [n, t] as const))
    const logic = (['and', 'or', 'xor'] as const).flatMap((n) => (['i32', 'bool'] as const).map((t) => [n, t] as const))
    await verify([...cases, ...logic].map(([name, t]) => {
      const kernel = mapKernel([t], lanes, lanes, (a) => splat({ k: 'fold', type: vtype(t), op: name, arg: a! }, lanes))
      return launch(`fold ${name} ${t}`, kernel, [data[t]], () => pairwise(name, t, [...data[t]]))
    }))
  })

  test.each([1, 4])('uint8 in %i lanes: widened on load, the low byte stored', async (lanes) => {
    const kernel = mapKernel(['i32', 'i32'], lanes, 16, (a, b) => op('add', a!, b!))
    const params = kernel.params.map((p) => ({ ...p, dtype: 'uint8' as const }))
    const a = Uint8Array.from({ length: 16 }, (_, i) => i * 17)
    const b = Uint8Array.from({ length: 16 }, (_, i) => 255 - i * 3)
    expect([...(await runKernels([{ kernel: { ...kernel, params }, buffers: [a, b, new Uint8Array(16)] }]))[0]![2]!]).toEqual([...a.map((x, i) => x + b[i]!)])
  })
})
