// Elementary functions to 240 bits, from BigInt: the truth that double-precision code is measured against.
// A Real is m·2^e. Slow (20–500 µs a call), obvious, and good for arguments between 1e-25 and 1e300 in size.

export interface Real {
  readonly m: bigint
  readonly e: number
}
const BITS = 240
const bitLength = (m: bigint): number => {
  const a = m < 0n ? -m : m
  const hex = a.toString(16)
  return a === 0n ? 0 : hex.length * 4 - Math.clz32(Number.parseInt(hex[0]!, 16)) + 28
}
function normal(m: bigint, e: number): Real {
  const extra = bitLength(m) - BITS
  return extra > 0 ? { m: m >> BigInt(extra), e: e + extra } : { m, e }
}
const view = new DataView(new ArrayBuffer(8))
export function real(x: number): Real {
  view.setFloat64(0, x)
  const bits = view.getBigUint64(0)
  const field = Number((bits >> 52n) & 2047n)
  const fraction = bits & ((1n << 52n) - 1n)
  const m = field === 0 ? fraction : fraction | (1n << 52n)
  return { m: x < 0 ? -m : m, e: Math.max(field, 1) - 1075 }
}
export const add = (a: Real, b: Real): Real => {
  if (a.m === 0n) return b
  if (b.m === 0n) return a
  const [hi, lo] = a.e >= b.e ? [a, b] : [b, a]
  const shift = hi.e - lo.e
  // Far below the other, the small one only leaves a trace.
  if (shift > 2 * BITS + 200) return hi
  return normal((hi.m << BigInt(shift)) + lo.m, lo.e)
}
export const neg = (a: Real): Real => ({ m: -a.m, e: a.e })
export const sub = (a: Real, b: Real): Real => add(a, neg(b))
export const mul = (a: Real, b: Real): Real => normal(a.m * b.m, a.e + b.e)
export const div = (a: Real, b: Real): Real => {
  const shift = BITS + 8 + Math.max(0, bitLength(b.m) - bitLength(a.m))
  return normal((a.m << BigInt(shift)) / b.m, a.e - b.e - shift)
}
export const half = (a: Real, by = 1): Real => ({ m: a.m, e: a.e - by })
export function sqrt(a: Real): Real {
  if (a.m === 0n) return a
  let shift = 2 * BITS - bitLength(a.m)
  if ((a.e - shift) % 2 !== 0) shift++
  const n = shift >= 0 ? a.m << BigInt(shift) : a.m >> BigInt(-shift)
  let x = 1n << BigInt((bitLength(n) + 1) >> 1)
  for (;;) {
    const y = (x + n / x) >> 1n
    if (y >= x) break
    x = y
  }
  return normal(x, (a.e - shift) / 2)
}
/** The nearest double, near enough: correct to its last place. */
export function toNumber(a: Real): number {
  const extra = bitLength(a.m) - 64
  const top = extra > 0 ? a.m >> BigInt(extra) : a.m
  const e = extra > 0 ? a.e + extra : a.e
  return e < -900 ? Number(top) * 2 ** (e + 300) * 2 ** -300 : e > 900 ? Number(top) * 2 ** (e - 300) * 2 ** 300 : Number(top) * 2 ** e
}
const ONE = real(1)
const isTiny = (a: Real, beside: Real): boolean => a.m === 0n || bitLength(a.m) + a.e < bitLength(beside.m) + beside.e - BITS

/** Σ terms, each from the one before, until they no longer count. */
function series(first: Real, next: (term: Real, n: number) => Real, weigh: (term: Real, n: number) => Real = (t) => t): Real {
  let sum = weigh(first, 0)
  let term = first
  for (let n = 1; n < 4000; n++) {
    term = next(term, n)
    const w = weigh(term, n)
    sum = add(sum, w)
    if (isTiny(w, sum)) break
  }
  return sum
}
const over = (a: Real, n: number): Real => div(a, real(n))

/** arctan by halving the angle, then its series. */
export function atan(x: Real): Real {
  let t = x
  const halvings = 6
  for (let i = 0; i < halvings; i++) t = div(t, add(ONE, sqrt(add(ONE, mul(t, t)))))
  const z = neg(mul(t, t))
  return half(series(t, (term) => mul(term, z), (term, n) => over(term, 2 * n + 1)), -halvings)
}
export const PI = half(atan(ONE), -2)
const LN2 = half(series(over(ONE, 3), (t) => over(t, 9), (t, n) => over(t, 2 * n + 1)), -1)

