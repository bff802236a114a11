// Leaves and movement ops in ONNX: the same elements at other places, sizes that may depend on the batch.
import { TYPES } from '../element-type.ts'
import type { OpName } from '../../../ir/index.ts'
import { type Builder, END, type Value } from './builder.ts'
import { type Dim, addDims, dimOf, fixed, isFixed, isOne, sameDims, scaleDim } from './dim.ts'
import type { Entries, Writer, Writing } from './entry.ts'

const identity = <K extends OpName>(): Writer<K> => ({ x }) => x

/** size elements from start by step on some axes. */
export function slice(b: Builder, x: Value, start: readonly Dim[], size: readonly Dim[], step: readonly number[]): Value {
  const axes = x.shape.flatMap((d, i) => (isFixed(start[i]!) && start[i]!.c === 0 && step[i] === 1 && sameDims([size[i]!], [d]) ? [] : [i]))
  if (axes.length === 0) return x
  const ends = axes.map((i): Dim => {
    const last = addDims(start[i]!, scaleDim(addDims(size[i]!, fixed(-1)), step[i]!))
    const end = addDims(last, fixed(Math.sign(step[i]!)))
    // walking back past the first element: no index says that but a very small one
    return step[i]! < 0 && isFixed(end) && end.c < 0 ? fixed(-END) : end
  })
  if (size.some((d) => isFixed(d) && d.c === 0)) return b.force(b.scalar(x.dtype, 0, size))
  return b.value('Slice', [x, b.sizesOf(axes.map((i) => start[i]!)), b.sizesOf(ends), b.int64(axes), b.int64(axes.map((i) => step[i]!))], { dtype: x.dtype, shape: size })
}

/** A constant around the elements; negative widths cut. */
export function pad(b: Builder, x: Value, before: readonly Dim[], after: readonly Dim[], value: number): Value {
  const cut = (d: Dim): Dim => (isFixed(d) && d.c < 0 ? fixed(-d.c) : fixed(0))
  const grow = (d: Dim): Dim => (isFixed(d) && d.c < 0 ? fixed(0) : d)
  const cropped = slice(b, x, before.map(cut), x.shape.map((d, i) => addDims(d, scaleDim(addDims(cut(before[i]!), cut(after[i]!)), -1))), x.shape.map(() => 1))
  const widths = [...before.map(grow), ...after.map(grow)]
  if (widths.every((d) => isFixed(d) && d.c === 0)) return cropped
  const shape = cropped.shape.map((d, i) => addDims(d, addDims(widths[i]!, widths[i + x.shape.length]!)))
  const small = x.dtype === 'bool' || x.dtype === 'uint8'
  const wide = small ? b.cast(b.force(cropped), 'int32') : cropped
  return b.cast(b.value('Pad', [wide, b.sizesOf(widths), b.scalar(wide.dtype, value)], { dtype: wide.dtype, shape }, { mode: 'constant' }), x.dtype)
}

/** `gap[i]` constants between the elements of axis i: [.., S] → [.., S, 1] → [.., S, 1 + gap] → [.., S·(1 + gap)] → the last gap cut off. */
export function spread(b: Builder, x: Value, gap: readonly number[], value: number): Value {
  return gap.reduce((y, g, i) => {
    const size = y.shape[i]!
    if (g === 0 || (isFixed(size) && size.c === 0)) return y
    const split = b.reshape(y, [...y.shape.slice(0, i + 1), fixed(1), ...y.shape.slice(i + 1)])
    const padded = pad(b, split, split.shape.map(() => fixed(0)), split.shape.map((_, j) => fixed(j === i + 1 ? g : 0)), value)
    const joined = b.reshape(padded, y.shape.map((d, j) => (j === i ? scaleDim(d, g + 1) : d)))
    return slice(b, joined, joined.shape.map(() => fixed(0)), joined.shape.map((d, j) => (j === i ? addDims(d, fixed(-g)) : d)), joined.shape.map(() => 1))
  }, x)
}

/** Where every window of an axis reads: [P, K] → positions. */
export const windowIndex = (positions: number, kernel: number, stride: number, dilation: number): number[] =>
  Array.from({ length: positions * kernel }, (_, at) => Math.floor(at / kernel) * stride + (at % kernel) * dilation)

/** start, start + by, …: `length` numbers. */
export function range(b: Builder, length: Dim, dtype: 'int32' | 'float32' | 'float64', start = 0, by = 1): Value {
  const limit = addDims(scaleDim(length, by), fixed(start))
  const scalar = b.node('Cast', [b.node('Squeeze', [b.size(limit), b.int64([0])])], { to: TYPES[dtype].code })
  return b.value('Range', [b.scalar(dtype, start), scalar, b.scalar(dtype, by)], { dtype, shape: [length] })
}

/** A number that is a size with the batch in it, or one over such a size (a mean over the batch). */
function counted(w: Writing<'full'>, values: readonly number[]): Value {
  const over = values.every((v) => !Number.isInteger(v))
  const size = dimOf(over ? values.map((v) => Number((1 / v).toFixed(6))) : values, w.batches, 'a number of the function')
  const scalar = w.b.named(w.b.node('Cast', [w.b.node('Squeeze', [w.b.size(size), w.b.int64([0])])], { to: TYPES[w.node.dtype].code }), w.node.dtype, [])
  return over ? w.b.pointwise('Reciprocal', [scalar], w.node.dtype) : scalar
}

