// 64-bit integers as two int32 tensors, for values that cannot be read now (inside jit, grad and vmap, or on a GPU): exact on
// every device, wrapping at 64 bits as ONNX has it. Comparisons of the lower words are unsigned: their sign bits are flipped.
import { ValueError, sizeOf } from '../../base/index.ts'
import { type Tensor, backend, concat, currentDevice, full, tensor, where } from '../../tensor/index.ts'

export interface Words {
  /** The lower 32 bits. */
  readonly low: Tensor
  /** The upper ones, with the sign. */
  readonly high: Tensor
}
const SIGN = -(2 ** 31)
/** As a tensor: a plain number of that size counts as a float. */
const signBit = (): Tensor => full([], SIGN, 'int32')
const WORD = 2 ** 32

/** The widest float here: GPUs have no float64. */
export const wideFloat = (): 'float64' | 'float32' => (backend(currentDevice()).lacks?.includes('float64') === true ? 'float32' : 'float64')

export const fromInt = (x: Tensor): Words => ({ low: x, high: x.shiftRight(31) })
export function fromBigs(values: BigInt64Array, shape: readonly number[]): Words {
  const word = (of: (x: bigint) => bigint): Tensor => tensor(Int32Array.from(values, (x) => Number(BigInt.asIntN(32, of(x)))), { shape })
  return { low: word((x) => x), high: word((x) => x >> 32n) }
}
/** Movement, for both words alike. */
export const each = (a: Words, f: (x: Tensor) => Tensor): Words => ({ low: f(a.low), high: f(a.high) })

// ---- order ---------------------------------------------------------------------------------------------------

const below = (a: Tensor, b: Tensor | number): Tensor => a.bitwiseXor(signBit()).lt(typeof b === 'number' ? b ^ SIGN : b.bitwiseXor(signBit()))
export const equal = (a: Words, b: Words): Tensor => a.low.eq(b.low).logicalAnd(a.high.eq(b.high))
export const less = (a: Words, b: Words): Tensor => a.high.lt(b.high).logicalOr(a.high.eq(b.high).logicalAnd(below(a.low, b.low)))
export const choose = (flag: Tensor, a: Words, b: Words): Words => ({ low: where(flag, a.low, b.low), high: where(flag, a.high, b.high) })
export const isZero = (a: Words): Tensor => a.low.bitwiseOr(a.high).eq(0)
const negative = (a: Words): Tensor => a.high.lt(0)

// ---- arithmetic ----------------------------------------------------------------------------------------------

export function add(a: Words, b: Words): Words {
  const low = a.low.add(b.low)
  return { low, high: a.high.add(b.high).add(below(low, a.low).to('int32')) }
}
export const sub = (a: Words, b: Words): Words => ({ low: a.low.sub(b.low), high: a.high.sub(b.high).sub(below(a.low, b.low).to('int32')) })
export const neg = (a: Words): Words => ({ low: a.low.neg(), high: a.high.bitwiseNot().add(a.low.eq(0).to('int32')) })
export const abs = (a: Words): Words => choose(negative(a), neg(a), a)
export const sign = (a: Words): Words => fromInt(where(negative(a), -1, where(isZero(a), 0, 1)).to('int32'))

/** The upper half of a word, without its sign. */
const upper = (x: Tensor): Tensor => x.shiftRight(16).bitwiseAnd(65535)
const lower = (x: Tensor): Tensor => x.bitwiseAnd(65535)
/** By halves of words: each product of two has 32 bits. */
export function mul(a: Words, b: Words): Words {
  const [a0, a1, b0, b1] = [lower(a.low), upper(a.low), lower(b.low), upper(b.low)]
  const [p00, p01, p10, p11] = [a0.mul(b0), a0.mul(b1), a1.mul(b0), a1.mul(b1)]
  const middle = upper(p00).add(lower(p01)).add(lower(p10))
  const carried = p11.add(upper(p01)).add(upper(p10)).add(upper(middle))
  return { low: lower(p00).bitwiseOr(middle.shiftLeft(16)), high: carried.add(a.low.mul(b.high)).add(a.high.mul(b.low)) }
}
/** x to a whole power that is known, by squaring. */
export function power(x: Words, exponent: number): Words {
  let out: Words | null = null
  for (let base = x, left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) out = out === null ? base : mul(out, base)
    if (left > 1) base = mul(base, base)
  }
  return out ?? fromInt(x.low.mul(0).add(1))
}

/**
 * Quotient, cut off towards zero, and rest. Quotients of rounded numbers come within the precision of a float; what they leave
 * over is divided again, until less than the divisor is left. Divided by zero there is no number that would be right.
 */
export function divide(a: Words, b: Words): { quotient: Words; rest: Words } {
  const divisor = toFloat(b, wideFloat())
  let [quotient, rest]: [Words | null, Words] = [null, a]
  for (let round = wideFloat() === 'float64' ? 3 : 4; round > 0; round--) {
    const part = fromFloat(toFloat(rest, wideFloat()).div(divisor).round())
    quotient = quotient === null ? part : add(quotient, part)
    rest = sub(rest, mul(part, b))
  }
  // rounded to the nearest so far: one step where the rest has the other sign than a
  const wrong = isZero(rest).logicalNot().logicalAnd(negative(rest).ne(negative(a)))
  const apart = negative(rest).ne(negative(b))
  const one = fromInt(where(apart, -1, 1).to('int32'))
  return {
    quotient: choose(wrong, add(quotient!, one), quotient!),
    rest: choose(wrong, choose(apart, add(rest, b), sub(rest, b)), rest),
  }
}
/** The rest with the sign of the divisor. */
export function modulo(a: Words, b: Words): Words {
  const { rest } = divide(a, b)
  return choose(isZero(rest).logicalNot().logicalAnd(negative(rest).ne(negative(b))), add(rest, b), rest)
}