export function exp(x: Real): Real {
  const k = Math.round(toNumber(x) / Math.LN2)
  const r = half(sub(x, mul(LN2, real(k))), 6)
  let y = series(ONE, (t, n) => over(mul(t, r), n))
  for (let i = 0; i < 6; i++) y = mul(y, y)
  return { m: y.m, e: y.e + k }
}
export const expm1 = (x: Real): Real => (Math.abs(toNumber(x)) < 0.1 ? series(x, (t, n) => over(mul(t, x), n + 1)) : sub(exp(x), ONE))
/** Halley's iteration on exp from the double's logarithm. */
export function log(x: Real): Real {
  const shift = bitLength(x.m) + x.e
  const m = { m: x.m, e: x.e - shift }
  let y = real(Math.log(toNumber(m)))
  for (let i = 0; i < 2; i++) {
    const e = exp(y)
    y = add(y, half(div(sub(m, e), add(m, e)), -1))
  }
  return add(y, mul(LN2, real(shift)))
}
export const log1p = (x: Real): Real => {
  const near = Math.abs(toNumber(x)) < 0.01
  return near ? series(x, (t) => neg(mul(t, x)), (t, n) => over(t, n + 1)) : log(add(ONE, x))
}
/** sin and cos of the argument reduced by the full π. */
function circle(x: Real): { readonly s: Real; readonly c: Real; readonly k: number } {
  const k = Math.round(toNumber(x) / (Math.PI / 2))
  const r = sub(x, mul(half(PI), real(k)))
  const z = neg(mul(r, r))
  return {
    s: series(r, (t, n) => over(mul(t, z), 2 * n * (2 * n + 1))),
    c: series(ONE, (t, n) => over(mul(t, z), 2 * n * (2 * n - 1))),
    k: ((k % 4) + 4) % 4,
  }
}
export const sin = (x: Real): Real => {
  const { s, c, k } = circle(x)
  return [s, c, neg(s), neg(c)][k]!
}
export const cos = (x: Real): Real => {
  const { s, c, k } = circle(x)
  return [c, neg(s), neg(c), s][k]!
}
/** e^{−x²} times the Taylor series of e^{x²}·erf(x) (Abramowitz & Stegun 7.1.6). */
export function erf(x: Real): Real {
  const z = mul(x, x)
  const sum = series(x, (t, n) => over(half(mul(t, z), -1), 2 * n + 1))
  return half(div(mul(exp(neg(z)), sum), sqrt(PI)), -1)
}
/** Beyond 4 by the continued fraction (7.1.14); it converges to 100 bits there. */
export function erfc(x: Real): Real {
  const v = toNumber(x)
  if (v < 4) return sub(ONE, erf(x))
  let f = real(0)
  for (let n = Math.ceil(2000 / v); n > 0; n--) f = div(half(real(n)), add(x, f))
  return div(div(exp(neg(mul(x, x))), sqrt(PI)), add(x, f))
}

const quotient = (e: Real): Real => div(e, add(e, real(2)))
const asinOf = (x: Real): Real => (toNumber(sub(ONE, mul(x, x))) === 0 ? half(mul(PI, x)) : atan(div(x, sqrt(mul(sub(ONE, x), add(ONE, x))))))
const positive = (x: Real): boolean => x.m >= 0n
const magnitude = (x: Real): Real => (positive(x) ? x : neg(x))
const symmetric = (f: (x: Real) => Real) => (x: Real): Real => (positive(x) ? f(x) : neg(f(neg(x))))

/** Every function of `mathNames`, to at least 90 bits. */
export const precise: Readonly<Record<string, (x: Real, y: Real) => Real>> = {
  exp, expm1, log, log1p, sin, cos, atan, erf, erfc,
  exp2: (x) => exp(mul(x, LN2)),
  log2: (x) => div(log(x), LN2),
  tan: (x) => div(sin(x), cos(x)),
  asin: asinOf,
  acos: (x) => (positive(x) ? half(asinOf(sqrt(half(sub(ONE, x)))), -1) : sub(PI, half(asinOf(sqrt(half(add(ONE, x)))), -1))),
  sinh: symmetric((x) => { const e = expm1(x); return half(add(e, div(e, add(e, ONE)))) }),
  cosh: (x) => { const e = exp(x); return half(add(e, div(ONE, e))) },
  tanh: symmetric((x) => quotient(expm1(half(x, -1)))),
  asinh: symmetric((x) => { const z = mul(x, x); return log1p(add(x, div(z, add(ONE, sqrt(add(ONE, z)))))) }),
  acosh: (x) => { const t = sub(x, ONE); return log1p(add(t, sqrt(mul(t, add(x, ONE))))) },
  atanh: symmetric((x) => half(log1p(half(div(x, sub(ONE, x)), -1)))),
  sigmoid: (x) => div(ONE, add(ONE, exp(neg(x)))),
  softplus: (x) => add(positive(x) ? x : real(0), log1p(exp(neg(magnitude(x))))),
  rsqrt: (x) => div(ONE, sqrt(x)),
  pow: (x, y) => exp(mul(y, log(x))),
  atan2: (y, x) => {
    const a = atan(div(magnitude(y), magnitude(x)))
    const b = positive(x) ? a : sub(PI, a)
    return positive(y) ? b : neg(b)
  },
}

/** |y − truth| in units of the last place of the truth, in a format with that many fraction bits and smallest exponent. */
export function ulpError(y: number, truth: Real, fraction: 23 | 52): number {
  const exponent = Math.max(bitLength(truth.m) + truth.e - 1, fraction === 52 ? -1022 : -126)
  const difference = sub(real(y), truth)
  return Math.abs(toNumber({ m: difference.m, e: difference.e - exponent + fraction }))
}
