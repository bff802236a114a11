// Reductions: many elements into one, and running sums.
import { type DType, type Shape, forEachIndex, highest, isFloat, lowest, ndarray, sizeOf, stridesOf } from '../../base/index.ts'
import type { Index } from '../affine.ts'
import { type Emit, demand } from '../emit.ts'
import type { ScalarOp } from '../kernel.ts'
import type { Derivative, Lowering, OpDef } from '../def.ts'
import type { Node } from '../node.ts'

type AxesOp = 'sum' | 'prod' | 'reduceMax' | 'reduceMin'
const without = (shape: Shape, axes: readonly number[]): number[] => shape.filter((_, i) => !axes.includes(i))

function reduction<K extends AxesOp>(name: K, combine: ScalarOp, init: (d: DType) => number, step: (acc: number, v: number, d: DType) => number, derivative: Derivative<AxesOp>): OpDef<K> {
  return {
    infer(inputs, { axes }) {
      const x = inputs[0]!
      demand(axes.length > 0 && (x.dtype !== 'bool' || combine === 'max' || combine === 'min'), name, 'at least one axis, and numbers', inputs)
      return { shape: without(x.shape, axes), dtype: x.dtype }
    },
    evaluate([x], node) {
      const { axes } = node.params
      const out = ndarray(node.dtype, node.shape)
      const acc = isFloat(x!.dtype) ? new Float64Array(sizeOf(node.shape)) : new Int32Array(sizeOf(node.shape))
      acc.fill(init(x!.dtype))
      const kept = stridesOf(node.shape)
      let n = 0
      const strides = x!.shape.map((_, i) => (axes.includes(i) ? 0 : kept[n++]!))
      forEachIndex(x!.shape, (index, flat) => {
        const at = index.reduce((s, v, i) => s + v * strides[i]!, 0)
        acc[at] = step(acc[at]!, x!.data[flat]!, x!.dtype)
      })
      out.data.set(acc as never)
      return out
    },
    derivative: derivative as unknown as Derivative<K>,
    vmap: (e, [x], _b, node) => e.make(name, [x!], { axes: node.params.axes.map((a) => a + 1) } as never),
    lower: {
      kind: 'reduce', combine, init,
      extents: (node) => node.params.axes.map((a) => node.inputs[0]!.shape[a]!),
      source: (coords, inner, node) => ({ coords: weave(coords, inner, node.params.axes, node.inputs[0]!.shape.length) }),
    } as Lowering<K>,
  }
}

/** Kept and reduced coordinates back in the input's order. */
function weave(coords: readonly Index[], inner: readonly Index[], axes: readonly number[], rank: number): Index[] {
  const out: Index[] = []
  let c = 0
  let r = 0
  for (let i = 0; i < rank; i++) out.push(axes.includes(i) ? inner[r++]! : coords[c++]!)
  return out
}

const spread = (e: Emit, y: Node, node: Node<AxesOp>): Node => e.unreduce(y, node.params.axes, node.inputs[0]!.shape)

/** The gradient of max/min goes to the extremes, in equal parts where several tie (as torch.amax). */
const extreme: Derivative<AxesOp> = {
  kind: 'general',
  vjp(e, [g], node) {
    return [e.mul(share(e, node), spread(e, g!, node))]
  },
  jvp(e, [t], node) {
    return [t ? e.sum(e.mul(share(e, node), t), node.params.axes) : null]
  },
}
function share(e: Emit, node: Node<AxesOp>): Node {
  const x = node.inputs[0]!
  const hit = e.cast(e.eq(x, spread(e, node, node)), x.dtype)
  return e.div(hit, spread(e, e.sum(hit, node.params.axes), node))
}

