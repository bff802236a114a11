// Tensor: the user's handle on a value. Immutable, lazy, reusable: an operation builds a graph node; reading computes it.
import { type DType, DTypeError, type Nested, type Shape, ShapeError, type TypedArray, ValueError, checkDType, describeValue, isFloat, optionsOf, showShape, sizeOf, toNested } from '../base/index.ts'
import { type BinaryName, type Node, type UnaryName, emit as e } from '../ir/index.ts'
import * as el from './array/elementwise.ts'
import * as ix from './array/indexing.ts'
import * as li from './array/linear.ts'
import * as re from './array/reducing.ts'
import * as sh from './array/shaping.ts'
import { backend } from './devices.ts'
import { isTraced, realize, tooLong, usable } from './realize.ts'
import { inspected } from './show.ts'
import { hostStorage, storageOf } from './storage.ts'

/** What arithmetic takes beside a tensor: a plain number has the tensor's type. */
export type TensorLike = Tensor | number | boolean
/** One entry of `at`: index, [start, stop, step], null (all), 'new' axis, '...' (the rest), or an index tensor. */
export type At = number | readonly [(number | null)?, (number | null)?, (number | null)?] | null | 'new' | '...' | Tensor
export interface ReduceOptions {
  /** Leave reduced axes as size 1. */
  readonly keepdims?: boolean
}
export type { AxesArg } from './array/reducing.ts'
type Axes = re.AxesArg

/** @internal The operand behind what the user passed; refuses what is neither tensor nor number. */
export function operandOf(operation: string, x: TensorLike): el.Operand {
  if (x instanceof Tensor) return x.node
  if (typeof x !== 'number' && typeof x !== 'boolean') throw new DTypeError(operation, 'not an operand', { expected: 'a tensor, a number or a boolean', received: describeValue(x), ...(Array.isArray(x) ? { remedy: 'Wrap it: tensor([…]).' } : {}) })
  return x
}
/** @internal The node of an argument that must be a tensor. */
export function nodeOf(operation: string, x: Tensor): Node {
  if (!(x instanceof Tensor)) throw new DTypeError(operation, 'not a tensor', { expected: 'a tensor', received: describeValue(x), remedy: 'Make one with tensor(…).' })
  return x.node
}
/**
 * The argument, if it is a tensor: what functions of tensors begin with. For layers and losses of one's own, too.
 * @throws DTypeError in the name of `operation` for anything else.
 *
 * @example
 * ```ts
 * import { tensor, tensorOf, type Tensor } from 'gradus'
 *
 * const cube = (x: Tensor) => tensorOf('cube', x).pow(3)
 * await cube(tensor([2])).array() // → [8]
 * ```
 */
export function tensorOf(operation: string, x: Tensor): Tensor {
  nodeOf(operation, x)
  return x
}

/**
 * A multi-dimensional array of float32, float64, int32, uint8 or bool.
 *
 * Operations do not compute: they describe. Values are computed, fused, when read (`await x.data()`), and are then kept
 * until the tensor is collected. Nothing needs to be freed; `using` or `dispose()` frees at once where that matters.
 */
export class Tensor {
  /** @internal The graph node behind the handle. */
  node: Node
  /** @internal */
  constructor(node: Node) {
    if (node?.inputs === undefined) throw new ValueError('Tensor', 'a tensor is not made with new', { received: describeValue(node), remedy: 'Write tensor([1, 2]).' })
    this.node = node
    if (tooLong(node, backend)) realize(backend(), [node])
    this.settle()
  }

  get shape(): Shape {
    return this.node.shape
  }
  get dtype(): DType {
    return this.node.dtype
  }
  /** Number of axes. */
  get ndim(): number {
    return this.node.shape.length
  }
  /** Number of elements. */
  get size(): number {
    return sizeOf(this.node.shape)
  }

  // ---- reading ---------------------------------------------------------------------------------------------

