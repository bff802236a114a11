// Initialisers: (shape, options) → tensor of random (or constant) numbers from the default generator.
// Shapes are PyTorch's: [out, in, …kernel]; fan in = in·kernel, fan out = out·kernel.
import { listOf, optionsOf } from '../base/index.ts'
import { type Shape, ShapeError, type Tensor, matmul, normal as randomNormal, truncatedNormal as randomTruncated, uniform as randomUniform, ones as oneTensor, scan, where, zeros as zeroTensor, arange } from '../tensor/index.ts'
import { oneOf, requireRange } from './checks.ts'

/** What layers take to fill a weight. */
export type Initializer = (shape: Shape) => Tensor

export interface FanOptions {
  /** Which side's variance is kept: of the signals (fan in, default) or of the gradients (fan out). */
  readonly mode?: 'fanIn' | 'fanOut'
  /** Slope of the leaky relu that follows; 0 (default) for relu. */
  readonly slope?: number
}

/** Numbers of inputs and outputs of one unit, by the shape of its weight. */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (listOf('init', 'shape', shape).length < 2) throw new ShapeError('init', 'fan in and fan out need a weight', { expected: '[out, in, …kernel]', received: `[${shape}]` })
  const kernel = shape.slice(2).reduce((p, d) => p * d, 1)
  return { fanIn: shape[1]! * kernel, fanOut: shape[0]! * kernel }
}

const symmetric = (shape: Shape, bound: number): Tensor => randomUniform(shape, { low: -bound, high: bound })
/** An empty weight has no fan; its bound does not matter. */
const per = (variance: number, fan: number): number => Math.sqrt(fan > 0 ? variance / fan : 0)
const heStd = (operation: string, shape: Shape, options: FanOptions): number => {
  const { mode = 'fanIn', slope = 0 } = optionsOf(operation, options)
  requireRange(operation, 'slope', slope, -Number.MAX_VALUE, Number.MAX_VALUE)
  oneOf(operation, 'mode', mode, 'fanIn', 'fanOut')
  return per(2 / (1 + slope * slope), fans(shape)[mode])
}

export const zeros: Initializer = (shape) => zeroTensor(shape)
export const ones: Initializer = (shape) => oneTensor(shape)
/** Uniform in [low, high), default [0, 1). */
export const uniform = (shape: Shape, options: { readonly low?: number; readonly high?: number } = {}): Tensor => randomUniform(shape, options)
/** Normal, default mean 0 and standard deviation 1. */
export const normal = (shape: Shape, options: { readonly mean?: number; readonly std?: number } = {}): Tensor => randomNormal(shape, options)
/** Normal, cut at `low` and `high` standard deviations from the mean (default ±2). */
export const truncatedNormal = (shape: Shape, options: { readonly mean?: number; readonly std?: number; readonly low?: number; readonly high?: number } = {}): Tensor => randomTruncated(shape, options)

/**
 * Uniform within ±gain·√(6/(fanIn + fanOut)): for sigmoid and tanh (Glorot & Bengio, 2010).
 *
 * @example
 * ```ts
 * import { Linear, init } from 'gradus/nn'
 *
 * new Linear(30, 10, { weight: init.xavierUniform }).weight.shape // → [10, 30]
 * ```
 */
export const xavierUniform = (shape: Shape, options: { readonly gain?: number } = {}): Tensor => {
  const { fanIn, fanOut } = fans(shape)
  return symmetric(shape, (optionsOf('xavierUniform', options).gain ?? 1) * per(6, fanIn + fanOut))
}
/** Normal with standard deviation gain·√(2/(fanIn + fanOut)). */
export const xavierNormal = (shape: Shape, options: { readonly gain?: number } = {}): Tensor => {
  const { fanIn, fanOut } = fans(shape)
  return randomNormal(shape, { std: (optionsOf('xavierNormal', options).gain ?? 1) * per(2, fanIn + fanOut) })
}
/** Uniform of variance 2/((1 + slope²)·fan): for relu and its kin (He et al., 2015). PyTorch's kaiming_uniform_. */
export const heUniform = (shape: Shape, options: FanOptions = {}): Tensor => symmetric(shape, Math.sqrt(3) * heStd('heUniform', shape, options))
/**
 * Normal of variance 2/((1 + slope²)·fan). PyTorch's kaiming_normal_.
 *
 * @example
 * ```ts
 * import { Conv2d, init } from 'gradus/nn'
 *
 * new Conv2d(1, 8, { kernelSize: 3, weight: init.heNormal, bias: init.zeros }).parameterCount() // → 80
 * ```
 */
export const heNormal = (shape: Shape, options: FanOptions = {}): Tensor => randomNormal(shape, { std: heStd('heNormal', shape, options) })
/** Uniform of variance 1/fanIn: for selu and linear units (LeCun et al., 1998). */
export const lecunUniform = (shape: Shape): Tensor => symmetric(shape, per(3, fans(shape).fanIn))
/** Normal of variance 1/fanIn. */
export const lecunNormal = (shape: Shape): Tensor => randomNormal(shape, { std: per(1, fans(shape).fanIn) })
/** PyTorch's own default for Linear and Conv weights and biases: uniform within ±1/√fanIn. */
export const fanInUniform = (shape: Shape, fanIn: number): Tensor => symmetric(shape, per(1, fanIn))

/**
 * A matrix with orthonormal rows (or columns, if it is taller than wide), evenly distributed over all such matrices
 * (Saxe et al., 2013). Axes after the first count as one.
 *
 * @example
 * ```ts
 * import { init } from 'gradus/nn'
 *
 * const w = init.orthogonal([3, 8])
 * await w.matmul(w.T).array() // the identity, to rounding
 * ```
 */
export function orthogonal(shape: Shape, options: { readonly gain?: number } = {}): Tensor {
  if (listOf('orthogonal', 'shape', shape).length < 2) throw new ShapeError('orthogonal', 'not a matrix', { expected: 'at least two axes', received: `[${shape}]` })
  const rows = shape[0]!
  const columns = shape.slice(1).reduce((p, d) => p * d, 1)
  const few = Math.min(rows, columns)
  const many = Math.max(rows, columns)
  if (few === 0) return zeroTensor(shape)
  // Gram–Schmidt on the rows of a normal matrix, each projected twice ("twice is enough": Giraud et al., 2005).
  const index = arange(few)
  const [q] = scan(
    (done: Tensor, { row, at }: { row: Tensor; at: Tensor }): [Tensor, null] => {
      const project = (v: Tensor): Tensor => v.sub(matmul(matmul(done, v), done))
      const v = project(project(row))
      const unit = v.div(v.square().sum().sqrt())
      return [where(index.eq(at).reshape(few, 1), unit.reshape(1, many), done), null]
    },
    zeroTensor([few, many]),
    { row: randomNormal([few, many]), at: index },
  )
  const gain = optionsOf('orthogonal', options).gain ?? 1
  return (rows <= columns ? q : q.T).reshape(shape).mul(gain)
}
