// Pooling over windows, with ONNX's padding and rounding rules.
import { sizeOf, stridesOf } from '../../../base/index.ts'
import { Tensor, arange, tensor } from '../../../tensor/index.ts'
import { addOps, emit as e, windowOps } from '../../../ir/index.ts'
import type { Call, Handler, OpTable } from '../call.ts'
import { indexOf } from '../long.ts'
import { type ArrayValue, tensorOf, tensorValue } from '../value.ts'
import { windowPads } from './linear.ts'
import { fit } from './support.ts'

interface Windows {
  /** [N, C, P…, K…] of the padded input. */
  readonly seen: Tensor
  /** 1 where the input (or padding that counts) is, in the same form without N and C; null: everywhere. */
  readonly axes: readonly number[]
  readonly of: (x: Tensor, fill: number) => Tensor
  readonly kernel: readonly number[]
  readonly pads: readonly (readonly [number, number])[]
}

/** Windows of the spatial axes; `ceil_mode` pads as far as the last window reaches. */
function windowsOf(c: Call, x: Tensor, fill: number): Windows {
  const input = x.shape.slice(2)
  const kernel = c.needInts('kernel_shape')
  if (kernel === null || kernel.length !== input.length) throw c.fail('bad kernel_shape', { expected: `${input.length} sizes`, received: `[${kernel}]` })
  const stride = c.ints('strides') ?? kernel.map(() => 1)
  const dilation = c.ints('dilations') ?? kernel.map(() => 1)
  const pads = windowPads(c, input, kernel, stride, dilation)
  const ceil = c.flag('ceil_mode')
  const over = kernel.map((k, i) => {
    const reach = (k - 1) * dilation[i]! + 1
    const free = input[i]! + pads[i]![0] + pads[i]![1] - reach
    if (!ceil) return 0
    let count = Math.ceil(free / stride[i]!) + 1
    // a window that would begin in the padding after the input does not count
    if ((count - 1) * stride[i]! >= input[i]! + pads[i]![0]) count--
    return Math.max(0, (count - 1) * stride[i]! - free)
  })
  const of = (y: Tensor, value: number): Tensor => {
    const padded = y.pad([...new Array<[number, number]>(y.ndim - kernel.length).fill([0, 0]), ...pads.map(([a, b], i): [number, number] => [a, b + over[i]!])], value)
    addOps(windowOps)
    return new Tensor(e.make('window', [padded.node], { size: kernel, stride, dilation }))
  }
  const seen = of(x, fill)
  return { seen, of, kernel, pads, axes: kernel.map((_, i) => seen.ndim - kernel.length + i) }
}
const lowest = (x: Tensor): number => (x.dtype === 'uint8' ? 0 : x.dtype === 'int32' ? -2147483648 : -Infinity)