  /** The elements in row-major order, as a typed array of the caller's own (bool as 0/1 bytes). */
  async data(): Promise<TypedArray> {
    this.compute()
    const storage = usable(storageOf(this.node)!)
    const data = storage.host === null ? await storage.resident!.backend.read(storage) : storage.host.data.slice()
    const turn = backend().relieve?.()
    if (turn) await turn
    return data
  }
  /** The value of a tensor with one element. */
  async item(): Promise<number> {
    if (this.size !== 1) throw new ShapeError('item', 'not one element', { expected: 'a tensor of size 1', received: showShape(this.shape), remedy: 'Read all of it with data() or array().' })
    return (await this.data())[0]!
  }
  /** Nested plain arrays (a bare value for a scalar). */
  async array(): Promise<Nested> {
    return toNested({ dtype: this.dtype, shape: this.shape, data: await this.data() })
  }
  /** Computes the value now, without reading it; returns the tensor. */
  realize(): this {
    this.compute()
    return this
  }
  /** Frees the value's memory at once. Using the tensor afterwards is an error. */
  dispose(): void {
    const storage = storageOf(this.node)
    if (storage === null || storage.gone !== null) return
    storage.resident?.backend.release(storage)
    storage.host = null
    storage.gone = 'disposed'
  }
  [Symbol.dispose](): void {
    this.dispose()
  }
  toString(): string {
    return `Tensor ${this.dtype}${showShape(this.shape)}`
  }

  /** What `console.log` shows in Node: type, shape and values. Computes them if need be. */
  [Symbol.for('nodejs.util.inspect.custom')](depth: number, options?: { readonly depth?: number | null }): string {
    return inspected(this.toString(), this.node, () => this.compute(), depth < (options?.depth ?? 2))
  }

  // ---- type and place --------------------------------------------------------------------------------------

  /** The same values in another type; floats become integers by truncation. */
  to(dtype: DType): Tensor {
    checkDType('to', dtype)
    return new Tensor(e.cast(this.node, dtype))
  }
  /** The same value, a constant to derivatives. */
  stopGradient(): Tensor {
    return new Tensor(e.unary('stopGradient', this.node))
  }

  // ---- elementwise, two operands (NumPy broadcasting and promotion) ----------------------------------------

  add(other: TensorLike): Tensor { return this.binary('add', 'add', other) }
  sub(other: TensorLike): Tensor { return this.binary('sub', 'sub', other) }
  mul(other: TensorLike): Tensor { return this.binary('mul', 'mul', other) }
  /** True division: integers become float32. */
  div(other: TensorLike): Tensor { return this.binary('div', 'div', other, 'float') }
  /** ⌊x / y⌋ */
  floorDivide(other: TensorLike): Tensor { return this.binary('floorDivide', 'floorDiv', other) }
  /** x − y·⌊x / y⌋: the sign of y. */
  remainder(other: TensorLike): Tensor { return this.binary('remainder', 'remainder', other) }
  pow(other: TensorLike): Tensor { return new Tensor(power(this.node, operandOf('pow', other))) }
  maximum(other: TensorLike): Tensor { return this.binary('maximum', 'max', other) }
  minimum(other: TensorLike): Tensor { return this.binary('minimum', 'min', other) }
  /** The angle of the point (x = other, y = this). */
  atan2(other: TensorLike): Tensor { return this.binary('atan2', 'atan2', other, 'float') }
  eq(other: TensorLike): Tensor { return this.binary('eq', 'eq', other, 'any') }
  ne(other: TensorLike): Tensor { return this.binary('ne', 'ne', other, 'any') }
  lt(other: TensorLike): Tensor { return this.binary('lt', 'lt', other, 'any') }
  le(other: TensorLike): Tensor { return this.binary('le', 'le', other, 'any') }
  gt(other: TensorLike): Tensor { return new Tensor(el.binary('gt', 'lt', operandOf('gt', other), this.node, 'any')) }
  ge(other: TensorLike): Tensor { return new Tensor(el.binary('ge', 'le', operandOf('ge', other), this.node, 'any')) }
  logicalAnd(other: Tensor): Tensor { return new Tensor(el.binary('logicalAnd', 'and', el.truth(this.node), el.truth(nodeOf('logicalAnd', other)), 'logic')) }
  logicalOr(other: Tensor): Tensor { return new Tensor(el.binary('logicalOr', 'or', el.truth(this.node), el.truth(nodeOf('logicalOr', other)), 'logic')) }
  logicalXor(other: Tensor): Tensor { return new Tensor(el.binary('logicalXor', 'xor', el.truth(this.node), el.truth(nodeOf('logicalXor', other)), 'logic')) }
  logicalNot(): Tensor { return new Tensor(e.unary('not', el.truth(this.node))) }
  bitwiseAnd(other: TensorLike): Tensor { return this.binary('bitwiseAnd', 'and', other, 'logic') }
  bitwiseOr(other: TensorLike): Tensor { return this.binary('bitwiseOr', 'or', other, 'logic') }
  bitwiseXor(other: TensorLike): Tensor { return this.binary('bitwiseXor', 'xor', other, 'logic') }
  bitwiseNot(): Tensor { return this.unary('bitwiseNot', 'not', 'logic') }
  shiftLeft(other: TensorLike): Tensor { return this.binary('shiftLeft', 'shl', other, 'int') }
  shiftRight(other: TensorLike): Tensor { return this.binary('shiftRight', 'shr', other, 'int') }

