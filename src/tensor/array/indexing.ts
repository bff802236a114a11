// Indexing on nodes: take, gather, scatter, one-hot, and NumPy-style `at`.
import { DTypeError, ShapeError, ValueError, argumentOf, checkDType, normalizeAxis, promote, sameShape, showShape, sizeOf } from '../../base/index.ts'
import { type Node, emit as e } from '../../ir/index.ts'

export function requireIndex(operation: string, index: Node): Node {
  if (index.dtype !== 'int32' && index.dtype !== 'uint8') {
    throw new DTypeError(operation, 'indices are integers', { expected: 'int32', received: index.dtype, remedy: 'Convert with .to("int32").' })
  }
  return e.cast(index, 'int32')
}
/** Negative indices count from the end. */
const wrap = (index: Node, n: number): Node => e.where(e.lt(index, e.zerosLike(index)), e.shift(index, n), index)

const product = (list: readonly number[]): number => list.reduce((p, d) => p * d, 1)

/** x with axis `axis` replaced by the axes of `index`, which selects positions on it. Out of range clamps. */
export function take(x: Node, indices: Node, axis: number, operation = 'take'): Node {
  const a = normalizeAxis(operation, axis, x.shape.length)
  const index = requireIndex(operation, indices)
  const n = x.shape[a]!
  if (n === 0 && sizeOf(index.shape) > 0) throw new ShapeError(operation, 'nothing to take from', { expected: `a non-empty axis ${a}`, received: showShape(x.shape) })
  // [.., N, ..] → [1, N, rest] → [1, I, rest]
  const before = x.shape.slice(0, a)
  const after = x.shape.slice(a + 1)
  const lead = e.moveAxis(x, a, 0)
  const y = e.gather(e.reshape(lead, [1, n, product(before) * product(after)]), e.reshape(wrap(index, n), [1, sizeOf(index.shape)]))
  const spread = e.reshape(y, [...index.shape, ...before, ...after])
  const k = index.shape.length
  const order = [...before.map((_, i) => k + i), ...index.shape.map((_, i) => i), ...after.map((_, i) => k + before.length + i)]
  return e.permute(spread, order)
}

/** Brings `axis` to the middle: [B, N, 1] with everything else in B. */
function lines(x: Node, a: number): Node {
  const rest = x.shape.filter((_, i) => i !== a)
  return e.reshape(e.moveAxis(x, a, x.shape.length - 1), [product(rest), x.shape[a]!, 1])
}
const fromLines = (y: Node, shape: readonly number[], a: number): Node => {
  const rest = shape.filter((_, i) => i !== a)
  return e.moveAxis(e.reshape(y, [...rest, shape[a]!]), shape.length - 1, a)
}

/** torch.gather: out[i][j] = x[i][index[i][j]] along an axis; the other sizes of index equal those of x. */
export function indexedGather(x: Node, indices: Node, axis: number): Node {
  const a = normalizeAxis('gather', axis, x.shape.length)
  const index = requireIndex('gather', indices)
  if (index.shape.length !== x.shape.length || index.shape.some((d, i) => i !== a && d !== x.shape[i])) {
    throw new ShapeError('gather', 'index does not fit', { expected: `${showShape(x.shape)} but for axis ${a}`, received: showShape(index.shape) })
  }
  if (sizeOf(index.shape) === 0) return e.full(0, index.shape, x.dtype)
  const i = lines(wrap(index, x.shape[a]!), a)
  return fromLines(e.gather(lines(x, a), e.reshape(i, [i.shape[0]!, i.shape[1]!])), index.shape, a)
}

/** x with `update` added to (or set at) the places that gather with the same index would read. */
export function indexedScatter(x: Node, indices: Node, update: Node, axis: number, mode: 'add' | 'set'): Node {
  const operation = mode === 'add' ? 'scatterAdd' : 'scatter'
  const a = normalizeAxis(operation, axis, x.shape.length)
  const index = requireIndex(operation, indices)
  if (!sameShape(index.shape, update.shape) || index.shape.length !== x.shape.length || index.shape.some((d, i) => i !== a && d !== x.shape[i])) {
    throw new ShapeError(operation, 'index or update does not fit', { expected: `both ${showShape(x.shape)} but for axis ${a}`, received: `${showShape(index.shape)} and ${showShape(update.shape)}` })
  }
  const dtype = promote(x.dtype, update.dtype)
  if (sizeOf(index.shape) === 0) return e.cast(x, dtype)
  const i = lines(wrap(index, x.shape[a]!), a)
  const y = e.scatter(lines(e.cast(x, dtype), a), e.reshape(i, [i.shape[0]!, i.shape[1]!]), lines(e.cast(update, dtype), a), mode)
  return fromLines(y, x.shape, a)
}

