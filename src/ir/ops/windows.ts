// Sliding windows and their transpose, of which convolutions and pooling are made.
import { allocate, forEachIndex, ndarray, sizeOf, stridesOf } from '../../base/index.ts'
import { type Index, ixAdd, ixScale } from '../affine.ts'
import type { OpDef } from '../def.ts'
import { demand } from '../emit.ts'
import { ALL, divideGuarded, gatherFrom } from './movement.ts'

export const windows = {
  /** Sliding windows over the last axes: [.., S…] → [.., P…, K…] with x[.., p·stride + k·dilation]. */
  window: {
    infer(inputs, { size, stride, dilation }) {
      const { shape, dtype } = inputs[0]!
      const lead = shape.length - size.length
      const positions = size.map((k, i) => Math.floor((shape[lead + i]! - (k - 1) * dilation[i]! - 1) / stride[i]!) + 1)
      demand(lead >= 0 && positions.every((p) => p >= 0), 'window', `axes at least as long as the window [${size}]`, inputs)
      return { shape: [...shape.slice(0, lead), ...positions, ...size], dtype }
    },
    evaluate([x], node) {
      const strides = stridesOf(x!.shape)
      return gatherFrom(x!, node.shape, (index) => windowAt(index, node).reduce((s, v, i) => s + v * strides[i]!, 0))
    },
    derivative: {
      ...ALL,
      transpose: (e, g, { params: { size, stride, dilation }, inputs: [x] }) =>
        e.make('fold', [g], { shape: x!.shape.slice(x!.shape.length - size.length), stride, dilation }),
    },
    vmap: (e, [x], _b, { params }) => e.make('window', [x!], params),
    lower: {
      kind: 'view',
      source: (coords, node) => {
        const { size, stride, dilation } = node.params
        const n = size.length
        const lead = coords.length - 2 * n
        return { coords: [...coords.slice(0, lead), ...size.map((_, i) => ixAdd(ixScale(coords[lead + i]!, stride[i]!), ixScale(coords[lead + n + i]!, dilation[i]!)))] }
      },
    },
  } satisfies OpDef<'window'>,

  /** The transpose of window: every element added where its window read it. */
  fold: {
    infer(inputs, { shape, stride, dilation }) {
      const x = inputs[0]!
      const n = stride.length
      const lead = x.shape.length - 2 * n
      const fits = shape.every((d, i) => x.shape[lead + i] === 0 || x.shape[lead + n + i] === 0 || (x.shape[lead + i]! - 1) * stride[i]! + (x.shape[lead + n + i]! - 1) * dilation[i]! < d)
      demand(lead >= 0 && fits, 'fold', `windows inside [${shape}]`, inputs)
      return { shape: [...x.shape.slice(0, lead), ...shape], dtype: x.dtype }
    },
    evaluate([x], node) {
      const { shape: tail, stride, dilation } = node.params
      const out = ndarray(node.dtype, node.shape, allocate(node.dtype, sizeOf(node.shape)))
      const strides = stridesOf(node.shape)
      const exact = new Float64Array(out.data.length)
      forEachIndex(x!.shape, (index, flat) => {
        const at = windowAt(index, { params: { size: tail, stride, dilation } })
        exact[at.reduce((s, v, i) => s + v * strides[i]!, 0)]! += x!.data[flat]!
      })
      out.data.set(exact)
      return out
    },
    derivative: {
      ...ALL,
      transpose: (e, g, { params: { stride, dilation }, inputs: [x] }) => {
        const n = stride.length
        const size = x!.shape.slice(x!.shape.length - n)
        const positions = x!.shape.slice(x!.shape.length - 2 * n, x!.shape.length - n)
        const lead = x!.shape.length - 2 * n
        const all = e.make('window', [g], { size, stride, dilation })
        // The folded shape may have room for more positions than there were.
        return e.slice(all, all.shape.map(() => 0), [...all.shape.slice(0, lead), ...positions, ...size])
      },
    },
    vmap: (e, [x], _b, { params }) => e.make('fold', [x!], params),
    lower: {
      kind: 'reduce',
      combine: 'add',
      init: () => 0,
      extents: (node) => node.inputs[0]!.shape.slice(node.inputs[0]!.shape.length - node.params.stride.length),
      source: (coords, inner, node) => {
        const { stride, dilation } = node.params
        const n = stride.length
        const from = node.inputs[0]!.shape
        const lead = from.length - 2 * n
        const guard: { index: Index; lo: number; hi: number; multiple?: number }[] = []
        const at = stride.map((s, i) => {
          const p = ixAdd(coords[lead + i]!, ixScale(inner[i]!, -dilation[i]!))
          guard.push({ index: p, lo: 0, hi: (from[lead + i]! - 1) * s + 1, ...(s > 1 ? { multiple: s } : {}) })
          return s === 1 ? p : divideGuarded(p, s)
        })
        return { coords: [...coords.slice(0, lead), ...at, ...inner], guard }
      },
    },
  } satisfies OpDef<'fold'>,
}

function windowAt(index: readonly number[], node: { params: { size?: readonly number[]; stride: readonly number[]; dilation: readonly number[] } }): number[] {
  const { stride, dilation } = node.params
  const n = stride.length
  const lead = index.length - 2 * n
  return [...index.slice(0, lead), ...stride.map((s, i) => index[lead + i]! * s + index[lead + n + i]! * dilation[i]!)]
}
