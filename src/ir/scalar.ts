// The scalar vocabulary on plain numbers: what every op means, for the interpreter and for folding constants.
import type { RegType, ScalarOp } from './kernel.ts'

const bits = new DataView(new ArrayBuffer(8))

function roundHalfEven(x: number): number {
  if (!(Math.abs(x) < 4503599627370496)) return x
  const magic = x < 0 || Object.is(x, -0) ? -4503599627370496 : 4503599627370496
  const r = x + magic - magic
  return r === 0 ? magic / Infinity : r
}
/** Truncated, held within 32 bits; NaN → 0. */
const saturate = (x: number): number => (x >= 2147483647 ? 2147483647 : x <= -2147483648 ? -2147483648 : Number.isNaN(x) ? 0 : Math.trunc(x) | 0)

/** A value as a register of the type holds it. */
export function roundTo(t: RegType, value: number): number {
  switch (t) {
    case 'f32': return Math.fround(value)
    case 'f64': return value
    case 'i32': return value | 0
    case 'bool': return value !== 0 ? 1 : 0
  }
}

const WORD = new DataView(new ArrayBuffer(4))
/** The nearest IEEE half (16 bits, ties to even); beyond ±65504 infinite. */
export function roundToHalf(x: number): number {
  WORD.setFloat32(0, x)
  const exponent = ((WORD.getUint32(0) >>> 23) & 255) - 127
  if (exponent > 15) return Number.isNaN(x) ? x : x > 0 ? Infinity : -Infinity
  const unit = 2 ** (Math.max(exponent, -14) - 10)
  const rounded = roundHalfEven(x / unit) * unit
  return Math.abs(rounded) > 65504 ? Math.sign(x) * Infinity : rounded
}

/** What one lane of `op` gives. `t` is the type of the first argument (for select: of the second); bool is 0 or 1. */
export function evaluateScalar(name: ScalarOp, t: RegType, a: number, b = 0, c = 0): number {
  switch (name) {
    case 'add': return roundTo(t, a + b)
    case 'sub': return roundTo(t, a - b)
    case 'mul': return t === 'i32' ? Math.imul(a, b) : roundTo(t, a * b)
    case 'div': return t === 'i32' ? (b === 0 ? 0 : (a / b) | 0) : roundTo(t, a / b)
    case 'rem': return b === 0 ? 0 : (a % b) | 0
    case 'neg': return t === 'i32' ? -a | 0 : -a
    case 'abs': return t === 'i32' ? Math.abs(a) | 0 : Math.abs(a)
    case 'min': return Math.min(a, b)
    case 'max': return Math.max(a, b)
    case 'fma': return roundTo(t, (t === 'i32' ? Math.imul(a, b) : roundTo(t, a * b)) + c)
    case 'sqrt': return roundTo(t, Math.sqrt(a))
    case 'floor': return Math.floor(a)
    case 'ceil': return Math.ceil(a)
    case 'trunc': return Math.trunc(a)
    case 'round': return roundHalfEven(a)
    case 'and': return a & b
    case 'or': return a | b
    case 'xor': return a ^ b
    case 'not': return t === 'bool' ? 1 - a : ~a
    case 'shl': return a << b
    case 'shr': return a >> b
    case 'ushr': return (a >>> b) | 0
    case 'eq': return a === b ? 1 : 0
    case 'ne': return a !== b ? 1 : 0
    case 'lt': return a < b ? 1 : 0
    case 'le': return a <= b ? 1 : 0
    case 'select': return a !== 0 ? b : c
    case 'toF32': return Math.fround(a)
    case 'toF64': return a
    case 'toI32': return saturate(a)
    case 'toBool': return a !== 0 ? 1 : 0
    case 'asF32':
      bits.setInt32(0, a)
      return bits.getFloat32(0)
    case 'asI32':
      bits.setFloat32(0, a)
      return bits.getInt32(0)
    case 'hi32':
      bits.setFloat64(0, a)
      return bits.getInt32(0)
    case 'setHi32':
      bits.setFloat64(0, a)
      bits.setInt32(0, b)
      return bits.getFloat64(0)
  }
}

/** What an op asks of its arguments: how many, and which types the first may have (select: the second). */
interface Signature {
  readonly arity: number
  readonly of: readonly RegType[]
}
const FLOATS: readonly RegType[] = ['f32', 'f64']
const NUMBERS: readonly RegType[] = ['f32', 'f64', 'i32']
const LOGIC: readonly RegType[] = ['i32', 'bool']
const ANY: readonly RegType[] = ['f32', 'f64', 'i32', 'bool']
const signature = (arity: number, of: readonly RegType[]): Signature => ({ arity, of })

/** All arguments have one type, but for the bool condition of select and the i32 word of setHi32. */
export const SIGNATURES: Readonly<Record<ScalarOp, Signature>> = {
  add: signature(2, NUMBERS), sub: signature(2, NUMBERS), mul: signature(2, NUMBERS), div: signature(2, NUMBERS), rem: signature(2, ['i32']),
  neg: signature(1, NUMBERS), abs: signature(1, NUMBERS), min: signature(2, NUMBERS), max: signature(2, NUMBERS), fma: signature(3, NUMBERS),
  sqrt: signature(1, FLOATS), floor: signature(1, FLOATS), ceil: signature(1, FLOATS), trunc: signature(1, FLOATS), round: signature(1, FLOATS),
  and: signature(2, LOGIC), or: signature(2, LOGIC), xor: signature(2, LOGIC), not: signature(1, LOGIC),
  shl: signature(2, ['i32']), shr: signature(2, ['i32']), ushr: signature(2, ['i32']),
  eq: signature(2, NUMBERS), ne: signature(2, NUMBERS), lt: signature(2, NUMBERS), le: signature(2, NUMBERS), select: signature(3, ANY),
  toF32: signature(1, ['f64', 'i32', 'bool']), toF64: signature(1, ['f32', 'i32', 'bool']), toI32: signature(1, ['f32', 'f64', 'bool']), toBool: signature(1, NUMBERS),
  asF32: signature(1, ['i32']), asI32: signature(1, ['f32']), hi32: signature(1, ['f64']), setHi32: signature(2, ['f64']),
}
/** Associative ops that may fold the lanes of a vector. */
export const FOLDS: Partial<Record<ScalarOp, readonly RegType[]>> = { add: NUMBERS, mul: NUMBERS, min: NUMBERS, max: NUMBERS, and: LOGIC, or: LOGIC, xor: LOGIC }
