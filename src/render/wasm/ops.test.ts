// Every scalar op, every type, one and four lanes, against the plain-number meaning in ir/scalar.ts.
import { describe, expect, test } from 'vitest'
import { VALUES, argumentTypes, combinations, mapKernel } from '../../../test/support/op-kernels.ts'
import { runKernel } from '../../../test/support/run-wasm.ts'
import { type TypedArray, allocate } from '../../base/index.ts'
import {
  type Expr, type Kernel, SIGNATURES, type ScalarOp, constant, evaluateScalar, i32, load, newVar, op, splat, use, vtype,
} from '../../ir/index.ts'

function check(name: string, kernel: Kernel, inputs: TypedArray[], expected: (at: number) => number, relaxed: boolean): void {
  const length = kernel.params[kernel.params.length - 1]!.length
  const out = runKernel(kernel, [...inputs, allocate(kernel.params[kernel.params.length - 1]!.dtype, length)], relaxed).pop()!
  for (let i = 0; i < length; i++) {
    if (!Object.is(out[i], expected(i))) {
      expect.fail(`${name}(${inputs.map((x) => x[i]).join(', ')}) gave ${out[i]}, not ${expected(i)}`)
    }
  }
}

const names = Object.keys(SIGNATURES) as ScalarOp[]
for (const relaxed of [false, true]) {
  describe(relaxed ? 'relaxed' : 'plain', () => {
    for (const name of names) {
      for (const t of SIGNATURES[name].of) {
        for (const lanes of [1, 4]) {
          const types = argumentTypes(name, t)
          if (lanes === 4 && (types.includes('f64') || name === 'toF64')) continue
          test(`${name} ${t} × ${lanes}`, () => {
            const inputs = combinations(types)
            const kernel = mapKernel(types, lanes, inputs[0]!.length, (...args) => op(name, ...args))
            const result = (i: number) => {
              const [a, b, c] = inputs.map((x) => x[i]!)
              const value = evaluateScalar(name, name === 'select' ? types[1]! : t, a!, b, c)
              // One rounding or two: both are fine, neither is promised. f64 holds the exact product of two f32.
              if (name === 'fma' && relaxed && t === 'f32') return Math.fround(a! * b! + c!)
              return value
            }
            if (name === 'fma' && relaxed) {
              // Without corner cases of double rounding: small integers are exact either way.
              inputs.forEach((x) => x.forEach((v, i) => { x[i] = Number.isFinite(v) && Math.abs(v) < 1e4 && Number.isInteger(v) ? v : 3 }))
            }
            check(name, kernel, inputs, result, relaxed)
          })
          // The second argument as a constant: other instructions may be chosen.
          if (types.length === 2 && name !== 'setHi32') {
            test(`${name} ${t} × ${lanes} with constants`, () => {
              for (const value of VALUES[t]) {
                const inputs = combinations([t])
                const length = inputs[0]!.length
                const right = mapKernel([t], lanes, length, (a) => op(name, a!, constant(t, value, lanes)))
                check(`${name} · ${value}`, right, inputs, (i) => evaluateScalar(name, t, inputs[0]![i]!, value), relaxed)
                const left = mapKernel([t], lanes, length, (a) => op(name, constant(t, value, lanes), a!))
                check(`${name} ${value} ·`, left, inputs, (i) => evaluateScalar(name, t, value, inputs[0]![i]!), relaxed)
              }
            })
          }
        }
      }
    }
  })
}

