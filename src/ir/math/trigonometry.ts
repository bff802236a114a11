// Sine, cosine, tangent and their inverses. Arguments are reduced to |r| ≤ π/4 with π/2 in exact pieces (Cody & Waite):
// good to |x| ≤ 1e5 in f32 and 1e6 in f64; further out the accuracy falls, but sin and cos stay within [−1, 1].
import { type Expr, i32, op } from '../kernel.ts'
import { keepZero } from './exponential.ts'
import { abs, add, div, eq, flipSign, fma, kitOf, like, lt, mul, neg, poly, select, signBit, sqrt, sub } from './kit.ts'

/** x = k·π/2 + r. Where the reduction has failed r is 0, for infinities NaN. */
function reduce(x: Expr): { readonly k: Expr; readonly r: Expr } {
  const kit = kitOf(x)
  const { k, n } = kit.nearest(x, 2 / Math.PI)
  // n·piece is exact, and so are the first differences; the rounding errors of the next two are carried on to the last.
  const exact = kit.halfPi.length - 3
  let r = x
  for (let i = 0; i < exact; i++) r = fma(n, -kit.halfPi[i]!, r)
  let rest = mul(n, -kit.halfPi[exact + 2]!)
  for (const piece of kit.halfPi.slice(exact, exact + 2)) {
    const p = mul(n, piece)
    const next = sub(r, p)
    rest = add(rest, sub(sub(r, next), p))
    r = next
  }
  r = add(r, rest)
  return { k, r: select(lt(abs(r), 1), r, sub(r, r)) }
}
/** r + r³·p(r²) */
function sinSmall(r: Expr): Expr {
  const z = mul(r, r)
  return fma(mul(r, z), poly(z, kitOf(r).fit.SIN), r)
}
/** 1 − r²/2 + r⁴·p(r²), with the rounding of 1 − r²/2 put back */
function cosSmall(r: Expr): Expr {
  const z = mul(r, r)
  const half = mul(z, 0.5)
  const w = sub(1, half)
  return add(w, fma(mul(z, z), poly(z, kitOf(r).fit.COS), sub(sub(1, w), half)))
}
const isOdd = (k: Expr): Expr => op('ne', op('and', k, i32(1)), i32(0))
/** Bit 1 of the quadrant as a sign bit. */
const secondBit = (k: Expr): Expr => op('shl', op('and', k, i32(2)), i32(30))

export function sin(x: Expr): Expr {
  const { k, r } = reduce(x)
  return keepZero(x, flipSign(select(isOdd(k), cosSmall(r), sinSmall(r)), secondBit(k)))
}
export function cos(x: Expr): Expr {
  const { k, r } = reduce(x)
  return flipSign(select(isOdd(k), sinSmall(r), cosSmall(r)), secondBit(op('add', k, i32(1))))
}
/** s/c in even quadrants, −c/s in odd ones */
export function tan(x: Expr): Expr {
  const { k, r } = reduce(x)
  const s = sinSmall(r)
  const c = cosSmall(r)
  const odd = isOdd(k)
  return keepZero(x, div(select(odd, c, s), select(odd, neg(s), c)))
}

/** arctan t for 0 ≤ t ≤ 1. f32: one polynomial. f64: beyond tan(π/8), π/4 + arctan((t−1)/(t+1)). */
function atanUnit(t: Expr): Expr {
  const { ATAN } = kitOf(t).fit
  if (t.type.t === 'f32') {
    const z = mul(t, t)
    return fma(mul(z, t), poly(z, ATAN), t)
  }
  const upper = lt(Math.SQRT2 - 1, t)
  const u = select(upper, div(sub(t, 1), add(t, 1)), t)
  const z = mul(u, u)
  const rest = fma(mul(z, u), poly(z, ATAN), select(upper, 3.061616997868383e-17, like(t, 0)))
  return add(select(upper, Math.PI / 4, like(t, 0)), add(u, rest))
}
/** π/2 − y */
const quarterTurnLess = (y: Expr): Expr => add(sub(kitOf(y).halfPiRest, y), Math.PI / 2)

export function atan(x: Expr): Expr {
  const a = abs(x)
  const upper = lt(1, a)
  const y = atanUnit(select(upper, div(1, a), a))
  return flipSign(select(upper, quarterTurnLess(y), y), signBit(x))
}

/** The angle of the point (x, y), in the octant of the smaller over the larger coordinate, then unfolded. */
export function atan2(y: Expr, x: Expr): Expr {
  const a = abs(y)
  const b = abs(x)
  const steep = lt(b, a)
  const large = select(steep, a, b)
  const small = select(steep, b, a)
  // 0/0 counts as 0, ∞/∞ as 1; NaN goes on through `small + large`
  const ratio = select(eq(small, large), select(eq(large, 0), 0, like(x, 1)), div(small, large))
  const octant = atanUnit(ratio)
  const quadrant = select(steep, quarterTurnLess(octant), octant)
  const left = op('lt', kitOf(x).word(x), i32(0))
  const rest = like(x, kitOf(x).halfPiRest * 2)
  const angle = select(left, add(sub(rest, quadrant), Math.PI), quadrant)
  const valid = op('and', eq(a, a), eq(b, b))
  return select(valid, flipSign(angle, signBit(y)), NaN)
}

/** arcsin for 0 ≤ t ≤ 0.6, z = t² */
const asinSmall = (t: Expr, z: Expr): Expr => fma(mul(z, t), poly(z, kitOf(t).fit.ASIN), t)

/** |x| ≤ 0.6: the series; else π/2 − 2·arcsin √((1−|x|)/2) */
export function asin(x: Expr): Expr {
  const a = abs(x)
  const upper = lt(0.6, a)
  const z = select(upper, mul(sub(1, a), 0.5), mul(a, a))
  const y = asinSmall(select(upper, sqrt(z), a), z)
  return flipSign(select(upper, quarterTurnLess(add(y, y)), y), signBit(x))
}
export function acos(x: Expr): Expr {
  const a = abs(x)
  const upper = lt(0.6, a)
  const z = select(upper, mul(sub(1, a), 0.5), mul(a, a))
  const y = asinSmall(select(upper, sqrt(z), x), z)
  const twice = add(y, y)
  const rest = like(x, kitOf(x).halfPiRest * 2)
  return select(upper, select(lt(x, 0), add(sub(rest, twice), Math.PI), twice), quarterTurnLess(y))
}
