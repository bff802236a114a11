// Simplified expressions have the same value, bit for bit, on random arguments and on the awkward ones.
import { expect, test } from 'vitest'
import { threefry2x32 } from '../base/index.ts'
import { interpretKernel } from './interpret.ts'
import { constant, type Expr, i32, load, newVar, op, type RegType, type ScalarOp, splat, use } from './kernel.ts'
import { printExpr } from './print.ts'
import { SIGNATURES } from './scalar.ts'
import { addE, andE, divE, mulE, negE, notE, opE, orE, remE, selectE, simplifyExpr, subE } from './simplify-expr.ts'
import { verifyKernel } from './verify.ts'

let counter = 0
const random = (n: number): number => (threefry2x32(5, 6, counter++, 0)[0] >>> 0) % n
const pick = <T>(list: readonly T[]): T => list[random(list.length)]!

const FLOATS = [0, -0, 1, -1, 2, 0.5, -0.25, 3, 0.1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-40, 1e38]
const INTEGERS = [0, 1, -1, 2, 7, -7, 31, 32, 2147483647, -2147483648]
/** Ops whose result has the type, with arguments of types to choose from. setHi32/hi32 and asF32/asI32 of NaN are not portable. */
const OPS: Record<RegType, readonly ScalarOp[]> = {
  f32: ['add', 'sub', 'mul', 'div', 'neg', 'abs', 'min', 'max', 'fma', 'sqrt', 'floor', 'ceil', 'trunc', 'round', 'select', 'toF32'],
  f64: ['add', 'sub', 'mul', 'div', 'neg', 'abs', 'fma', 'select', 'toF64'],
  i32: ['add', 'sub', 'mul', 'div', 'rem', 'neg', 'abs', 'min', 'max', 'and', 'or', 'xor', 'not', 'shl', 'shr', 'ushr', 'select', 'toI32'],
  bool: ['and', 'or', 'xor', 'not', 'eq', 'ne', 'lt', 'le', 'select', 'toBool'],
}
function randomExpr(t: RegType, depth: number, leaves: Record<RegType, readonly Expr[]>): Expr {
  if (depth === 0 || random(6) === 0) {
    if (random(2) === 0) return pick(leaves[t])
    return constant(t, t === 'bool' ? random(2) : pick(t === 'i32' ? INTEGERS : FLOATS))
  }
  const name = pick(OPS[t])
  const sub = (u: RegType) => randomExpr(u, depth - 1, leaves)
  if (name === 'select') return op('select', sub('bool'), sub(t), sub(t))
  const own = ['eq', 'ne', 'lt', 'le', 'toBool', 'toF32', 'toF64', 'toI32'].includes(name) ? pick(SIGNATURES[name].of) : t
  const args = Array.from({ length: SIGNATURES[name].arity }, () => sub(own))
  // Sometimes the same object twice: x − x, x and x …
  if (args.length === 2 && random(5) === 0) args[1] = args[0]!
  return op(name, ...args)
}

