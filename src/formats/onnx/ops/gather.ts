// Operators that read or write at places given by index.
import { normalizeAxis, sizeOf, stridesOf } from '../../../base/index.ts'
import { type Tensor, arange, oneHot as oneHotOf, tensor, where } from '../../../tensor/index.ts'
import type { Call, Handler, OpTable } from '../call.ts'
import { TYPES } from '../element-type.ts'
import { indexOf, isLong, longValue, readable, wordsOf } from '../long.ts'
import * as w from '../words.ts'
import { type ArrayValue, hostOf, int64s, isHost, numbersOf, pick, reshaped, store, tensorOf, tensorValue } from '../value.ts'
import { fit, moved, pickRows } from './support.ts'

/** Refuses indices outside −n … n−1 where they are known. */
function checkRange(c: Call, index: ArrayValue, n: number): void {
  if (index.host === null) return
  for (const i of numbersOf(index)) if (i < -n || i >= n) throw c.fail('an index is out of range', { expected: `${-n} … ${n - 1}`, received: String(i) })
}
const gatherRows: Handler = (c) => {
  const [x, index] = [c.array(0), c.array(1)]
  const axis = c.axis('axis', x.shape.length, 0)
  checkRange(c, index, x.shape[axis]!)
  if (isHost(x) && isHost(index)) return pickRows(x, axis, numbersOf(index), index.shape)
  return moved([x], ([t]) => t!.take(indexOf(index), axis), [index])
}
const gatherElements: Handler = (c) => {
  const [x, index] = [c.array(0), c.array(1)]
  const axis = c.axis('axis', x.shape.length, 0)
  checkRange(c, index, x.shape[axis]!)
  return moved([x], ([t]) => cut(t!, index.shape, axis).gather(indexOf(index), axis), [index])
}
/** The other axes of an index may be shorter than those of the data. */
const cut = (x: Tensor, like: readonly number[], axis: number): Tensor => (like.every((d, i) => i === axis || d === x.shape[i]) ? x : x.at(...x.shape.map((_, i): [number, number] | null => (i === axis ? null : [0, like[i]!]))))

/** Index tuples (…, K) into the first K axes → flat positions over those axes. */
function flatIndex(indices: Tensor, sizes: readonly number[]): Tensor {
  const steps = stridesOf(sizes)
  const list = tensor(Int32Array.from(sizes))
  const wrapped = where(indices.lt(0), indices.add(list), indices)
  return wrapped.mul(tensor(Int32Array.from(steps))).sum(-1).to('int32')
}
const gatherND: Handler = (c) => {
  const [x, index] = [c.array(0), c.array(1)]
  const batch = c.int('batch_dims', 0)
  const k = index.shape[index.shape.length - 1]!
  const lead = x.shape.slice(0, batch)
  const inner = x.shape.slice(batch, batch + k)
  const rest = x.shape.slice(batch + k)
  const places = index.shape.slice(batch, -1)
  const b = sizeOf(lead)
  return moved([x], ([t]) => {
    const table = t!.reshape(b * sizeOf(inner), sizeOf(rest))
    const flat = flatIndex(indexOf(index), inner).reshape(b, sizeOf(places))
    const rows = flat.add(arange(b).reshape(b, 1).mul(sizeOf(inner)).to('int32'))
    return table.take(rows.reshape(-1), 0).reshape([...lead, ...places, ...rest])
  }, [index])
}

/** What a scatter with a reduction does at one place. */
const REDUCTIONS: Record<string, (a: number, b: number) => number> = { none: (_, b) => b, add: (a, b) => a + b, mul: (a, b) => a * b, max: Math.max, min: Math.min }

const LONG_REDUCTIONS: Record<string, (a: bigint, b: bigint) => bigint> = { add: (a, b) => a + b, mul: (a, b) => a * b, max: (a, b) => (a > b ? a : b), min: (a, b) => (a < b ? a : b) }

