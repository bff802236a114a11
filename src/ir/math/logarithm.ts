// ln x and its kin: x = m·2^e with √½ ≤ m < √2, f = m − 1, ln x = e·ln2 + ln(1 + f).
import { type Expr, i32, op } from '../kernel.ts'
import { LOG_F32, LOG_RATIO_F64 } from './coefficients.ts'
import { abs, add, div, eq, flipSign, fma, kitOf, like, lt, mul, poly, select, signBit, sqrt, sub, toFloatLike } from './kit.ts'

/** e·ln2 + ln(1 + f) + rest */
function combine(f: Expr, e: Expr, rest?: Expr): Expr {
  const [ln2, ln2Rest] = kitOf(f).ln2
  let low = mul(e, ln2Rest)
  if (rest !== undefined) low = add(low, rest)
  const f2 = mul(f, f)
  if (f.type.t === 'f32') {
    // f − f²/2 + f³·p(f): the large terms last
    const tail = fma(mul(f2, f), poly(f, LOG_F32), low)
    return fma(e, ln2, add(f, fma(f2, -0.5, tail)))
  }
  // With s = f/(2+f): ln(1+f) = f − f²/2 + s·(f²/2 + R(s²)) (fdlibm)
  const s = div(f, add(f, 2))
  const z = mul(s, s)
  const half = mul(f2, 0.5)
  const tail = fma(s, fma(z, poly(z, LOG_RATIO_F64), half), low)
  return fma(e, ln2, sub(f, sub(half, tail)))
}

/** x lifted out of the denormals, and what its exponent must be lowered by. */
export function liftDenormals(x: Expr): { readonly x: Expr; readonly by: Expr } {
  const kit = kitOf(x)
  const tiny = lt(x, kit.smallest)
  return { x: select(tiny, mul(x, 2 ** kit.lift), x), by: op('select', tiny, i32(-kit.lift), i32(0)) }
}
/** y for 0 < x < ∞; the limits and NaN elsewhere. */
function withLimits(x: Expr, y: Expr): Expr {
  return select(lt(0, x), select(lt(x, Infinity), y, x), select(eq(x, 0), -Infinity, like(x, NaN)))
}

export function log(x: Expr): Expr {
  const lifted = liftDenormals(x)
  const { e, m } = kitOf(x).split(lifted.x)
  return withLimits(x, combine(sub(m, 1), toFloatLike(x, op('add', e, lifted.by))))
}

/** e + log₂e·ln(m), with ln(m) = f + (ln(m) − f) and log₂e = 1 + 0.4427 kept apart. */
export function log2(x: Expr): Expr {
  const lifted = liftDenormals(x)
  const { e, m } = kitOf(x).split(lifted.x)
  const f = sub(m, 1)
  const f2 = mul(f, f)
  let rest: Expr
  if (x.type.t === 'f32') rest = fma(mul(f2, f), poly(f, LOG_F32), mul(f2, -0.5))
  else {
    const s = div(f, add(f, 2))
    const z = mul(s, s)
    const half = mul(f2, 0.5)
    rest = sub(mul(s, fma(z, poly(z, LOG_RATIO_F64), half)), half)
  }
  const extra = Math.LOG2E - 1
  const y = add(add(fma(f, extra, mul(rest, extra)), rest), f)
  return withLimits(x, add(toFloatLike(x, op('add', e, lifted.by)), y))
}

/** u = 1 + x with the rounding error of that sum kept; near 0 it is x itself that enters the series. */
export function log1p(x: Expr): Expr {
  const kit = kitOf(x)
  const u = add(x, 1)
  const back = sub(u, 1)
  const error = add(sub(1, sub(u, back)), sub(x, back))
  const { e, m } = kit.split(u)
  const near = op('eq', e, i32(0))
  const f = select(near, x, sub(m, 1))
  const rest = select(near, 0, kit.pow2(op('sub', i32(0), op('min', e, i32(64)))))
  const scaled = mul(error, rest)
  const y = combine(f, toFloatLike(x, e), sub(scaled, mul(scaled, f)))
  return select(eq(x, 0), x, withLimits1p(x, y))
}
function withLimits1p(x: Expr, y: Expr): Expr {
  return select(lt(-1, x), select(lt(x, Infinity), y, x), select(eq(x, -1), -Infinity, like(x, NaN)))
}

/** ln(1 + small) below `huge`, ln(big) + ln2 = ln(2·big) from there on. */
function logShifted(x: Expr, small: Expr): Expr {
  const beyond = lt(kitOf(x).huge, x)
  return add(log1p(select(beyond, x, small)), select(beyond, like(x, Math.LN2), like(x, 0)))
}
/** sign(x)·ln(|x| + √(x²+1)) */
export function asinh(x: Expr): Expr {
  const a = abs(x)
  const a2 = mul(a, a)
  return flipSign(logShifted(a, add(a, div(a2, add(sqrt(add(a2, 1)), 1)))), signBit(x))
}
/** ln(x + √(x²−1)), with t = x − 1 */
export function acosh(x: Expr): Expr {
  const t = sub(x, 1)
  const y = logShifted(x, add(t, sqrt(fma(t, t, add(t, t)))))
  return select(lt(x, 1), NaN, y)
}
/** ½·sign(x)·ln(1 + 2|x|/(1−|x|)) */
export function atanh(x: Expr): Expr {
  const a = abs(x)
  return flipSign(mul(log1p(div(add(a, a), sub(1, a))), 0.5), signBit(x))
}

export const rsqrt = (x: Expr): Expr => div(1, sqrt(x))
