// Elementwise operators: arithmetic, comparison, logic, activations.
import { ValueError } from '../../../base/index.ts'
import { type Tensor, where } from '../../../tensor/index.ts'
import type { Call, Handler, OpTable } from '../call.ts'
import { type ElementType, TYPES } from '../element-type.ts'
import { isLong, longValue, longs, needsWords, wordsOf } from '../long.ts'
import * as w from '../words.ts'
import { type ArrayValue, hostOf, hostValue, isHost, store, tensorOf, tensorValue } from '../value.ts'
import { channels } from './linear.ts'
import { allHost, fit, floatType, hostBinary, hostUnary } from './support.ts'

interface Arithmetic {
  readonly numbers: (a: number, b: number) => number
  readonly big: (a: bigint, b: bigint) => bigint
  readonly tensors: (a: Tensor, b: Tensor, type: ElementType) => Tensor
  readonly words: (a: w.Words, b: w.Words) => w.Words
}
const isInt = (type: ElementType): boolean => TYPES[type].kind === 'int'

function nonZero<T extends number | bigint>(b: T): T {
  if (b === 0 || b === 0n) throw new ValueError('onnx', 'an integer is divided by zero')
  return b
}
/** Quotients of integers are cut off towards zero, as in C. */
function quotient(a: Tensor, b: Tensor, type: ElementType): Tensor {
  if (!isInt(type)) return a.div(b)
  if (a.dtype === 'float64') {
    // uint32: the quotient may have been rounded up to a whole number: put right by what is left over
    const q = a.div(b).trunc()
    return where(a.sub(q.mul(b)).lt(0), q.sub(1), q)
  }
  if (TYPES[type].low === 0) return a.floorDivide(b)
  // |−2³¹| is no int32: from the floor, one up where it lies beyond the fraction
  const beyond = a.remainder(b).ne(0).logicalAnd(a.lt(0).logicalXor(b.lt(0)))
  return a.floorDivide(b).add(beyond.to('int32'))
}
/** x − y·⌊x / y⌋; of large whole numbers as float64 the quotient may be one off. */
function modulo(x: Tensor, y: Tensor): Tensor {
  const r = x.remainder(y)
  if (x.dtype !== 'float64') return r
  return where(r.mul(y).lt(0), r.add(y), where(r.abs().ge(y.abs()), r.sub(y), r))
}
const rest = (a: Tensor, b: Tensor): Tensor => {
  const r = modulo(a, b)
  return where(r.ne(0).logicalAnd(a.lt(0).logicalXor(b.lt(0))), r.sub(b), r)
}

const ADD: Arithmetic = { numbers: (a, b) => a + b, big: (a, b) => a + b, tensors: (a, b) => a.add(b), words: w.add }
const SUB: Arithmetic = { numbers: (a, b) => a - b, big: (a, b) => a - b, tensors: (a, b) => a.sub(b), words: w.sub }
const MUL: Arithmetic = { numbers: (a, b) => a * b, big: (a, b) => a * b, tensors: (a, b) => a.mul(b), words: w.mul }
const MAX: Arithmetic = { numbers: Math.max, big: (a, b) => (a > b ? a : b), tensors: (a, b) => a.maximum(b), words: (a, b) => w.choose(w.less(a, b), b, a) }
const MIN: Arithmetic = { numbers: Math.min, big: (a, b) => (a < b ? a : b), tensors: (a, b) => a.minimum(b), words: (a, b) => w.choose(w.less(a, b), a, b) }
const DIV: Arithmetic = { numbers: (a, b) => a / b, big: (a, b) => a / nonZero(b), tensors: quotient, words: (a, b) => w.divide(a, b).quotient }

export function arithmetic(op: Arithmetic, a: ArrayValue, b: ArrayValue): ArrayValue {
  if (a.type !== b.type) throw new ValueError('onnx', 'the types differ', { expected: `twice ${a.type}`, received: b.type })
  if (allHost([a, b])) return hostBinary(a.type, a, b, op === MUL && isInt(a.type) ? exactProduct(a.type) : op === DIV && isInt(a.type) ? (x, y) => Math.trunc(x / nonZero(y)) : op.numbers, op.big)
  return longs([a, b], () => hostBinary(a.type, a, b, op.numbers, op.big), ([x, y]) => op.words(x!, y!)) ?? fit(a.type, op.tensors(tensorOf(a), tensorOf(b), a.type))
}
const exactProduct = (type: ElementType) => (type === 'int32' || type === 'uint32' ? Math.imul : (a: number, b: number) => a * b)