  // ---- elementwise, one operand ----------------------------------------------------------------------------

  neg(): Tensor { return this.unary('neg', 'neg', 'number') }
  abs(): Tensor { return this.unary('abs', 'abs', 'number') }
  sign(): Tensor { return this.unary('sign', 'sign', 'number') }
  exp(): Tensor { return this.unary('exp', 'exp') }
  expm1(): Tensor { return this.unary('expm1', 'expm1') }
  /** 2ˣ */
  exp2(): Tensor { return this.mul(Math.LN2).exp() }
  log(): Tensor { return this.unary('log', 'log') }
  log1p(): Tensor { return this.unary('log1p', 'log1p') }
  log2(): Tensor { return this.log().mul(Math.LOG2E) }
  log10(): Tensor { return this.log().mul(Math.LOG10E) }
  sqrt(): Tensor { return this.unary('sqrt', 'sqrt') }
  rsqrt(): Tensor { return this.unary('rsqrt', 'rsqrt') }
  square(): Tensor { return this.mul(this) }
  reciprocal(): Tensor { return new Tensor(el.binary('reciprocal', 'div', 1, this.node, 'float')) }
  sin(): Tensor { return this.unary('sin', 'sin') }
  cos(): Tensor { return this.unary('cos', 'cos') }
  tan(): Tensor { return this.unary('tan', 'tan') }
  asin(): Tensor { return this.unary('asin', 'asin') }
  acos(): Tensor { return this.unary('acos', 'acos') }
  atan(): Tensor { return this.unary('atan', 'atan') }
  sinh(): Tensor { return this.unary('sinh', 'sinh') }
  cosh(): Tensor { return this.unary('cosh', 'cosh') }
  tanh(): Tensor { return this.unary('tanh', 'tanh') }
  asinh(): Tensor { return this.unary('asinh', 'asinh') }
  acosh(): Tensor { return this.unary('acosh', 'acosh') }
  atanh(): Tensor { return this.unary('atanh', 'atanh') }
  erf(): Tensor { return this.unary('erf', 'erf') }
  sigmoid(): Tensor { return this.unary('sigmoid', 'sigmoid') }
  softplus(): Tensor { return this.unary('softplus', 'softplus') }
  relu(): Tensor { return this.unary('relu', 'relu', 'number') }
  floor(): Tensor { return new Tensor(el.rounding('floor', this.node)) }
  ceil(): Tensor { return new Tensor(el.rounding('ceil', this.node)) }
  trunc(): Tensor { return new Tensor(el.rounding('trunc', this.node)) }
  /** Nearest integer, halves to even. */
  round(): Tensor { return new Tensor(el.rounding('round', this.node)) }
  /** Values below `min` raised to it, above `max` lowered to it (null: no bound); NaN stays. */
  clamp(min: TensorLike | null, max: TensorLike | null = null): Tensor {
    let y: Tensor = this
    if (min !== null) y = y.maximum(min)
    if (max !== null) y = y.minimum(max)
    return y
  }
  isNaN(): Tensor { return this.ne(this) }
  isInf(): Tensor { return isFloat(this.dtype) ? this.abs().eq(Infinity) : this.ne(this) }
  isFinite(): Tensor { return isFloat(this.dtype) ? this.abs().lt(Infinity) : this.eq(this) }