const kinds = { f32: 'float32', f64: 'float64', i32: 'int32', bool: 'bool' } as const
const types = Object.keys(kinds) as RegType[]
test('2000 random expressions keep their value', () => {
  const leaves = Object.fromEntries(types.map((t, b) => [t, [load(b, i32(0), t), load(b, i32(1), t), load(b, i32(2), t)]])) as unknown as Record<RegType, readonly Expr[]>
  let smaller = 0
  for (let n = 0; n < 2000; n++) {
    const t = pick(types)
    const before = randomExpr(t, 4, leaves)
    const after = simplifyExpr(before)
    if (printExpr(after).length < printExpr(before).length) smaller++
    const inputs = [new Float32Array(3), new Float64Array(3), new Int32Array(3), new Uint8Array(3)]
    inputs.forEach((a, b) => a.forEach((_, i) => (a[i] = b === 3 ? random(2) : pick(b === 2 ? INTEGERS : FLOATS))))
    const outputs = [0, 1].map(() => (t === 'f32' ? new Float32Array(1) : t === 'f64' ? new Float64Array(1) : t === 'i32' ? new Int32Array(1) : new Uint8Array(1)))
    const kernel = {
      name: 'compare', extent: 1, lo: newVar('lo', 'i32'), hi: newVar('hi', 'i32'), flops: 0, bytes: 0,
      params: [
        ...types.map((u) => ({ dtype: kinds[u], length: 3, access: 'read', scope: 'global' }) as const),
        ...outputs.map(() => ({ dtype: kinds[t], length: 1, access: 'write', scope: 'global' }) as const),
      ],
      body: [before, after].map((value, i) => ({ s: 'store', buf: 4 + i, index: i32(0), value }) as const),
    }
    verifyKernel(kernel)
    interpretKernel(kernel, [...inputs, ...outputs])
    expect(outputs[1]![0], `${printExpr(before)}  →  ${printExpr(after)}`).toBe(outputs[0]![0])
  }
  expect(smaller).toBeGreaterThan(1000)
})

const x = use(newVar('x', 'i32'))
const y = use(newVar('y', 'i32'))
const f = use(newVar('f', 'f32'))
const p = use(newVar('p', 'bool'))
const c = (v: number) => constant('f32', v)
const yes = constant('bool', 1)
const no = constant('bool', 0)
test.each([
  ['x+0', addE(x, i32(0)), x],
  ['0+x', addE(i32(0), x), x],
  ['x*1', mulE(i32(1), x), x],
  ['x*0', mulE(x, i32(0)), i32(0)],
  ['x/1', divE(x, i32(1)), x],
  ['x%1', remE(x, i32(1)), i32(0)],
  ['−−x', negE(negE(x)), x],
  ['2+3', addE(i32(2), i32(3)), i32(5)],
  ['wraps', mulE(i32(65536), i32(65536)), i32(0)],
  ['f·1', mulE(f, c(1)), f],
  ['f+(−0)', addE(f, c(-0)), f],
  ['f−0', subE(f, c(0)), f],
  ['not not', notE(notE(p)), p],
  ['p and true', andE(p, yes), p],
  ['p and false', andE(no, p), no],
  ['p or true', orE(p, yes), yes],
  ['p or false', orE(no, p), p],
  ['select true', selectE(yes, x, y), x],
  ['select same', selectE(p, x, x), x],
  ['select to bool', selectE(p, yes, no), p],
])('%s', (_, got, want) => expect(got).toEqual(want))

test.each([
  ['(x+2)+3', addE(addE(x, i32(2)), i32(3)), 'x + 5'],
  ['(x+2)+y', addE(addE(x, i32(2)), y), '(x + y) + 2'],
  ['x+(y+2)', addE(x, addE(y, i32(2))), '(x + y) + 2'],
  ['(x−5)+2', addE(subE(x, i32(5)), i32(2)), 'x + -3'],
  ['(3·x)·4', mulE(mulE(i32(3), x), i32(4)), 'x * 12'],
  ['f/4', divE(f, c(4)), 'f * 0.25'],
  ['not x<y', notE(op('lt', x, y)), 'y <= x'],
  ['select not', selectE(notE(p), x, y), 'select(p, y, x)'],
  ['vectors of equal lanes', opE('add', splat(x, 4), splat(y, 4)), 'splat(x + y)'],
  // what must stay
  ['f+0', addE(f, c(0)), 'f + 0.0'],
  ['f·0', mulE(f, c(0)), 'f * 0.0'],
  ['f−f', subE(f, f), 'f - f'],
  ['f/3', divE(f, c(3)), 'f / 3.0'],
  ['(f+1)+1', addE(addE(f, c(1)), c(1)), '(f + 1.0) + 1.0'],
  ['not f<1', notE(op('lt', f, c(1))), '!(f < 1.0)'],
])('%s', (_, got, want) => expect(printExpr(got)).toBe(want))