const binary = (op: Arithmetic): Handler => (c) => arithmetic(op, ...operands(c))
/** Both operands; before opset 7 `axis` aligned the second one. */
const operands = (c: Call): [ArrayValue, ArrayValue] => [c.array(0), c.array(1)]
const variadic = (op: Arithmetic): Handler => (c) => {
  const first = c.array(0)
  return c.arrays().slice(1).reduce((a, b) => arithmetic(op, a, b), first)
}

const mod: Handler = (c) => {
  const [a, b] = operands(c)
  const like = c.flag('fmod')
  return arithmetic({
    numbers: (x, y) => (like ? x % y : ((x % nonZero(y)) + y) % y),
    big: (x, y) => (like ? x % nonZero(y) : ((x % nonZero(y)) + y) % y),
    tensors: (x, y) => (like ? rest(x, y) : isInt(a.type) ? modulo(x, y) : x.remainder(y)),
    words: (x, y) => (like ? w.divide(x, y).rest : w.modulo(x, y)),
  }, a, b)
}
/** x to the power y in 64 bits, by squaring: the whole number may be of any length. */
function bigPower(x: bigint, y: bigint): bigint {
  if (y < 0n) return x === 1n ? 1n : x === -1n ? (y % 2n === 0n ? 1n : -1n) : 0n
  let out = 1n
  for (let base = x, left = y; left > 0n; left >>= 1n, base = BigInt.asIntN(64, base * base)) if ((left & 1n) === 1n) out = BigInt.asIntN(64, out * base)
  return out
}
/** Of known numbers. */
function knownPower(a: ArrayValue, b: ArrayValue): ArrayValue {
  return hostBinary(a.type, a, { ...b, type: TYPES[a.type].big ? a.type : b.type, host: TYPES[a.type].big ? BigInt64Array.from(Array.from(hostOf(b) as ArrayLike<number>, (x) => BigInt(Math.trunc(Number(x))))) : Float64Array.from(hostOf(b) as ArrayLike<number>, Number) }, Math.pow, bigPower)
}
const pow: Handler = (c) => {
  const [a, b] = operands(c)
  if (allHost([a, b])) return knownPower(a, b)
  if (a.type === 'int64') {
    const exponent = isHost(b) && hostOf(b).length === 1 ? Number(hostOf(b)[0]) : null
    const long = longs([a], () => knownPower(a, b), ([x]) => {
      if (exponent === null || !Number.isInteger(exponent) || exponent < 0 || exponent > 63) throw c.fail('a power of 64-bit integers that is not known inside jit or on a GPU', { expected: 'a stored exponent from 0 to 63', remedy: 'Call the model outside of jit, on another device.' })
      return w.power(x!, exponent)
    })
    if (long !== null) return long
  }
  const [x, y] = [tensorOf(a), tensorOf(b)]
  if (!isInt(a.type)) {
    // a plain number as exponent becomes products, which are exact and have a derivative everywhere
    if (isHost(b) && hostOf(b).length === 1 && y.ndim <= x.ndim) return fit(a.type, x.pow(Number(hostOf(b)[0])).reshape([...new Array<number>(Math.max(0, y.ndim - x.ndim)).fill(1), ...x.shape]))
    return fit(a.type, x.pow(y.to(x.dtype)))
  }
  const power = x.to('float64').pow(y.to('float64'))
  return fit(a.type, power.add(power.sign().mul(1e-9)).trunc().to(x.dtype))
}

