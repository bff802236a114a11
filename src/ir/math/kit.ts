// What the algorithms of src/ir/math need to know of a float format: its constants and how its bits are reached. One
// algorithm then serves f32 and f64 on any number of lanes, without a branch.
import { constant, type Expr, i32, op } from '../kernel.ts'
import * as fit from './coefficients.ts'

type FitName = 'EXPM1' | 'LOG_POW' | 'SIN' | 'COS' | 'ATAN' | 'ASIN' | 'SINH' | 'ERF' | 'ERFC'

export interface Kit {
  readonly t: 'f32' | 'f64'
  readonly fit: Readonly<Record<FitName, readonly number[]>>
  /** Above expMax eˣ overflows, below expMin it is less than half the smallest denormal. */
  readonly expMax: number
  readonly expMin: number
  /** From here on ln(1+x) = ln x and x² + 1 = x² in this format. */
  readonly huge: number
  /** The smallest normal number, and a power of two that lifts denormals into the normal range. */
  readonly smallest: number
  readonly lift: number
  /** Constants as sums. `ln2` starts short: its product with an exponent is exact. Heads: products with heads are exact. */
  readonly ln2: readonly [number, number]
  readonly ln2Head: readonly [number, number]
  /** 2/(3·ln 2) */
  readonly cpHead: readonly [number, number]
  /** π/2 in pieces whose products with the quadrant number are exact (up to `trigMax`). */
  readonly halfPi: readonly number[]
  readonly halfPiRest: number
  /** 2^k for k within the range of normal numbers. */
  readonly pow2: (k: Expr) => Expr
  /** A positive normal x as m·2^e with √½ ≤ m < √2. */
  readonly split: (x: Expr) => { readonly e: Expr; readonly m: Expr }
  /** The integer nearest to x·by, as i32 and as float; |x·by| below 2^22. */
  readonly nearest: (x: Expr, by: number) => { readonly k: Expr; readonly n: Expr }
  /** x with the lower half of its fraction cleared. */
  readonly head: (x: Expr) => Expr
  /** The word with the sign and the exponent; x with that word replaced. */
  readonly word: (x: Expr) => Expr
  readonly withWord: (x: Expr, word: Expr) => Expr
}

const f32 = (value: number): Expr => constant('f32', Math.fround(value))
const f64 = (value: number): Expr => constant('f64', value)

const F32: Kit = {
  t: 'f32',
  fit: {
    EXPM1: fit.EXPM1_F32,
    LOG_POW: fit.LOG_POW_F32,
    SIN: fit.SIN_F32,
    COS: fit.COS_F32,
    ATAN: fit.ATAN_F32,
    ASIN: fit.ASIN_F32,
    SINH: fit.SINH_F32,
    ERF: fit.ERF_F32,
    ERFC: fit.ERFC_F32,
  },
  expMax: 89,
  expMin: -104,
  huge: 2 ** 30,
  smallest: 2 ** -126,
  lift: 25,
  ln2: [0.693359375, -0.00021219444170128554],
  ln2Head: [0.693115234375, 3.194618329871446e-5],
  cpHead: [0.961669921875, 0.00012677205086220056],
  halfPi: [1.5703125, 0.0004825592041015625, 1.2665987014770508e-6, 9.89530235528946e-10, 2.5633440682570896e-12],
  halfPiRest: -4.371138828673793e-8,
  pow2: (k) => op('asF32', op('add', op('shl', k, i32(23)), i32(0x3f800000))),
  split(x) {
    const bits = op('asI32', x)
    const e = op('shr', op('sub', bits, i32(0x3f3504f3)), i32(23))
    return { e, m: op('asF32', op('sub', bits, op('shl', e, i32(23)))) }
  },
  // 1.5·2²³ added, the integer stands in the low bits: cheaper than rounding and converting on most machines.
  nearest(x, by) {
    const k = op('sub', op('asI32', op('fma', x, f32(by), f32(12582912))), i32(0x4b400000))
    return { k, n: op('toF32', k) }
  },
  head: (x) => op('asF32', op('and', op('asI32', x), i32(-4096))),
  word: (x) => op('asI32', x),
  withWord: (_, word) => op('asF32', word),
}

