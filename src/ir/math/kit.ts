// What the algorithms of src/ir/math need to know of a float format: its constants and how its bits are reached. One
// algorithm then serves f32 and f64, any number of lanes, without a branch.
import { type Expr, type ScalarOp, constant, op } from '../kernel.ts'
import * as fit from './coefficients.ts'

export interface Kit {
  readonly t: 'f32' | 'f64'
  readonly fit: Record<FitName, readonly number[]>
  /** Beyond these eˣ overflows, or is less than half the smallest denormal. */
  readonly expMax: number
  readonly expMin: number
  /** From here on 1 + 1/x² = 1 and ln(1+x) = ln x in this format. */
  readonly huge: number
  /** ln 2 and log₂e·2/3 as sums of a short and a full constant: `short` leaves room for exact products with integers. */
  readonly ln2: readonly [short: number, rest: number]
  readonly ln2Head: readonly [head: number, rest: number]
  readonly cpHead: readonly [head: number, rest: number]
  /** π/2 in pieces whose products with the quadrant number are exact. */
  readonly halfPi: readonly number[]
  /** π/2 − (π/2 in this format). */
  readonly halfPiRest: number
  /** 2^k for k within the range of normal numbers. */
  readonly pow2: (k: Expr) => Expr
  /** x·2^k where neither leaves the range of normal numbers. */
  readonly shiftExponent: (x: Expr, k: Expr) => Expr
  /** A positive normal x as m·2^e with √½ ≤ m < √2. */
  readonly split: (x: Expr) => { e: Expr; m: Expr }
  /** The nearest integer to x·by, as i32 and as float. |x·by| must be below 2^22 to be exact. */
  readonly nearest: (x: Expr, by: number) => { k: Expr; n: Expr }
  /** x with the low half of its fraction cleared (12 or 21 significant bits are left): products of heads are exact. */
  readonly head: (x: Expr) => Expr
  /** The word that holds the sign and the exponent. */
  readonly word: (x: Expr) => Expr
  readonly withWord: (x: Expr, word: Expr) => Expr
}
type FitName = 'EXPM1' | 'LOG_POW' | 'SIN' | 'COS' | 'ATAN' | 'ASIN' | 'SINH' | 'ERF' | 'ERFC'

const SIGN = -0x80000000

const F32: Kit = {
  t: 'f32',
  fit: {
    EXPM1: fit.EXPM1_F32, LOG_POW: fit.LOG_POW_F32, SIN: fit.SIN_F32, COS: fit.COS_F32, ATAN: fit.ATAN_F32,
    ASIN: fit.ASIN_F32, SINH: fit.SINH_F32, ERF: fit.ERF_F32, ERFC: fit.ERFC_F32,
  },
  expMax: 89,
  expMin: -104,
  huge: 2 ** 30,
  ln2: [0.693359375, -0.00021219444170128554],
  ln2Head: [0.693115234375, 3.194618329871446e-5],
  cpHead: [0.961669921875, 0.00012677205086220056],
  halfPi: [1.5703125, 0.0004825592041015625, 1.2665987014770508e-6, 9.89530235528946e-10, 2.5633440682570896e-12],
  halfPiRest: -4.371138828673793e-8,
  pow2: (k) => op('asF32', add(op('shl', k, int(23)), int(0x3f800000))),
  shiftExponent: (x, k) => op('asF32', add(op('asI32', x), op('shl', k, int(23)))),
  split(x) {
    const bits = op('asI32', x)
    const e = op('shr', op('sub', bits, int(0x3f3504f3)), int(23))
    return { e, m: op('asF32', op('sub', bits, op('shl', e, int(23)))) }
  },
  // x·by + 1.5·2²³ has the integer in its low bits: cheaper than a conversion on most machines.
  nearest(x, by) {
    const k = op('sub', op('asI32', fma(x, F32.c(by), F32.c(12582912))), int(0x4b400000))
    return { k, n: op('toF32', k) }
  },
  head: (x) => op('asF32', op('and', op('asI32', x), int(-4096))),
  word: (x) => op('asI32', x),
  withWord: (_, word) => op('asF32', word),
  c: (v) => constant('f32', Math.fround(v)),
} as Kit & { c: (v: number) => Expr }