type Comparison = readonly [numbers: (a: number, b: number) => boolean, tensors: (a: Tensor, b: Tensor) => Tensor, words: (a: w.Words, b: w.Words) => Tensor]
const comparison = ([numbers, tensors, words]: Comparison): Handler => (c) => {
  const [a, b] = operands(c)
  if (allHost([a, b]) || TYPES[a.type].dtype === null) return hostBinary('bool', a, b, numbers, numbers as unknown as (a: bigint, b: bigint) => boolean)
  return tensorValue('bool', needsWords([a, b]) ? words(wordsOf(a), wordsOf(b)) : tensors(tensorOf(a), tensorOf(b)))
}
const logical = (numbers: (a: number, b: number) => number, tensors: (a: Tensor, b: Tensor) => Tensor): Handler => (c) => {
  const [a, b] = operands(c)
  return allHost([a, b]) ? hostBinary('bool', a, b, numbers, () => false) : tensorValue('bool', tensors(tensorOf(a), tensorOf(b)))
}
const bitwise = (numbers: (a: number, b: number) => number, big: (a: bigint, b: bigint) => bigint, tensors: (a: Tensor, b: Tensor) => Tensor): Handler => (c) => {
  const [a, b] = operands(c)
  if (a.type !== b.type) throw c.fail('the types differ', { expected: `twice ${a.type}`, received: b.type })
  if (!allHost([a, b]) && needsWords([a, b])) {
    const [x, y] = [wordsOf(a), wordsOf(b)]
    return longValue({ low: tensors(x.low, y.low), high: tensors(x.high, y.high) })
  }
  if (allHost([a, b]) || tensorOf(a).dtype === 'float64') return hostBinary(a.type, a, b, numbers, big)
  return fit(a.type, tensors(tensorOf(a), tensorOf(b)))
}
const shift: Handler = (c) => {
  const left = c.text('direction') === 'LEFT'
  const [a, b] = operands(c)
  if (a.type !== b.type) throw c.fail('the types differ', { expected: `twice ${a.type}`, received: b.type })
  if (allHost([a, b]) || tensorOf(a).dtype === 'float64') return hostBinary(a.type, a, b, (x, y) => (y > 31 ? 0 : left ? x * 2 ** y : Math.floor(x / 2 ** y)), (x, y) => (y < 0n || y > 63n ? 0n : left ? x << y : x >> y))
  return fit(a.type, left ? tensorOf(a).shiftLeft(tensorOf(b)) : tensorOf(a).shiftRight(tensorOf(b)))
}

/** One operand; `numbers` also serves known values. */
const unary = (tensors: (x: Tensor, c: Call) => Tensor, numbers?: (x: number) => number, words?: (x: w.Words) => w.Words): Handler => (c) => {
  const a = c.array(0)
  if (numbers !== undefined && isHost(a)) return TYPES[a.type].big ? hostBig(a, numbers) : hostUnary(a.type, a, numbers)
  const long = numbers === undefined || words === undefined ? null : longs([a], () => hostBig(a, numbers), ([x]) => words(x!))
  return long ?? fit(a.type, tensors(tensorOf(a), c))
}
function hostBig(a: ArrayValue, f: (x: number) => number): ArrayValue {
  const big = BIG.get(f)
  return store(a.type, a.shape, Array.from(hostOf(a) as BigInt64Array, (x) => (big === undefined ? BigInt(Math.trunc(f(Number(x)))) : big(x))))
}
const negative = (x: number): number => -x
const notNegative = (x: number): number => Math.max(x, 0)
const BIG = new Map<(x: number) => number, (x: bigint) => bigint>([[notNegative, (x) => (x < 0n ? 0n : x)], [negative, (x) => -x], [Math.abs, (x) => (x < 0n ? -x : x)], [Math.sign, (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n)]])

const truth = (tensors: (x: Tensor, c: Call) => Tensor): Handler => (c) => tensorValue('bool', tensors(c.tensor(0), c))
const not: Handler = (c) => {
  const a = c.array(0)
  return isHost(a) ? hostUnary('bool', a, (x) => (x === 0 ? 1 : 0)) : tensorValue('bool', tensorOf(a).logicalNot())
}

