// Elementwise ops: one output element from the elements at the same place.
import { type DType, type NDArray, coerce, isFloat, isInteger, sameShape, tabulate } from '../../base/index.ts'
import { type Emit, demand } from '../emit.ts'
import { type Expr, type ScalarOp, constant, op, regType } from '../kernel.ts'
import { type MathName, expandMath } from '../math.ts'
import type { Derivative, OpDef } from '../def.ts'
import type { Node, OpName } from '../node.ts'
import * as scalar from '../reference-math.ts'

type Partial = (e: Emit, g: Node, xs: readonly Node[], y: Node, input: number) => Node | null
interface Spec {
  takes: 'float' | 'number' | 'int' | 'logic' | 'any'
  arity?: 1 | 2
  result?: 'bool'
  /** On JavaScript numbers; the result is rounded as the type stores it. */
  value: (a: number, b: number, dtype: DType) => number
  code: (x: Expr, y: Expr, dtype: DType) => Expr
  /** null with a reason: not differentiable. */
  partial: Partial | string
  cost?: number
}

const FITS: Record<Spec['takes'], (d: DType) => boolean> = {
  float: isFloat,
  number: (d) => d !== 'bool',
  int: isInteger,
  logic: (d) => !isFloat(d),
  any: () => true,
}

function define<K extends OpName>(name: K, spec: Spec): OpDef<K> {
  const arity = spec.arity ?? 1
  return {
    infer(inputs) {
      const [a, b] = inputs
      demand(inputs.length === arity && FITS[spec.takes](a!.dtype) && (arity === 1 || (b!.dtype === a!.dtype && sameShape(a!.shape, b!.shape))),
        name, `${arity === 2 ? 'two equal shapes and types' : 'one input'}, element type ${spec.takes}`, inputs)
      return { shape: a!.shape, dtype: spec.result ?? a!.dtype }
    },
    evaluate([a, b], node) {
      const x = a!.data
      const y = (b ?? a)!.data
      return tabulate(node.dtype, node.shape, (i) => spec.value(x[i]!, y[i]!, a!.dtype))
    },
    derivative: derivativeOf(spec.partial),
    vmap: null,
    lower: {
      kind: 'pointwise',
      cost: spec.cost ?? 1,
      scalar: ([x, y], node) => {
        const dtype = node.inputs[0]!.dtype
        const e = spec.code(x!, y ?? x!, dtype)
        return node.dtype === 'uint8' ? op('and', e, constant('i32', 255)) : e
      },
    },
  }
}
function derivativeOf<K extends OpName>(partial: Spec['partial']): Derivative<K> {
  if (typeof partial === 'string') return { kind: 'none', reason: partial }
  return { kind: 'pointwise', partial: (e, g, node, input) => (isFloat(node.inputs[input]!.dtype) ? partial(e, g, node.inputs, node, input) : null) }
}

/** The constant `value` in the register type (and width, by splatting) of x. */
const k = (x: Expr, value: number): Expr => constant(x.type.t, value)
const s = (name: ScalarOp) => (x: Expr): Expr => op(name, x)
const s2 = (name: ScalarOp) => (x: Expr, y: Expr): Expr => op(name, x, y)
const math = (name: MathName) => (x: Expr): Expr => expandMath(name, x)
const STEPS = 'piecewise constant: its derivative is zero almost everywhere'
const DISCRETE = 'defined on integers and truth values'
/** g · f(x) with the derivative built from the input. */
const from = (f: (e: Emit, x: Node, y: Node) => Node): Partial => (e, g, [x], y) => e.mul(g, f(e, x!, y))
const square = (e: Emit, x: Node): Node => e.mul(x, x)

