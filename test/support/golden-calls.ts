// The functions the golden file names, as calls of the public interface (and of single ops where there is no function).
import * as g from '../../src/tensor/index.ts'
import { computesWith } from './devices.ts'
import { emit as e, wholeTable } from '../../src/ir/index.ts'

// nodes are made here without the functions that bring their ops along
wholeTable()

const { Tensor } = g
/** The widest floating type of the device. */
const wide = (): 'float32' | 'float64' => (computesWith(g.currentDevice(), 'float64') ? 'float64' : 'float32')
type Tensor = g.Tensor
type Args = readonly never[]
export type Call = (xs: readonly Tensor[], args: Args) => Tensor | readonly Tensor[]

/** A method of the first tensor that takes the other tensors, then the arguments. */
const method = (name: string): Call => ([x, ...rest], args) => (x as unknown as Record<string, (...list: unknown[]) => Tensor>)[name]!(...rest, ...args)
const methods = (...names: string[]): Record<string, Call> => Object.fromEntries(names.map((n) => [n, method(n)]))
const reducing = (name: 'sum'): Call => ([x], [axes, keepdims]) => x![name](axes, { keepdims: keepdims as unknown as boolean })
const reductions = (...names: string[]): Record<string, Call> => Object.fromEntries(names.map((n) => [n, reducing(n as 'sum')]))
const spread = (name: 'conv1d' | 'convTranspose1d'): Call => ([x, w], [options]) => g[name](x!, w!, options)
const pooling = (name: 'maxPool1d'): Call => ([x], [size, options]) => g[name](x!, size, options)

export const CALLS: Readonly<Record<string, Call>> = {
  ...methods(
    'neg', 'abs', 'sign', 'exp', 'expm1', 'exp2', 'log', 'log1p', 'log2', 'log10', 'sqrt', 'rsqrt', 'square', 'reciprocal', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh',
    'tanh', 'asinh', 'acosh', 'atanh', 'erf', 'sigmoid', 'softplus', 'relu', 'floor', 'ceil', 'trunc', 'round', 'isNaN', 'isInf', 'isFinite', 'logicalNot', 'bitwiseNot',
    'add', 'sub', 'mul', 'div', 'floorDivide', 'remainder', 'pow', 'maximum', 'minimum', 'atan2', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'logicalAnd', 'logicalOr', 'logicalXor',
    'bitwiseAnd', 'bitwiseOr', 'bitwiseXor', 'shiftLeft', 'shiftRight', 'clamp', 'to', 'softmax', 'logSoftmax', 'reshape', 'flatten', 'squeeze', 'unsqueeze', 'permute', 'transpose',
    'moveAxis', 'expand', 'flip', 'pad', 'split', 'tile', 'roll', 'tril', 'triu', 'take', 'gather', 'scatterAdd', 'scatter', 'matmul', 'outer',
  ),
  ...reductions('sum', 'prod', 'max', 'min', 'mean', 'logsumexp', 'norm', 'any', 'all'),
  var: ([x], [axes, keepdims, correction]) => x!.var(axes, { keepdims, ...(correction === undefined ? {} : { correction }) }),
  std: ([x], [axes, keepdims, correction]) => x!.std(axes, { keepdims, correction }),
  cumsum: ([x], [axis, reverse]) => x!.cumsum(axis, { reverse }),
  argmax: ([x], [axis]) => x!.argmax(axis ?? undefined),
  argmin: ([x], [axis]) => x!.argmin(axis ?? undefined),
  argsort: ([x], [axis, descending]) => x!.argsort(axis, { descending }),
  sort: ([x], [axis, descending]) => x!.sort(axis, { descending }),
  topk: ([x], [k, axis, largest]) => {
    const { values, indices } = x!.topk(k, axis, { largest })
    return [values, indices]
  },
  T: ([x]) => x!.T,
  at: ([x], [spec]) => x!.at(...(spec as g.At[])),
  atTensor: ([x, index], [axis]) => x!.at(...new Array<null>(axis).fill(null), index!),
  where: ([c, a, b]) => g.where(c!, a!, b!),
  concat: (xs, [axis]) => g.concat(xs, axis),
  stack: (xs, [axis]) => g.stack(xs, axis),
  window: ([x], [size, step]) => new Tensor(e.make('window', [x!.node], { size, stride: step, dilation: (size as number[]).map(() => 1) })),
  fold: ([x], [stride, length]) => new Tensor(e.make('fold', [e.reshape(x!.node, x!.shape)], { shape: [length], stride: [stride], dilation: [1] })),
  oneHot: ([x], [classes]) => g.oneHot(x!, classes, wide()),
  embedding: ([table, index]) => g.embedding(table!, index!),
  einsum: (xs, [formula]) => g.einsum(formula, ...xs),
  conv1d: spread('conv1d'), conv2d: spread('conv2d' as 'conv1d'), conv3d: spread('conv3d' as 'conv1d'),
  convTranspose1d: spread('convTranspose1d'), convTranspose2d: spread('convTranspose2d' as 'conv1d'), convTranspose3d: spread('convTranspose3d' as 'conv1d'),
  maxPool1d: pooling('maxPool1d'), maxPool2d: pooling('maxPool2d' as 'maxPool1d'), maxPool3d: pooling('maxPool3d' as 'maxPool1d'),
  avgPool1d: pooling('avgPool1d' as 'maxPool1d'), avgPool2d: pooling('avgPool2d' as 'maxPool1d'), avgPool3d: pooling('avgPool3d' as 'maxPool1d'),
  scan: ([w, h, x], [reverse]) => {
    const step = (carry: Tensor, row: Tensor): [Tensor, Tensor] => {
      const next = w!.mul(carry).add(row).tanh()
      return [next, next.mul(carry)]
    }
    return g.scan(step, h!, x!, { reverse })
  },
  cond: ([x, y], [flag]) => g.cond(g.tensor(flag), (a: Tensor, b: Tensor) => a.mul(b.sin()), (a: Tensor, b: Tensor) => a.add(b.exp()), x!, y!),
  full: (_, [shape, value]) => g.full(shape, value, wide()),
  iota: (_, [length]) => new Tensor(e.iota(length, 'int32')),
  eye: (_, [rows, columns]) => g.eye(rows, columns, wide()),
  arange: (_, [from, to, step]) => g.arange(from, to, step, 'float64' as never),
  linspace: (_, [from, to, count]) => g.linspace(from, to, count, 'float64' as never),
  bitcast: ([x], [dtype]) => new Tensor(e.make('bitcast', [x!.node], { dtype })),
  ushr: ([x, y]) => new Tensor(e.binary('ushr', x!.node, y!.node)),
  randomWords: ([keys], [length, stream, word]) => new Tensor(e.make('random', [keys!.node], { length, stream, word })),
  uniform: ([key]) => g.uniform([6], { key: key!, dtype: 'float32' }),
}
