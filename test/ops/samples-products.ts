// Samples of the products: batched matrix product and convolution in one to three dimensions.
import { type AttentionParams, type ConvParams, emit as e } from '../../src/ir/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { type Input, type Sample, type View, edges, float, ints, sample, whole } from './kit.ts'

const none = {} as never
/** B, M, K, N: ordinary, odd, thin, empty. */
const SIZES: readonly (readonly [number, number, number, number])[] = [
  [1, 2, 3, 4], [1, 1, 1, 1], [2, 3, 4, 5], [3, 1, 5, 1], [1, 7, 9, 11], [2, 13, 3, 17], [1, 33, 2, 3], [1, 4, 33, 2], [0, 2, 3, 4], [2, 0, 3, 4], [2, 3, 0, 4], [2, 3, 4, 0], [1, 6, 8, 8], [4, 5, 1, 6],
]

export function dot(): Sample<'dot'>[] {
  const views: readonly (readonly [View, View])[] = [['plain', 'plain'], ['permuted', 'plain'], ['plain', 'permuted'], ['strided', 'flipped'], ['permuted', 'permuted']]
  const out = SIZES.map(([B, M, K, N], n) => sample<'dot'>([float([B, M, K], { view: views[n % 5]![0] }), float([B, K, N], { view: views[n % 5]![1] })], none))
  for (const [a, b] of views) out.push(sample<'dot'>([float([2, 5, 6], { view: a }), float([2, 6, 7], { view: b })], none))
  out.push(sample<'dot'>([float([3, 2, 3], { view: 'expanded' }), float([3, 3, 4], { view: 'expanded' })], none))
  for (const [B, M, K, N] of SIZES.slice(0, 8)) out.push(sample<'dot'>([ints([B, M, K]), ints([B, K, N])], none))
  out.push(sample<'dot'>([whole('int32', [1, 3, 15]), whole('int32', [1, 15, 3], 2)], none), sample<'dot'>([whole('uint8', [1, 3, 9]), whole('uint8', [1, 9, 2], 1)], none))
  out.push(sample<'dot'>([edges([1, 4, 6]), edges([1, 6, 5], 2)], none, { smooth: false }))
  out.push(sample<'dot'>([float([1, 67, 70], { range: [-1, 1] }), float([1, 70, 65], { range: [-1, 1] })], none, { smooth: false, large: true }), sample<'dot'>([float([5, 33, 40], { range: [-1, 1] }), float([5, 40, 37], { range: [-1, 1] })], none, { smooth: false, large: true }))
  return out
}

interface Case {
  readonly x: readonly number[]
  readonly w: readonly number[]
  readonly with?: Partial<ConvParams>
}
const CASES: readonly Case[] = [
  { x: [1, 1, 5], w: [1, 1, 3] },
  { x: [2, 3, 7], w: [4, 3, 2], with: { stride: [2] } },
  { x: [1, 4, 9], w: [6, 2, 3], with: { groups: 2, padding: [[1, 1]] } },
  { x: [1, 3, 6], w: [3, 1, 2], with: { groups: 3, dilation: [2] } },
  { x: [1, 2, 4], w: [2, 2, 3], with: { inputDilation: [3], padding: [[2, 1]] } },
  { x: [1, 1, 8], w: [1, 1, 2], with: { padding: [[-1, -2]] } },
  { x: [1, 2, 6], w: [1, 2, 3], with: { padding: [[3, -2]], stride: [2], dilation: [1], inputDilation: [2] } },
  { x: [1, 1, 5], w: [1, 1, 1], with: { stride: [3] } },
  { x: [2, 2, 5, 4], w: [3, 2, 2, 3] },
  { x: [1, 2, 6, 5], w: [4, 2, 3, 2], with: { stride: [2, 1], padding: [[1, 0], [0, 1]] } },
  { x: [1, 4, 5, 5], w: [4, 1, 3, 3], with: { groups: 4, padding: [[1, 1], [1, 1]] } },
  { x: [1, 2, 4, 3], w: [2, 2, 2, 2], with: { inputDilation: [2, 3], padding: [[1, 1], [0, 2]] } },
  { x: [1, 1, 7, 7], w: [2, 1, 2, 2], with: { dilation: [3, 2], stride: [1, 2] } },
  { x: [1, 4, 4, 4], w: [2, 2, 2, 2], with: { groups: 2, padding: [[-1, 1], [1, -1]], stride: [2, 2] } },
  { x: [2, 1, 3, 3], w: [1, 1, 1, 1] },
  { x: [0, 2, 4, 4], w: [3, 2, 2, 2] },
  { x: [1, 0, 4, 4], w: [3, 0, 2, 2] },
  { x: [1, 2, 2, 2], w: [3, 2, 3, 3] },
  { x: [1, 2, 3, 4, 3], w: [2, 2, 2, 2, 2] },
  { x: [2, 2, 4, 3, 3], w: [2, 1, 2, 1, 3], with: { groups: 2, stride: [2, 1, 1], padding: [[0, 1], [1, 0], [1, 1]], dilation: [1, 2, 1] } },
  { x: [1, 1, 2, 2, 2], w: [1, 1, 2, 2, 2], with: { inputDilation: [2, 1, 2], padding: [[1, 1], [0, 0], [1, 0]] } },
  { x: [1, 3, 17], w: [5, 3, 4], with: { stride: [3], padding: [[2, 2]] } },
]