export const pointwise = {
  /** −x. */
  neg: define('neg', { takes: 'number', value: (a) => -a, code: s('neg'), partial: (e, g) => e.neg(g) }),
  /** |x|. */
  abs: define('abs', { takes: 'number', value: (a) => Math.abs(a), code: s('abs'), partial: (e, g, [x]) => e.mul(g, e.unary('sign', x!)) }),
  /** −1, 0 or 1 by the sign of x; NaN stays NaN. */
  sign: define('sign', {
    takes: 'number', value: Math.sign, partial: STEPS,
    code: (x) => {
      const z = k(x, 0)
      const signed = op('select', op('lt', z, x), k(x, 1), op('select', op('lt', x, z), k(x, -1), z))
      return x.type.t === 'i32' ? signed : op('select', op('eq', x, x), signed, x)
    },
  }),
  /** Logical not (bool), bitwise not (integers). */
  not: define('not', { takes: 'logic', value: (a, _, d) => (d === 'bool' ? 1 - a : ~a), code: s('not'), partial: DISCRETE }),
  /** eˣ. */
  exp: define('exp', { takes: 'float', value: Math.exp, code: math('exp'), cost: 12, partial: from((_e, _x, y) => y) }),
  /** eˣ − 1, exact near 0. */
  expm1: define('expm1', { takes: 'float', value: Math.expm1, code: math('expm1'), cost: 16, partial: from((e, _x, y) => e.shift(y, 1)) }),
  /** Natural logarithm. */
  log: define('log', { takes: 'float', value: Math.log, code: math('log'), cost: 16, partial: (e, g, [x]) => e.div(g, x!) }),
  /** Ln(1 + x), exact near 0. */
  log1p: define('log1p', { takes: 'float', value: Math.log1p, code: math('log1p'), cost: 20, partial: (e, g, [x]) => e.div(g, e.shift(x!, 1)) }),
  /** √x. */
  sqrt: define('sqrt', { takes: 'float', value: Math.sqrt, code: s('sqrt'), cost: 4, partial: (e, g, _x, y) => e.div(e.scale(g, 0.5), y) }),
  /** 1/√x. */
  rsqrt: define('rsqrt', { takes: 'float', value: (a) => 1 / Math.sqrt(a), code: (x) => op('div', k(x, 1), op('sqrt', x)), cost: 6, partial: from((e, x, y) => e.scale(e.div(y, x), -0.5)) }),
  /** Sine (radians). */
  sin: define('sin', { takes: 'float', value: Math.sin, code: math('sin'), cost: 18, partial: from((e, x) => e.unary('cos', x)) }),
  /** Cosine (radians). */
  cos: define('cos', { takes: 'float', value: Math.cos, code: math('cos'), cost: 18, partial: from((e, x) => e.neg(e.unary('sin', x))) }),
  /** Tangent (radians). */
  tan: define('tan', { takes: 'float', value: Math.tan, code: math('tan'), cost: 24, partial: from((e, _x, y) => e.shift(square(e, y), 1)) }),
  /** Arc sine. */
  asin: define('asin', { takes: 'float', value: Math.asin, code: math('asin'), cost: 20, partial: (e, g, [x]) => e.mul(g, e.unary('rsqrt', e.sub(e.like(x!, 1), square(e, x!)))) }),
  /** Arc cosine. */
  acos: define('acos', { takes: 'float', value: Math.acos, code: math('acos'), cost: 20, partial: (e, g, [x]) => e.neg(e.mul(g, e.unary('rsqrt', e.sub(e.like(x!, 1), square(e, x!))))) }),
  /** Arc tangent. */
  atan: define('atan', { takes: 'float', value: Math.atan, code: math('atan'), cost: 18, partial: (e, g, [x]) => e.div(g, e.shift(square(e, x!), 1)) }),
  /** Hyperbolic sine. */
  sinh: define('sinh', { takes: 'float', value: Math.sinh, code: math('sinh'), cost: 20, partial: from((e, x) => e.unary('cosh', x)) }),
  /** Hyperbolic cosine. */
  cosh: define('cosh', { takes: 'float', value: Math.cosh, code: math('cosh'), cost: 20, partial: from((e, x) => e.unary('sinh', x)) }),
  /** Hyperbolic tangent. */
  tanh: define('tanh', { takes: 'float', value: Math.tanh, code: math('tanh'), cost: 16, partial: from((e, _x, y) => e.sub(e.like(y, 1), square(e, y))) }),
  /** Inverse hyperbolic sine. */
  asinh: define('asinh', { takes: 'float', value: Math.asinh, code: math('asinh'), cost: 24, partial: (e, g, [x]) => e.mul(g, e.unary('rsqrt', e.shift(square(e, x!), 1))) }),
  /** Inverse hyperbolic cosine. */
  acosh: define('acosh', { takes: 'float', value: Math.acosh, code: math('acosh'), cost: 24, partial: (e, g, [x]) => e.mul(g, e.unary('rsqrt', e.shift(square(e, x!), -1))) }),
  /** Inverse hyperbolic tangent. */
  atanh: define('atanh', { takes: 'float', value: Math.atanh, code: math('atanh'), cost: 24, partial: (e, g, [x]) => e.div(g, e.sub(e.like(x!, 1), square(e, x!))) }),
  /** Error function. */
  erf: define('erf', { takes: 'float', value: scalar.erf, code: math('erf'), cost: 24, partial: from((e, x) => e.scale(e.unary('exp', e.neg(square(e, x))), 2 / Math.sqrt(Math.PI))) }),
  /** 1/(1 + e^−x). */
  sigmoid: define('sigmoid', { takes: 'float', value: scalar.sigmoid, code: math('sigmoid'), cost: 14, partial: from((e, _x, y) => e.mul(y, e.sub(e.like(y, 1), y))) }),
  /** Ln(1 + eˣ), stable. */
  softplus: define('softplus', { takes: 'float', value: scalar.softplus, code: math('softplus'), cost: 24, partial: from((e, x) => e.unary('sigmoid', x)) }),
  /** max(0, x), NaN stays NaN; derivative 0 at 0. */
  relu: define('relu', {
    takes: 'number', value: (a) => (a < 0 ? 0 : a === 0 ? 0 : a), code: (x) => op('max', x, k(x, 0)),
    partial: (e, g, _x, y) => e.where(e.binary('le', y, e.zerosLike(y)), e.zerosLike(g), g), // at NaN the cotangent passes, as PyTorch
  }),
  /** Largest integer ≤ x. */
  floor: define('floor', { takes: 'float', value: Math.floor, code: s('floor'), partial: STEPS }),
  /** Smallest integer ≥ x. */
  ceil: define('ceil', { takes: 'float', value: Math.ceil, code: s('ceil'), partial: STEPS }),
  /** x without its fraction. */
  trunc: define('trunc', { takes: 'float', value: Math.trunc, code: s('trunc'), partial: STEPS }),
  /** Nearest integer, halves to even. */
  round: define('round', { takes: 'float', value: scalar.roundEven, code: s('round'), partial: STEPS }),

  /** x + y. */
  add: define('add', { takes: 'number', arity: 2, value: (a, b) => a + b, code: s2('add'), partial: (_e, g) => g }),
  /** x − y. */
  sub: define('sub', { takes: 'number', arity: 2, value: (a, b) => a - b, code: s2('sub'), partial: (e, g, _x, _y, i) => (i === 0 ? g : e.neg(g)) }),
  /** x · y. */
  mul: define('mul', {
    takes: 'number', arity: 2, value: (a, b, d) => (isFloat(d) ? a * b : Math.imul(a, b)), code: s2('mul'),
    partial: (e, g, [a, b], _y, i) => e.mul(g, i === 0 ? b! : a!),
  }),
  /** x / y (IEEE). */
  div: define('div', {
    takes: 'float', arity: 2, value: (a, b) => a / b, code: s2('div'), cost: 4,
    partial: (e, g, [, b], y, i) => (i === 0 ? e.div(g, b!) : e.neg(e.mul(g, e.div(y, b!)))),
  }),
  /** x to the power y; integers by repeated multiplication, negative exponents of integers give 0 or ±1. */
  pow: define('pow', {
    takes: 'number', arity: 2,
    value: (a, b, d) => (isFloat(d) ? scalar.pow(a, b) : scalar.intPow(a, b)),
    code: (x, y, d) => (isFloat(d) ? expandMath('pow', x, y) : intPow(x, y)), cost: 40,
    partial: (e, g, [a, b], y, i) => {
      // d/da = b·a^(b−1), 0 where b = 0; d/db = a^b·ln a, 0 where a = 0 and b ≥ 0 (as PyTorch)
      if (i === 0) return e.where(e.eq(b!, e.zerosLike(b!)), e.zerosLike(g), e.mul(g, e.mul(b!, e.binary('pow', a!, e.shift(b!, -1)))))
      const flat = e.binary('and', e.eq(a!, e.zerosLike(a!)), e.binary('le', e.zerosLike(b!), b!))
      const safe = e.where(flat, e.like(a!, 1), a!)
      return e.where(flat, e.zerosLike(g), e.mul(g, e.mul(y, e.unary('log', safe))))
    },
  }),
  /** Angle of the point (y, x). */
  atan2: define('atan2', {
    takes: 'float', arity: 2, value: Math.atan2, code: (x, y) => expandMath('atan2', x, y), cost: 28,
    partial: (e, g, [a, b], _y, i) => {
      const r2 = e.add(square(e, a!), square(e, b!))
      return i === 0 ? e.mul(g, e.div(b!, r2)) : e.neg(e.mul(g, e.div(a!, r2)))
    },
  }),
  /** The larger; NaN if either is; ties share the gradient. */
  max: define('max', { takes: 'number', arity: 2, value: (a, b) => Math.max(a, b), code: s2('max'), partial: (e, g, [a, b], _y, i) => pickSide(e, g, a!, b!, i, false) }),
  /** The smaller; NaN if either is; ties share the gradient. */
  min: define('min', { takes: 'number', arity: 2, value: (a, b) => Math.min(a, b), code: s2('min'), partial: (e, g, [a, b], _y, i) => pickSide(e, g, a!, b!, i, true) }),
  /** ⌊x / y⌋; integers: x // 0 = 0. */
  floorDiv: define('floorDiv', {
    takes: 'number', arity: 2, value: scalar.floorDiv, partial: STEPS, cost: 8,
    code: (x, y, d) => (isFloat(d) ? op('floor', op('div', x, y)) : floorDivInt(x, y)),
  }),
  /** x − y·⌊x / y⌋, with the sign of y; x mod ±∞ = x where the signs agree; as exact as the quotient; integers: x mod 0 = 0. */
  remainder: define('remainder', {
    takes: 'number', arity: 2, value: scalar.remainder, cost: 12,
    code: (x, y, d) => (isFloat(d) ? floatRemainder(x, y) : intRemainder(x, y)),
    partial: (e, g, [a, b], _y, i) => (i === 0 ? g : e.neg(e.mul(g, e.binary('floorDiv', a!, b!)))),
  }),
  /** Logical (bool) or bitwise and. */
  and: define('and', { takes: 'logic', arity: 2, value: (a, b) => a & b, code: s2('and'), partial: DISCRETE }),
  /** Logical (bool) or bitwise or. */
  or: define('or', { takes: 'logic', arity: 2, value: (a, b) => a | b, code: s2('or'), partial: DISCRETE }),
  /** Logical (bool) or bitwise exclusive or. */
  xor: define('xor', { takes: 'logic', arity: 2, value: (a, b) => a ^ b, code: s2('xor'), partial: DISCRETE }),
  /** x shifted left (distance modulo 32). */
  shl: define('shl', { takes: 'int', arity: 2, value: (a, b) => a << b, code: s2('shl'), partial: DISCRETE }),
  /** x shifted right, the sign kept. */
  shr: define('shr', { takes: 'int', arity: 2, value: (a, b) => a >> b, code: s2('shr'), partial: DISCRETE }),
  /** x shifted right, zeros moving in. */
  ushr: define('ushr', { takes: 'int', arity: 2, value: (a, b) => a >>> b, code: s2('ushr'), partial: DISCRETE }),
  /** x = y. */
  eq: define('eq', { takes: 'any', arity: 2, result: 'bool', value: (a, b) => +(a === b), code: (x, y, d) => (d === 'bool' ? op('not', op('xor', x, y)) : op('eq', x, y)), partial: STEPS }),
  /** x ≠ y. */
  ne: define('ne', { takes: 'any', arity: 2, result: 'bool', value: (a, b) => +(a !== b), code: (x, y, d) => (d === 'bool' ? op('xor', x, y) : op('ne', x, y)), partial: STEPS }),
  /** x < y. */
  lt: define('lt', { takes: 'any', arity: 2, result: 'bool', value: (a, b) => +(a < b), code: (x, y, d) => (d === 'bool' ? op('and', op('not', x), y) : op('lt', x, y)), partial: STEPS }),
  /** x ≤ y. */
  le: define('le', { takes: 'any', arity: 2, result: 'bool', value: (a, b) => +(a <= b), code: (x, y, d) => (d === 'bool' ? op('or', op('not', x), y) : op('le', x, y)), partial: STEPS }),

  /** x where the condition holds, else y. */
  where: {
    infer(inputs) {
      const [c, a, b] = inputs
      demand(inputs.length === 3 && c!.dtype === 'bool' && a!.dtype === b!.dtype && sameShape(c!.shape, a!.shape) && sameShape(a!.shape, b!.shape), 'where', 'a bool and two equal types, equal shapes', inputs)
      return { shape: a!.shape, dtype: a!.dtype }
    },
    evaluate: ([c, a, b], node) => tabulate(node.dtype, node.shape, (i) => (c!.data[i] !== 0 ? a!.data[i]! : b!.data[i]!)),
    derivative: {
      kind: 'pointwise',
      partial: (e, g, node, i) => (i === 0 ? null : i === 1 ? e.where(node.inputs[0]!, g, e.zerosLike(g)) : e.where(node.inputs[0]!, e.zerosLike(g), g)),
    },
    vmap: null,
    lower: { kind: 'pointwise', cost: 1, scalar: ([c, a, b]) => op('select', c!, a!, b!) },
  } satisfies OpDef<'where'>,

  /** The same value in another type; floats to integers truncate and saturate (uint8 keeps the low byte of that), NaN → 0. */
  cast: {
    infer: ([x], { dtype }) => ({ shape: x!.shape, dtype }),
    evaluate: ([x], node) => castArray(x!, node.dtype),
    derivative: {
      kind: 'pointwise',
      partial: (e, g, node) => (isFloat(node.dtype) && isFloat(node.inputs[0]!.dtype) ? e.cast(g, otherFloat(node, g)) : null),
    },
    vmap: null,
    lower: { kind: 'pointwise', cost: 1, scalar: ([x], node) => castCode(x!, node.inputs[0]!.dtype, node.params.dtype) },
  } satisfies OpDef<'cast'>,
  /** The same 32 bits as float32 or int32. */
  bitcast: {
    infer(inputs, { dtype }) {
      demand((dtype === 'float32' && inputs[0]!.dtype === 'int32') || (dtype === 'int32' && inputs[0]!.dtype === 'float32'), 'bitcast', 'int32 → float32 or back', inputs)
      return { shape: inputs[0]!.shape, dtype }
    },
    evaluate: ([x], node) => {
      const bytes = x!.data.slice().buffer
      return { dtype: node.dtype, shape: node.shape, data: node.dtype === 'float32' ? new Float32Array(bytes) : new Int32Array(bytes) }
    },
    derivative: { kind: 'none', reason: 'reinterprets bits' },
    vmap: null,
    lower: { kind: 'pointwise', cost: 1, scalar: ([x], node) => op(node.params.dtype === 'float32' ? 'asF32' : 'asI32', x!) },
  } satisfies OpDef<'bitcast'>,
}

