// erf and erfc: an odd polynomial near 0; beyond, erf as a polynomial (f32) or 1 − erfc, and erfc as e^−x² times a
// polynomial in (x−K)/(x+K).
import type { Expr } from '../kernel.ts'
import { ERF_LARGE_F32, ERFC_CENTER } from './coefficients.ts'
import { expNegative } from './exponential.ts'
import { abs, add, atMost, div, flipSign, fma, kitOf, lt, mul, neg, poly, select, signBit, sub } from './kit.ts'

/** erf for |x| ≤ 1: x + x·p(x²) */
const erfSmall = (x: Expr): Expr => fma(x, poly(mul(x, x), kitOf(x).fit.ERF), x)

/** erfc for a ≥ 1/2. a² is split into an exact square and a rest, or its rounding would be multiplied by a². */
function erfcLarge(a: Expr): Expr {
  const kit = kitOf(a)
  const inside = atMost(a, kit.t === 'f32' ? 10.5 : 27.5)
  const head = kit.head(inside)
  const power = expNegative(neg(mul(head, head)), neg(mul(sub(inside, head), add(inside, head))))
  const center = ERFC_CENTER[kit.t]
  const t = div(sub(inside, center), add(inside, center))
  return div(mul(power, poly(t, kit.fit.ERFC)), fma(inside, 2, 1))
}

export function erf(x: Expr): Expr {
  const a = abs(x)
  const sign = signBit(x)
  if (x.type.t === 'f64') return flipSign(select(lt(a, 1), erfSmall(a), sub(1, erfcLarge(a))), sign)
  const inside = atMost(a, 3.95)
  const large = select(lt(3.93, inside), 1, poly(sub(inside, 2.5), ERF_LARGE_F32))
  return flipSign(select(lt(a, 1), erfSmall(a), large), sign)
}

export function erfc(x: Expr): Expr {
  const a = abs(x)
  const large = erfcLarge(a)
  return select(lt(a, 0.5), sub(1, erfSmall(x)), select(lt(x, 0), sub(2, large), large))
}
