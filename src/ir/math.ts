// Transcendental functions as expressions in the scalar vocabulary: every renderer vectorises them and every device
// computes the same. For f32 and f64 arguments of any number of lanes. Accuracy: docs/math-accuracy.md.
import { GradusError } from '../base/index.ts'
import type { Expr } from './kernel.ts'
import { erf, erfc } from './math/error-function.ts'
import { cosh, exp, exp2, expm1, sigmoid, sinh, softplus, tanh } from './math/exponential.ts'
import { acosh, asinh, atanh, log, log1p, log2, rsqrt } from './math/logarithm.ts'
import { pow } from './math/power.ts'
import { acos, asin, atan, atan2, cos, sin, tan } from './math/trigonometry.ts'

const UNARY = {
  exp, exp2, expm1, log, log1p, log2, sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh, erf, erfc, sigmoid, softplus, rsqrt,
}
/** pow(x, y) = x^y; atan2(y, x) = the angle of the point (x, y). */
const BINARY = { pow, atan2 }

export type MathName = keyof typeof UNARY | keyof typeof BINARY
export const mathNames = [...Object.keys(UNARY), ...Object.keys(BINARY)] as readonly MathName[]
export const mathArity = (name: MathName): 1 | 2 => (Object.hasOwn(BINARY, name) ? 2 : 1)

/** The function `name` of x (and y) written out. Shared sub-expressions are shared objects. */
export function expandMath(name: MathName, x: Expr, y?: Expr): Expr {
  const unfit = [x, y].find((e) => e !== undefined && e.type.t !== 'f32' && e.type.t !== 'f64')
  if (unfit !== undefined) throw new GradusError(name, 'not a float', { expected: 'f32 or f64', received: unfit.type.t })
  if (mathArity(name) === 1) return UNARY[name as keyof typeof UNARY](x)
  if (y === undefined) throw new GradusError(name, 'an argument is missing', { expected: '2', received: '1' })
  return BINARY[name as keyof typeof BINARY](x, y)
}
