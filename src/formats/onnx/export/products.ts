// Products and indexed ops in ONNX.
import { isFloat } from '../../../base/index.ts'
import type { OpName } from '../../../ir/index.ts'
import { TYPES } from '../element-type.ts'
import type { Value } from './builder.ts'
import { type Dim, addDims, fixed, isFixed, isOne, sameDims } from './dim.ts'
import type { Entries, Writing } from './entry.ts'
import { pad, slice, spread } from './movement.ts'

/** The value with its last axes there, the first one still to be repeated if it is. */
function matrixOf(w: Writing<'dot'>, x: Value): Value {
  const rank = x.own.length
  if (rank >= 2 && sameDims(x.own.slice(-2), x.shape.slice(-2)) && x.own.slice(0, -2).every(isOne)) return { ...x, shape: x.own }
  return w.b.force(x)
}

/** Indices inside 0 … N − 1, as int64 of some shape. */
function inside(w: Writing<OpName>, index: Value, size: Dim, shape: readonly Dim[]): string {
  const last = isFixed(size) ? w.b.scalar('int32', size.c - 1).name : w.b.node('Cast', [w.b.node('Squeeze', [w.b.size(addDims(size, fixed(-1))), w.b.int64([0])])], { to: TYPES.int32.code })
  const clipped = w.b.named(w.b.node('Clip', [w.b.force(index).name, w.b.scalar('int32', 0).name, last]), 'int32', index.shape)
  return w.b.int64Of(w.b.reshape(clipped, shape))
}

export const products = {
  dot: (w) => {
    const small = w.node.dtype === 'uint8'
    const [x, y] = w.inputs.map((v) => matrixOf(w, small ? w.b.cast(v, 'int32') : v)) as [Value, Value]
    // a product of two matrices that both are still to be repeated is the repeated product
    const own = [...(x.shape.length > 2 || y.shape.length > 2 ? [[x, y].find((v) => v.shape.length > 2 && !isOne(v.shape[0]!))?.shape[0] ?? fixed(1)] : []), ...w.shape.slice(1)]
    const name = w.b.node('MatMul', [x.name, y.name])
    const out: Value = { name, dtype: x.dtype, own, shape: w.shape }
    return small ? w.b.cast(w.b.pointwise('BitwiseAnd', [out, w.b.scalar('int32', 255)], 'int32'), 'uint8') : out
  },
  conv: (w) => {
    const p = w.node.params
    const [x, kernel] = w.inputs.map((v) => w.b.force(v)) as [Value, Value]
    if (!isFloat(x.dtype)) throw w.fail(`ONNX convolves floating-point numbers, not ${x.dtype}`)
    // over no channels too: ONNX Runtime leaves such results as its memory was
    if ([...w.shape, ...kernel.shape].some((d) => isFixed(d) && d.c === 0)) return w.b.scalar(x.dtype, 0, w.shape)
    let input = x
    let padding: readonly (readonly [number, number])[] = p.padding
    if (p.inputDilation.some((d) => d !== 1) || padding.some(([a, b]) => a < 0 || b < 0)) {
      const wider = spread(w.b, input, [0, 0, ...p.inputDilation.map((d) => d - 1)], 0)
      input = pad(w.b, wider, [fixed(0), fixed(0), ...padding.map(([a]) => fixed(a))], [fixed(0), fixed(0), ...padding.map(([, b]) => fixed(b))], 0)
      padding = padding.map(() => [0, 0] as const)
    }
    const weights = kernel.shape.slice(2)
    if (!weights.every(isFixed)) throw w.fail('the kernel depends on the batch')
    return w.b.value('Conv', [input, kernel], { dtype: x.dtype, shape: w.shape }, {
      kernel_shape: weights.map((d) => d.c), strides: p.stride, pads: [...padding.map(([a]) => a), ...padding.map(([, b]) => b)], dilations: p.dilation, group: p.groups,
    })
  },
  gather: (w) => {
    const [x, index] = w.inputs as [Value, Value]
    const [B, N, R] = x.shape as [Dim, Dim, Dim]
    const [, I] = index.shape as [Dim, Dim]
    if (isOne(B)) {
      const rows = w.b.value('Gather', [w.b.reshape(x, [N, R]), inside(w as Writing<OpName>, index, N, [I])], { dtype: x.dtype, shape: [I, R] }, { axis: 0 })
      return w.b.reshape(rows, w.shape)
    }
    return w.b.value('GatherND', [x, inside(w as Writing<OpName>, index, N, [...index.shape, fixed(1)])], { dtype: x.dtype, shape: w.shape }, { batch_dims: 1 })
  },
  scatter: (w) => {
    const [base, index, update] = w.inputs as [Value, Value, Value]
    const [B, N, R] = base.shape as [Dim, Dim, Dim]
    const I = index.shape[1]!
    if (!isFixed(N)) throw w.fail('it writes along the batch')
    // what lies outside goes to a row more, which is cut off
    const b = w.b
    const low = b.pointwise('GreaterOrEqual', [index, b.scalar('int32', 0)], 'bool')
    const high = b.pointwise('Less', [index, b.scalar('int32', N.c)], 'bool')
    const safe = b.pointwise('Where', [b.pointwise('And', [low, high], 'bool'), index, b.scalar('int32', N.c)], 'int32')
    const rows = b.node('Expand', [b.int64Of(b.reshape(safe, [B, I, fixed(1)])), b.sizesOf([B, I, R])])
    const zero = fixed(0)
    const room = pad(b, base, [zero, zero, zero], [zero, fixed(1), zero], 0)
    const written = b.value('ScatterElements', [room, rows, update], { dtype: base.dtype, shape: room.shape }, { axis: 1, ...(w.node.params.mode === 'add' ? { reduction: 'add' } : {}) })
    return slice(b, written, [zero, zero, zero], [B, N, R], [1, 1, 1])
  },
  argsort: (w) => {
    const { axis, descending } = w.node.params
    const x = w.b.force(w.x.dtype === 'bool' || w.x.dtype === 'uint8' ? w.b.cast(w.x, 'int32') : w.x)
    const values = w.b.names.fresh('topk_values')
    const order = w.b.names.fresh('topk_indices')
    w.b.nodeOf('TopK', [x.name, w.b.size(x.shape[axis]!)], { axis, largest: descending ? 1 : 0, sorted: 1 }, [values, order])
    return w.b.named(w.b.node('Cast', [order], { to: TYPES.int32.code }), 'int32', w.shape)
  },
} satisfies Partial<Entries<OpName>>