const product: Derivative<AxesOp> = {
  kind: 'general',
  vjp: (e, [g], node) => [e.mul(others(e, node), spread(e, g!, node))],
  jvp: (e, [t], node) => [t ? e.sum(e.mul(others(e, node), t), node.params.axes) : null],
}
/** For every element the product of all the others, zeros included: ∏ before × ∏ after by doubling. */
function others(e: Emit, node: Node<AxesOp>): Node {
  const x = node.inputs[0]!
  const { axes } = node.params
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i))
  const order = [...kept, ...axes]
  const n = axes.reduce((p, a) => p * x.shape[a]!, 1)
  const lead = kept.map((i) => x.shape[i]!)
  const flat = e.reshape(e.permute(x, order), [...lead, n])
  const last = lead.length
  const shifted = (y: Node, by: number, forward: boolean): Node => {
    const kept = e.narrow(y, last, forward ? 0 : by, n - by)
    const zeros = lead.map(() => 0)
    return e.pad(kept, [...zeros, forward ? by : 0], [...zeros, forward ? 0 : by], undefined, 1)
  }
  const exclusive = (forward: boolean): Node => {
    if (n <= 1) return e.like(flat, 1)
    let y = shifted(flat, 1, forward)
    for (let by = 1; by < n; by *= 2) y = e.mul(y, shifted(y, by, forward))
    return y
  }
  const product = e.mul(exclusive(true), exclusive(false))
  const back = new Array<number>(order.length)
  order.forEach((a, i) => (back[a] = i))
  return e.permute(e.reshape(product, order.map((i) => x.shape[i]!)), back)
}

function argReduce<K extends 'argmax' | 'argmin'>(name: K, better: 'gt' | 'lt'): OpDef<K> {
  return {
    infer(inputs, { axis }) {
      demand(inputs[0]!.shape[axis]! > 0, name, `at least one element on axis ${axis}`, inputs)
      return { shape: without(inputs[0]!.shape, [axis]), dtype: 'int32' }
    },
    evaluate([x], node) {
      const { axis } = node.params
      const inner = sizeOf(x!.shape.slice(axis + 1))
      const n = x!.shape[axis]!
      const out = ndarray('int32', node.shape)
      for (let i = 0; i < out.data.length; i++) {
        const base = Math.floor(i / inner) * n * inner + (i % inner)
        let best = 0
        for (let j = 1; j < n; j++) {
          const v = x!.data[base + j * inner]!
          const b = x!.data[base + best * inner]!
          if (Number.isNaN(b)) break
          if (Number.isNaN(v) || (better === 'gt' ? v > b : v < b)) best = j
        }
        out.data[i] = best
      }
      return out
    },
    derivative: { kind: 'none', reason: 'an index does not vary smoothly' },
    vmap: (e, [x], _b, node) => e.make(name, [x!], { axis: node.params.axis + 1 } as never),
    lower: { kind: 'argreduce', better },
  }
}

export const reduce = {
  /** Sum over axes. */
  sum: reduction('sum', 'add', () => 0, (a, v) => a + v, {
    kind: 'linear', of: 'all', jointly: true, transpose: (e, g, node) => spread(e, g, node as Node<'sum'>),
  }),
  /** Product over axes. */
  prod: reduction('prod', 'mul', () => 1, (a, v, d) => (isFloat(d) ? a * v : Math.imul(a, v)), product),
  /** Largest over axes; NaN if any is; −∞ of nothing. */
  reduceMax: reduction('reduceMax', 'max', lowest, (a, v) => Math.max(a, v), extreme),
  /** Smallest over axes; NaN if any is; +∞ of nothing. */
  reduceMin: reduction('reduceMin', 'min', highest, (a, v) => Math.min(a, v), extreme),
  /** Index of the first largest on an axis; the first NaN wins. */
  argmax: argReduce('argmax', 'gt'),
  /** Index of the first smallest on an axis; the first NaN wins. */
  argmin: argReduce('argmin', 'lt'),
  /** Running sum along an axis; `reverse` runs from the end. */
  cumsum: {
    infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
    evaluate([x], node) {
      const { axis, reverse } = node.params
      const inner = sizeOf(x!.shape.slice(axis + 1))
      const n = x!.shape[axis]!
      const out = ndarray(node.dtype, node.shape)
      const lines = n === 0 ? 0 : sizeOf(node.shape) / n
      for (let line = 0; line < lines; line++) {
        const base = Math.floor(line / inner) * n * inner + (line % inner)
        let acc = 0
        for (let j = 0; j < n; j++) {
          const at = base + (reverse ? n - 1 - j : j) * inner
          acc += x!.data[at]!
          out.data[at] = acc
        }
      }
      return out
    },
    derivative: { kind: 'linear', of: 'all', jointly: true, transpose: (e, g, { params: { axis, reverse } }) => e.make('cumsum', [g], { axis, reverse: !reverse }) },
    vmap: (e, [x], _b, { params: { axis, reverse } }) => e.make('cumsum', [x!], { axis: axis + 1, reverse }),
    lower: { kind: 'opaque' },
  } satisfies OpDef<'cumsum'>,
}
