// Random programs: lists of numbers read as instructions over a growing list of tensors. Every list is a valid program, so
// fast-check can shrink them. Steps (floor, comparisons, orders) only see values that every device computes exactly, and
// values stay within bounds, so that devices may differ by roundings alone.
import fc from 'fast-check'
import { type DType, isFloat, sizeOf } from '../../src/base/index.ts'
import { emit as e } from '../../src/ir/index.ts'
import { Tensor, concat, cond, conv1d, conv2d, maxPool1d, oneHot, scan, stack, tensor, where } from '../../src/tensor/index.ts'

export interface Instruction {
  readonly kind: number
  readonly a: number
  readonly b: number
  readonly c: number
  readonly p: number
}
export interface ProgramSpec {
  readonly float: 'float32' | 'float64'
  /** Shapes of the three inputs, by number. */
  readonly shapes: readonly number[]
  readonly seed: number
  readonly code: readonly Instruction[]
  readonly big: boolean
}
const word = fc.nat({ max: 9999 })
export const programs = (big = false): fc.Arbitrary<ProgramSpec> =>
  fc.record({
    float: fc.constantFrom('float32', 'float64'),
    shapes: fc.array(fc.nat({ max: 99 }), { minLength: 3, maxLength: 3 }),
    seed: fc.nat({ max: 1e6 }),
    code: fc.array(fc.record({ kind: word, a: word, b: word, c: word, p: word }), { minLength: 3, maxLength: 25 }),
    big: fc.constant(big),
  })

/** A tensor with what is known of it: computed without rounding; the largest magnitude it may have. */
interface Value {
  readonly t: Tensor
  readonly exact: boolean
  readonly bound: number
}
const BOUND = 4
const SHAPES: readonly (readonly number[])[] = [[], [1], [5], [8], [2, 3], [3, 1], [4, 4], [2, 3, 4], [0, 3], [17], [1, 6], [2, 2, 2, 2]]
const BIG: readonly (readonly number[])[] = [[4099], [64, 65], [3, 33, 40], [130, 31], [8, 8, 8, 8]]

/** The inputs: floats in quarters from −4 to 4 (ties are frequent), and one of int32. */
export function inputsOf({ float, shapes, seed, big }: ProgramSpec): Tensor[] {
  return shapes.map((s, n) => {
    const list = big ? BIG : SHAPES
    const shape = list[s % list.length]!
    const values = Array.from({ length: sizeOf(shape) }, (_, i) => ((((i + 3) * (seed + 7 * n + 1) * 2654435761) >>> 8) % 33) - 16)
    return n === 2 ? tensor(values.map((v) => v * 3), { dtype: 'int32', shape }) : tensor(values.map((v) => v / 4), { dtype: float, shape })
  })
}

const exactly = (t: Tensor, bound: number): Value => hold({ t, exact: true, bound })
const about = (t: Tensor, bound: number): Value => hold({ t, exact: false, bound })
/** Back within bounds: exact values are cut, others bent. */
function hold(v: Value): Value {
  if (!isFloat(v.t.dtype) || v.bound <= BOUND) return v
  return { t: v.exact ? v.t.clamp(-BOUND, BOUND) : v.t.div(BOUND).tanh().mul(BOUND), exact: v.exact, bound: BOUND }
}
/** The operand brought to another's shape: repeated where it broadcasts, else cut or filled element by element. */
function fit(x: Tensor, shape: readonly number[]): Tensor {
  if (x.shape.join() === shape.join()) return x
  const n = sizeOf(shape)
  if (x.size === 0) return x.reshape(-1).pad([[0, n]]).reshape(shape)
  const flat = x.reshape(-1)
  const times = Math.ceil(n / x.size)
  return (times > 1 ? flat.tile(times) : flat).at([0, n]).reshape(shape)
}

