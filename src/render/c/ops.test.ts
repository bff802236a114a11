// Every scalar op, every type, in vectors of several widths, against the plain-number meaning in ir/scalar.ts; through the
// system's compiler. All kernels of a width are one program.
import { describe, expect, test } from 'vitest'
import { argumentTypes, combinations, mapKernel } from '../../../test/support/op-kernels.ts'
import { type Launch, problem, runKernels } from '../../../test/support/run-native.ts'
import { type TypedArray, allocate } from '../../base/index.ts'
import { type Expr, type Kernel, type RegType, SIGNATURES, type ScalarOp, constant, evaluateScalar, i32, load, newVar, op, splat, use, vtype } from '../../ir/index.ts'

interface Check extends Launch {
  readonly name: string
  readonly expected: (at: number) => number
}
/** Constants for which other code may be chosen. */
const CONSTANTS: Record<RegType, readonly number[]> = {
  f32: [0, -0, 1, -2.5, Infinity, -Infinity, Number.NaN], f64: [0, -0, -2.5, Infinity, Number.NaN], i32: [0, 1, -1, 7, 32, 2147483647, -2147483648], bool: [0, 1],
}
const names = Object.keys(SIGNATURES) as ScalarOp[]

function launch(name: string, kernel: Kernel, inputs: readonly TypedArray[], expected: (at: number) => number): Check {
  const { dtype, length } = kernel.params[kernel.params.length - 1]!
  return { name, kernel, buffers: [...inputs, allocate(dtype, length)], expected }
}

function checksOf(name: ScalarOp, t: RegType, lanes: number): Check[] {
  const types = argumentTypes(name, t)
  if (lanes > 1 && (types.includes('f64') || name === 'toF64')) return []
  const inputs = combinations(types, lanes)
  // Fused or not: both are right. Small integers are exact either way.
  if (name === 'fma') inputs.forEach((x) => x.forEach((v, i) => { x[i] = Number.isFinite(v) && Math.abs(v) < 1e4 && Number.isInteger(v) ? v : 3 }))
  const kernel = mapKernel(types, lanes, inputs[0]!.length, (...args) => op(name, ...args))
  const out = [launch(`${name} ${t}`, kernel, inputs, (i) => {
    const [a, b, c] = inputs.map((x) => x[i]!)
    return evaluateScalar(name, name === 'select' ? types[1]! : t, a!, b, c)
  })]
  if (types.length !== 2 || name === 'setHi32') return out
  for (const value of CONSTANTS[t]) {
    const one = combinations([t], lanes)
    const map = (body: (a: Expr) => Expr): Kernel => mapKernel([t], lanes, one[0]!.length, (a) => body(a!))
    out.push(launch(`${name} ${t} · ${value}`, map((a) => op(name, a, constant(t, value, lanes))), one, (i) => evaluateScalar(name, t, one[0]![i]!, value)))
    out.push(launch(`${name} ${t} ${value} ·`, map((a) => op(name, constant(t, value, lanes), a)), one, (i) => evaluateScalar(name, t, value, one[0]![i]!)))
  }
  return out
}

function verify(checks: readonly Check[]): void {
  const results = runKernels(checks)
  const wrong = checks.flatMap(({ name, buffers, expected }, k) => {
    const got = results[k]![buffers.length - 1]!
    const at = [...got.keys()].find((i) => !Object.is(got[i], expected(i)))
    return at === undefined ? [] : [`${name}: (${buffers.slice(0, -1).map((x) => x[at]).join(', ')}) gave ${got[at]}, not ${expected(at)}`]
  })
  expect(wrong).toEqual([])
}

