// What handlers share: storing results as their ONNX type does, broadcasting on the host, moving elements of any type.
import { ValueError, type Shape, broadcastShapes, sizeOf, stridesOf } from '../../../base/index.ts'
import { emit as e } from '../../../ir/index.ts'
import { Tensor, concat, readNow, tensor, where } from '../../../tensor/index.ts'
import { type ElementType, type HostData, TYPES } from '../element-type.ts'
import { longValue, needsWords, readable, wordsOf } from '../long.ts'
import { type ArrayValue, hostOf, hostRoom, hostValue, isHost, pick, store, tensorOf, tensorValue } from '../value.ts'

/** A computed tensor as a value of a type: small integers wrap, half precision rounds. */
export function fit(type: ElementType, x: Tensor): ArrayValue {
  return tensorValue(type, wrapTo(type, x))
}
export function wrapTo(type: ElementType, x: Tensor): Tensor {
  switch (type) {
    case 'int8': return x.to('int32').shiftLeft(24).shiftRight(24)
    case 'int16': return x.to('int32').shiftLeft(16).shiftRight(16)
    case 'uint16': return x.to('int32').bitwiseAnd(65535)
    case 'int4': return x.to('int32').shiftLeft(28).shiftRight(28)
    case 'uint4': return x.to('int32').bitwiseAnd(15)
    case 'uint32': return wide(x).remainder(4294967296)
    case 'float16': return straightThrough(x.to('float32'), halfOf)
    case 'bfloat16': return straightThrough(x.to('float32'), bfloatOf)
    default: return x
  }
}
const wide = (x: Tensor): Tensor => x.to('float64')

/** Rounding that derivatives do not see. */
function straightThrough(x: Tensor, round: (x: Tensor) => Tensor): Tensor {
  return where(x.isFinite(), x.add(round(x).sub(x).stopGradient()), x)
}
const bits = (x: Tensor): Tensor => new Tensor(e.make('bitcast', [x.node], { dtype: 'int32' }))
const floats = (x: Tensor): Tensor => new Tensor(e.make('bitcast', [x.node], { dtype: 'float32' }))
/** Half to even at `drop` bits from the end of a float32. */
function roundBits(x: Tensor, drop: number): Tensor {
  const b = bits(x)
  const odd = b.shiftRight(drop).bitwiseAnd(1)
  return floats(b.add(odd.add(2 ** (drop - 1) - 1)).bitwiseAnd(-(2 ** drop)))
}
const bfloatOf = (x: Tensor): Tensor => roundBits(x, 16)
function halfOf(x: Tensor): Tensor {
  const normal = roundBits(x, 13)
  const size = normal.abs()
  const big = where(size.gt(65504), normal.sign().mul(Infinity), normal)
  const small = x.mul(2 ** 24).round().mul(2 ** -24)
  return where(x.abs().lt(2 ** -14), small, big)
}

/** A value as a tensor of a floating type, for functions that compute in one. */
export const floatType = (type: ElementType): ElementType => (TYPES[type].kind === 'float' ? type : 'float32')

/** Small known numbers: where everything is, results are computed on the host. */
export const allHost = (values: readonly ArrayValue[]): boolean => values.every(isHost)

/** Flat positions in an array of `shape` for every element of `target`, to which it broadcasts. */
export function broadcastPositions(shape: Shape, target: Shape): Int32Array {
  const n = hostRoom(sizeOf(target))
  const out = new Int32Array(n)
  const own = stridesOf(shape)
  const lead = target.length - shape.length
  const steps = target.map((_, i) => (i < lead || shape[i - lead] === 1 ? 0 : own[i - lead]!))
  const index = new Array<number>(target.length).fill(0)
  let at = 0
  for (let flat = 0; flat < n; flat++) {
    out[flat] = at
    for (let a = target.length - 1; a >= 0; a--) {
      at += steps[a]!
      if (++index[a]! < target[a]!) break
      at -= steps[a]! * target[a]!
      index[a] = 0
    }
  }
  return out
}

type Number2 = (a: number, b: number) => number | boolean
type Big2 = (a: bigint, b: bigint) => bigint | boolean

