// Movement ops: the same elements at other coordinates. Linear, so each one's derivative is its transpose.
import { type NDArray, forEachIndex, ndarray, sizeOf, stridesOf } from '../../base/index.ts'
import { type Index, ixConst, ixFlatten, ixOffset, ixScale, ixUnflatten } from '../affine.ts'
import { type Emit, demand } from '../emit.ts'
import type { OpDef } from '../def.ts'
import type { Node } from '../node.ts'

export const ALL = { kind: 'linear', of: 'all', jointly: true } as const

/** Copies input elements to where `source` says; null leaves `fill`. */
export function gatherFrom(x: NDArray, shape: readonly number[], source: (index: readonly number[]) => number | null, fill = 0): NDArray {
  const out = ndarray(x.dtype, shape)
  forEachIndex(shape, (index, flat) => {
    const at = source(index)
    out.data[flat] = at === null ? fill : x.data[at]!
  })
  return out
}

export const movement = {
  /** The same elements in row-major order under another shape. */
  reshape: {
    infer(inputs, { shape }) {
      demand(sizeOf(shape) === sizeOf(inputs[0]!.shape), 'reshape', `as many elements as [${shape}]`, inputs)
      return { shape, dtype: inputs[0]!.dtype }
    },
    evaluate: ([x], { params }) => ({ dtype: x!.dtype, shape: params.shape, data: x!.data }),
    derivative: { ...ALL, transpose: (e, g, node) => e.reshape(g, node.inputs[0]!.shape) },
    vmap: (e, [x], _b, node, size) => e.reshape(x!, [size, ...node.params.shape]),
    lower: { kind: 'view', source: (coords, node) => ({ coords: reshapeCoords(coords, node.shape, node.inputs[0]!.shape) }) },
  } satisfies OpDef<'reshape'>,

  /** Axes in another order: axis i of the result is axis axes[i] of the input. */
  permute: {
    infer: ([x], { axes }) => ({ shape: axes.map((a) => x!.shape[a]!), dtype: x!.dtype }),
    evaluate: ([x], { params, shape }) => {
      const strides = stridesOf(x!.shape)
      return gatherFrom(x!, shape, (index) => index.reduce((s, v, i) => s + v * strides[params.axes[i]!]!, 0))
    },
    derivative: { ...ALL, transpose: (e, g, node) => e.permute(g, inverse(node.params.axes)) },
    vmap: (e, [x], _b, node) => e.permute(x!, [0, ...node.params.axes.map((a) => a + 1)]),
    lower: {
      kind: 'view',
      source: (coords, node) => {
        const out = new Array<Index>(coords.length)
        node.params.axes.forEach((a, i) => (out[a] = coords[i]!))
        return { coords: out }
      },
    },
  } satisfies OpDef<'permute'>,

  /** Axes of size 1 repeated to the sizes of shape. */
  expand: {
    infer(inputs, { shape }) {
      const from = inputs[0]!.shape
      demand(from.length === shape.length && from.every((d, i) => d === shape[i] || d === 1), 'expand', `sizes that are 1 or those of [${shape}]`, inputs)
      return { shape, dtype: inputs[0]!.dtype }
    },
    evaluate: ([x], { shape }) => {
      const strides = stridesOf(x!.shape)
      return gatherFrom(x!, shape, (index) => index.reduce((s, v, i) => s + (x!.shape[i] === 1 ? 0 : v * strides[i]!), 0))
    },
    derivative: { ...ALL, transpose: (e, g, node) => e.sumTo(g, node.inputs[0]!.shape) },
    vmap: (e, [x], _b, node, size) => e.expand(x!, [size, ...node.params.shape]),
    lower: { kind: 'view', source: (coords, node) => ({ coords: coords.map((c, i) => (node.inputs[0]!.shape[i] === 1 ? ixConst(0) : c)) }) },
  } satisfies OpDef<'expand'>,

  /** On every axis, `size` elements from `start` by `step` (negative steps walk back). */
  slice: {
    infer(inputs, { start, size, step }) {
      const from = inputs[0]!.shape
      demand(size.every((n, i) => n === 0 || (start[i]! >= 0 && start[i]! < from[i]! && start[i]! + (n - 1) * step[i]! >= 0 && start[i]! + (n - 1) * step[i]! < from[i]!)), 'slice', 'a range inside the input', inputs)
      return { shape: size, dtype: inputs[0]!.dtype }
    },
    evaluate: ([x], { params: { start, step }, shape }) => {
      const strides = stridesOf(x!.shape)
      return gatherFrom(x!, shape, (index) => index.reduce((s, v, i) => s + (start[i]! + v * step[i]!) * strides[i]!, 0))
    },
    derivative: { ...ALL, transpose: (e, g, node) => unslice(e, g, node) },
    vmap: (e, [x], _b, { params: { start, size, step } }, count) => e.slice(x!, [0, ...start], [count, ...size], [1, ...step]),
    lower: { kind: 'view', source: (coords, { params: { start, step } }) => ({ coords: coords.map((c, i) => ixOffset(ixScale(c, step[i]!), start[i]!)) }) },
  } satisfies OpDef<'slice'>,

  /** A constant before, after and (inner) between the elements of every axis; negative before/after crop. */
  pad: {
    infer: ([x], { before, after, inner }) => ({ shape: x!.shape.map((d, i) => Math.max(0, before[i]! + after[i]! + (d === 0 ? 0 : (d - 1) * (inner[i]! + 1) + 1))), dtype: x!.dtype }),
    evaluate: ([x], { params: { before, inner, value }, shape }) => {
      const strides = stridesOf(x!.shape)
      return gatherFrom(x!, shape, (index) => {
        let at = 0
        for (let i = 0; i < index.length; i++) {
          const p = index[i]! - before[i]!
          const q = p / (inner[i]! + 1)
          if (p < 0 || !Number.isInteger(q) || q >= x!.shape[i]!) return null
          at += q * strides[i]!
        }
        return at
      }, value)
    },
    // The pad value is a constant: the derivative is that of zero padding.
    derivative: {
      kind: 'general',
      vjp: (e, [g], node) => [unpad(e, g!, node)],
      jvp: (e, [t], { params: { before, after, inner } }) => [t ? e.pad(t, before, after, inner, 0) : null],
    },
    vmap: (e, [x], _b, { params: { before, after, inner, value } }) => e.pad(x!, [0, ...before], [0, ...after], [0, ...inner], value),
    lower: {
      kind: 'view',
      fill: (node) => node.params.value,
      source: (coords, node) => {
        const { before, inner } = node.params
        const from = node.inputs[0]!.shape
        const guard: { index: Index; lo: number; hi: number; multiple?: number }[] = []
        const at = coords.map((c, i) => {
          const gap = inner[i]! + 1
          const p = ixOffset(c, -before[i]!)
          guard.push({ index: p, lo: 0, hi: (from[i]! - 1) * gap + 1, ...(gap > 1 ? { multiple: gap } : {}) })
          return gap === 1 ? p : divideGuarded(p, gap)
        })
        return { coords: at, guard }
      },
    },
  } satisfies OpDef<'pad'>,

  /** Inputs laid end to end on one axis. */
  concat: {
    infer(inputs, { axis }) {
      const first = inputs[0]!
      demand(inputs.every((x) => x.dtype === first.dtype && x.shape.length === first.shape.length && x.shape.every((d, i) => i === axis || d === first.shape[i])), 'concat', `one type, equal sizes but on axis ${axis}`, inputs)
      return { shape: first.shape.map((d, i) => (i === axis ? inputs.reduce((s, x) => s + x.shape[axis]!, 0) : d)), dtype: first.dtype }
    },
    evaluate(inputs, { params: { axis }, shape, dtype }) {
      const out = ndarray(dtype, shape)
      const inner = sizeOf(shape.slice(axis + 1))
      const row = shape[axis]! * inner
      let offset = 0
      for (const x of inputs) {
        const width = x.shape[axis]! * inner
        for (let o = 0; width > 0 && o * width < x.data.length; o++) out.data.set(x.data.subarray(o * width, (o + 1) * width) as never, o * row + offset)
        offset += width
      }
      return out
    },
    derivative: {
      ...ALL,
      transpose: (e, g, node, input) => {
        const { axis } = node.params
        const start = node.inputs.slice(0, input).reduce((s, x) => s + x.shape[axis]!, 0)
        return e.narrow(g, axis, start, node.inputs[input]!.shape[axis]!)
      },
    },
    vmap: (e, inputs, batched, { params: { axis } }, size) => e.concat(inputs.map((x, i) => (batched[i] ? x : e.broadcastTo(x, [size, ...x.shape]))), axis + 1),
    lower: { kind: 'join', axis: (node) => node.params.axis },
  } satisfies OpDef<'concat'>,
}