export function conv(): Sample<'conv'>[] {
  const full = ({ x, with: p = {} }: Case): ConvParams => {
    const rank = x.length - 2
    const ones = new Array<number>(rank).fill(1)
    return { stride: ones, padding: ones.map(() => [0, 0] as const), inputDilation: ones, dilation: ones, groups: 1, ...p }
  }
  const views: readonly View[] = ['plain', 'permuted', 'flipped', 'strided']
  const out = CASES.map((c, n) => sample<'conv'>([float(c.x, { view: views[n % 4]! }), float(c.w, { view: views[(n + 1) % 4]! })], full(c)))
  for (const c of CASES.slice(0, 6)) out.push(sample<'conv'>([ints(c.x), ints(c.w)], full(c)))
  out.push(sample<'conv'>([whole('uint8', [1, 2, 5, 5]), whole('uint8', [2, 2, 2, 2], 1)], full({ x: [1, 2, 5, 5], w: [] })))
  const big: Case = { x: [2, 8, 20, 20], w: [16, 8, 3, 3], with: { padding: [[1, 1], [1, 1]] } }
  // enough channels for Winograd's algorithm
  const wide: Case = { x: [4, 16, 9, 14], w: [18, 16, 3, 3], with: { padding: [[1, 1], [0, 2]] } }
  // one filter a group, and few filters on long rows: forms of their own
  const depthwise: Case = { x: [2, 5, 9, 21], w: [5, 1, 3, 3], with: { groups: 5, padding: [[1, 1], [1, 0]], stride: [1, 2] } }
  const rows: Case = { x: [2, 2, 11, 23], w: [5, 2, 3, 5], with: { padding: [[1, 1], [2, 2]], dilation: [2, 1], stride: [2, 1] } }
  // windows of one pixel, image by image; filters as large as images, a run of memory each
  const planes: Case = { x: [3, 5, 7, 8], w: [6, 5, 1, 1] }
  const large: Case = { x: [2, 6, 10, 12], w: [3, 2, 8, 9], with: { groups: 3, padding: [[1, 0], [2, 1]] } }
  const spread: Case = { x: [1, 4, 5, 7], w: [4, 1, 3, 6], with: { groups: 4, padding: [[1, 1], [1, 2]], inputDilation: [2, 2] } }
  for (const c of [big, wide, depthwise, rows, planes, large, spread]) out.push(sample<'conv'>([float(c.x, { range: [-1, 1] }), float(c.w, { range: [-1, 1] })], full(c), { smooth: false, large: true }))
  return out
}

interface Heads {
  /** B, T, S, E, F */
  readonly size: readonly [number, number, number, number, number]
  readonly causal?: boolean
  readonly views?: readonly [View, View, View]
  readonly large?: boolean
}
const HEADS: readonly Heads[] = [
  { size: [1, 2, 3, 2, 2] }, { size: [2, 3, 3, 2, 1], causal: true }, { size: [1, 4, 2, 1, 3], causal: true }, { size: [1, 2, 5, 3, 2], causal: true },
  { size: [2, 3, 4, 2, 3], views: ['permuted', 'flipped', 'strided'] }, { size: [0, 2, 2, 2, 2] }, { size: [1, 0, 2, 2, 2] }, { size: [1, 2, 0, 2, 2] }, { size: [1, 2, 2, 0, 2] },
  // as many elements as kernels of their own ask for: blocks of queries and keys, rests of tiles, views
  { size: [2, 40, 37, 16, 32], large: true }, { size: [3, 33, 45, 32, 16], causal: true, large: true }, { size: [2, 150, 40, 16, 16], causal: true, large: true, views: ['permuted', 'plain', 'permuted'] },
  { size: [17, 140, 150, 16, 48], causal: true, large: true, views: ['plain', 'permuted', 'expanded'] }, { size: [1, 300, 600, 16, 16], large: true },
]
/** Every output in turn: gradients flow through it alone. */
const eachOutput = <K extends 'attention' | 'attentionGradient'>(name: K, inputs: readonly Input[], { causal = false, large = false, size }: Heads): Sample<K>[] => {
  const params: AttentionParams = { scale: 0.5, causal }
  return (name === 'attention' ? [0, 1] : [0, 1, 2]).map((output) => sample<K>(inputs, params as never, {
    smooth: !large && !size.includes(0), large, build: (xs) => [new Tensor(e.picks(e.make(name, xs.map((x) => x.node), params as never))[output]!)],
  }))
}
const operands = ({ size: [B, T, S, E, F], views = ['plain', 'plain', 'plain'] }: Heads): Input[] =>
  [[B, T, E], [B, S, E], [B, S, F]].map((shape, i) => float(shape, { range: [-1, 1], view: views[i]! }))

export const attention = (): Sample<'attention'>[] => HEADS.flatMap((h) => eachOutput('attention', operands(h), h))

export const attentionGradient = (): Sample<'attentionGradient'>[] =>
  HEADS.flatMap((h) => {
    const [B, T, , , F] = h.size
    // logarithms large enough that the weights, which here add up to anything, stay small
    return eachOutput('attentionGradient', [...operands(h), float([B, T], { range: [2, 3] }), float([B, T], { range: [-1, 1] }), float([B, T, F], { range: [-1, 1] })], h)
  })
