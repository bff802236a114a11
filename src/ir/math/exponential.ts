// eˣ and its kin: x = k·ln2 + r with |r| ≤ ln2/2 (Cody & Waite), a polynomial in r, then a shift of the exponent by k.
import { constant, type Expr, i32, op } from '../kernel.ts'
import { LOG_UNIT_F32 } from './coefficients.ts'
import { abs, add, atLeast, atMost, div, eq, flipSign, fma, kitOf, like, lt, mul, neg, poly, scale, select, signBit, sub } from './kit.ts'
import { log1p } from './logarithm.ts'

/** x + rest = k·ln2 + r */
export function reduceExp(x: Expr, rest?: Expr): { readonly k: Expr; readonly r: Expr } {
  const kit = kitOf(x)
  const { k, n } = kit.nearest(x, Math.LOG2E)
  let r = fma(n, -kit.ln2[0], x)
  if (rest !== undefined) r = add(r, rest)
  return { k, r: fma(n, -kit.ln2[1], r) }
}
/** eʳ for |r| ≤ ln2/2: 1 + r(1 + r·q(r)) */
const expSmall = (r: Expr): Expr => fma(r, fma(r, poly(r, kitOf(r).fit.EXPM1), 1), 1)
/** eʳ − 1 for |r| ≤ ln2/2: r + r²·q(r) */
const expm1Small = (r: Expr): Expr => fma(mul(r, r), poly(r, kitOf(r).fit.EXPM1), r)

/**
 * eˣ for x ≤ 0 (or not far above); `rest` is a small addition to x. Far below it is 0 by choice, not by underflow: masked
 * scores are −∞, and a product that underflows costs a hundred others on many machines.
 */
export function expNegative(x: Expr, rest?: Expr): Expr {
  const far = lt(x, kitOf(x).expMin)
  const { k, r } = reduceExp(select(far, 0, x), rest)
  return select(far, 0, scale(expSmall(r), k))
}
export const exp = (x: Expr): Expr => expNegative(atMost(x, kitOf(x).expMax))

export function exp2(x: Expr): Expr {
  const kit = kitOf(x)
  const inside = atMost(atLeast(x, kit.expMin * 1.5), kit.expMax * 1.5)
  const { k, n } = kit.nearest(inside, 1)
  return scale(expSmall(mul(sub(inside, n), Math.LN2)), k)
}

/** 2^k·(eʳ − 1) + (2^k − 1), computed halved so that 2^k does not overflow before the result does. */
export function expm1(x: Expr): Expr {
  const kit = kitOf(x)
  const { k, r } = reduceExp(atMost(atLeast(x, -40), kit.expMax))
  const half = kit.pow2(op('sub', k, i32(1)))
  const y = fma(half, expm1Small(r), sub(half, 0.5))
  return select(lt(abs(x), kit.t === 'f32' ? 2 ** -25 : 2 ** -54), x, add(y, y))
}

/** E/(E+2) for E = e^{2|x|} − 1; beyond |x| = 20 it is 1. */
export function tanh(x: Expr): Expr {
  const kit = kitOf(x)
  const { k, r } = reduceExp(atMost(mul(abs(x), 2), 40))
  const two = kit.pow2(k)
  const e = fma(two, expm1Small(r), sub(two, 1))
  return flipSign(div(e, add(e, 2)), signBit(x))
}

/** e^|x|/2, up to the overflow of the result. */
function halfExp(magnitude: Expr): Expr {
  const { k, r } = reduceExp(atMost(magnitude, kitOf(magnitude).expMax + 1))
  return scale(expSmall(r), op('sub', k, i32(1)))
}
export function sinh(x: Expr): Expr {
  const a = abs(x)
  const h = halfExp(a)
  const z = mul(a, a)
  const small = fma(mul(z, a), poly(z, kitOf(x).fit.SINH), a)
  return flipSign(select(lt(a, 1), small, sub(h, div(0.25, h))), signBit(x))
}
export function cosh(x: Expr): Expr {
  const h = halfExp(abs(x))
  return add(h, div(0.25, h))
}

/** 1/(1 + e^−x) for x ≥ 0, e^x/(1 + e^x) below. */
export function sigmoid(x: Expr): Expr {
  const e = expNegative(neg(abs(x)))
  return div(select(lt(x, 0), e, like(x, 1)), add(e, 1))
}

/** max(x, 0) + ln(1 + e^−|x|) */
export function softplus(x: Expr): Expr {
  const e = expNegative(neg(abs(x)))
  const above = select(lt(x, 0), 0, x)
  if (x.type.t === 'f64') return add(above, log1p(e))
  const e2 = mul(e, e)
  return add(above, add(e, fma(mul(e2, e), poly(e, LOG_UNIT_F32), mul(e2, -0.5))))
}

/** x where it is ±0, else y: for algorithms that lose the sign of zero. */
export const keepZero = (x: Expr, y: Expr): Expr => select(eq(x, constant(x.type.t, 0)), x, y)