export const movement = {
  input: { refuse: 'a value of a running grad, vmap or jit came into the function', remedy: 'Export outside of it.' },
  data: { refuse: 'a value without numbers' },
  full: (w) => {
    const values = w.step.nodes.map((n) => n.params.value)
    if (values.every((v) => Object.is(v, values[0]))) return w.b.scalar(w.node.dtype, values[0]!, w.shape)
    return { ...counted(w, values), shape: w.shape }
  },
  iota: (w) => {
    const length = w.dim((n) => n.params.length, 'the length')
    const dtype = w.node.dtype
    const counting = dtype === 'float64' || dtype === 'float32' ? dtype : 'int32'
    if (isFixed(length)) {
      const numbers = Array.from({ length: length.c }, (_, i) => i)
      return w.b.cast(w.b.named(w.b.stored(counting, [length.c], counting === 'int32' ? Int32Array.from(numbers) : counting === 'float32' ? Float32Array.from(numbers) : Float64Array.from(numbers)), counting, [length]), dtype)
    }
    return w.b.cast(range(w.b, length, counting), dtype)
  },
  random: { refuse: 'ONNX has no operator for the random numbers of Gradus', remedy: 'Export for inference: model.eval(), and no random functions.' },
  alias: identity(), stopGradient: identity(), barrier: identity(),
  custom: ({ inputs }) => inputs[0]!,
  reshape: ({ b, x, shape }) => {
    // axes of size 1 in front change nothing where values broadcast
    const ones = shape.length - x.shape.length
    if (ones > 0 && shape.every((d, i) => (i < ones ? isOne(d) : sameDims([d], [x.shape[i - ones]!])))) return { ...x, shape }
    return b.reshape(x, shape)
  },
  permute: ({ b, x, node }) => b.transpose(x, node.params.axes),
  expand: ({ x, shape }) => ({ ...x, shape }),
  slice: (w) => slice(w.b, w.x, w.dims((n) => n.params.start, 'the start'), w.shape, w.numbers((n) => n.params.step, 'the step')),
  pad: (w) => {
    const { inner, value } = w.node.params
    const wide = spread(w.b, w.x, inner, value)
    return pad(w.b, wide, w.dims((n) => n.params.before, 'the padding'), w.dims((n) => n.params.after, 'the padding'), value)
  },
  concat: ({ b, inputs, node, shape }) => b.value('Concat', inputs, { dtype: node.dtype, shape }, { axis: node.params.axis }),
  window: (w) => {
    const { size, stride, dilation } = w.node.params
    const lead = w.x.shape.length - size.length
    let y = w.x
    // one axis after another: [.., S, rest] → [.., P, K, rest], the last axis first so that the others keep their places
    for (let i = size.length - 1; i >= 0; i--) {
      const positions = w.shape[lead + i]!
      if (!isFixed(positions)) throw w.fail('windows slide over the batch')
      const index = w.b.int64(windowIndex(positions.c, size[i]!, stride[i]!, dilation[i]!), [positions.c, size[i]!])
      y = w.b.value('Gather', [y, index], { dtype: y.dtype, shape: [...y.shape.slice(0, lead + i), positions, fixed(size[i]!), ...y.shape.slice(lead + i + 1)] }, { axis: lead + i })
    }
    if (size.length === 1) return y
    const n = size.length
    return w.b.transpose(y, [...Array.from({ length: lead }, (_, i) => i), ...size.map((_, i) => lead + 2 * i), ...Array.from({ length: n }, (_, i) => lead + 2 * i + 1)])
  },
  fold: (w) => {
    const { shape: tail, stride, dilation } = w.node.params
    const n = stride.length
    const lead = w.x.shape.length - 2 * n
    const rest = w.x.shape.slice(lead).map((d) => {
      if (!isFixed(d)) throw w.fail('windows slide over the batch')
      return d.c
    })
    // where each element of [P…, K…] goes in the flattened axes
    let places = [0]
    for (let i = 0; i < n; i++) places = places.flatMap((at) => Array.from({ length: rest[i]! }, (_, p) => at * tail[i]! + p * stride[i]!))
    for (let i = 0; i < n; i++) {
      const by = tail.slice(i + 1).reduce((s, d) => s * d, 1)
      places = places.flatMap((at) => Array.from({ length: rest[n + i]! }, (_, k) => at + k * dilation[i]! * by))
    }
    const outer = w.x.shape.slice(0, lead)
    const count = tail.reduce((s, d) => s * d, 1)
    const flat = w.b.reshape(w.x, [...outer, fixed(places.length)])
    const zeros = w.b.force(w.b.scalar(w.x.dtype, 0, [...outer, fixed(count)]))
    const index = w.b.node('Expand', [w.b.int64(places), w.b.sizesOf([...outer, fixed(places.length)])])
    return w.b.reshape(w.b.value('ScatterElements', [zeros, index, flat], { dtype: w.x.dtype, shape: [...outer, fixed(count)] }, { axis: lead, reduction: 'add' }), w.shape)
  },
} satisfies Partial<Entries<OpName>>