/** For a cast from a to b the cotangent (type b) goes back as a, and the tangent (type a) forward as b. */
const otherFloat = (node: Node<'cast'>, g: Node): DType => (g.dtype === node.dtype ? node.inputs[0]!.dtype : node.dtype)

/** The gradient of max/min: to the winner, halves on a tie. */
function pickSide(e: Emit, g: Node, a: Node, b: Node, input: number, smaller: boolean): Node {
  const [mine, other] = input === 0 ? [a, b] : [b, a]
  const wins = smaller ? e.lt(mine, other) : e.lt(other, mine)
  return e.where(wins, g, e.where(e.eq(mine, other), e.scale(g, 0.5), e.zerosLike(g)))
}

function castArray(x: NDArray, dtype: DType): NDArray {
  const toInt = isFloat(x.dtype) && !isFloat(dtype) && dtype !== 'bool'
  return tabulate(dtype, x.shape, (i) => {
    const v = x.data[i]!
    return toInt ? scalar.saturate(v) : dtype === 'bool' ? v : coerce(dtype, v)
  })
}
function castCode(x: Expr, source: DType, target: DType): Expr {
  if (source === target) return x
  if (target === 'bool') return op('toBool', x)
  const reg = regType(target)
  const value = reg === x.type.t ? x : op(reg === 'f32' ? 'toF32' : reg === 'f64' ? 'toF64' : 'toI32', x)
  return target === 'uint8' && source !== 'bool' ? op('and', value, constant('i32', 255)) : value
}
/** Truncated quotient, one less where the signs differ and something remains. */
function floorDivInt(x: Expr, y: Expr): Expr {
  const zero = k(x, 0)
  const inexact = op('and', op('ne', op('rem', x, y), zero), op('lt', op('xor', x, y), zero))
  return op('sub', op('div', x, y), op('toI32', inexact))
}
function intRemainder(x: Expr, y: Expr): Expr {
  const zero = k(x, 0)
  const r = op('rem', x, y)
  const fix = op('and', op('ne', r, zero), op('lt', op('xor', r, y), zero))
  return op('add', r, op('select', fix, y, zero))
}
/** As Python's %: a rounded quotient may be one too large, then the sign is wrong; x mod ±∞ is x, or ±∞ where the signs differ. */
function floatRemainder(x: Expr, y: Expr): Expr {
  const zero = k(x, 0)
  const opposite = (r: Expr): Expr => op('or', op('and', op('lt', r, zero), op('lt', zero, y)), op('and', op('lt', zero, r), op('lt', y, zero)))
  const r = op('sub', x, op('mul', op('floor', op('div', x, y)), y))
  const finite = op('lt', op('abs', x), k(x, Infinity))
  const endless = op('and', finite, op('eq', op('abs', y), k(y, Infinity)))
  return op('select', endless, op('select', opposite(x), y, x), op('select', opposite(r), op('add', r, y), r))
}
/** Square and multiply over the 31 bits of the exponent; |base| ≤ 1 is the only base with negative powers. */
function intPow(x: Expr, y: Expr): Expr {
  let result = k(x, 1)
  let base = x
  for (let bit = 0; bit < 31; bit++) {
    const set = op('ne', op('and', op('ushr', y, k(y, bit)), k(y, 1)), k(y, 0))
    result = op('select', set, op('mul', result, base), result)
    base = op('mul', base, base)
  }
  const odd = op('ne', op('and', y, k(y, 1)), k(y, 0))
  const small = op('select', op('eq', x, k(x, 1)), k(x, 1), op('select', op('eq', x, k(x, -1)), op('select', odd, k(x, -1), k(x, 1)), k(x, 0)))
  return op('select', op('lt', y, k(y, 0)), small, result)
}