/** p / by where a guard has made sure that p is a non-negative multiple; other values only must not trap. */
export function divideGuarded(p: Index, by: number): Index {
  const out = { constant: 0, terms: [] as { atom: Index['terms'][number]['atom']; by: number }[] }
  if (p.constant % by === 0 && p.terms.every((t) => t.by % by === 0)) {
    return { constant: p.constant / by, terms: p.terms.map((t) => ({ atom: t.atom, by: t.by / by })) }
  }
  const id = `div(${p.constant}|${p.terms.map((t) => `${t.atom.id}*${t.by}`).sort().join('+')},${by})g`
  let max = p.constant
  for (const t of p.terms) if (t.by > 0) max += t.by * t.atom.max
  out.terms.push({ atom: { k: 'div', id, of: p, by, max: Math.max(0, Math.floor(max / by)) }, by: 1 })
  return out
}

/** Matches equal axes on both ends first, so that only the middle is flattened and split again. */
function reshapeCoords(coords: readonly Index[], shape: readonly number[], from: readonly number[]): Index[] {
  // Group axes of both shapes into blocks of equal products.
  const out = new Array<Index>(from.length)
  let i = 0
  let j = 0
  while (i < shape.length || j < from.length) {
    const i0 = i
    const j0 = j
    let p = i < shape.length ? shape[i++]! : 1
    let q = j < from.length ? from[j++]! : 1
    while (p !== q) {
      if (p < q && i < shape.length) p *= shape[i++]!
      else if (q < p && j < from.length) q *= from[j++]!
      else {
        // empty tensors: products meet only at the end
        i = shape.length
        j = from.length
        break
      }
    }
    const flat = ixFlatten(coords.slice(i0, i), shape.slice(i0, i))
    ixUnflatten(flat, from.slice(j0, j)).forEach((c, n) => (out[j0 + n] = c))
  }
  return out
}