const clip: Handler = (c) => {
  const a = c.array(0)
  const bound = (i: number, name: string): ArrayValue | null => (c.has(name) ? store(a.type, [], [c.float(name)]) : c.maybe(i))
  const [low, high] = [bound(1, 'min'), bound(2, 'max')]
  let y = a
  if (low !== null) y = arithmetic(MAX, y, low)
  if (high !== null) y = arithmetic(MIN, y, high)
  return y
}
const select: Handler = (c) => {
  const [flag, a, b] = [c.array(0), c.array(1), c.array(2)]
  if (a.type !== b.type) throw c.fail('the types differ', { expected: `twice ${a.type}`, received: b.type })
  if (allHost([flag, a, b]) || TYPES[a.type].dtype === null) {
    // as a choice of positions, so that every type is exact
    const [x, y] = [hostOf(a) as ArrayLike<unknown>, hostOf(b) as ArrayLike<unknown>]
    const places = (n: number, shape: readonly number[], from: number): ArrayValue => hostValue('int32', shape, Int32Array.from({ length: n }, (_, i) => from + i))
    const chosen = hostBinary('int32', hostBinary('int32', flag, places(x.length, a.shape, 1), (f, i) => (f === 0 ? 0 : i), () => 0n), places(y.length, b.shape, 1), (p, q) => (p !== 0 ? p : -q), () => 0n)
    const all = Array.from(hostOf(chosen) as Int32Array, (p) => (p > 0 ? x[p - 1] : y[-p - 1]))
    return TYPES[a.type].kind === 'string' ? hostValue(a.type, chosen.shape, all as string[]) : store(a.type, chosen.shape, all as number[])
  }
  if (needsWords([a, b])) return longValue(w.choose(tensorOf(flag), wordsOf(a), wordsOf(b)))
  return tensorValue(a.type, where(tensorOf(flag), tensorOf(a), tensorOf(b)))
}
const mean: Handler = (c) => {
  c.array(0)
  const list = c.arrays()
  const total = list.reduce((a, b) => arithmetic(ADD, a, b))
  return fit(total.type, tensorOf(total).div(list.length))
}
const elu = (x: Tensor, alpha: number): Tensor => where(x.lt(0), x.minimum(0).expm1().mul(alpha), x)
const gelu = (x: Tensor, c: Call): Tensor => c.text('approximate', 'none') === 'tanh'
  ? x.mul(0.5).mul(x.add(x.pow(3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI)).tanh().add(1))
  : x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1))

const inFloat = (f: (x: Tensor, c: Call) => Tensor): Handler => (c) => {
  const a = c.array(0)
  return fit(floatType(a.type), f(tensorOf(a), c))
}
const roundEven = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))

