// Elementwise ops in ONNX. Where ONNX has no operator, a formula that keeps the accuracy of ours.
import { type DType, isFloat } from '../../../base/index.ts'
import type { OpName } from '../../../ir/index.ts'
import type { Builder, Value } from './builder.ts'
import type { Entries, Writer } from './entry.ts'

type Unary = (b: Builder, x: Value) => Value
type Binary = (b: Builder, x: Value, y: Value) => Value

const op = (name: string): Unary => (b, x) => b.pointwise(name, [x], x.dtype)
const op2 = (name: string): Binary => (b, x, y) => b.pointwise(name, [x, y], x.dtype)
const num = (b: Builder, like: Value, value: number): Value => b.scalar(like.dtype, value)
const add = op2('Add')
const sub = op2('Sub')
const mul = op2('Mul')
const div = op2('Div')
const truth = (b: Builder, name: string, ...xs: Value[]): Value => b.pointwise(name, xs, 'bool')
const choose = (b: Builder, c: Value, x: Value, y: Value): Value => b.pointwise('Where', [c, x, y], x.dtype)
const isZero = (b: Builder, x: Value): Value => truth(b, 'Equal', x, num(b, x, 0))

/** Bytes are computed as int32: few runtimes know the operators for them. The low byte is kept. */
const narrow = (b: Builder, x: Value): Value => b.cast(b.pointwise('BitwiseAnd', [x, b.scalar('int32', 255)], 'int32'), 'uint8')
const one = <K extends OpName>(f: Unary): Writer<K> => ({ b, x }) => (x.dtype === 'uint8' ? narrow(b, f(b, b.cast(x, 'int32'))) : f(b, x))
const two = <K extends OpName>(f: Binary): Writer<K> => ({ b, inputs: [x, y] }) => (x!.dtype === 'uint8' ? narrow(b, f(b, b.cast(x!, 'int32'), b.cast(y!, 'int32'))) : f(b, x!, y!))
/** Comparisons: of bytes and truth values as int32. */
const compare = <K extends OpName>(name: string): Writer<K> => ({ b, inputs: [x, y] }) => {
  const small = x!.dtype === 'uint8' || x!.dtype === 'bool'
  return truth(b, name, small ? b.cast(x!, 'int32') : x!, small ? b.cast(y!, 'int32') : y!)
}
/** Logic on truth values, bit by bit on integers. */
const logic = <K extends OpName>(name: string, bitwise: string): Writer<K> => ({ b, inputs }) => b.pointwise(inputs[0]!.dtype === 'bool' ? name : bitwise, inputs, inputs[0]!.dtype)

// x in small steps near 0 …: eˣ − 1 = tanh(x/2)·(eˣ + 1), ln(1 + x) = 2·artanh(x/(x + 2))
const expm1: Unary = (b, x) => mul(b, op('Tanh')(b, mul(b, x, num(b, x, 0.5))), add(b, op('Exp')(b, x), num(b, x, 1)))
const log1p: Unary = (b, x) => {
  const near = mul(b, op('Atanh')(b, div(b, x, add(b, x, num(b, x, 2)))), num(b, x, 2))
  return choose(b, truth(b, 'Less', op('Abs')(b, x), num(b, x, 0.5)), near, op('Log')(b, add(b, x, num(b, x, 1))))
}
const trunc: Unary = (b, x) => mul(b, op('Sign')(b, x), op('Floor')(b, op('Abs')(b, x)))
const atan2: Binary = (b, y, x) => {
  const angle = op('Atan')(b, div(b, y, x))
  const turn = choose(b, truth(b, 'Less', y, num(b, y, 0)), num(b, y, -Math.PI), num(b, y, Math.PI))
  const turned = choose(b, truth(b, 'Less', x, num(b, x, 0)), add(b, angle, turn), angle)
  return choose(b, truth(b, 'And', isZero(b, x), isZero(b, y)), num(b, x, 0), turned)
}
const mod: Binary = (b, x, y) => b.pointwise('Mod', [x, y], x.dtype)
/** Whole numbers by whole numbers: by 0 gives 0 with us, and −2³¹ / −1 stops some machines; neither gets to the division. */
function divided(b: Builder, x: Value, y: Value, f: (y: Value) => Value, byMinusOne: (b: Builder, x: Value) => Value): Value {
  const zero = isZero(b, y)
  const minus = truth(b, 'Equal', y, num(b, y, -1))
  const safe = choose(b, truth(b, 'Or', zero, minus), num(b, y, 1), y)
  return choose(b, zero, num(b, y, 0), choose(b, minus, byMinusOne(b, x), f(safe)))
}
const floorDiv: Binary = (b, x, y) => {
  if (isFloat(x.dtype)) return op('Floor')(b, div(b, x, y))
  const below = (v: Value): Value => truth(b, 'Less', v, num(b, v, 0))
  return divided(b, x, y, (d) => {
    // ONNX cuts the fraction off
    const down = truth(b, 'And', truth(b, 'Not', isZero(b, mod(b, x, d))), truth(b, 'Xor', below(x), below(d)))
    return sub(b, div(b, x, d), b.cast(down, 'int32'))
  }, op('Neg'))
}
const remainder: Binary = (b, x, y) => (isFloat(x.dtype) ? sub(b, x, mul(b, y, op('Floor')(b, div(b, x, y)))) : divided(b, x, y, (d) => mod(b, x, d), (_, v) => num(b, v, 0)))

