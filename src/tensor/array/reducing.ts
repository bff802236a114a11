// Reductions on nodes: axes, keepdims, and what is composed of the primitive ones.
import { ShapeError, argumentOf, normalizeAxes, normalizeAxis, showShape, toFloat } from '../../base/index.ts'
import { type Node, emit as e } from '../../ir/index.ts'
import { indexedGather } from './indexing.ts'

export type AxesArg = number | readonly number[] | undefined | null
type ReduceName = 'sum' | 'prod' | 'reduceMax' | 'reduceMin'

const keep = (y: Node, x: Node, axes: readonly number[], keepdims: boolean): Node => (keepdims ? e.reshape(y, x.shape.map((d, i) => (axes.includes(i) ? 1 : d))) : y)
/** Small integers and truth values are summed as int32. */
const counting = (x: Node): Node => (x.dtype === 'bool' || x.dtype === 'uint8' ? e.cast(x, 'int32') : x)

export function reduce(operation: string, name: ReduceName, x: Node, axes: AxesArg, keepdims: boolean): Node {
  const list = normalizeAxes(operation, axes, x.shape.length)
  const source = name === 'sum' || name === 'prod' ? counting(x) : x
  if (name === 'reduceMax' || name === 'reduceMin') {
    if (list.some((a) => x.shape[a] === 0)) throw new ShapeError(operation, 'nothing to choose from', { expected: 'at least one element on the reduced axes', received: showShape(x.shape) })
  }
  if (list.length === 0) return source
  return keep(e.make(name, [source], { axes: list }), x, list, keepdims)
}

export function mean(x: Node, axes: AxesArg, keepdims: boolean): Node {
  const list = normalizeAxes('mean', axes, x.shape.length)
  const f = e.cast(x, toFloat(x.dtype))
  const n = list.reduce((p, a) => p * x.shape[a]!, 1)
  // 0/0 = NaN for nothing, as NumPy
  return n === 0 ? e.div(reduce('mean', 'sum', f, list, keepdims), e.zerosLike(reduce('mean', 'sum', f, list, keepdims))) : e.scale(reduce('mean', 'sum', f, list, keepdims), 1 / n)
}

export function variance(x: Node, axes: AxesArg, keepdims: boolean, correction: number): Node {
  const list = normalizeAxes('var', axes, x.shape.length)
  const f = e.cast(x, toFloat(x.dtype))
  const n = list.reduce((p, a) => p * x.shape[a]!, 1)
  const centred = e.sub(f, e.expand(mean(f, list, true), f.shape))
  const total = reduce('var', 'sum', e.mul(centred, centred), list, keepdims)
  return e.div(total, e.like(total, Math.max(0, n - correction)))
}

export function norm(x: Node, axes: AxesArg, keepdims: boolean): Node {
  const f = e.cast(x, toFloat(x.dtype))
  const total = reduce('norm', 'sum', e.mul(f, f), axes, keepdims)
  // √ is steep at 0, where 0 · ∞ would give a gradient of NaN
  const zero = e.eq(total, e.zerosLike(total))
  return e.where(zero, e.zerosLike(total), e.unary('sqrt', e.where(zero, e.like(total, 1), total)))
}

export function logsumexp(x: Node, axes: AxesArg, keepdims: boolean): Node {
  const list = normalizeAxes('logsumexp', axes, x.shape.length)
  const f = e.cast(x, toFloat(x.dtype))
  if (list.length === 0) return f
  if (list.some((a) => x.shape[a] === 0)) return e.unary('log', reduce('logsumexp', 'sum', f, list, keepdims))
  const top = finiteMax(f, list)
  const shifted = e.unary('exp', e.sub(f, e.expand(top, f.shape)))
  const y = e.add(e.unary('log', reduce('logsumexp', 'sum', shifted, list, true)), top)
  return keepdims ? y : e.reshape(y, x.shape.filter((_, i) => !list.includes(i)))
}
/** The largest value, 0 where it is infinite, constant to derivatives: the shift that keeps exp in range. */
function finiteMax(x: Node, axes: readonly number[]): Node {
  const top = e.unary('stopGradient', reduce('max', 'reduceMax', x, axes, true))
  const finite = e.lt(e.unary('abs', top), e.like(top, Infinity))
  return e.where(finite, top, e.zerosLike(top))
}

export function softmax(x: Node, axis: number): Node {
  const a = normalizeAxis('softmax', axis, x.shape.length)
  const f = e.cast(x, toFloat(x.dtype))
  if (f.shape[a] === 0) return f
  const top = e.unary('stopGradient', reduce('max', 'reduceMax', f, a, true))
  const weights = e.unary('exp', e.sub(f, e.expand(top, f.shape)))
  return e.div(weights, e.expand(reduce('softmax', 'sum', weights, a, true), f.shape))
}

export function logSoftmax(x: Node, axis: number): Node {
  const a = normalizeAxis('logSoftmax', axis, x.shape.length)
  const f = e.cast(x, toFloat(x.dtype))
  if (f.shape[a] === 0) return f
  const top = e.unary('stopGradient', reduce('max', 'reduceMax', f, a, true))
  const shifted = e.sub(f, e.expand(top, f.shape))
  const total = e.unary('log', reduce('logSoftmax', 'sum', e.unary('exp', shifted), a, true))
  return e.sub(shifted, e.expand(total, f.shape))
}

export function arg(name: 'argmax' | 'argmin', x: Node, axis: number | undefined, keepdims: boolean): Node {
  const flat = axis === undefined ? e.reshape(x, [x.shape.reduce((p, d) => p * d, 1)]) : x
  const a = axis === undefined ? 0 : normalizeAxis(name, axis, x.shape.length)
  if (flat.shape[a] === 0) throw new ShapeError(name, 'nothing to choose from', { expected: `at least one element on axis ${a}`, received: showShape(x.shape) })
  const y = e.make(name, [flat], { axis: a })
  if (!keepdims) return y
  return e.reshape(y, axis === undefined ? x.shape.map(() => 1) : x.shape.map((d, i) => (i === a ? 1 : d)))
}

export function cumsum(x: Node, axis: number, reverse: boolean): Node {
  return e.make('cumsum', [counting(x)], { axis: normalizeAxis('cumsum', axis, x.shape.length), reverse })
}

export function argsort(x: Node, axis: number, descending: boolean): Node {
  return e.make('argsort', [x], { axis: normalizeAxis('sort', axis, x.shape.length), descending })
}

export function topk(x: Node, k: number, axis: number, largest: boolean): { values: Node; indices: Node } {
  const a = normalizeAxis('topk', axis, x.shape.length)
  argumentOf('topk', Number.isInteger(k) && k >= 0 && k <= x.shape[a]!, 'k', `an integer from 0 to ${x.shape[a]}`, k)
  const indices = e.narrow(argsort(x, a, largest), a, 0, k)
  return { values: indexedGather(x, indices, a), indices }
}
