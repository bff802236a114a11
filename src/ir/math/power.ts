// x^y = 2^{y·log₂x}. The logarithm and the product are kept in two parts, as an error in them is multiplied by up to the
// largest exponent. The way of fdlibm's e_pow.c, without its table. Special cases as in C99.
import { type Expr, i32, op } from '../kernel.ts'
import { abs, add, div, eq, fma, kitOf, like, lt, mul, neg, poly, scale, select, sub, toFloatLike } from './kit.ts'
import { liftDenormals } from './logarithm.ts'

/** log₂ x for 0 < x < ∞ as head + rest; products of the head with other heads are exact. */
function log2Parts(x: Expr): { readonly head: Expr; readonly rest: Expr } {
  const kit = kitOf(x)
  const lifted = liftDenormals(x)
  const { e, m } = kit.split(lifted.x)
  const n = toFloatLike(x, op('add', e, lifted.by))
  // s = (m−1)/(m+1) = sh + sl
  const u = sub(m, 1)
  const sum = add(m, 1)
  const v = div(1, sum)
  const s = mul(u, v)
  const sh = kit.head(s)
  const sumHead = kit.head(sum)
  const sumRest = sub(m, sub(sumHead, 1))
  const sl = mul(v, sub(sub(u, mul(sh, sumHead)), mul(sh, sumRest)))
  // ln m = ⅔·s·(3 + s² + r), with s² = sh² + sl·(sh + s)
  const z = mul(s, s)
  const r = fma(mul(z, z), poly(z, kit.fit.LOG_POW), mul(sl, add(sh, s)))
  const sh2 = mul(sh, sh)
  const th = kit.head(add(add(sh2, 3), r))
  const tl = sub(r, sub(sub(th, 3), sh2))
  const ph0 = mul(sh, th)
  const pl0 = fma(sl, th, mul(tl, s))
  const ph = kit.head(add(ph0, pl0))
  const pl = sub(pl0, sub(ph, ph0))
  // log₂ m = cp·(ph + pl), then + n
  const [cpHead, cpRest] = kit.cpHead
  const zh = mul(ph, cpHead)
  const zl = fma(ph, cpRest, mul(pl, cpHead + cpRest))
  const head = kit.head(add(add(zh, zl), n))
  return { head, rest: sub(zl, sub(sub(head, n), zh)) }
}

/** 2^(a + b), |b| small against |a|. */
function exp2Parts(a: Expr, b: Expr): Expr {
  const kit = kitOf(a)
  const { k, n } = kit.nearest(add(a, b), 1)
  const whole = sub(a, n)
  const t = kit.head(add(whole, b))
  const rest = sub(b, sub(t, whole))
  const [ln2Head, ln2Rest] = kit.ln2Head
  const u = mul(t, ln2Head)
  const v = fma(rest, ln2Head + ln2Rest, mul(t, ln2Rest))
  const r = add(u, v)
  const w = sub(v, sub(r, u))
  return scale(add(add(r, fma(mul(r, r), poly(r, kit.fit.EXPM1), w)), 1), k)
}

/** x^y for 0 < x < ∞ and finite y. */
function powPositive(x: Expr, y: Expr): Expr {
  const kit = kitOf(x)
  const { head, rest } = log2Parts(x)
  const yh = kit.head(y)
  const p = mul(yh, head)
  const q = fma(sub(y, yh), head, mul(y, rest))
  const limit = kit.t === 'f32' ? 160 : 1100
  const inRange = lt(abs(p), limit)
  return exp2Parts(select(inRange, p, select(lt(p, 0), -limit, like(x, limit))), select(inRange, q, 0))
}

export function pow(x: Expr, y: Expr): Expr {
  const a = abs(x)
  const extreme = op('or', op('or', eq(a, 0), eq(a, Infinity)), eq(abs(y), Infinity))
  const limit = select(eq(a, 1), 1, select(op('xor', lt(1, a), lt(y, 0)), like(x, Infinity), 0))
  const size = select(extreme, limit, powPositive(a, y))
  const half = mul(y, 0.5)
  const isInteger = eq(op('trunc', y), y)
  const isOdd = op('and', isInteger, op('ne', op('trunc', half), half))
  const isNegative = op('lt', kitOf(x).word(x), i32(0))
  const signed = select(op('and', isNegative, isOdd), neg(size), size)
  const noRoot = op('and', lt(x, 0), op('and', lt(a, Infinity), op('not', isInteger)))
  const undefinedArgument = op('or', op('ne', x, x), op('ne', y, y))
  const value = select(op('or', noRoot, undefinedArgument), NaN, signed)
  return select(op('or', eq(x, 1), eq(y, 0)), 1, value)
}