// ---- floats --------------------------------------------------------------------------------------------------

/** A word without sign as a float. In float32 it is rounded once: half of it, the bit that falls off kept by the one above. */
function unsigned(x: Tensor, dtype: 'float32' | 'float64'): Tensor {
  const large = dtype === 'float64' ? x.to(dtype).add(WORD) : x.shiftRight(1).bitwiseAnd(2 ** 31 - 1).bitwiseOr(x.bitwiseAnd(1)).to(dtype).mul(2)
  return where(x.ge(0), x.to(dtype), large)
}
/** The nearest float below 2³² (float64: 2⁵³), beyond that one of the two nearest. */
export function toFloat(a: Words, dtype: 'float32' | 'float64'): Tensor {
  const size = abs(a)
  const value = unsigned(size.high, dtype).mul(WORD).add(unsigned(size.low, dtype))
  return where(negative(a), value.neg(), value)
}
/** The whole part of a float; −2⁶³ for what is no number or does not fit, as processors have it. */
export function fromFloat(x: Tensor): Words {
  const size = x.abs().trunc()
  const fits = size.lt(2 ** 63)
  const known = where(fits, size, 0)
  const high = known.div(WORD).floor()
  const low = known.sub(high.mul(WORD))
  const words: Words = { low: where(low.ge(2 ** 31), low.sub(WORD), low).to('int32'), high: high.to('int32') }
  const signed = choose(x.lt(0), neg(words), words)
  return { low: where(fits, signed.low, 0), high: where(fits, signed.high, signBit()) }
}
/** Where the number is one of 32 bits. */
const isShort = (a: Words): Tensor => a.high.eq(a.low.shiftRight(31))
/** Indices: what lies beyond 32 bits is the first or last there is, out of range of anything. */
export const toIndex = (a: Words): Tensor => where(isShort(a), a.low, a.high.shiftRight(31).bitwiseXor(2 ** 31 - 1))
/** As a float that holds it exactly (up to 2⁵³, without float64 up to 2²⁴); NaN beyond: never another number. */
export function toExactFloat(a: Words): Tensor {
  const dtype = wideFloat()
  const size = abs(a)
  const fits = dtype === 'float64' ? below(size.high, 2 ** 21) : size.high.eq(0).logicalAnd(below(size.low, 2 ** 24 + 1))
  return where(fits, toFloat(a, dtype), Number.NaN)
}

// ---- along axes ----------------------------------------------------------------------------------------------

/** Sums of so many numbers in pieces of so many bits stay within a word. */
const PIECES = [[16, 2 ** 15], [8, 2 ** 23]] as const
/** A sum of `count` numbers (`sum` adds int32 numbers up), exact: piece by piece. */
export function summed(a: Words, count: number, sum: (x: Tensor) => Tensor): Words {
  const [bits] = PIECES.find(([, most]) => count <= most) ?? [0]
  if (bits === 0) throw new ValueError('onnx', 'a sum of too many 64-bit integers', { expected: `at most ${PIECES[1][1]} at a time`, received: String(count), remedy: 'Outside of jit, on a device whose values can be read at once, there is no such limit.' })
  let total: Words | null = null
  for (let from = 0; from < 64; from += bits) {
    const word = from < 32 ? a.low : a.high
    const piece = sum(word.shiftRight(from % 32).bitwiseAnd(2 ** bits - 1)).to('int32')
    const moved: Words = from === 0 ? { low: piece, high: piece.mul(0) }
      : from < 32 ? { low: piece.shiftLeft(from), high: piece.shiftRight(32 - from) }
        : { low: piece.mul(0), high: piece.shiftLeft(from - 32) }
    total = total === null ? moved : add(total, moved)
  }
  return total!
}
/** Over axes, which stay with size 1. */
export const sumOf = (a: Words, axes: readonly number[]): Words => summed(a, sizeOf(axes.map((i) => a.low.shape[i]!)), (x) => x.sum(axes, { keepdims: true }))
export function largest(a: Words, axes: readonly number[], least: boolean): Words {
  const most = (x: Tensor): Tensor => (least ? x.min(axes, { keepdims: true }) : x.max(axes, { keepdims: true }))
  const high = most(a.high)
  return { low: most(where(a.high.eq(high), a.low.bitwiseXor(signBit()), least ? 2 ** 31 - 1 : signBit())).bitwiseXor(signBit()), high }
}
/** Products over axes: halves times halves. */
export const productOf = (a: Words, axes: readonly number[]): Words => axes.reduce((x, axis) => {
  const part = (y: Words, from: number, to: number): Words => each(y, (w) => w.at(...w.shape.map((_, i): [number, number] | null => (i === axis ? [from, to] : null))))
  let y = x
  for (let n = y.low.shape[axis]!; n > 1; n = Math.ceil(n / 2)) {
    const half = Math.floor(n / 2)
    const pairs = mul(part(y, 0, half), part(y, half, 2 * half))
    const odd = n % 2 === 1 ? part(y, n - 1, n) : null
    y = odd === null ? pairs : { low: concat([pairs.low, odd.low], axis), high: concat([pairs.high, odd.high], axis) }
  }
  return y
}, a)
/** (…,M,K) · (…,K,N) */
export function matmul(a: Words, b: Words): Words {
  const [left, right] = [each(a, (x) => x.unsqueeze(-1)), each(b, (x) => x.unsqueeze(-3))] // (…,M,K,1), (…,1,K,N)
  const products = mul(left, right) // (…,M,K,N)
  return each(sumOf(products, [products.low.ndim - 2]), (x) => x.squeeze(-2))
}
