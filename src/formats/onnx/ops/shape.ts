// Operators that rearrange elements or ask for shapes.
import { normalizeAxis, sizeOf } from '../../../base/index.ts'
import { type Tensor, arange, tensor, where } from '../../../tensor/index.ts'
import type { Call, Handler, OpTable } from '../call.ts'
import { isLong, longValue, longs, wordsOf } from '../long.ts'
import * as w from '../words.ts'
import { type ArrayValue, hostOf, hostValue, int64s, isHost, reshaped, tensorOf, tensorValue } from '../value.ts'
import { append, join, moved, pickRows } from './support.ts'

const reshape: Handler = (c) => {
  const x = c.array(0)
  const wanted = c.ints('shape') ?? c.numbers(1)
  const keepZero = c.flag('allowzero')
  const shape = wanted.map((d, i) => (d === 0 && !keepZero ? (x.shape[i] ?? 0) : d))
  const hole = shape.indexOf(-1)
  if (hole >= 0) {
    const known = shape.reduce((p, d, i) => (i === hole ? p : p * d), 1)
    shape[hole] = known === 0 ? 0 : sizeOf(x.shape) / known
  }
  if (shape.some((d) => !Number.isInteger(d) || d < 0)) throw c.fail('the shape does not fit', { expected: `${sizeOf(x.shape)} elements`, received: `[${wanted}]` })
  return reshaped(x, shape)
}
const squeeze: Handler = (c) => {
  const x = c.array(0)
  const axes = c.axesOf(1, x.shape.length) ?? x.shape.flatMap((d, i) => (d === 1 ? [i] : []))
  for (const a of axes) if (x.shape[a] !== 1) throw c.fail(`axis ${a} is not of size 1`, { received: `[${x.shape}]` })
  return reshaped(x, x.shape.filter((_, i) => !axes.includes(i)))
}
const unsqueeze: Handler = (c) => {
  const x = c.array(0)
  const list = c.ints('axes') ?? c.numbers(1)
  const rank = x.shape.length + list.length
  const axes = list.map((a) => normalizeAxis('onnx', a, rank))
  if (new Set(axes).size !== axes.length) throw c.fail('an axis is named twice', { received: `[${list}]` })
  const rest = [...x.shape]
  return reshaped(x, Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : rest.shift()!)))
}
const flatten: Handler = (c) => {
  const x = c.array(0)
  const axis = c.int('axis', 1)
  const a = axis < 0 ? axis + x.shape.length : axis
  return reshaped(x, [sizeOf(x.shape.slice(0, a)), sizeOf(x.shape.slice(a))])
}
const transpose: Handler = (c) => {
  const x = c.array(0)
  const order = c.ints('perm') ?? x.shape.map((_, i) => x.shape.length - 1 - i)
  return moved([x], ([t]) => t!.permute(order))
}
const shapeOf: Handler = (c) => {
  const { shape } = c.array(0)
  const place = (name: string, fallback: number): number => {
    const v = c.int(name, fallback)
    return Math.min(Math.max(v < 0 ? v + shape.length : v, 0), shape.length)
  }
  return int64s(shape.slice(place('start', 0), Math.max(place('start', 0), place('end', shape.length))))
}
const concatenate: Handler = (c) => {
  const list = c.arrays()
  const axis = normalizeAxis('onnx', c.int('axis', 1), list[0]!.shape.length)
  const some = list.filter((v) => v.shape[axis] !== 0)
  if (some.length === 0) return list[0]!
  return append(some, axis) ?? moved(some, (xs) => join(xs, axis))
}

