// Windows of pictures: cut out and filled up (CenterCropPad), laid back (Col2Im), read at places of their own (DeformConv).
import { normalizeAxis } from '../../../base/index.ts'
import { addOps, emit as e, windowOps } from '../../../ir/index.ts'
import { Tensor, tensor, where } from '../../../tensor/index.ts'
import type { Call, Handler, OpTable } from '../call.ts'
import { tensorOf, tensorValue } from '../value.ts'
import { channels } from './linear.ts'
import { fit, moved } from './support.ts'

const centerCropPad: Handler = (c) => {
  const x = c.array(0)
  const wanted = c.numbers(1)
  const axes = (c.ints('axes') ?? x.shape.map((_, i) => i)).map((a) => normalizeAxis('onnx', a, x.shape.length))
  if (wanted.length !== axes.length || wanted.some((d) => !(d >= 0))) throw c.fail('the sizes do not fit the axes', { expected: `${axes.length} sizes`, received: String(wanted) })
  const target = x.shape.map((d, i) => (axes.includes(i) ? wanted[axes.indexOf(i)]! : d))
  const cut = moved([x], ([t]) => t!.at(...x.shape.map((d, i): [number, number] => {
    const start = Math.max(0, Math.floor((d - target[i]!) / 2))
    return [start, start + Math.min(d, target[i]!)]
  })))
  if (target.every((d, i) => d <= x.shape[i]!)) return cut
  return tensorValue(x.type, tensorOf(cut).pad(x.shape.map((d, i): [number, number] => {
    const room = Math.max(0, target[i]! - d)
    return [Math.floor(room / 2), room - Math.floor(room / 2)]
  })))
}

/** Sizes, steps and borders of windows over `n` axes. */
function stepsOf(c: Call, n: number): { stride: number[]; dilation: number[]; pads: number[] } {
  const ones = new Array<number>(n).fill(1)
  const out = { stride: c.ints('strides') ?? ones, dilation: c.ints('dilations') ?? ones, pads: c.ints('pads') ?? new Array<number>(2 * n).fill(0) }
  if (out.stride.length !== n || out.dilation.length !== n || out.pads.length !== 2 * n || [...out.stride, ...out.dilation].some((d) => d < 1)) throw c.fail('strides, dilations or pads do not fit', { expected: `${n} axes` })
  return out
}
const places = (size: number, kernel: number, stride: number, dilation: number): number => Math.floor((size - dilation * (kernel - 1) - 1) / stride) + 1

const colToImage: Handler = (c) => {
  const x = c.tensor(0) // (N, C·K…, P…)
  const image = c.numbers(1)
  const kernel = c.numbers(2)
  const n = image.length
  const { stride, dilation, pads } = stepsOf(c, n)
  if (kernel.length !== n || x.ndim !== 3) throw c.fail('image_shape and block_shape do not fit', { expected: 'two lists of one length, x of rank 3' })
  const padded = image.map((d, i) => d + pads[i]! + pads[n + i]!)
  const at = padded.map((d, i) => places(d, kernel[i]!, stride[i]!, dilation[i]!))
  const order = [0, 1, ...at.map((_, i) => 2 + n + i), ...kernel.map((_, i) => 2 + i)]
  const windows = x.reshape(x.shape[0]!, -1, ...kernel, ...at).permute(...order) // → (N, C, P…, K…)
  addOps(windowOps)
  const folded = new Tensor(e.make('fold', [windows.node], { shape: padded, stride, dilation }))
  return fit(c.array(0).type, folded.at(null, null, ...image.map((d, i): [number, number] => [pads[i]!, pads[i]! + d])))
}

/** Dai et al., "Deformable convolutional networks", 2017; with a mask, Zhu et al., 2018. Two axes. */
const deformConv: Handler = (c) => {
  const [x, w, offset] = [c.tensor(0), c.tensor(1), c.tensor(2)]
  if (x.ndim !== 4 || w.ndim !== 4) throw c.fail('only pictures are supported', { expected: 'x and W of rank 4', received: `[${x.shape}], [${w.shape}]` })
  const [n, count, H, W] = x.shape as [number, number, number, number]
  const [filters, , kh, kw] = w.shape as [number, number, number, number]
  const { stride, dilation, pads } = stepsOf(c, 2)
  const [groups, parts] = [c.int('group', 1), c.int('offset_group', 1)]
  const [oh, ow] = [places(H + pads[0]! + pads[2]!, kh, stride[0]!, dilation[0]!), places(W + pads[1]! + pads[3]!, kw, stride[1]!, dilation[1]!)]
  const [K, P] = [kh * kw, oh * ow]
  const mask = c.maybe(4) === null ? null : c.tensor(4).reshape(n, parts, K, P)
  const shifts = offset.reshape(n, parts, K, 2, P)
  /** Where tap k of position p would read without a shift: (K, P). */
  const grid = (f: (k: number, p: number) => number): Tensor => tensor(Float32Array.from({ length: c.room(K * P) }, (_, i) => f(Math.floor(i / P), i % P)), { shape: [K, P] })
  const y = shifts.at(null, null, null, 0).add(grid((k, p) => Math.floor(p / ow) * stride[0]! - pads[0]! + Math.floor(k / kw) * dilation[0]!))
  const z = shifts.at(null, null, null, 1).add(grid((k, p) => (p % ow) * stride[1]! - pads[1]! + (k % kw) * dilation[1]!))
  const flat = x.reshape(n, parts, count / parts, H * W)
  /** x at whole places (N, G, K, P), 0 outside. */
  const read = (row: Tensor, column: Tensor): Tensor => {
    const inside = row.ge(0).logicalAnd(row.lt(H)).logicalAnd(column.ge(0)).logicalAnd(column.lt(W))
    const index = where(inside, row.mul(W).add(column), 0).to('int32').reshape(n, parts, 1, K * P).expand(n, parts, count / parts, K * P)
    return flat.gather(index, 3).mul(inside.to(x.dtype).reshape(n, parts, 1, K * P)) // → (N, G, C/G, K·P)
  }
  const [top, left] = [y.floor(), z.floor()]
  const [down, right] = [y.sub(top), z.sub(left)]
  const share = (a: Tensor, b: Tensor): Tensor => a.mul(b).reshape(n, parts, 1, K * P)
  const [up, west] = [down.neg().add(1), right.neg().add(1)]
  const four = [read(top, left).mul(share(up, west)), read(top, left.add(1)).mul(share(up, right)), read(top.add(1), left).mul(share(down, west)), read(top.add(1), left.add(1)).mul(share(down, right))]
  const sum = four.reduce((a, b) => a.add(b))
  const seen = (mask === null ? sum : sum.mul(mask.reshape(n, parts, 1, K * P))).reshape(n, groups, (count / groups) * K, P)
  const out = w.reshape(1, groups, filters / groups, (count / groups) * K).matmul(seen).reshape(n, filters, oh, ow)
  return fit(c.array(0).type, c.maybe(3) === null ? out : out.add(channels(c.tensor(3), 4)))
}

export const windowTable: OpTable = { CenterCropPad: centerCropPad, Col2Im: colToImage, DeformConv: deformConv }