const scatterElements: Handler = (c) => {
  const [x, index, update] = [c.array(0), c.array(1), c.array(2)]
  const axis = c.axis('axis', x.shape.length, 0)
  const how = c.text('reduction', 'none')
  checkRange(c, index, x.shape[axis]!)
  const same = index.shape.every((d, i) => i === axis || d === x.shape[i])
  if (same && x.type !== 'int64' && (how === 'none' || how === 'add')) {
    const [t, i, u] = [tensorOf(x), indexOf(index), tensorOf(update)]
    return fit(x.type, how === 'add' ? t.scatterAdd(i, u, axis) : t.scatter(i, u, axis))
  }
  // by flat position
  const steps = stridesOf(x.shape)
  const own = indexOf(index)
  const wrapped = where(own.lt(0), own.add(x.shape[axis]!), own)
  let flat = wrapped.mul(steps[axis]!)
  index.shape.forEach((d, a) => {
    if (a !== axis) flat = flat.add(arange(d).reshape(index.shape.map((_, i) => (i === a ? d : 1))).mul(steps[a]!))
  })
  return scatterFlat(c, x, flat.reshape(-1).to('int32'), reshaped(update, [sizeOf(update.shape), 1]), 1, how)
}
const scatterND: Handler = (c) => {
  const [x, index, update] = [c.array(0), c.array(1), c.array(2)]
  const k = index.shape[index.shape.length - 1]!
  const inner = x.shape.slice(0, k)
  const width = sizeOf(x.shape.slice(k))
  return scatterFlat(c, x, flatIndex(indexOf(index), inner).reshape(-1), reshaped(update, [width === 0 ? 0 : sizeOf(update.shape) / width, width]), width, c.text('reduction', 'none'))
}
/** Rows of width `width` written at flat positions. */
function scatterFlat(c: Call, x: ArrayValue, rows: Tensor, update: ArrayValue, width: number, how: string): ArrayValue {
  if (!Object.hasOwn(REDUCTIONS, how)) throw c.fail(`the reduction "${how}" is not known`)
  const wide = rows.reshape(-1, 1).expand(update.shape)
  const written = (t: Tensor, u: Tensor): Tensor => t.reshape(-1, width).scatter(wide, u, 0).reshape(x.shape)
  const added = (t: Tensor, u: Tensor): Tensor => t.reshape(-1, width).scatterAdd(wide, u, 0).reshape(x.shape)
  if (x.type === 'int64' && update.type === 'int64' && (isLong(x) || isLong(update) || (how === 'add' && !(readable(x) && readable(update))))) {
    const [old, more] = [wordsOf(x), wordsOf(update)]
    if (how === 'none') return longValue({ low: written(old.low, more.low), high: written(old.high, more.high) })
    if (how === 'add') return longValue(w.add(old, w.summed(more, sizeOf(update.shape), (u) => added(old.low.mul(0), u))))
  }
  if (how === 'none') return fit(x.type, written(tensorOf(x), tensorOf(update)))
  if (how === 'add' && x.type !== 'int64') return fit(x.type, added(tensorOf(x), tensorOf(update)))
  // one place may be hit several times: in order, on the host
  const places = numbersOf(tensorValue('int32', rows))
  const data = Array.from(hostOf(x) as ArrayLike<number>)
  const values = hostOf(update) as ArrayLike<number>
  const f = (TYPES[x.type].big ? LONG_REDUCTIONS : REDUCTIONS)[how] as (a: number, b: number) => number
  places.forEach((row, i) => {
    for (let j = 0; j < width; j++) data[row * width + j] = f(data[row * width + j]!, values[i * width + j]!)
  })
  return store(x.type, x.shape, data)
}

