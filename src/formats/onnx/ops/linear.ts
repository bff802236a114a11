// Products: Gemm, MatMul, Einsum, convolutions and their transposes, determinants.
import { ValueError, sizeOf } from '../../../base/index.ts'
import { type Tensor, conv1d, conv2d, conv3d, einsum as einsumOf, where, withConvolution } from '../../../tensor/index.ts'
import { emit as e } from '../../../ir/index.ts'
import { Tensor as TensorClass } from '../../../tensor/index.ts'
import { type Call, type Handler, type OpTable, asProduct } from '../call.ts'
import { longValue, readable, wordsOf } from '../long.ts'
import * as words from '../words.ts'
import { type ArrayValue, hostOf, hostValue, tensorOf, tensorValue } from '../value.ts'
import { fit } from './support.ts'

/** Of 64-bit integers: on the host afterwards, where they can be read. */
function longProduct(a: words.Words, b: words.Words, more: words.Words | null = null): ArrayValue {
  const [row, column] = [a.low.ndim === 1, b.low.ndim === 1]
  const y = words.matmul(row ? words.each(a, (x) => x.unsqueeze(0)) : a, column ? words.each(b, (x) => x.unsqueeze(1)) : b)
  const cut = words.each(y, (x) => (column ? x.squeeze(-1) : x))
  const z = words.each(cut, (x) => (row ? x.squeeze(column ? -1 : -2) : x))
  const v = longValue(more === null ? z : words.add(z, more))
  return readable(v) ? hostValue('int64', v.shape, hostOf(v)) : v
}
const gemm: Handler = (c) => {
  if (c.array(0).type === 'int64') {
    if (c.float('alpha', 1) !== 1 || c.float('beta', 1) !== 1) throw c.fail('64-bit integers times a fraction', { expected: 'alpha and beta of 1' })
    const side = (i: number, flag: string): words.Words => words.each(wordsOf(c.array(i)), (x) => (c.flag(flag) ? x.transpose() : x))
    return longProduct(side(0, 'transA'), side(1, 'transB'), c.maybe(2) === null ? null : wordsOf(c.array(2)))
  }
  const a = c.flag('transA') ? c.tensor(0).transpose() : c.tensor(0)
  const b = c.flag('transB') ? c.tensor(1).transpose() : c.tensor(1)
  const [alpha, beta] = [c.float('alpha', 1), c.float('beta', 1)]
  let y = a.matmul(b)
  if (alpha !== 1) y = y.mul(alpha)
  if (c.maybe(2) !== null) y = y.add(beta === 1 ? c.tensor(2) : c.tensor(2).mul(beta))
  return fit(c.array(0).type, y)
}
const product: Handler = (c) => {
  const [a, b] = [c.array(0), c.array(1)]
  if (a.type === 'int64' && b.type === 'int64') return longProduct(wordsOf(a), wordsOf(b))
  return fit(a.type, tensorOf(a).matmul(tensorOf(b)))
}

/** Einsum formulas with '...' become plain letters. */
const einsum: Handler = (c) => {
  if (c.array(0).type === 'int64') throw c.fail('Einsum of 64-bit integers is not supported', { remedy: 'Cast to float64 before it and back after it, or use MatMul.' })
  const operands = c.arrays().map(tensorOf)
  const [left, right] = c.text('equation').replace(/\s+/g, '').split('->') as [string, string | undefined]
  const terms = left.split(',')
  const free = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'].filter((ch) => !left.includes(ch))
  let rank = 0
  const dots = terms.map((t, i) => {
    const n = t.includes('...') ? operands[i]!.ndim - (t.length - 3) : 0
    rank = Math.max(rank, n)
    return n
  })
  const names = free.slice(0, rank)
  const plainTerms = terms.map((t, i) => t.replace('...', names.slice(rank - dots[i]!).join('')))
  const counts = new Map<string, number>()
  for (const ch of left.replace(/[.,]/g, '')) counts.set(ch, (counts.get(ch) ?? 0) + 1)
  const out = right === undefined ? names.join('') + [...counts].filter(([, n]) => n === 1).map(([ch]) => ch).sort().join('') : right.replace('...', names.join(''))
  return fit(c.array(0).type, einsumOf(`${plainTerms.join(',')}->${out}`, ...operands))
}

/** Padding of a window operator: explicit, or so that the output is ⌈input / stride⌉. */
export function windowPads(c: Call, input: readonly number[], kernel: readonly number[], stride: readonly number[], dilation: readonly number[]): [number, number][] {
  const auto = c.text('auto_pad', 'NOTSET')
  if (auto === 'NOTSET') {
    const pads = c.ints('pads') ?? kernel.flatMap(() => [0, 0])
    if (pads.length !== 2 * kernel.length) throw c.fail('bad pads', { expected: `${2 * kernel.length} numbers`, received: String(pads.length) })
    return kernel.map((_, i) => [pads[i]!, pads[kernel.length + i]!])
  }
  if (auto === 'VALID') return kernel.map(() => [0, 0])
  return kernel.map((k, i) => {
    const reach = (k - 1) * dilation[i]! + 1
    const total = Math.max(0, (Math.ceil(input[i]! / stride[i]!) - 1) * stride[i]! + reach - input[i]!)
    const small = Math.floor(total / 2)
    return auto === 'SAME_UPPER' ? [small, total - small] : [total - small, small]
  })
}