/** Shifts of 32 bits, which ONNX has for unsigned numbers. */
function shift(b: Builder, direction: 'LEFT' | 'RIGHT', x: Value, by: Value): Value {
  const unsigned = (v: Value): string => b.node('Cast', [v.name], { to: 12 })
  const distance = b.pointwise('BitwiseAnd', [by, b.scalar('int32', 31)], 'int32')
  const own = { ...b.pointwise('BitShift', [{ ...x, name: unsigned(x) }, { ...distance, name: unsigned(distance) }], 'int32', { direction }) }
  return { ...own, name: b.node('Cast', [own.name], { to: 6 }) }
}
const not: Unary = (b, x) => b.pointwise(x.dtype === 'bool' ? 'Not' : 'BitwiseNot', [x], x.dtype)

/** Numbers outside the range are cut, NaN is 0; ONNX leaves both open. */
function toInteger(b: Builder, x: Value): Value {
  const bounded = b.pointwise('Clip', [x, num(b, x, -2147483648), num(b, x, x.dtype === 'float32' ? 2147483520 : 2147483647)], x.dtype)
  const whole = b.cast(choose(b, truth(b, 'IsNaN', x), num(b, x, 0), bounded), 'int32')
  if (x.dtype === 'float64') return whole
  return choose(b, truth(b, 'GreaterOrEqual', x, num(b, x, 2147483648)), b.scalar('int32', 2147483647), whole)
}
function cast(b: Builder, x: Value, dtype: DType): Value {
  if (dtype === 'bool' || isFloat(dtype) || x.dtype === 'bool') return b.cast(x, dtype)
  const whole = isFloat(x.dtype) ? toInteger(b, x) : b.cast(x, 'int32')
  return dtype === 'uint8' ? narrow(b, whole) : whole
}

export const pointwise = {
  neg: one(op('Neg')), abs: one(op('Abs')), sign: one(op('Sign')),
  not: one(not),
  exp: one(op('Exp')), expm1: one(expm1), log: one(op('Log')), log1p: one(log1p), sqrt: one(op('Sqrt')),
  rsqrt: one((b, x) => op('Reciprocal')(b, op('Sqrt')(b, x))),
  sin: one(op('Sin')), cos: one(op('Cos')), tan: one(op('Tan')), asin: one(op('Asin')), acos: one(op('Acos')), atan: one(op('Atan')),
  sinh: one(op('Sinh')), cosh: one(op('Cosh')), tanh: one(op('Tanh')), asinh: one(op('Asinh')), acosh: one(op('Acosh')), atanh: one(op('Atanh')),
  erf: one(op('Erf')), sigmoid: one(op('Sigmoid')), softplus: one(op('Softplus')),
  relu: one((b, x) => (isFloat(x.dtype) ? op('Relu')(b, x) : op2('Max')(b, x, num(b, x, 0)))),
  floor: one(op('Floor')), ceil: one(op('Ceil')), trunc: one(trunc), round: one(op('Round')),
  cast: ({ b, x, node }) => cast(b, x, node.params.dtype),
  bitcast: { refuse: 'ONNX has no operator that reads the bits of a number as another type' },
  add: two(add), sub: two(sub), mul: two(mul), div: two(div), 
  pow: (w) => {
    if (!isFloat(w.node.dtype)) throw w.fail('powers of whole numbers wrap at 32 bits here, not in ONNX', 'Convert to float32 first.')
    return op2('Pow')(w.b, w.inputs[0]!, w.inputs[1]!)
  },
  atan2: two(atan2), max: two(op2('Max')), min: two(op2('Min')),
  floorDiv: two(floorDiv), remainder: two(remainder),
  and: logic('And', 'BitwiseAnd'), or: logic('Or', 'BitwiseOr'), xor: logic('Xor', 'BitwiseXor'),
  shl: two((b, x, y) => shift(b, 'LEFT', x, y)),
  // −1 − x turns a negative number into one whose zeros move in, and back
  shr: two((b, x, y) => choose(b, truth(b, 'Less', x, num(b, x, 0)), not(b, shift(b, 'RIGHT', not(b, x), y)), shift(b, 'RIGHT', x, y))),
  ushr: two((b, x, y) => shift(b, 'RIGHT', x, y)),
  eq: compare('Equal'),
  ne: ({ b, inputs: [x, y] }) => truth(b, 'Not', compareValues(b, x!, y!)),
  lt: compare('Less'), le: compare('LessOrEqual'),
  where: ({ b, inputs: [c, x, y] }) => {
    if (x!.dtype !== 'bool') return choose(b, c!, x!, y!)
    return truth(b, 'Or', truth(b, 'And', c!, x!), truth(b, 'And', truth(b, 'Not', c!), y!))
  },
} satisfies Partial<Entries<OpName>>

function compareValues(b: Builder, x: Value, y: Value): Value {
  const small = x.dtype === 'uint8' || x.dtype === 'bool'
  return truth(b, 'Equal', small ? b.cast(x, 'int32') : x, small ? b.cast(y, 'int32') : y)
}