const oneHot: Handler = (c) => {
  const [index, values] = [c.array(0), c.array(2)]
  const depth = c.number(1)
  if (!(Number.isInteger(depth) && depth >= 1)) throw c.fail('the depth is no count', { expected: 'a whole number from 1 on', received: String(depth) })
  c.budget.expect(sizeOf(index.shape) * depth)
  const rank = index.shape.length + 1
  const axis = normalizeAxis('onnx', c.int('axis', -1), rank)
  const i = indexOf(index).to('int32')
  const wrapped = where(i.lt(0), i.add(depth), i)
  const hot = oneHotOf(wrapped, depth, 'bool').moveAxis(-1, axis)
  const v = tensorOf(values)
  return tensorValue(values.type, where(hot, v.at(1), v.at(0)))
}
const compress: Handler = (c) => {
  const [x, flags] = [c.array(0), c.numbers(1)]
  const chosen = tensor(Int32Array.from(flags.flatMap((f, i) => (f === 0 ? [] : [i]))))
  if (!c.has('axis')) return moved([x], ([t]) => t!.reshape(-1).take(chosen, 0))
  return moved([x], ([t]) => t!.take(chosen, c.axis('axis', x.shape.length)))
}
const nonZero: Handler = (c) => {
  const x = c.array(0)
  const steps = stridesOf(x.shape)
  const at = numbersOf(x).flatMap((v, i) => (v === 0 ? [] : [i]))
  const rank = Math.max(1, x.shape.length)
  return int64s(Array.from({ length: rank }, (_, a) => at.map((i) => (x.shape.length === 0 ? 0 : Math.floor(i / steps[a]!) % x.shape[a]!))).flat(), [rank, at.length])
}
const topk: Handler = (c) => {
  const x = c.array(0)
  const k = c.has('k') ? c.int('k') : c.number(1)
  const axis = c.axis('axis', x.shape.length, -1)
  const { values, indices } = tensorOf(x).topk(k, axis, { largest: c.flag('largest', true) })
  return [tensorValue(x.type, values), tensorValue('int64', indices)]
}
const unique: Handler = (c) => {
  const x = c.array(0)
  const axis = c.has('axis') ? c.axis('axis', x.shape.length) : null
  const n = axis === null ? sizeOf(x.shape) : x.shape[axis]!
  const data = hostOf(x) as ArrayLike<number | bigint | string>
  const steps = stridesOf(x.shape)
  // rows to compare: the elements at every position of the axis
  const rest = axis === null ? [0] : positionsOf(x.shape.map((d, i) => (i === axis ? 1 : d)), steps)
  const row = (i: number): (number | bigint | string)[] => rest.map((r) => data[r + i * (axis === null ? 1 : steps[axis]!)]!)
  c.room(sizeOf(x.shape))
  const rows = Array.from({ length: n }, (_, i) => row(i))
  const compare = (a: number, b: number): number => {
    const [p, q] = [rows[a]!, rows[b]!]
    for (let i = 0; i < p.length; i++) if (p[i] !== q[i]) return p[i]! < q[i]! ? -1 : 1
    return a - b
  }
  const order = Array.from({ length: n }, (_, i) => i).sort(compare)
  const firsts: number[] = []
  const groupOf = new Array<number>(n)
  const counts: number[] = []
  order.forEach((i, at) => {
    const before = order[at - 1]
    if (before !== undefined && rows[i]!.every((v, k) => v === rows[before]![k])) counts[counts.length - 1]!++
    else {
      firsts.push(i)
      counts.push(1)
    }
    groupOf[i] = firsts.length - 1
  })
  let groups = firsts.map((_, g) => g)
  if (!c.flag('sorted', true)) groups = groups.sort((a, b) => firsts[a]! - firsts[b]!)
  const rank = new Map(groups.map((g, i) => [g, i]))
  const chosen = tensor(Int32Array.from(groups.map((g) => firsts[g]!)))
  const y = axis === null ? pick(x, [groups.length], groups.map((g) => firsts[g]!)) : moved([x], ([t]) => t!.take(chosen, axis))
  return [y, int64s(groups.map((g) => firsts[g]!)), int64s(groupOf.map((g) => rank.get(g)!)), int64s(groups.map((g) => counts[g]!))]
}
function positionsOf(shape: readonly number[], steps: readonly number[]): number[] {
  return shape.reduce<number[]>((list, d, a) => list.flatMap((p) => Array.from({ length: d }, (_, i) => p + i * steps[a]!)), [0])
}
const tensorScatter: Handler = (c) => {
  // new rows written into a cache at a position of every batch entry
  const [cache, update] = [c.tensor(0), c.tensor(1)]
  const axis = c.axis('axis', cache.ndim, -2)
  const [n, t] = [cache.shape[axis]!, update.shape[axis]!]
  const from = c.maybe(2) === null ? arange(cache.shape[0]!).mul(0) : c.index(2)
  const place = arange(t).reshape(1, t).add(from.reshape(-1, 1)) // (B,T)
  const index = (c.text('mode', 'linear') === 'circular' ? place.remainder(n) : place).to('int32')
  const shape = update.shape.map((d, i) => (i === 0 ? d : i === axis ? t : 1))
  return tensorValue(c.array(0).type, cache.scatter(index.reshape(shape).expand(update.shape), update, axis))
}

export const gather: OpTable = {
  Gather: gatherRows, GatherElements: gatherElements, GatherND: gatherND, Scatter: scatterElements, ScatterElements: scatterElements,
  ScatterND: scatterND, OneHot: oneHot, Compress: compress, NonZero: nonZero, TopK: topk, Unique: unique, TensorScatter: tensorScatter,
}