describe.skipIf(problem !== null)(`C, every op${problem === null ? '' : ` (${problem})`}`, () => {
  test.each([1, 4, 8, 16])('%i lanes', (lanes) => {
    verify(names.flatMap((name) => SIGNATURES[name].of.flatMap((t) => checksOf(name, t, lanes))))
  })

  test('ramp, splat, pack, extract', () => {
    const numbers = Float32Array.of(3, -1, 7.5, 2, 0, Number.NaN, 1, -5)
    const [lo, hi, i, v] = [newVar('lo', 'i32'), newVar('hi', 'i32'), newVar('i', 'i32'), newVar('v', 'f32', 4)]
    const lane = (l: number): Expr => ({ k: 'extract', type: vtype('f32'), arg: use(v), lane: l })
    const body: Expr = { k: 'pack', type: vtype('f32', 4), args: [lane(3), lane(1), splat(lane(0), 1), constant('f32', 9)] }
    const at = op('mul', use(i), i32(4))
    const kernel: Kernel = {
      name: 'lanes', lo, hi, extent: 2, flops: 0, bytes: 0,
      params: (['float32', 'float32', 'int32'] as const).map((dtype, k) => ({ dtype, length: 8, access: k === 0 ? 'read' : 'write', scope: 'global' })),
      body: [{
        s: 'for', v: i, lo: use(lo), hi: use(hi), step: 1, body: [
          { s: 'let', v, value: load(0, at, 'f32', 4) },
          { s: 'store', buf: 1, index: at, value: body },
          { s: 'store', buf: 2, index: at, value: op('add', { k: 'ramp', type: vtype('i32', 4) }, op('mul', splat(use(i), 4), i32(10))) },
        ],
      }],
    }
    const [, out, ints] = runKernels([{ kernel, buffers: [numbers, new Float32Array(8), new Int32Array(8)] }])[0]!
    expect([...out!]).toEqual([2, -1, 3, 9, -5, Number.NaN, 0, 9])
    expect([...ints!]).toEqual([0, 1, 2, 3, 10, 11, 12, 13])
  })

  test.each([2, 4, 8, 16])('folds of %i lanes: the upper half onto the lower', (lanes) => {
    const pairwise = (name: ScalarOp, t: RegType, row: number[]): number =>
      row.length === 1 ? row[0]! : pairwise(name, t, row.slice(0, row.length / 2).map((x, l) => evaluateScalar(name, t, x, row[l + row.length / 2])))
    const data = { f32: Float32Array.from({ length: lanes }, (_, l) => Math.sin(l) * 1e3), i32: Int32Array.from({ length: lanes }, (_, l) => l * 7919 - 30000), bool: Uint8Array.from({ length: lanes }, (_, l) => l % 3 === 0 ? 1 : 0) }
    const cases = (['add', 'mul', 'min', 'max'] as const).flatMap((n) => (['f32', 'i32'] as const).map((t) => [n, t] as const))
    const logic = (['and', 'or', 'xor'] as const).flatMap((n) => (['i32', 'bool'] as const).map((t) => [n, t] as const))
    verify([...cases, ...logic].map(([name, t]) => {
      const kernel = mapKernel([t], lanes, lanes, (a) => splat({ k: 'fold', type: vtype(t), op: name, arg: a! }, lanes))
      return launch(`fold ${name} ${t}`, kernel, [data[t]], () => pairwise(name, t, [...data[t]]))
    }))
  })

  test.each([1, 4, 16])('uint8 in %i lanes: widened on load, the low byte stored', (lanes) => {
    const kernel = mapKernel(['i32', 'i32'], lanes, 16, (a, b) => op('add', a!, b!))
    const params = kernel.params.map((p) => ({ ...p, dtype: 'uint8' as const }))
    const a = Uint8Array.from({ length: 16 }, (_, i) => i * 17)
    const b = Uint8Array.from({ length: 16 }, (_, i) => 255 - i * 3)
    expect([...runKernels([{ kernel: { ...kernel, params }, buffers: [a, b, new Uint8Array(16)] }])[0]![2]!]).toEqual([...a.map((x, i) => x + b[i]!)])
  })

  test('vectors of 64-bit elements are refused', () => {
    expect(() => runKernels([{ kernel: mapKernel(['f64'], 2, 8, (a) => op('neg', a!)), buffers: [new Float64Array(8), new Float64Array(8)] }])).toThrow(/f64/)
  })
})