/** Slice of opset 10 and later: everything comes as inputs. */
const slice: Handler = (c) => {
  const x = c.array(0)
  const starts = c.ints('starts') ?? c.numbers(1)
  const ends = c.ints('ends') ?? c.numbers(2)
  const axes = c.ints('axes') ?? c.maybeNumbers(3) ?? starts.map((_, i) => i)
  const steps = c.maybeNumbers(4) ?? starts.map(() => 1)
  const spec: ([number | null, number | null, number] | null)[] = x.shape.map(() => null)
  axes.forEach((axis, i) => {
    const a = normalizeAxis('onnx', axis, x.shape.length)
    const n = x.shape[a]!
    const step = steps[i]!
    if (step === 0) throw c.fail('a step of 0')
    // Numbers far outside mean "to the end".
    const clip = (v: number): number => Math.max(-n - 1, Math.min(n, v))
    const end = clip(ends[i]!)
    const before = step < 0 && end + (end < 0 ? n : 0) < 0
    spec[a] = [clip(starts[i]!), before ? null : end, Math.max(-(2 ** 30), Math.min(2 ** 30, step))]
  })
  if (x.shape.length === 1 && axes.length === 1 && isHost(x)) {
    const places = sliced(x.shape[0]!, ...spec[0]!)
    return pickRows(x, 0, places, [places.length])
  }
  return moved([x], ([t]) => t!.at(...spec))
}
/** The places from `start` up to `end` of n, not included, as Python counts them. */
function sliced(n: number, start: number | null, end: number | null, step: number): number[] {
  const from = start === null ? 0 : start < 0 ? start + n : start
  const to = end === null ? -1 : Math.max(0, end < 0 ? end + n : end)
  const places: number[] = []
  if (step > 0) for (let i = Math.max(0, from); i < Math.min(n, to); i += step) places.push(i)
  else for (let i = Math.min(n - 1, from); i > to && i >= 0; i += step) places.push(i)
  return places
}
const split: Handler = (c) => {
  const x = c.array(0)
  const axis = c.axis('axis', x.shape.length, 0)
  const n = x.shape[axis]!
  let sizes = c.ints('split') ?? c.maybeNumbers(1)
  if (sizes === null) {
    const parts = c.int('num_outputs', c.wanted.length)
    if (parts !== c.wanted.length) throw c.fail('num_outputs is not the number of outputs', { expected: String(c.wanted.length), received: String(parts) })
    const each = Math.ceil(n / parts)
    sizes = Array.from({ length: parts }, (_, i) => Math.max(0, Math.min(each, n - i * each)))
  }
  if (sizes.reduce((a, b) => a + b, 0) !== n) throw c.fail('the parts do not add up', { expected: `a sum of ${n}`, received: `[${sizes}]` })
  let at = 0
  return sizes.map((size) => {
    const start = at
    at += size
    return moved([x], ([t]) => t!.at(...x.shape.map((_, i): [number, number] | null => (i === axis ? [start, start + size] : null))))
  })
}
const expand: Handler = (c) => {
  const x = c.array(0)
  const wanted = c.numbers(1)
  const rank = Math.max(x.shape.length, wanted.length)
  const shape = Array.from({ length: rank }, (_, i) => {
    const have = x.shape[x.shape.length - rank + i] ?? 1
    const want = wanted[wanted.length - rank + i] ?? 1
    return want === 1 ? have : want
  })
  return moved([x], ([t]) => t!.expand(shape))
}
const tile: Handler = (c) => moved([c.array(0)], ([t]) => t!.tile(c.numbers(1)))

const depthToSpace: Handler = (c) => {
  const x = c.array(0)
  const b = c.int('blocksize')
  const [n, d, h, w] = x.shape as [number, number, number, number]
  const columnRowDepth = c.text('mode', 'DCR') === 'CRD'
  return moved([x], ([t]) => (columnRowDepth
    ? t!.reshape(n, d / (b * b), b, b, h, w).permute(0, 1, 4, 2, 5, 3)
    : t!.reshape(n, b, b, d / (b * b), h, w).permute(0, 3, 4, 1, 5, 2)).reshape(n, d / (b * b), h * b, w * b))
}
const spaceToDepth: Handler = (c) => {
  const x = c.array(0)
  const b = c.int('blocksize')
  const [n, d, h, w] = x.shape as [number, number, number, number]
  return moved([x], ([t]) => t!.reshape(n, d, h / b, b, w / b, b).permute(0, 3, 5, 1, 2, 4).reshape(n, d * b * b, h / b, w / b))
}
const triangle: Handler = (c) => {
  const x = c.array(0)
  const k = c.maybe(1) === null ? 0 : c.number(1)
  const limit = Math.max(...x.shape) + 1
  const at = Math.max(-limit, Math.min(limit, k))
  const cut = (t: Tensor): Tensor => (c.flag('upper', true) ? t.triu(at) : t.tril(at))
  return isLong(x) ? longValue(w.each(wordsOf(x), cut)) : tensorValue(x.type, cut(tensorOf(x)))
}