describe('vectors', () => {
  const numbers = Float32Array.of(3, -1, 7.5, 2, 0, NaN, 1, -5)
  test('ramp, splat, pack, extract', () => {
    const { lo, hi, i } = { lo: newVar('lo', 'i32'), hi: newVar('hi', 'i32'), i: newVar('i', 'i32') }
    const v = newVar('v', 'f32', 4)
    const lane = (l: number): Expr => ({ k: 'extract', type: vtype('f32'), arg: use(v), lane: l })
    const body: Expr = { k: 'pack', type: vtype('f32', 4), args: [lane(3), lane(1), splat(lane(0), 1), constant('f32', 9)] }
    const ramp: Expr = { k: 'ramp', type: vtype('i32', 4) }
    const kernel: Kernel = {
      name: 'lanes', lo, hi, extent: 2, flops: 0, bytes: 0,
      params: [
        { dtype: 'float32', length: 8, access: 'read', scope: 'global' },
        { dtype: 'float32', length: 8, access: 'write', scope: 'global' },
        { dtype: 'int32', length: 8, access: 'write', scope: 'global' },
      ],
      body: [{
        s: 'for', v: i, lo: use(lo), hi: use(hi), step: 1, body: [
          { s: 'let', v, value: load(0, op('mul', use(i), i32(4)), 'f32', 4) },
          { s: 'store', buf: 1, index: op('mul', use(i), i32(4)), value: body },
          { s: 'store', buf: 2, index: op('mul', use(i), i32(4)), value: op('add', ramp, op('mul', splat(use(i), 4), i32(10))) },
        ],
      }],
    }
    const [, out, ints] = runKernel(kernel, [numbers, new Float32Array(8), new Int32Array(8)])
    expect([...out!]).toEqual([2, -1, 3, 9, -5, NaN, 0, 9])
    expect([...ints!]).toEqual([0, 1, 2, 3, 10, 11, 12, 13])
  })

  test.each([['add', 'f32', 11.5], ['mul', 'f32', -45], ['min', 'f32', -1], ['max', 'f32', 7.5], ['add', 'i32', 11], ['xor', 'i32', 3 ^ -1 ^ 7 ^ 2]] as const)(
    'fold %s %s', (name, t, expected) => {
      const data = t === 'f32' ? numbers : Int32Array.from(numbers, (x) => x | 0)
      const kernel = mapKernel([t], 4, 4, (a) => splat({ k: 'fold', type: vtype(t), op: name, arg: a! }, 4))
      const out = runKernel(kernel, [data.slice(0, 4), data.slice(0, 4)]).pop()!
      expect([...out]).toEqual([expected, expected, expected, expected])
    },
  )
  test.each(['and', 'or', 'xor'] as const)('fold %s of masks', (name) => {
    for (let bits = 0; bits < 16; bits++) {
      const data = Uint8Array.from([0, 1, 2, 3], (l) => (bits >> l) & 1)
      const kernel = mapKernel(['bool'], 4, 4, (a) => splat({ k: 'fold', type: vtype('bool'), op: name, arg: a! }, 4))
      const expected = [...data].reduce((x, y) => evaluateScalar(name, 'bool', x, y))
      expect([...runKernel(kernel, [data, data]).pop()!]).toEqual([expected, expected, expected, expected])
    }
  })
  test('uint8: widened on load, the low byte stored', () => {
    for (const lanes of [1, 4]) {
      const kernel = mapKernel(['i32', 'i32'], lanes, 8, (a, b) => op('add', a!, b!))
      const params = kernel.params.map((p) => ({ ...p, dtype: 'uint8' as const }))
      const a = Uint8Array.of(0, 1, 127, 128, 200, 255, 255, 7)
      const b = Uint8Array.of(0, 255, 1, 128, 100, 255, 1, 9)
      expect([...runKernel({ ...kernel, params }, [a, b, new Uint8Array(8)]).pop()!]).toEqual([...a.map((x, i) => x + b[i]!)])
    }
  })
  test('other widths are refused', () => {
    expect(() => runKernel(mapKernel(['f32'], 8, 8, (a) => a!), [numbers, numbers])).toThrow(/8 lanes/)
    expect(() => runKernel(mapKernel(['f64'], 2, 8, (a) => a!), [new Float64Array(8), new Float64Array(8)])).toThrow(/f64 vectors/)
  })
})