  // ---- shape -----------------------------------------------------------------------------------------------

  /** The same elements in row-major order; one size may be -1. */
  reshape(...shape: number[] | [Shape]): Tensor { return new Tensor(sh.reshape(this.node, list(shape))) }
  /** Axes `from` … `to` merged into one. */
  flatten(from = 0, to = -1): Tensor { return new Tensor(sh.flatten(this.node, from, to)) }
  squeeze(axes?: number | readonly number[]): Tensor { return new Tensor(sh.squeeze(this.node, axes)) }
  unsqueeze(axis: number): Tensor { return new Tensor(sh.unsqueeze(this.node, axis)) }
  permute(...axes: number[] | [readonly number[]]): Tensor { return new Tensor(sh.permute(this.node, list(axes))) }
  /** Two axes exchanged (the last two by default). */
  transpose(a = -2, b = -1): Tensor { return new Tensor(sh.transpose(this.node, a, b)) }
  /** All axes in reverse order. */
  get T(): Tensor { return new Tensor(e.permute(this.node, this.shape.map((_, i) => this.ndim - 1 - i))) }
  moveAxis(from: number, to: number): Tensor { return new Tensor(sh.moveAxis(this.node, from, to)) }
  /** Sizes of 1 (and new leading axes) repeated; -1 keeps a size. */
  expand(...shape: number[] | [Shape]): Tensor { return new Tensor(sh.expand(this.node, list(shape))) }
  broadcastTo(shape: Shape): Tensor { return this.expand(shape) }
  flip(axes?: number | readonly number[]): Tensor { return new Tensor(sh.flip(this.node, axes)) }
  /** [before, after] for the trailing axes; negative numbers crop. */
  pad(widths: readonly (readonly [number, number])[], value = 0): Tensor { return new Tensor(sh.pad(this.node, widths, value)) }
  /** Pieces of one size (the last may be smaller), or of given sizes, along an axis. */
  split(sizes: number | readonly number[], axis = 0): Tensor[] { return sh.split(this.node, sizes, axis).map((n) => new Tensor(n)) }
  tile(...repeats: number[] | [readonly number[]]): Tensor { return new Tensor(sh.tile(this.node, list(repeats))) }
  roll(shift: number, axis = 0): Tensor { return new Tensor(sh.roll(this.node, shift, axis)) }
  tril(diagonal = 0): Tensor { return new Tensor(sh.triangle(this.node, diagonal, false)) }
  triu(diagonal = 0): Tensor { return new Tensor(sh.triangle(this.node, diagonal, true)) }
  /** NumPy-style indexing: `x.at(0, [1, 5], [null, null, -1])`. */
  at(...spec: At[]): Tensor {
    return new Tensor(ix.at(this.node, spec.map((s) => (s instanceof Tensor ? s.node : s))))
  }

  // ---- reductions (all axes by default) --------------------------------------------------------------------

