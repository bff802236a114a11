// Reductions and running sums in ONNX; pooling is found again in the windows it is made of.
import { type DType, isFloat } from '../../../base/index.ts'
import { type Node, type OpName, defOf } from '../../../ir/index.ts'
import { TYPES } from '../element-type.ts'
import type { Value } from './builder.ts'
import { isFixed } from './dim.ts'
import type { Entries, Writer, Writing } from './entry.ts'
import type { Step } from './step.ts'

type Reduce = 'sum' | 'prod' | 'reduceMax' | 'reduceMin'

const reduce = <K extends Reduce>(op: string): Writer<K> => (w) => {
  const axes = (w.node as Node<Reduce>).params.axes
  const { lower } = defOf(w.step.op)
  // of nothing: ONNX leaves the largest and the smallest open
  if (lower.kind === 'reduce' && axes.some((a) => isFixed(w.x.shape[a]!) && w.x.shape[a]!.c === 0)) return w.b.scalar(w.node.dtype, lower.init(w.node.dtype), w.shape)
  const small = w.x.dtype === 'uint8' || w.x.dtype === 'bool'
  const x = small ? w.b.cast(w.x, 'int32') : w.x
  const y = w.b.value(op, [x, w.b.int64(axes)], { dtype: x.dtype, shape: w.shape }, { keepdims: 0 })
  if (!small) return y
  return w.b.cast(w.x.dtype === 'uint8' ? w.b.pointwise('BitwiseAnd', [y, w.b.scalar('int32', 255)], 'int32') : y, w.x.dtype)
}

/** The window whose elements a reduction folds, all of them and nothing else; null if it does not. */
function pooled(w: Writing<Reduce>, step: Step): { readonly window: Step<'window'>; readonly x: Value } | null {
  const { axes } = w.node.params
  const flat = step.op === 'reshape'
  const seen = flat ? step.inputs[0]! : step
  if (seen.op !== 'window' || !isFloat(w.node.dtype)) return null
  const node = seen.nodes[0] as Node<'window'>
  const n = node.params.size.length
  const rank = node.shape.length
  // ONNX pools [N, C, one to three axes]
  if (rank - 2 * n !== 2 || n > 3) return null
  const whole = flat ? axes.length === 1 && axes[0] === rank - n && step.nodes[0]!.shape.length === rank - n + 1 : axes.length === n && axes.every((a, i) => a === rank - n + i)
  return whole ? { window: seen as Step<'window'>, x: w.written(seen.inputs[0]!) } : null
}

function pool(w: Writing<Reduce>, op: string, found: { readonly window: Step<'window'>; readonly x: Value }): Value {
  const { size, stride, dilation } = found.window.nodes[0]!.params
  return w.b.value(op, [found.x], { dtype: found.x.dtype, shape: w.shape }, { kernel_shape: size, strides: stride, ...(dilation.every((d) => d === 1) ? {} : { dilations: dilation }) })
}

const extreme = (op: string): Writer<'argmax' | 'argmin'> => (w) => {
  const { axis } = (w.node as Node<'argmax'>).params
  const small = w.x.dtype === 'uint8' || w.x.dtype === 'bool'
  const x = w.b.force(small ? w.b.cast(w.x, 'int32') : w.x)
  return w.b.named(w.b.node('Cast', [w.b.node(op, [x.name], { axis, keepdims: 0 })], { to: TYPES.int32.code }), 'int32', w.shape)
}

export const reductions = {
  sum: (w) => {
    const found = pooled(w as Writing<Reduce>, w.step.inputs[0]!)
    const { dilation, size } = found?.window.nodes[0]?.params ?? { dilation: [2], size: [] }
    // averages of dilated windows came with a later opset
    if (found === null || dilation.some((d) => d !== 1)) return (reduce('ReduceSum') as Writer<'sum'>)(w)
    const mean = pool(w as Writing<Reduce>, 'AveragePool', found)
    return w.b.pointwise('Mul', [mean, w.b.scalar(mean.dtype, size.reduce((p, k) => p * k, 1))], mean.dtype)
  },
  prod: reduce('ReduceProd'),
  reduceMax: (w) => {
    const found = pooled(w as Writing<Reduce>, w.step.inputs[0]!)
    return found === null ? (reduce('ReduceMax') as Writer<'reduceMax'>)(w) : pool(w as Writing<Reduce>, 'MaxPool', found)
  },
  reduceMin: reduce('ReduceMin'),
  argmax: extreme('ArgMax') as Writer<'argmax'>,
  argmin: extreme('ArgMin') as Writer<'argmin'>,
  cumsum: ({ b, x, node, shape }) => {
    const narrow: DType = x.dtype === 'uint8' ? 'int32' : x.dtype
    return b.cast(b.value('CumSum', [b.cast(x, narrow), b.int64([node.params.axis], [])], { dtype: narrow, shape }, { reverse: node.params.reverse ? 1 : 0 }), x.dtype)
  },
} satisfies Partial<Entries<OpName>>