const F64: Kit = {
  t: 'f64',
  fit: {
    EXPM1: fit.EXPM1_F64,
    LOG_POW: fit.LOG_POW_F64,
    SIN: fit.SIN_F64,
    COS: fit.COS_F64,
    ATAN: fit.ATAN_F64,
    ASIN: fit.ASIN_F64,
    SINH: fit.SINH_F64,
    ERF: fit.ERF_F64,
    ERFC: fit.ERFC_F64,
  },
  expMax: 710,
  expMin: -746,
  huge: 2 ** 60,
  smallest: 2 ** -1022,
  lift: 54,
  ln2: [0.6931471803691238, 1.9082149292705877e-10],
  ln2Head: [0.6931467056274414, 4.7493250390316726e-7],
  cpHead: [0.9617962837219238, 4.102040517767816e-7],
  halfPi: [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32],
  halfPiRest: 6.123233995736766e-17,
  pow2: (k) => op('setHi32', f64(0), op('shl', op('add', k, i32(1023)), i32(20))),
  split(x) {
    const high = op('hi32', x)
    const e = op('shr', op('sub', high, i32(0x3fe6a09e)), i32(20))
    return { e, m: op('setHi32', x, op('sub', high, op('shl', e, i32(20)))) }
  },
  nearest(x, by) {
    const n = op('round', op('mul', x, f64(by)))
    return { k: op('toI32', n), n }
  },
  head: (x) => op('setHi32', f64(0), op('hi32', x)),
  word: (x) => op('hi32', x),
  withWord: (x, word) => op('setHi32', x, word),
}

export const kitOf = (x: Expr): Kit => (x.type.t === 'f64' ? F64 : F32)

/** A constant in the format of x. */
export const like = (x: Expr, value: number): Expr => (x.type.t === 'f64' ? f64(value) : f32(value))
/** An i32 as a float of the format of `x`. */
export const toFloatLike = (x: Expr, k: Expr): Expr => op(x.type.t === 'f64' ? 'toF64' : 'toF32', k)

const operand = (x: Expr | number, other: Expr | number): Expr => (typeof x === 'number' ? like(other as Expr, x) : x)
type Pair = (a: Expr | number, b: Expr | number) => Expr
const pair = (name: 'add' | 'sub' | 'mul' | 'div' | 'lt' | 'eq'): Pair => (a, b) => op(name, operand(a, b), operand(b, a))
export const add = pair('add')
export const sub = pair('sub')
export const mul = pair('mul')
export const div = pair('div')
export const lt = pair('lt')
export const eq = pair('eq')
/** a·b + c */
export const fma = (a: Expr, b: Expr | number, c: Expr | number): Expr => op('fma', a, operand(b, a), operand(c, a))
export const abs = (x: Expr): Expr => op('abs', x)
export const neg = (x: Expr): Expr => op('neg', x)
export const sqrt = (x: Expr): Expr => op('sqrt', x)
/** `a` where the condition holds, else `b`; at least one of them is an expression. */
export const select = (condition: Expr, a: Expr | number, b: Expr | number): Expr => op('select', condition, operand(a, b), operand(b, a))

/** max(x, low) and min(x, high) where NaN stays NaN: one instruction where machines have compare-and-pick. */
export const atLeast = (x: Expr, low: number): Expr => select(lt(x, low), low, x)
export const atMost = (x: Expr, high: number): Expr => select(lt(high, x), high, x)

/** c₀ + c₁z + c₂z² + … by Horner's rule. */
export function poly(z: Expr, c: readonly number[]): Expr {
  let y = like(z, c[c.length - 1]!)
  for (let i = c.length - 2; i >= 0; i--) y = fma(z, y, c[i]!)
  return y
}

/** The sign bit alone, as i32. */
export const signBit = (x: Expr): Expr => op('and', kitOf(x).word(x), i32(-0x80000000))
/** x negated where `sign` (a sign bit) is set; for x ≥ 0 this gives it that sign. */
export const flipSign = (x: Expr, sign: Expr): Expr => kitOf(x).withWord(x, op('xor', kitOf(x).word(x), sign))

/**
 * x·2^k in two steps, so that overflow and gradual underflow come out right; |k| up to twice the exponent range.
 * Multiplied, not added to the exponent's bits: a NaN must stay one whatever k has become.
 */
export function scale(x: Expr, k: Expr): Expr {
  const { pow2 } = kitOf(x)
  const half = op('shr', k, i32(1))
  return mul(mul(x, pow2(half)), pow2(op('sub', k, half)))
}