  sum(axes?: Axes, options: ReduceOptions = {}): Tensor { return new Tensor(re.reduce('sum', 'sum', this.node, axes, kept('sum', options))) }
  mean(axes?: Axes, options: ReduceOptions = {}): Tensor { return new Tensor(re.mean(this.node, axes, kept('mean', options))) }
  prod(axes?: Axes, options: ReduceOptions = {}): Tensor { return new Tensor(re.reduce('prod', 'prod', this.node, axes, kept('prod', options))) }
  max(axes?: Axes, options: ReduceOptions = {}): Tensor { return new Tensor(re.reduce('max', 'reduceMax', this.node, axes, kept('max', options))) }
  min(axes?: Axes, options: ReduceOptions = {}): Tensor { return new Tensor(re.reduce('min', 'reduceMin', this.node, axes, kept('min', options))) }
  any(axes?: Axes, options: ReduceOptions = {}): Tensor { return new Tensor(allAny('any', this.node, axes, kept('any', options))) }
  all(axes?: Axes, options: ReduceOptions = {}): Tensor { return new Tensor(allAny('all', this.node, axes, kept('all', options))) }
  argmax(axis?: number, options: ReduceOptions = {}): Tensor { return new Tensor(re.arg('argmax', this.node, axis, kept('argmax', options))) }
  argmin(axis?: number, options: ReduceOptions = {}): Tensor { return new Tensor(re.arg('argmin', this.node, axis, kept('argmin', options))) }
  /** Variance; `correction` 1 (default, as PyTorch) divides by n − 1. */
  var(axes?: Axes, options: ReduceOptions & { readonly correction?: number } = {}): Tensor { return new Tensor(re.variance(this.node, axes, kept('var', options), options.correction ?? 1)) }
  std(axes?: Axes, options: ReduceOptions & { readonly correction?: number } = {}): Tensor { return this.var(axes, options).sqrt() }
  /** ln Σ eˣ, stable. */
  logsumexp(axes?: Axes, options: ReduceOptions = {}): Tensor { return new Tensor(re.logsumexp(this.node, axes, kept('logsumexp', options))) }
  /** √Σx²; the gradient of a norm of zero is zero. */
  norm(axes?: Axes, options: ReduceOptions = {}): Tensor { return new Tensor(re.norm(this.node, axes, kept('norm', options))) }
  softmax(axis = -1): Tensor { return new Tensor(re.softmax(this.node, axis)) }
  logSoftmax(axis = -1): Tensor { return new Tensor(re.logSoftmax(this.node, axis)) }
  cumsum(axis: number, options: { readonly reverse?: boolean } = {}): Tensor { return new Tensor(re.cumsum(this.node, axis, optionsOf('cumsum', options).reverse === true)) }

  // ---- order and places ------------------------------------------------------------------------------------

  argsort(axis = -1, options: { readonly descending?: boolean } = {}): Tensor { return new Tensor(re.argsort(this.node, axis, optionsOf('argsort', options).descending === true)) }
  sort(axis = -1, options: { readonly descending?: boolean } = {}): Tensor {
    return new Tensor(ix.indexedGather(this.node, re.argsort(this.node, axis, optionsOf('sort', options).descending === true), axis))
  }
  /** The k largest (or smallest) along an axis, in order. */
  topk(k: number, axis = -1, options: { readonly largest?: boolean } = {}): { values: Tensor; indices: Tensor } {
    const { values, indices } = re.topk(this.node, k, axis, optionsOf('topk', options).largest !== false)
    return { values: new Tensor(values), indices: new Tensor(indices) }
  }
  /** Positions of an axis chosen by an integer tensor of any shape: x[:, indices]. Out of range clamps. */
  take(indices: Tensor, axis = 0): Tensor { return new Tensor(ix.take(this.node, nodeOf('take', indices), axis)) }
  /** torch.gather: out[i][j] = x[i][index[i][j]] */
  gather(index: Tensor, axis: number): Tensor { return new Tensor(ix.indexedGather(this.node, nodeOf('gather', index), axis)) }
  /** `update` added at the places gather would read. */
  scatterAdd(index: Tensor, update: Tensor, axis: number): Tensor { return new Tensor(ix.indexedScatter(this.node, nodeOf('scatterAdd', index), nodeOf('scatterAdd', update), axis, 'add')) }
  /** `update` written at the places gather would read. */
  scatter(index: Tensor, update: Tensor, axis: number): Tensor { return new Tensor(ix.indexedScatter(this.node, nodeOf('scatter', index), nodeOf('scatter', update), axis, 'set')) }