const SMOOTH: readonly (readonly [(x: Tensor) => Tensor, number])[] = [
  [(x) => x.sin(), 1], [(x) => x.cos(), 1], [(x) => x.tanh(), 1], [(x) => x.sigmoid(), 1], [(x) => x.erf(), 1], [(x) => x.atan(), 1.6], [(x) => x.asinh(), 2.2], [(x) => x.mul(x).neg().exp(), 1], [(x) => x.mul(x).add(1).sqrt(), 4.2],
  [(x) => x.mul(x).log1p(), 2.9], [(x) => x.softplus(), 4.1], [(x) => x.mul(x).add(1).rsqrt(), 1], [(x) => x.mul(x).add(1.5).reciprocal(), 0.7], [(x) => x.mul(0.3).sinh(), 1.6], [(x) => x.mul(0.3).expm1(), 2.4], [(x) => x.div(BOUND + 1).asin(), 1.6], [(x) => x.mul(x).add(1.5).log(), 2.9],
]
const WHOLE: readonly ((a: Tensor, b: Tensor) => Tensor)[] = [
  (a, b) => a.add(b), (a, b) => a.sub(b), (a, b) => a.mul(b), (a, b) => a.maximum(b), (a, b) => a.minimum(b), (a, b) => a.floorDivide(b), (a, b) => a.remainder(b), (a, b) => a.bitwiseAnd(b), (a, b) => a.bitwiseOr(b), (a, b) => a.bitwiseXor(b), (a, b) => a.shiftLeft(b.bitwiseAnd(31)), (a, b) => a.shiftRight(b.bitwiseAnd(31)),
]
const COMPARE = [(a: Tensor, b: Tensor) => a.eq(b), (a: Tensor, b: Tensor) => a.ne(b), (a: Tensor, b: Tensor) => a.lt(b), (a: Tensor, b: Tensor) => a.ge(b)] as const
const at = <T>(list: readonly T[], n: number): T => list[n % list.length]!

/** Runs the program on tensors (traced or not); results are its last three values, or fewer. */
export function runProgram(spec: ProgramSpec, inputs: readonly Tensor[]): Tensor[] {
  const { float } = spec
  const limit = spec.big ? 20_000 : 400
  const values: Value[] = inputs.map((t) => exactly(t, isFloat(t.dtype) ? BOUND : Infinity))
  for (const { kind, a, b, c, p } of spec.code) {
    const x = at(values, a)
    const y = at(values, b)
    const made = STEPS[kind % STEPS.length]!(x, y, at(values, c), p, float)
    if (made !== null && made.t.size <= limit) values.push(made)
  }
  return values.slice(-3).map((v) => v.t)
}

const floating = (v: Value, float: DType): Value => (isFloat(v.t.dtype) ? v : v.t.dtype === 'int32' ? exactly(v.t.bitwiseAnd(7).to(float), 7) : exactly(v.t.to(float), v.t.dtype === 'bool' ? 1 : 255))
const integer = (v: Value): Tensor | null => (v.t.dtype === 'int32' ? v.t : v.exact || !isFloat(v.t.dtype) ? v.t.to('int32') : null)
const axisOf = (x: Tensor, p: number): number => (x.ndim === 0 ? -1 : p % x.ndim)