const maxPool: Handler = (c) => {
  const x = c.array(0)
  const t = tensorOf(x)
  const w = windowsOf(c, t, lowest(t))
  const flat = w.seen.reshape(...w.seen.shape.slice(0, -w.kernel.length), sizeOf(w.kernel))
  const y = tensorValue(x.type, flat.max(-1))
  if (!c.wanted[1]) return y
  // positions in the whole input, in row- or column-major order of the spatial axes
  const spatial = x.shape.slice(2)
  const order = c.flag('storage_order') ? spatial.map((_, i) => sizeOf(spatial.slice(0, i))) : stridesOf(spatial)
  let place = arange(1).reshape(spatial.map(() => 1))
  spatial.forEach((d, a) => (place = place.add(arange(d).reshape(spatial.map((_, i) => (i === a ? d : 1))).mul(order[a]!))))
  const lead = arange(sizeOf(x.shape.slice(0, 2))).mul(sizeOf(spatial)).reshape(x.shape[0]!, x.shape[1]!, ...spatial.map(() => 1))
  const places = w.of(place.add(lead).to('int32'), -1).reshape(flat.shape)
  const best = flat.argmax(-1).unsqueeze(-1)
  return [y, tensorValue('int64', places.gather(best, places.ndim - 1).squeeze(-1))]
}
const averagePool: Handler = (c) => {
  const x = c.array(0)
  const t = tensorOf(x)
  const w = windowsOf(c, t, 0)
  const total = w.seen.sum(w.axes)
  // how many elements of the input (and of its padding, if that counts) every window sees
  const spatial = x.shape.slice(2)
  const ones = tensor(new Float32Array(sizeOf(spatial)).fill(1), { shape: spatial })
  const inside = c.flag('count_include_pad') ? countPads(c, t, w) : w.of(ones, 0)
  const count = inside.sum(inside.shape.map((_, i) => i).slice(-w.kernel.length))
  return fit(x.type, total.div(count.to(t.dtype)))
}
/** Ones over the input and its declared padding (not over what ceil_mode adds). */
function countPads(c: Call, x: Tensor, w: Windows): Tensor {
  const sizes = x.shape.slice(2).map((d, i) => d + w.pads[i]![0] + w.pads[i]![1])
  const ones = tensor(new Float32Array(c.room(sizeOf(sizes))).fill(1), { shape: sizes })
  // taken back to the input's size, so that the same padding gives the same windows, with ones in it
  return w.of(ones.pad(w.pads.map(([a, b]): [number, number] => [-a, -b])), 0).add(w.of(ones.pad(w.pads.map(([a, b]): [number, number] => [-a, -b])).mul(0), 1)).mul(overMask(c, x, w))
}
function overMask(_c: Call, x: Tensor, w: Windows): Tensor {
  // 0 where only ceil_mode's extra padding is seen
  const spatial = x.shape.slice(2)
  const zero = tensor(new Float32Array(sizeOf(spatial)), { shape: spatial })
  const seen = w.of(zero, 1)
  let mask = seen.mul(0).add(1)
  const r = w.kernel.length
  spatial.forEach((d, a) => {
    const { stride, dilation } = (seen.node as { params: unknown }).params as { stride: readonly number[]; dilation: readonly number[] }
    const P = seen.shape[a]!
    const K = w.kernel[a]!
    const at = arange(P).mul(stride[a]!).reshape(P, 1).add(arange(K).mul(dilation[a]!).reshape(1, K)) // position in the padded input
    const ok = at.lt(d + w.pads[a]![0] + w.pads[a]![1]).to('float32')
    mask = mask.mul(ok.reshape(seen.shape.map((_, i) => (i === a ? P : i === r + a ? K : 1))))
  })
  return mask
}
const lpPool: Handler = (c) => {
  const x = c.array(0)
  const p = c.int('p', 2)
  const w = windowsOf(c, tensorOf(x), 0)
  return fit(x.type, w.seen.abs().pow(p).sum(w.axes).pow(1 / p))
}
const overAll = (f: (x: Tensor, axes: number[], c: Call) => Tensor): Handler => (c) => {
  const x = c.array(0)
  return fit(x.type, f(tensorOf(x), x.shape.map((_, i) => i).slice(2), c))
}
/** Values put back to the places that MaxPool found. */
function maxUnpool(c: Call): ArrayValue {
  const [x, index] = [c.array(0), c.array(1)]
  const kernel = c.needInts('kernel_shape')
  const stride = c.ints('strides') ?? kernel.map(() => 1)
  const pads = c.ints('pads') ?? kernel.flatMap(() => [0, 0])
  const natural = [...x.shape.slice(0, 2), ...kernel.map((k, i) => (x.shape[i + 2]! - 1) * stride[i]! - pads[i]! - pads[kernel.length + i]! + k)]
  const shape = c.maybeNumbers(2) ?? natural
  const zeros = tensorOf(x).mul(0).sum().expand(sizeOf(natural))
  const flat = zeros.scatter(indexOf(index).reshape(-1), tensorOf(x).reshape(-1), 0).reshape(natural)
  return tensorValue(x.type, flat.pad(natural.map((d, i): [number, number] => [0, shape[i]! - d])))
}

export const pool: OpTable = {
  MaxPool: maxPool, AveragePool: averagePool, LpPool: lpPool, MaxUnpool: maxUnpool,
  GlobalAveragePool: overAll((x, axes) => x.mean(axes, { keepdims: true })),
  GlobalMaxPool: overAll((x, axes) => x.max(axes, { keepdims: true })),
  GlobalLpPool: overAll((x, axes, c) => x.abs().pow(c.int('p', 2)).sum(axes, { keepdims: true }).pow(1 / c.int('p', 2))),
}