/** Elementwise on the host with broadcasting; 64-bit integers are exact. */
export function hostBinary(result: ElementType, a: ArrayValue, b: ArrayValue, onNumbers: Number2, onBig: Big2): ArrayValue {
  const shape = broadcastShapes('onnx', a.shape, b.shape)
  const n = sizeOf(shape)
  const [x, y] = [hostOf(a) as ArrayLike<number>, hostOf(b) as ArrayLike<number>]
  const [p, q] = [broadcastPositions(a.shape, shape), broadcastPositions(b.shape, shape)]
  const f = (TYPES[a.type].big ? onBig : onNumbers) as unknown as Number2
  const out = new Array<number | bigint>(n)
  for (let i = 0; i < n; i++) {
    const v = f(x[p[i]!]!, y[q[i]!]!)
    out[i] = typeof v === 'boolean' ? Number(v) : v
  }
  return store(result, shape, out)
}
export function hostUnary(result: ElementType, a: ArrayValue, f: (x: number) => number): ArrayValue {
  return store(result, a.shape, Array.from(hostOf(a) as ArrayLike<number | bigint>, (x) => f(Number(x))))
}

/**
 * Moves elements, whatever their type: on a device where the values are there, on the host by moving their positions.
 * `f` must only rearrange, repeat or drop elements; `places` are what it reads to know where.
 */
export function moved(values: readonly ArrayValue[], f: (xs: Tensor[]) => Tensor, places: readonly ArrayValue[] = []): ArrayValue {
  if (values.length === 0) throw new ValueError('onnx', 'there is nothing to put together')
  const { type } = values[0]!
  const other = values.find((v) => v.type !== type)
  if (other !== undefined) throw new ValueError('onnx', 'the types differ', { expected: type, received: other.type })
  const onHost = allHost(values) && places.every(readable)
  if (!onHost && needsWords(values)) {
    const words = values.map(wordsOf)
    return longValue({ low: f(words.map((w) => w.low)), high: f(words.map((w) => w.high)) })
  }
  if (!onHost && TYPES[type].dtype !== null) return tensorValue(type, f(values.map(tensorOf)))
  let offset = 0
  const numbered = values.map((v) => {
    const n = sizeOf(v.shape)
    const x = tensor(Int32Array.from({ length: n }, (_, i) => offset + i), { shape: v.shape })
    offset += n
    return x
  })
  const result = f(numbered)
  hostRoom(sizeOf(result.shape))
  const positions = readNow(result, 'reference')
  if (values.length === 1) return pick(values[0]!, result.shape, positions)
  const all = values.flatMap((v) => Array.from(hostOf(v) as ArrayLike<unknown>))
  return pick(hostValue(type, [all.length], all as never), result.shape, positions)
}
/** Rows of a known array along an axis, by known indices: what shapes are computed with, without a graph. */
export function pickRows(x: ArrayValue, axis: number, index: ArrayLike<number>, places: Shape): ArrayValue {
  const [outer, size, inner] = [sizeOf(x.shape.slice(0, axis)), x.shape[axis]!, sizeOf(x.shape.slice(axis + 1))]
  const positions = new Int32Array(hostRoom(outer * index.length * inner))
  let at = 0
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < index.length; i++) {
      const from = (o * size + (index[i]! < 0 ? index[i]! + size : index[i]!)) * inner
      for (let k = 0; k < inner; k++) positions[at++] = from + k
    }
  }
  return pick(x, [...x.shape.slice(0, axis), ...places, ...x.shape.slice(axis + 1)], positions)
}
/** Known arrays one behind the other, where no axis before theirs is longer than 1; null: they are not of that kind. */
export function append(values: readonly ArrayValue[], axis: number): ArrayValue | null {
  const { type, shape } = values[0]!
  const alike = values.every((v) => v.type === type && isHost(v) && v.shape.length === shape.length && v.shape.every((d, i) => i === axis || d === shape[i]))
  if (!alike || sizeOf(shape.slice(0, axis)) !== 1) return null
  const length = values.reduce((n, v) => n + v.shape[axis]!, 0)
  const whole = shape.map((d, i) => (i === axis ? length : d))
  const data = TYPES[type].allocate(hostRoom(sizeOf(whole))) as { [i: number]: unknown }
  let at = 0
  for (const v of values) for (const x of v.host as ArrayLike<unknown> & Iterable<unknown>) data[at++] = x
  return hostValue(type, whole, data as unknown as HostData)
}
/** Joins along an axis; empty parts of another rank fall away. */
export const join = (xs: readonly Tensor[], axis: number): Tensor => (xs.length === 1 ? xs[0]! : concat(xs, axis))