export function inverse(axes: readonly number[]): number[] {
  const out = new Array<number>(axes.length)
  axes.forEach((a, i) => (out[a] = i))
  return out
}

function unslice(e: Emit, g: Node, node: Node<'slice'>): Node {
  const { start, size, step } = node.params
  const from = node.inputs[0]!.shape
  const backwards = step.map((s, i) => (s < 0 ? i : -1)).filter((i) => i >= 0)
  const forward = backwards.length === 0 ? g : e.flip(g, backwards)
  const first = start.map((s, i) => (step[i]! < 0 && size[i]! > 0 ? s + (size[i]! - 1) * step[i]! : s))
  const gap = step.map((s) => Math.abs(s) - 1)
  const reach = size.map((n, i) => (n === 0 ? 0 : (n - 1) * (gap[i]! + 1) + 1))
  const before = first.map((f, i) => (size[i] === 0 ? 0 : f))
  return e.pad(forward, before, from.map((d, i) => d - before[i]! - reach[i]!), gap)
}

function unpad(e: Emit, g: Node, node: Node<'pad'>): Node {
  const { before, after, inner } = node.params
  const from = node.inputs[0]!.shape
  if (node.shape.some((d) => d === 0) || from.some((d) => d === 0)) return e.zerosLike(node.inputs[0]!)
  // Undo crops with zeros, then take every (inner+1)-th element.
  const crop = (list: readonly number[]) => list.map((b) => Math.max(0, -b))
  const whole = e.pad(g, crop(before), crop(after))
  return e.slice(whole, before.map((b) => Math.max(0, b)), from, inner.map((d) => d + 1))
}