type Step = (x: Value, y: Value, z: Value, p: number, float: 'float32' | 'float64') => Value | null
const unary: Step = (x, _y, _z, p, float) => {
  const [f, bound] = at(SMOOTH, p)
  return about(f(floating(x, float).t), bound)
}
const arithmetic: Step = (x, y, _z, p, float) => {
  const l = integer(x)
  const r = integer(y)
  if (p % 3 === 0 && l !== null && r !== null) return exactly(at(WHOLE, p)(l, fit(r, l.shape)), Infinity)
  const a = floating(x, float)
  const b = floating(y, float)
  const s = fit(b.t, a.t.shape)
  switch (p % 5) {
    case 0: return about(a.t.add(s), a.bound + b.bound)
    case 1: return about(a.t.sub(s), a.bound + b.bound)
    case 2: return about(a.t.mul(s), a.bound * b.bound)
    case 3: return about(a.t.div(s.mul(s).add(1)), a.bound)
    default: return about(a.t.atan2(s.mul(s).add(1)), 1.6)
  }
}
const exactStep: Step = (x, y, _z, p) => {
  if (!x.exact || x.t.dtype === 'bool') return null
  const b = y.exact && y.t.dtype === x.t.dtype ? fit(y.t, x.t.shape) : x.t
  const t = x.t
  const f = [() => t.neg(), () => t.abs(), () => t.relu(), () => t.sign(), () => t.floor(), () => t.round(), () => t.trunc(), () => t.ceil(), () => t.maximum(b), () => t.minimum(b), () => t.clamp(-1, 2)]
  return exactly(at(f, p)(), Math.max(x.bound, BOUND))
}
const compare: Step = (x, y, _z, p) => (x.exact && y.exact ? exactly(at(COMPARE, p)(x.t, fit(y.t, x.t.shape)), 1) : null)
const choose: Step = (x, y, z) => {
  if (x.t.dtype !== 'bool' || y.t.dtype !== z.t.dtype) return null
  return { t: where(x.t, fit(y.t, x.t.shape), fit(z.t, x.t.shape)), exact: y.exact && z.exact, bound: Math.max(y.bound, z.bound) }
}
const same = (x: Value, t: Tensor): Value => ({ ...x, t })
const shape: Step = (x, y, _z, p) => {
  const t = x.t
  const k = axisOf(t, p)
  switch (p % 11) {
    case 0: return same(x, t.reshape(-1))
    case 1: return same(x, t.T)
    case 2: return same(x, t.unsqueeze(0).expand(2 + (p % 2), ...t.shape))
    case 3: return k < 0 ? null : same(x, t.at(...new Array<null>(k).fill(null), [p % 3, null, 1 + (p % 2)]))
    case 4: return k < 0 ? null : same(x, t.at(...new Array<null>(k).fill(null), [null, null, -1 - (p % 2)]))
    case 5: return k < 0 ? null : same(x, new Tensor(e.pad(t.node, t.shape.map((d, i) => (i === k ? (p % 4) - (d > 3 ? 2 : 0) : 0)), t.shape.map((_, i) => (i === k ? p % 3 : 0)), t.shape.map((_, i) => (i === k ? p % 2 : 0)), p % 2)))
    case 6: return same(x, t.size % 2 === 0 ? t.reshape(2, -1).T : t.flip())
    case 7: return k < 0 ? null : same(x, t.roll(p % 5, k))
    case 8: return y.t.dtype === t.dtype && k >= 0 ? { t: concat([t, fit(y.t, t.shape), t], k), exact: x.exact && y.exact, bound: Math.max(x.bound, y.bound) } : null
    case 9: return y.t.dtype === t.dtype ? { t: stack([t, fit(y.t, t.shape)], p % (t.ndim + 1)), exact: x.exact && y.exact, bound: Math.max(x.bound, y.bound) } : null
    default: return t.ndim >= 2 && t.dtype !== 'bool' ? same(x, t.triu((p % 3) - 1)) : null
  }
}
const reduce: Step = (x, _y, _z, p, float) => {
  const k = axisOf(x.t, p)
  if (k < 0 || x.t.shape[k] === 0) return null
  const v = floating(x, float)
  const keepdims = p % 2 === 0
  switch (p % 8) {
    case 0: return about(v.t.mean(k, { keepdims }), v.bound)
    case 1: return about(v.t.logsumexp(k, { keepdims }), v.bound + Math.log(v.t.shape[k]!))
    case 2: return about(v.t.softmax(k), 1)
    case 3: return about(v.t.cumsum(k, { reverse: keepdims }).div(v.t.shape[k]!), v.bound)
    case 4: return x.exact ? exactly(x.t.max(k, { keepdims }), x.bound) : about(v.t.var(k, { correction: 0 }), 16)
    case 5: return x.exact ? exactly(x.t.argmin(k), Infinity) : about(v.t.div(4).prod(k), 1)
    case 6: return x.t.dtype === 'int32' ? exactly(x.t.sum(k, { keepdims }), Infinity) : about(v.t.mean(), v.bound)
    default: return x.exact ? exactly(x.t.argsort(k, { descending: keepdims }), Infinity) : about(v.t.mul(v.t).add(0.5).mean(k).sqrt(), 5)
  }
}
const product: Step = (x, y, _z, p, float) => {
  const a = floating(x, float).t
  const b = floating(y, float).t
  if (a.size === 0 || b.size === 0) return null
  const n = a.shape.at(-1) ?? 1
  const flat = a.reshape(1, -1, n)
  switch (p % 4) {
    case 0: return about(a.reshape(-1, n).matmul(fit(b, [n, 3])).div(n), 16)
    case 1: return about(flat.matmul(fit(b, [2, n, 2])).div(n), 16)
    case 2: return flat.shape[1]! > 32 ? null : about(conv1d(flat, fit(b, [2, flat.shape[1]!, Math.min(n, 2)]), { padding: p % 2, stride: 1 + (p % 2) }).div(2 * flat.shape[1]!), 16)
    default: return a.size > 2000 ? null : about(conv2d(flat.unsqueeze(0), fit(b, [2, 1, 1, 1]), { padding: 1, stride: 1 + (p % 2) }), 16)
  }
}
const index: Step = (x, y, z, p) => {
  const k = axisOf(x.t, p)
  if (k < 0 || x.t.shape[k] === 0 || sizeOf(x.t.shape) === 0) return null
  const where_ = z.t.dtype === 'int32' && z.t.size > 0 ? z.t : null
  const n = x.t.shape[k]!
  switch (p % 5) {
    case 0: return where_ === null || where_.size > 50 ? null : same(x, x.t.take(where_.remainder(n).reshape(-1), k))
    case 1: return where_ === null ? null : same(x, x.t.gather(fit(where_, x.t.shape).remainder(n), k))
    case 2: return where_ === null || x.t.dtype !== y.t.dtype || x.t.dtype === 'bool' ? null : { t: x.t.scatter(fit(where_, x.t.shape).remainder(n), fit(y.t, x.t.shape), k), exact: x.exact && y.exact, bound: Math.max(x.bound, y.bound) }
    case 3: return where_ === null || x.t.dtype !== y.t.dtype || x.t.dtype === 'bool' || n > 50 ? null : isFloat(x.t.dtype) ? about(x.t.scatterAdd(fit(where_, x.t.shape).remainder(n), fit(y.t, x.t.shape), k), x.bound + n * y.bound) : exactly(x.t.scatterAdd(fit(where_, x.t.shape).remainder(n), fit(y.t, x.t.shape), k), Infinity)
    default: return where_ === null || where_.size > 50 ? null : exactly(oneHot(where_.remainder(5), 5, 'uint8'), 1)
  }
}
const control: Step = (x, y, z, p, float) => {
  const v = floating(x, float)
  const w = floating(y, float)
  switch (p % 4) {
    case 0: {
      if (v.t.ndim === 0 || v.t.shape[0]! > 20) return null
      const state = fit(w.t, v.t.shape.slice(1))
      const [last, rows] = scan((h: Tensor, r: Tensor): [Tensor, Tensor] => [h.mul(0.5).add(r).tanh(), h.sub(r)], state, v.t, { reverse: p % 8 === 0 })
      return p % 3 === 0 ? about(last, 1) : about(rows, BOUND + v.bound)
    }
    case 1: return z.exact && z.t.size > 0 ? about(cond(z.t.reshape(-1).at(0).gt(0), (s: Tensor, r: Tensor) => s.sin().add(r), (s: Tensor, r: Tensor) => s.mul(0.5).sub(r), v.t, fit(w.t, v.t.shape)), v.bound + w.bound + 1) : null
    case 2: return v.t.ndim === 0 || v.t.shape.at(-1)! < 2 || !v.exact ? null : exactly(maxPool1d(v.t, 2, { stride: 1 + (p % 2) }), v.bound)
    default: return same(x, p % 8 === 3 ? x.t.stopGradient() : new Tensor(e.unary('barrier', x.t.node)))
  }
}
const convert: Step = (x, _y, _z, p, float) => {
  const to = at(['int32', 'uint8', 'bool', 'float32', 'float64'] as const, p)
  if (!x.exact && to !== 'float32' && to !== 'float64') return null
  if (to === 'uint8' && x.t.dtype !== 'bool') return exactly(x.t.abs().to('int32').bitwiseAnd(63).to('uint8'), 63)
  if (to === 'float32' || to === 'float64') return floating(x, float)
  return exactly(x.t.to(to), Infinity)
}
const STEPS: readonly Step[] = [unary, arithmetic, arithmetic, exactStep, compare, choose, shape, shape, shape, reduce, reduce, product, index, control, convert, unary]
