// Random tensors: counter-based (Threefry), so the same key gives the same numbers on every device and thread count.
import { type Shape, ShapeError, ValueError, argumentOf, checkShape, optionsOf, showShape, sizeOf } from '../base/index.ts'
import { type Node, emit as e } from '../ir/index.ts'
import { nextKey, seedWords } from './generator.ts'
import { deriveKeys, randomBits } from './random-key.ts'
import { Tensor, fromData, tensorOf } from './tensor.ts'

export interface RandomOptions {
  /** Where the numbers come from; default: the next key of the default generator. */
  readonly key?: Tensor
  readonly dtype?: 'float32' | 'float64'
}

/** A key from a seed: int32 [2]. */
export function key(seed: number): Tensor {
  return fromData('int32', [2], Int32Array.from(seedWords('key', seed)))
}
/** Independent keys from one: int32 [count, 2] cut into `count` keys. */
export function split(from: Tensor, count = 2): Tensor[] {
  checkShape('split', [count])
  const all = new Tensor(deriveKeys('split', from, count))
  return Array.from({ length: count }, (_, i) => all.at(i))
}

/** Uniform in [0, 1): 24 random bits (float32), 32 (float64). */
function unit(operation: string, shape: Shape, options: RandomOptions): Node {
  checkShape(operation, shape)
  const { key: from = nextKey(), dtype = 'float32' } = optionsOf(operation, options)
  argumentOf(operation, dtype === 'float32' || dtype === 'float64', 'dtype', 'float32 or float64', dtype)
  const bits = randomBits(operation, from, sizeOf(shape))
  const shift = dtype === 'float64' ? 1 : 8
  const whole = e.cast(e.binary('ushr', bits, e.like(bits, shift)), dtype)
  return e.reshape(e.scale(whole, 2 ** -(32 - shift)), shape)
}

/** Uniform numbers in [low, high). */
export function uniform(shape: Shape, options: RandomOptions & { readonly low?: number; readonly high?: number } = {}): Tensor {
  const { low = 0, high = 1 } = optionsOf('uniform', options)
  if (!(low <= high) || !Number.isFinite(high - low)) throw new ValueError('uniform', 'bad range', { expected: 'finite numbers, low ≤ high', received: `${low}, ${high}` })
  const u = unit('uniform', shape, options)
  return new Tensor(low === 0 && high === 1 ? u : e.shift(e.scale(u, high - low), low))
}

function checkSpread(operation: string, mean: number, std: number): void {
  if (!Number.isFinite(mean) || !Number.isFinite(std) || std < 0) throw new ValueError(operation, 'bad mean or standard deviation', { expected: 'finite numbers, std ≥ 0', received: `mean ${mean}, std ${std}` })
}

/** Normal numbers (Box–Muller). */
export function normal(shape: Shape, options: RandomOptions & { readonly mean?: number; readonly std?: number } = {}): Tensor {
  const { mean = 0, std = 1 } = optionsOf('normal', options)
  checkSpread('normal', mean, std)
  checkShape('normal', shape)
  const n = sizeOf(shape)
  const both = unit('normal', [2, n], options)
  const half = (i: number): Node => e.reshape(e.narrow(both, 0, i, 1), [n])
  // 1 − u lies in (0, 1]: its logarithm is finite
  const radius = e.unary('sqrt', e.scale(e.unary('log', e.shift(e.scale(half(0), -1), 1)), -2))
  const z = e.mul(radius, e.unary('cos', e.scale(half(1), 2 * Math.PI)))
  return new Tensor(e.reshape(e.shift(e.scale(z, std), mean), shape))
}