  // ---- products --------------------------------------------------------------------------------------------

  /** NumPy's matmul: (.., M, K) × (.., K, N) → (.., M, N); vectors are rows and columns. */
  matmul(other: Tensor): Tensor { return new Tensor(li.matmul(this.node, nodeOf('matmul', other))) }
  /** The same as matmul (the inner product of two vectors). */
  dot(other: Tensor): Tensor { return this.matmul(other) }
  /** Every product of two vectors' elements. */
  outer(other: Tensor): Tensor { return this.reshape(-1, 1).mul(new Tensor(sh.reshape(nodeOf('outer', other), [1, -1]))) }

  private binary(operation: string, name: BinaryName, other: TensorLike, domain: el.Domain = 'number'): Tensor {
    return new Tensor(el.binary(operation, name, this.node, operandOf(operation, other), domain))
  }
  private unary(operation: string, name: UnaryName, domain: el.Domain = 'float'): Tensor {
    return new Tensor(el.unary(operation, name, this.node, domain))
  }
  private compute(): void {
    if (this.node.storage === null) realize(backend(), [this.node])
    this.settle()
  }
  /** Once there is a value the history behind it can go (unless a running gradient still needs it). */
  private settle(): void {
    const { node } = this
    if (node.storage === null || node.inputs.length === 0 || isTraced(node)) return
    this.node = leaf(node)
  }
}

/** Whether reduced axes stay; refuses `sum(0, true)`. */
const kept = (operation: string, options: ReduceOptions): boolean => optionsOf(operation, options, 'options such as { keepdims: true }').keepdims === true

function leaf(node: Node): Node {
  const fresh = e.make('data', [], { shape: node.shape, dtype: node.dtype })
  fresh.storage = node.storage
  return fresh
}

/** A tensor around numbers that are there. */
export function fromData(dtype: DType, shape: Shape, data: TypedArray): Tensor {
  const node = e.make('data', [], { shape, dtype })
  node.storage = hostStorage({ dtype, shape, data })
  return new Tensor(node)
}

const list = (args: readonly number[] | readonly [readonly number[]]): readonly number[] => (Array.isArray(args[0]) ? (args[0] as readonly number[]) : (args as readonly number[]))

function allAny(name: 'any' | 'all', x: Node, axes: Axes, keepdims: boolean): Node {
  const truth = el.truth(x)
  const primitive = name === 'any' ? 'reduceMax' : 'reduceMin'
  if (sizeOf(x.shape) > 0) return re.reduce(name, primitive, truth, axes, keepdims)
  // of nothing: any is false, all is true
  const shape = re.reduce(name, 'sum', truth, axes, keepdims).shape
  return e.full(name === 'any' ? 0 : 1, shape, 'bool')
}

/** Powers with a small whole exponent become products. */
function power(x: Node, y: el.Operand): Node {
  if (typeof y === 'number' && isFloat(x.dtype)) {
    if (y === 1) return x
    if (y === 2) return e.mul(x, x)
    if (y === 3) return e.mul(e.mul(x, x), x)
    if (y === 0.5) return e.unary('sqrt', x)
    if (y === -1) return e.div(e.like(x, 1), x)
  }
  return el.binary('pow', 'pow', x, y)
}
export const isTensor = (x: unknown): x is Tensor => x instanceof Tensor
