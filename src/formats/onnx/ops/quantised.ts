// Quantised operators: integers with a scale and a zero point. Products are summed in int32.
import { normalizeAxis } from '../../../base/index.ts'
import type { Tensor } from '../../../tensor/index.ts'
import { type Call, type Handler, type OpTable, asProduct } from '../call.ts'
import { type ElementType, TYPES } from '../element-type.ts'
import { type ArrayValue, tensorOf, tensorValue } from '../value.ts'
import { productOfBytes } from './integer-product.ts'
import { channels, convolve } from './linear.ts'
import { fit } from './support.ts'

/** A scale or zero point along an axis (or in blocks of it) so that it broadcasts with x. */
function spread(c: Call, q: Tensor, x: Tensor, axis: number, block: number): Tensor {
  if (q.size === 1) return q.reshape([])
  if (q.ndim === 1 && block === 0) return q.reshape(x.shape.map((_, i) => (i === axis ? q.size : 1)))
  if (block === 0) throw c.fail('a scale of that shape is not supported', { received: `[${q.shape}]` })
  const n = x.shape[axis]!
  return q.unsqueeze(axis + 1).expand(q.shape.flatMap((d, i) => (i === axis ? [d, block] : [d]))).reshape(q.shape.map((d, i) => (i === axis ? d * block : d))).at(...q.shape.map((_, i): [number, number] | null => (i === axis ? [0, n] : null)))
}
/** round(x / scale) + zero, cut to the type's range. */
export function quantise(x: Tensor, scale: Tensor, zero: Tensor | null, type: ElementType): ArrayValue {
  const { low, high, dtype } = TYPES[type]
  const y = x.div(scale).round()
  return tensorValue(type, (zero === null ? y : y.add(zero.to(x.dtype))).clamp(low, high).to('int32').to(dtype!))
}
const quantizeLinear: Handler = (c) => {
  const x = c.tensor(0).to('float32')
  const axis = x.ndim === 0 ? 0 : normalizeAxis('onnx', Math.min(c.int('axis', 1), x.ndim - 1), x.ndim)
  const block = c.int('block_size', 0)
  const zero = c.maybe(2)
  const type = zero?.type ?? (c.int('output_dtype', 0) === 0 ? 'uint8' : c.elementType('output_dtype'))
  return quantise(x, spread(c, c.tensor(1), x, axis, block), zero === null ? null : spread(c, tensorOf(zero), x, axis, block), type)
}
const dequantizeLinear: Handler = (c) => {
  const x = c.tensor(0)
  const axis = x.ndim === 0 ? 0 : normalizeAxis('onnx', Math.min(c.int('axis', 1), x.ndim - 1), x.ndim)
  const block = c.int('block_size', 0)
  const { type } = c.array(1)
  const zero = c.maybe(2)
  const scale = spread(c, c.tensor(1), x, axis, block)
  const ints = x.to('int32')
  const centred = zero === null ? ints : ints.sub(spread(c, tensorOf(zero), x, axis, block).to('int32'))
  return fit(type, centred.to('float32').mul(scale))
}
const dynamicQuantizeLinear: Handler = (c) => {
  const x = c.tensor(0)
  const low = x.min().minimum(0)
  const high = x.max().maximum(0)
  const scale = high.sub(low).div(255)
  const zero = low.neg().div(scale).round().clamp(0, 255)
  const safe = scale
  return [
    tensorValue('uint8', x.div(safe).round().add(zero).clamp(0, 255).to('int32').to('uint8')),
    tensorValue('float32', scale),
    tensorValue('uint8', zero.to('int32').to('uint8')),
  ]
}

/** Integers minus their zero point, as int32. */
function centred(c: Call, x: number, zero: number, row = false): Tensor {
  const t = c.tensor(x).to('int32')
  if (c.maybe(zero) === null) return t
  const z = c.tensor(zero).to('int32')
  return t.sub(z.size === 1 ? z.reshape([]) : row ? z.reshape(...z.shape, ...(z.ndim === 1 ? [1] : [])) : z)
}
/** Inputs a and b with their zero points, multiplied: exact in int32. */
const integerProduct = (c: Call, a: number, aZero: number, b: number, bZero: number): Tensor => {
  const x = centred(c, a, aZero, true)
  return TYPES[c.array(a).type].bytes <= 1 ? productOfBytes(x, c.array(b), c.maybe(bZero), () => centred(c, b, bZero)) : x.matmul(centred(c, b, bZero))
}

const matMulInteger: Handler = (c) => tensorValue('int32', integerProduct(c, 0, 2, 1, 3))
const qLinearMatMul: Handler = (c) => {
  const [aScale, bScale, yScale] = [c.tensor(1), c.tensor(4), c.tensor(6)]
  const total = integerProduct(c, 0, 2, 3, 5).to('float32')
  const column = (t: Tensor): Tensor => (t.size === 1 ? t.reshape([]) : t.ndim === 1 ? t.reshape(-1, 1) : t)
  const row = (t: Tensor): Tensor => (t.size === 1 ? t.reshape([]) : t)
  return quantise(total.mul(column(aScale).mul(row(bScale))), row(yScale), row(c.tensor(7)), c.array(7).type)
}
function integerConv(c: Call, x: number, xZero: number, w: number, wZero: number): Tensor {
  const weight = c.tensor(w).to('int32')
  const z = c.maybe(wZero) === null ? null : c.tensor(wZero).to('int32')
  const shifted = z === null ? weight : weight.sub(z.size === 1 ? z.reshape([]) : z.reshape(-1, ...weight.shape.slice(1).map(() => 1)))
  // padding is the zero point, which is 0 once it is taken off
  return convolve(c, centred(c, x, xZero), shifted)
}
const convInteger: Handler = (c) => tensorValue('int32', integerConv(c, 0, 2, 1, 3))
const qLinearConv: Handler = (c) => {
  let total = integerConv(c, 0, 2, 3, 5)
  if (c.maybe(8) !== null) total = total.add(channels(c.tensor(8), total.ndim))
  const perChannel = (t: Tensor): Tensor => (t.size === 1 ? t.reshape([]) : channels(t, total.ndim))
  return quantise(total.to('float32').mul(perChannel(c.tensor(1)).mul(perChannel(c.tensor(4)))), perChannel(c.tensor(6)), perChannel(c.tensor(7)), c.array(7).type)
}

export const quantised: OpTable = {
  QuantizeLinear: quantizeLinear, DequantizeLinear: dequantizeLinear, DynamicQuantizeLinear: dynamicQuantizeLinear,
  MatMulInteger: asProduct(matMulInteger), QLinearMatMul: asProduct(qLinearMatMul), ConvInteger: asProduct(convInteger), QLinearConv: asProduct(qLinearConv),
}