/** 1 where a padded array is new. */
const outside = (x: Tensor, widths: readonly [number, number][]): Tensor => x.mul(0).pad(widths, 1)
/** Positions before, inside and after an axis for the ways of padding that repeat elements. */
export function paddedPositions(c: Call, mode: string, n: number, before: number, after: number): number[] {
  const out: number[] = []
  c.room(before + n + after)
  for (let i = -before; i < n + after; i++) {
    if (mode === 'edge') out.push(Math.min(Math.max(i, 0), n - 1))
    else if (mode === 'wrap') out.push(((i % n) + n) % n)
    else {
      const period = Math.max(1, 2 * (n - 1))
      const m = ((i % period) + period) % period
      out.push(m < n ? m : period - m)
    }
  }
  return out
}
const pad: Handler = (c) => {
  const x = c.array(0)
  const mode = c.text('mode', 'constant')
  const pads = c.ints('pads') ?? c.numbers(1)
  const rank = x.shape.length
  const axes = (c.maybeNumbers(3) ?? x.shape.map((_, i) => i)).map((a) => normalizeAxis('onnx', a, rank))
  if (pads.length !== 2 * axes.length) throw c.fail('bad pads', { expected: `${2 * axes.length} numbers`, received: String(pads.length) })
  const widths = x.shape.map((): [number, number] => [0, 0])
  axes.forEach((a, i) => (widths[a] = [pads[i]!, pads[axes.length + i]!]))
  if (mode === 'constant') {
    const fill = c.has('value') ? c.float('value') : c.maybe(2) === null ? 0 : c.number(2)
    if (rank === 0) return x
    if (isLong(x)) {
      const { low, high } = w.fromBigs(BigInt64Array.of(BigInt(fill)), [])
      const { low: a, high: b } = wordsOf(x)
      return longValue({ low: a.pad(widths, 0).add(outside(a, widths).mul(low)), high: b.pad(widths, 0).add(outside(b, widths).mul(high)) })
    }
    return tensorValue(x.type, tensorOf(x).pad(widths, fill))
  }
  return moved([x], ([t]) => widths.reduce((y, [before, after], a) => {
    if (before === 0 && after === 0) return y
    // negative widths cut off, the rest is taken from what is there
    const cut = y.at(...y.shape.map((_, i): [number, number] | null => (i === a ? [Math.max(0, -before), y.shape[a]! - Math.max(0, -after)] : null)))
    return cut.take(tensor(Int32Array.from(paddedPositions(c, mode, cut.shape[a]!, Math.max(0, before), Math.max(0, after)))), a)
  }, t!))
}
const reverseSequence: Handler = (c) => {
  const x = c.array(0)
  const [time, batch] = [c.int('time_axis', 0), c.int('batch_axis', 1)]
  const lengths = c.index(1)
  const n = x.shape[time]!
  return moved([x], ([t]) => {
    const y = time === 0 ? t! : t!.transpose(0, 1) // (T,B,…)
    const steps = arange(n).reshape(n, 1)
    const turned = lengths.reshape(1, -1).sub(1).sub(steps)
    const index = where(steps.lt(lengths.reshape(1, -1)), turned, steps.expand(n, y.shape[1]!)) // (T,B)
    const wide = index.reshape(n, y.shape[1]!, ...y.shape.slice(2).map(() => 1)).expand(y.shape)
    const z = y.gather(wide, 0)
    return batch === 1 ? z : z.transpose(0, 1)
  }, [c.array(1)])
}
function size(c: Call): ArrayValue {
  return int64s([sizeOf(c.array(0).shape)], [])
}
/** On the host, in 64 bits. */
function runningSums(x: ArrayValue, axis: number, reverse: boolean, exclusive: boolean): ArrayValue {
  const data = hostOf(x) as BigInt64Array
  const out = new BigInt64Array(data.length)
  const step = sizeOf(x.shape.slice(axis + 1))
  const n = x.shape[axis]!
  for (let line = 0; line < (n === 0 ? 0 : data.length / n); line++) {
    const base = Math.floor(line / step) * n * step + (line % step)
    let sum = 0n
    for (let j = 0; j < n; j++) {
      const at = base + (reverse ? n - 1 - j : j) * step
      out[at] = exclusive ? sum : sum + data[at]!
      sum += data[at]!
    }
  }
  return hostValue('int64', x.shape, out)
}
const cumulative: Handler = (c) => {
  const x = c.array(0)
  const axis = normalizeAxis('onnx', c.number(1), x.shape.length)
  const reverse = c.flag('reverse')
  const exclusive = c.flag('exclusive')
  const sums = (t: Tensor): Tensor => (exclusive ? t.cumsum(axis, { reverse }).sub(t) : t.cumsum(axis, { reverse }))
  return longs([x], () => runningSums(x, axis, reverse, exclusive), ([t]) => w.summed(t!, x.shape[axis]!, sums)) ?? tensorValue(x.type, sums(tensorOf(x)))
}

export const shape: OpTable = {
  Reshape: reshape, Squeeze: squeeze, Unsqueeze: unsqueeze, Flatten: flatten, Transpose: transpose, Shape: shapeOf, Size: size,
  Concat: concatenate, Slice: slice, Split: split, Expand: expand, Tile: tile, DepthToSpace: depthToSpace, SpaceToDepth: spaceToDepth,
  Trilu: triangle, Pad: pad, ReverseSequence: reverseSequence, CumSum: cumulative,
}
