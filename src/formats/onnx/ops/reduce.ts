// Reductions, arg-reductions, softmax and its relatives.
import { sizeOf } from '../../../base/index.ts'
import { type Tensor, oneHot } from '../../../tensor/index.ts'
import type { Handler, OpTable } from '../call.ts'
import { TYPES } from '../element-type.ts'
import { longs } from '../long.ts'
import * as w from '../words.ts'
import { type ArrayValue, hostOf, isHost, reshaped, store, tensorOf, tensorValue } from '../value.ts'
import { broadcastPositions, fit } from './support.ts'

type Reduce = (x: Tensor, axes: readonly number[], keepdims: boolean) => Tensor
/** On the host; with words, over axes that stay with size 1. */
type Fold = readonly [start: bigint | null, f: (a: bigint, b: bigint) => bigint, words: (x: w.Words, axes: readonly number[]) => w.Words]

const reduction = (f: Reduce, fold?: Fold, mean = false): Handler => (c) => {
  const x = c.array(0)
  const rank = x.shape.length
  const given = c.axesOf(1, rank)
  const axes = given === null || given.length === 0 ? (c.flag('noop_with_empty_axes') ? [] : x.shape.map((_, i) => i)) : given
  const keepdims = c.flag('keepdims', true)
  const count = mean ? sizeOf(axes.map((i) => x.shape[i]!)) : 1
  if (fold !== undefined && TYPES[x.type].big && isHost(x)) return exact(x, axes, keepdims, fold, count)
  if (fold !== undefined) {
    const long = longs([x], () => exact(x, axes, keepdims, fold, count), ([t]) => {
      const all = fold[2](t!, axes)
      const kept = mean ? w.divide(all, w.fromInt(all.low.mul(0).add(count))).quotient : all
      return keepdims ? kept : w.each(kept, (y) => y.squeeze(axes))
    })
    if (long !== null) return long
  }
  if (axes.length === 0 && rank > 0) return fit(x.type, f(tensorOf(x), [], keepdims))
  return fit(x.type, f(tensorOf(x), axes, keepdims).to(TYPES[x.type].dtype!))
}
/** 64-bit integers on the host; the result divided by `count`. */
function exact(x: ArrayValue, axes: readonly number[], keepdims: boolean, [start, f]: Fold, count: number): ArrayValue {
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d))
  const out = new Array<bigint | null>(sizeOf(kept)).fill(start)
  const place = broadcastPositions(kept, x.shape)
  const data = hostOf(x) as BigInt64Array
  place.forEach((p, i) => (out[p] = out[p] === null ? data[i]! : f(out[p]!, data[i]!)))
  return reshaped(store(x.type, kept, count === 1 ? (out as bigint[]) : (out as bigint[]).map((v) => v / BigInt(count))), keepdims ? kept : kept.filter((_, i) => !axes.includes(i)))
}
const options = (keepdims: boolean) => ({ keepdims })

const arg = (largest: boolean): Handler => (c) => {
  const x = c.array(0)
  const axis = c.axis('axis', x.shape.length, 0)
  const t = tensorOf(x)
  const keepdims = c.flag('keepdims', true)
  const find = (y: Tensor): Tensor => (largest ? y.argmax(axis, { keepdims }) : y.argmin(axis, { keepdims }))
  if (!c.flag('select_last_index')) return tensorValue('int64', find(t))
  return tensorValue('int64', find(t.flip(axis)).neg().add(x.shape[axis]! - 1))
}

/** Before opset 13 softmax saw a matrix: all axes from `axis` on were one. */
const flatOr = (f: (x: Tensor, axis: number) => Tensor): Handler => (c) => {
  const x = c.array(0)
  const axis = c.axis('axis', x.shape.length, 1)
  const flat = tensorOf(x).reshape(sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis)))
  return fit(x.type, f(flat, 1).reshape(x.shape))
}
const along = (f: (x: Tensor, axis: number) => Tensor): Handler => (c) => {
  const x = c.array(0)
  return fit(x.type, f(tensorOf(x), c.axis('axis', x.shape.length, -1)))
}
const hardmax = (x: Tensor, axis: number): Tensor => oneHot(x.argmax(axis), x.shape[axis]!, x.dtype).moveAxis(-1, axis)
const both = (f: (x: Tensor, axis: number) => Tensor): OpTable[string] => [[1, flatOr(f)], [13, along(f)]]

export const reduce: OpTable = {
  ReduceSum: reduction((x, a, k) => x.sum(a, options(k)), [0n, (a, b) => a + b, w.sumOf]),
  ReduceMean: reduction((x, a, k) => x.mean(a, options(k)), [0n, (a, b) => a + b, w.sumOf], true),
  ReduceProd: reduction((x, a, k) => x.prod(a, options(k)), [1n, (a, b) => a * b, w.productOf]),
  ReduceMax: reduction((x, a, k) => x.max(a, options(k)), [null, (a, b) => (a > b ? a : b), (x, axes) => w.largest(x, axes, false)]),
  ReduceMin: reduction((x, a, k) => x.min(a, options(k)), [null, (a, b) => (a < b ? a : b), (x, axes) => w.largest(x, axes, true)]),
  ReduceL1: reduction((x, a, k) => x.abs().sum(a, options(k)), [0n, (a, b) => a + (b < 0n ? -b : b), (x, axes) => w.sumOf(w.abs(x), axes)]),
  ReduceL2: reduction((x, a, k) => x.norm(a, options(k))),
  ReduceSumSquare: reduction((x, a, k) => x.square().sum(a, options(k)), [0n, (a, b) => a + b * b, (x, axes) => w.sumOf(w.mul(x, x), axes)]),
  ReduceLogSum: reduction((x, a, k) => x.sum(a, options(k)).log()),
  ReduceLogSumExp: reduction((x, a, k) => x.logsumexp(a, options(k))),
  ArgMax: arg(true), ArgMin: arg(false),
  Softmax: both((x, a) => x.softmax(a)), LogSoftmax: both((x, a) => x.logSoftmax(a)), Hardmax: both(hardmax),
}