export const elementwise: OpTable = {
  Add: binary(ADD), Sub: binary(SUB), Mul: binary(MUL), Div: binary(DIV), Mod: mod, Pow: pow,
  Max: variadic(MAX), Min: variadic(MIN), Sum: variadic(ADD), Mean: mean,
  Equal: comparison([(a, b) => a === b, (a, b) => a.eq(b), w.equal]),
  Less: comparison([(a, b) => a < b, (a, b) => a.lt(b), w.less]),
  LessOrEqual: comparison([(a, b) => a <= b, (a, b) => a.le(b), (a, b) => w.less(b, a).logicalNot()]),
  Greater: comparison([(a, b) => a > b, (a, b) => a.gt(b), (a, b) => w.less(b, a)]),
  GreaterOrEqual: comparison([(a, b) => a >= b, (a, b) => a.ge(b), (a, b) => w.less(a, b).logicalNot()]),
  And: logical((a, b) => a & b, (a, b) => a.logicalAnd(b)),
  Or: logical((a, b) => a | b, (a, b) => a.logicalOr(b)),
  Xor: logical((a, b) => a ^ b, (a, b) => a.logicalXor(b)),
  Not: not,
  BitShift: shift,
  BitwiseAnd: bitwise((a, b) => a & b, (a, b) => a & b, (a, b) => a.bitwiseAnd(b)),
  BitwiseOr: bitwise((a, b) => a | b, (a, b) => a | b, (a, b) => a.bitwiseOr(b)),
  BitwiseXor: bitwise((a, b) => a ^ b, (a, b) => a ^ b, (a, b) => a.bitwiseXor(b)),
  BitwiseNot: (c) => (isLong(c.array(0)) ? longValue(w.each(wordsOf(c.array(0)), (x) => x.bitwiseNot())) : c.array(0).host !== null ? store(c.array(0).type, c.array(0).shape, Array.from(hostOf(c.array(0)) as ArrayLike<number | bigint>, (x) => ~(x as number))) : fit(c.array(0).type, c.tensor(0).bitwiseNot())),
  Where: select, Clip: clip,
  Abs: unary((x) => x.abs(), Math.abs, w.abs), Neg: unary((x) => x.neg(), negative, w.neg), Sign: unary((x) => x.sign(), Math.sign, w.sign),
  Ceil: unary((x) => x.ceil(), Math.ceil), Floor: unary((x) => x.floor(), Math.floor), Round: unary((x) => x.round(), roundEven),
  Reciprocal: unary((x) => x.reciprocal(), (x) => 1 / x), Sqrt: unary((x) => x.sqrt(), Math.sqrt),
  Exp: unary((x) => x.exp(), Math.exp), Log: unary((x) => x.log(), Math.log), Erf: unary((x) => x.erf()),
  Sin: unary((x) => x.sin()), Cos: unary((x) => x.cos()), Tan: unary((x) => x.tan()), Asin: unary((x) => x.asin()), Acos: unary((x) => x.acos()), Atan: unary((x) => x.atan()),
  Sinh: unary((x) => x.sinh()), Cosh: unary((x) => x.cosh()), Tanh: unary((x) => x.tanh()), Asinh: unary((x) => x.asinh()), Acosh: unary((x) => x.acosh()), Atanh: unary((x) => x.atanh()),
  IsNaN: truth((x) => x.isNaN()),
  IsInf: truth((x, c) => {
    const [up, down] = [c.flag('detect_positive', true), c.flag('detect_negative', true)]
    return up && down ? x.isInf() : up ? x.eq(Infinity) : down ? x.eq(-Infinity) : x.ne(x).logicalAnd(x.eq(x))
  }),
  Relu: unary((x) => x.relu(), notNegative, (x) => w.each(x, (word) => where(x.high.lt(0), 0, word))), Sigmoid: unary((x) => x.sigmoid()), Softplus: unary((x) => x.softplus()),
  Softsign: unary((x) => x.div(x.abs().add(1))),
  Elu: unary((x, c) => elu(x, c.float('alpha', 1))),
  Celu: unary((x, c) => {
    const alpha = c.float('alpha', 1)
    return x.maximum(0).add(x.div(alpha).minimum(0).expm1().mul(alpha))
  }),
  Selu: unary((x, c) => elu(x, c.float('alpha', 1.67326319217681884765625)).mul(c.float('gamma', 1.05070102214813232421875))),
  LeakyRelu: unary((x, c) => where(x.lt(0), x.mul(c.float('alpha', 0.01)), x)),
  ThresholdedRelu: unary((x, c) => where(x.gt(c.float('alpha', 1)), x, 0)),
  HardSigmoid: unary((x, c) => x.mul(c.float('alpha', 0.2)).add(c.float('beta', 0.5)).clamp(0, 1)),
  HardSwish: unary((x) => x.mul(x.div(6).add(0.5).clamp(0, 1))),
  Mish: unary((x) => x.mul(x.softplus().tanh())),
  Swish: unary((x, c) => x.mul(x.mul(c.float('alpha', 1)).sigmoid())),
  Gelu: inFloat(gelu),
  PRelu: (c) => {
    const x = c.tensor(0)
    // before opset 7 a vector belonged to the channels
    const slope = c.opset < 7 && c.tensor(1).ndim === 1 && c.tensor(1).size > 1 ? channels(c.tensor(1), x.ndim) : c.tensor(1)
    return fit(c.array(0).type, where(x.lt(0), x.mul(slope), x))
  },
  Shrink: unary((x, c) => {
    const [lambda, bias] = [c.float('lambd', 0.5), c.float('bias', 0)]
    return where(x.lt(-lambda), x.add(bias), where(x.gt(lambda), x.sub(bias), x.mul(0)))
  }),
  Identity: (c) => c.value(0),
}