/** 1 at the index along a new last axis of size `classes`, 0 elsewhere; out of range gives zeros. */
export function oneHot(indices: Node, classes: number, dtype: 'float32' | 'float64' | 'int32' | 'bool' | 'uint8'): Node {
  const index = requireIndex('oneHot', indices)
  argumentOf('oneHot', Number.isInteger(classes) && classes >= 0, 'number of classes', 'a non-negative integer', classes)
  checkDType('oneHot', dtype)
  const shape = [...index.shape, classes]
  const wide = e.expand(e.reshape(index, [...index.shape, 1]), shape)
  return e.cast(e.eq(wide, e.positions(shape, shape.length - 1, 'int32')), dtype)
}

/** One entry of `at`: an index, a range [start, stop, step], all (null), several places, a new axis, or the rest. */
export type AtNode = number | readonly [(number | null)?, (number | null)?, (number | null)?] | null | 'new' | '...' | Node

export function at(x: Node, spec: readonly AtNode[]): Node {
  const used = spec.filter((s) => s !== 'new' && s !== '...').length
  if (used > x.shape.length) throw new ShapeError('at', 'too many indices', { expected: `at most ${x.shape.length}`, received: `${used} for ${showShape(x.shape)}` })
  const ellipses = spec.filter((s) => s === '...').length
  if (ellipses > 1) throw new ShapeError('at', "several '...'", { expected: "one '...' at most", received: String(ellipses) })
  const rest = new Array<null>(x.shape.length - used).fill(null)
  const dots = spec.indexOf('...')
  const full = dots < 0 ? [...spec, ...rest] : [...spec.slice(0, dots), ...rest, ...spec.slice(dots + 1)]
  const start: number[] = []
  const size: number[] = []
  const step: number[] = []
  const shape: number[] = []
  const picks: { axis: number; index: Node }[] = []
  let axis = 0
  for (const s of full) {
    if (s === 'new') {
      shape.push(1)
      continue
    }
    const n = x.shape[axis]!
    if (typeof s === 'number') {
      const i = s < 0 ? s + n : s
      if (!Number.isInteger(s) || i < 0 || i >= n) throw new ValueError('at', `index out of range on axis ${axis}`, { expected: n === 0 ? 'nothing: the axis is empty' : `${-n} … ${n - 1}`, received: String(s) })
      start.push(i)
      size.push(1)
      step.push(1)
    } else if (s === null || s === '...') {
      start.push(0)
      size.push(n)
      step.push(1)
      shape.push(n)
    } else if (Array.isArray(s)) {
      const r = range(s as readonly (number | null | undefined)[], n)
      start.push(r.start)
      size.push(r.size)
      step.push(r.step)
      shape.push(r.size)
    } else if (typeof s !== 'object') {
      throw new ValueError('at', 'bad index', { expected: "an integer, [start, stop, step], null, 'new', '...' or an index tensor", received: JSON.stringify(s) ?? String(s) })
    } else {
      start.push(0)
      size.push(n)
      step.push(1)
      picks.push({ axis: shape.length, index: s as Node })
      shape.push(n)
    }
    axis++
  }
  let y = e.reshape(e.slice(x, start, size, step), shape)
  if (picks.length > 1) throw new ValueError('at', 'several index tensors', { expected: 'one index tensor at most', received: String(picks.length), remedy: 'Apply them one after another with take.' })
  for (const p of picks) y = take(y, p.index, p.axis, 'at')
  return y
}

/** Python's slice rules: missing ends, negative positions and steps, clamping. */
function range([from, to, by]: readonly (number | null | undefined)[], n: number): { start: number; size: number; step: number } {
  const step = by ?? 1
  argumentOf('at', Number.isInteger(step) && step !== 0, 'step', 'a non-zero integer', step)
  const place = (v: number, low: number, high: number): number => {
    if (!Number.isInteger(v)) throw new ValueError('at', 'bad range', { expected: 'integers or null', received: typeof v === 'object' ? 'an object' : String(v), remedy: 'A range is [start, stop, step], as in x.at(null, [null, null, -1]).' })
    return Math.min(Math.max(v < 0 ? v + n : v, low), high)
  }
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1]
  const a = from === null || from === undefined ? (step > 0 ? 0 : n - 1) : place(from, low, high)
  const b = to === null || to === undefined ? (step > 0 ? n : -1) : place(to, low, high)
  const size = Math.max(0, Math.ceil((b - a) / step))
  return { start: size === 0 ? 0 : a, size, step }
}