export function convolve(c: Call, x: Tensor, w: Tensor): Tensor {
  const rank = x.ndim - 2
  const kernel = w.shape.slice(2)
  const stride = c.ints('strides') ?? kernel.map(() => 1)
  const dilation = c.ints('dilations') ?? kernel.map(() => 1)
  const options = { stride, dilation, groups: c.int('group', 1), padding: windowPads(c, x.shape.slice(2), kernel, stride, dilation) }
  switch (rank) {
    case 1: return conv1d(x, w, options)
    case 2: return conv2d(x, w, options)
    case 3: return conv3d(x, w, options)
    default: throw c.fail('a convolution over that many axes is not supported', { expected: '1 to 3', received: String(rank) })
  }
}
/** A bias for every channel. */
export function channels(bias: Tensor, rank: number): Tensor {
  if (rank < 2) throw new ValueError('onnx', 'there is no axis of channels', { expected: 'an input of rank 2 or more', received: `rank ${rank}` })
  return bias.reshape(1, -1, ...new Array<number>(rank - 2).fill(1))
}

const conv: Handler = (c) => {
  const y = convolve(c, c.tensor(0), c.tensor(1))
  return fit(c.array(0).type, c.maybe(2) === null ? y : y.add(channels(c.tensor(2), y.ndim)))
}

const convTranspose: Handler = (c) => {
  const [x, w] = [c.tensor(0), c.tensor(1)]
  const groups = c.int('group', 1)
  const [channelsIn, perGroup, ...kernel] = w.shape as [number, number, ...number[]]
  const stride = c.ints('strides') ?? kernel.map(() => 1)
  const dilation = c.ints('dilations') ?? kernel.map(() => 1)
  const extra = c.ints('output_padding') ?? kernel.map(() => 0)
  const input = x.shape.slice(2)
  const wanted = c.ints('output_shape')?.slice(-kernel.length) ?? null
  const auto = c.text('auto_pad', 'NOTSET')
  const full = kernel.map((k, i) => stride[i]! * (input[i]! - 1) + extra[i]! + (k - 1) * dilation[i]! + 1)
  const pads: [number, number][] = kernel.map((_, i) => {
    if (wanted === null && !auto.startsWith('SAME')) return auto === 'VALID' ? [0, 0] : [c.ints('pads')?.[i] ?? 0, c.ints('pads')?.[kernel.length + i] ?? 0]
    const total = Math.max(0, full[i]! - (wanted?.[i] ?? input[i]! * stride[i]!))
    const half = Math.floor(total / 2)
    return auto === 'SAME_UPPER' ? [half, total - half] : [total - half, half]
  })
  if (wanted !== null) kernel.forEach((_, i) => (extra[i] = extra[i]! + Math.max(0, wanted[i]! - full[i]!)))
  // the gradient of a convolution: the input spread by the stride, the kernel turned around (see convTranspose in tensor)
  const swapped = w.reshape(groups, channelsIn / groups, perGroup, ...kernel).permute(0, 2, 1, ...kernel.map((_, i) => i + 3)).reshape(groups * perGroup, channelsIn / groups, ...kernel)
  withConvolution()
  const y = new TensorClass(e.make('conv', [x.node, swapped.flip(kernel.map((_, i) => i + 2)).node], {
    stride: stride.map(() => 1), inputDilation: stride, dilation, groups,
    padding: kernel.map((k, i) => [(k - 1) * dilation[i]! - pads[i]![0], (k - 1) * dilation[i]! - pads[i]![1] + extra[i]!]),
  }))
  return fit(c.array(0).type, c.maybe(2) === null ? y : y.add(channels(c.tensor(2), y.ndim)))
}

/** By elimination with the largest pivot in every column. */
function determinant(c: Call): ArrayValue {
  const x = c.array(0)
  const n = x.shape[x.shape.length - 1]!
  const lead = x.shape.slice(0, -2)
  c.budget.loop(n, 16)
  c.budget.spend(16 * sizeOf(x.shape) * n)
  let a = tensorOf(x).reshape(sizeOf(lead), n, n)
  let det = a.at(null, 0, 0).mul(0).add(1)
  for (let k = n; k > 0; k--) {
    const pivot = a.at(null, null, 0).abs().argmax(1) // (B)
    const row = a.gather(pivot.reshape(-1, 1, 1).expand(a.shape[0]!, 1, k), 1) // (B,1,k)
    const head = row.at(null, null, [0, 1])
    det = det.mul(head.reshape(-1)).mul(where(pivot.eq(0), 1, -1).to(det.dtype))
    if (k === 1) break
    const first = a.at(null, [0, 1])
    const swapped = a.scatter(pivot.reshape(-1, 1, 1).expand(a.shape[0]!, 1, k), first, 1).at(null, [1, null])
    const safe = where(head.eq(0), 1, head)
    a = swapped.sub(swapped.at(null, null, [0, 1]).div(safe).mul(row)).at(null, null, [1, null])
  }
  return tensorValue(x.type, det.reshape(lead))
}

export const linear: OpTable = {
  Gemm: asProduct(gemm), MatMul: asProduct(product), Einsum: asProduct(einsum), Conv: asProduct(conv), ConvTranspose: asProduct(convTranspose), Det: determinant,
}