/** Normal numbers cut to [low, high] standard deviations from the mean (inverse distribution function). */
export function truncatedNormal(shape: Shape, options: RandomOptions & { readonly mean?: number; readonly std?: number; readonly low?: number; readonly high?: number } = {}): Tensor {
  const { mean = 0, std = 1, low = -2, high = 2 } = optionsOf('truncatedNormal', options)
  checkSpread('truncatedNormal', mean, std)
  if (!(low < high)) throw new ValueError('truncatedNormal', 'empty range', { expected: 'low < high', received: `${low}, ${high}` })
  const u = new Tensor(unit('truncatedNormal', shape, options))
  const edge = (z: number): Tensor => new Tensor(e.full(z / Math.SQRT2, [], u.dtype)).erf()
  const a = edge(low)
  const b = edge(high)
  const p = u.mul(b.sub(a)).add(a).clamp(-0.9999999, 0.9999999)
  return inverseErf(p).mul(Math.SQRT2).clamp(low, high).mul(std).add(mean)
}
/** Inverse error function (Giles, "Approximating the erfinv function", 2010), one Newton step on top. */
function inverseErf(p: Tensor): Tensor {
  const w = p.mul(p).neg().log1p().neg()
  const poly = (t: Tensor, cs: readonly number[]): Tensor => cs.reduce((acc, c) => acc.mul(t).add(c), t.mul(0))
  const small = poly(w.sub(2.5), [2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164, 0.246640727, 1.50140941])
  const large = poly(w.clamp(0).sqrt().sub(3), [-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047, 1.00167406, 2.83297682])
  const x = new Tensor(e.where(w.lt(5).node, small.node, large.node)).mul(p)
  return x.sub(x.erf().sub(p).mul(Math.sqrt(Math.PI) / 2).mul(x.mul(x).exp()))
}

/** true with probability p (a number, or a tensor broadcast to shape). */
export function bernoulli(p: number | Tensor, shape: Shape = p instanceof Tensor ? p.shape : [], options: RandomOptions = {}): Tensor {
  argumentOf('bernoulli', p instanceof Tensor || (p >= 0 && p <= 1), 'probability', 'a number from 0 to 1', p)
  return new Tensor(unit('bernoulli', shape, options)).lt(p instanceof Tensor ? p.expand(shape) : p)
}
/** The key of an operation that gives int32. */
function wholeKey(operation: string, options: { readonly key?: Tensor; readonly dtype?: 'int32' }): Tensor {
  const { key: from = nextKey(), dtype = 'int32' } = optionsOf(operation, options)
  argumentOf(operation, dtype === 'int32', 'dtype', 'int32', dtype)
  return from
}
/** Whole numbers in [low, high), int32. */
export function randint(low: number, high: number, shape: Shape, options: { readonly key?: Tensor; readonly dtype?: 'int32' } = {}): Tensor {
  if (!Number.isInteger(low) || !Number.isInteger(high) || low >= high || high - low > 2 ** 24) throw new ValueError('randint', 'bad range', { expected: 'whole numbers, low < high, at most 2^24 of them', received: `${low}, ${high}` })
  const u = new Tensor(unit('randint', shape, { key: wholeKey('randint', options) }))
  return u.mul(high - low).floor().to('int32').clamp(0, high - low - 1).add(low)
}
/** Classes drawn by unnormalised log-probabilities along the last axis (Gumbel maximum). */
export function categorical(logits: Tensor, options: RandomOptions = {}): Tensor {
  if (tensorOf('categorical', logits).ndim === 0) throw new ShapeError('categorical', 'needs an axis of classes', { received: showShape(logits.shape) })
  const u = new Tensor(unit('categorical', logits.shape, options))
  const gumbel = u.add(2 ** -25).log().neg().log().neg()
  return logits.add(gumbel).argmax(-1)
}
/** 0 … n−1 in random order, int32. */
export function permutation(n: number, options: { readonly key?: Tensor; readonly dtype?: 'int32' } = {}): Tensor {
  checkShape('permutation', [n])
  const bits = randomBits('permutation', wholeKey('permutation', options), n)
  return new Tensor(e.make('argsort', [bits], { axis: 0, descending: false }))
}
