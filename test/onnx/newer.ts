// What opsets 18 to 23 changed, one small model each. Expected values are ONNX Runtime's (test/golden/onnx-newer.json, written by
// `GRADUS_GOLDEN=1 npx vitest run test/onnx/newer.test.ts` where it is installed).
import type { ElementType } from '../../src/formats/onnx/element-type.ts'
import { uniformOf } from '../support/formula.ts'
import type { Described, ModelPart } from './build.ts'

export interface NewerCase {
  readonly name: string
  readonly model: Described
}
type Stored = NonNullable<Described['stored']>
const f = (name: string, shape: readonly number[]): Stored[string] => ['float32', shape, [...uniformOf(name, shape.reduce((n, d) => n * d, 1))].map((v) => Math.round(v * 64) / 32)]
const i64 = (...values: number[]): Stored[string] => ['int64', [values.length], values]
const one = (value: number, type: ElementType = 'float32'): Stored[string] => [type, [], [value]]
const list = (type: ElementType, shape: readonly number[], values: readonly number[]): Stored[string] => [type, shape, values]

interface Options {
  readonly x?: readonly number[]
  readonly type?: ElementType
  /** Inputs after x, by position; '' leaves one out. */
  readonly more?: readonly (Stored[string] | null)[]
  readonly attributes?: ModelPart['attributes']
  readonly outputs?: Record<string, ElementType>
}
function node(opset: number, op: string, note: string, { x = [2, 3, 4], type = 'float32', more = [], attributes = {}, outputs = { y: 'float32' } }: Options = {}): NewerCase {
  const stored = Object.fromEntries(more.flatMap((v, i) => (v === null ? [] : [[`w${i}`, v] as const])))
  return {
    name: `${op}-${opset} ${note}`.trim(),
    model: { opset, inputs: { x: [type, x] }, stored, outputs, nodes: [{ op, inputs: ['x', ...more.map((v, i) => (v === null ? '' : `w${i}`))], outputs: Object.keys(outputs), attributes }] },
  }
}
const reductions = ['ReduceMax', 'ReduceMin', 'ReduceMean', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp'] as const
const image = { x: [1, 2, 5, 6] }
const float = (value: number): { float: number } => ({ float: value })
/** Heads as one axis: (B, T, H·D). */
const attention = { x: [2, 3, 8] }

export const newerCases: readonly NewerCase[] = [
  ...reductions.map((op) => node(18, op, 'axes as an input', { more: [i64(0, -1)], attributes: { keepdims: 0 } })),
  node(18, 'ReduceMax', 'no axes: all'), node(18, 'ReduceMean', 'no axes: none', { attributes: { noop_with_empty_axes: 1 } }),
  node(20, 'ReduceMax', 'of truth values', { type: 'bool', x: [2, 3], more: [i64(1)], outputs: { y: 'bool' } }),
  node(18, 'Split', 'num_outputs, the last smaller', { x: [7, 2], attributes: { num_outputs: 3 }, outputs: { a: 'float32', b: 'float32', c: 'float32' } }),
  node(18, 'Split', 'sizes', { x: [7, 2], more: [i64(1, 6)], outputs: { a: 'float32', b: 'float32' } }),
  node(18, 'Pad', 'axes', { more: [i64(1, 0, 2, 1), one(0.5), i64(2, 0)] }),
  node(19, 'Pad', 'wrap', { x: [3, 4], more: [i64(2, 1, 1, 3)], attributes: { mode: 'wrap' } }),
  node(18, 'Pad', 'reflect', { x: [3, 4], more: [i64(2, 1, 1, 3)], attributes: { mode: 'reflect' } }),
  node(18, 'Resize', 'smaller with antialias, linear', { ...image, more: [null, null, i64(1, 2, 3, 3)], attributes: { antialias: 1, mode: 'linear' } }),
  node(18, 'Resize', 'smaller with antialias, cubic', { ...image, more: [null, null, i64(1, 2, 3, 3)], attributes: { antialias: 1, mode: 'cubic' } }),
  node(18, 'Resize', 'axes', { ...image, more: [null, null, i64(7, 9)], attributes: { axes: [2, 3], mode: 'linear' } }),
  node(18, 'Resize', 'not larger', { ...image, more: [null, null, i64(4, 9)], attributes: { axes: [2, 3], keep_aspect_ratio_policy: 'not_larger', mode: 'nearest' } }),
  node(18, 'Resize', 'not smaller', { ...image, more: [null, null, i64(4, 9)], attributes: { axes: [2, 3], keep_aspect_ratio_policy: 'not_smaller', mode: 'linear' } }),
  node(19, 'Resize', 'half_pixel_symmetric', { ...image, more: [null, list('float32', [4], [1, 1, 0.7, 1.3])], attributes: { coordinate_transformation_mode: 'half_pixel_symmetric', mode: 'linear' } }),
  ...['max', 'min', 'add', 'mul'].map((reduction) => node(18, 'ScatterElements', reduction, { x: [3, 3], more: [list('int64', [2, 3], [0, 2, 1, 0, 0, 1]), f('u', [2, 3])], attributes: { reduction } })),
  ...['max', 'min'].map((reduction) => node(18, 'ScatterND', reduction, { x: [3, 2], more: [list('int64', [3, 1], [0, 2, 0]), f('u', [3, 2])], attributes: { reduction } })),
  ...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].map((op) => node(18, op, '', { type: 'int32', x: [6], more: [list('int32', [6], [1, -2, 255, 65535, -1, 7])], outputs: { y: 'int32' } })),
  node(18, 'BitwiseNot', '', { type: 'int32', x: [6], outputs: { y: 'int32' } }),
  node(18, 'CenterCropPad', 'axes', { x: [4, 3, 5], more: [i64(2, 8)], attributes: { axes: [0, 2] } }),
  node(18, 'Col2Im', '', { x: [1, 8, 4], more: [i64(3, 3), i64(2, 2)] }),
  node(18, 'Mish', ''),
  node(18, 'LpPool', 'dilations', { ...image, attributes: { kernel_shape: [2, 2], dilations: [2, 1], p: 2 } }),
  node(19, 'AveragePool', 'dilations', { ...image, attributes: { kernel_shape: [2, 2], dilations: [2, 2] } }),
  node(19, 'AveragePool', 'ceil_mode, padding counted', { ...image, attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1, count_include_pad: 1 } }),
  node(22, 'MaxPool', 'ceil_mode', { ...image, attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 } }),
  node(19, 'DeformConv', '', { x: [1, 1, 3, 3], more: [f('w', [1, 1, 2, 2]), f('o', [1, 8, 2, 2])], attributes: { kernel_shape: [2, 2] } }),
  node(22, 'DeformConv', 'groups, strides, pads, a mask, a bias', { x: [2, 4, 5, 5], more: [f('w', [4, 2, 3, 3]), f('o', [2, 36, 3, 3]), f('b', [4]), f('m', [2, 18, 3, 3])], attributes: { group: 2, offset_group: 2, strides: [2, 2], pads: [1, 1, 1, 1] } }),
  node(18, 'Col2Im', 'strides, pads, dilations', { x: [1, 8, 9], more: [i64(5, 5), i64(2, 2)], attributes: { strides: [2, 2], pads: [1, 1, 1, 1], dilations: [2, 2] } }),
  node(18, 'CenterCropPad', 'odd rests', { x: [4, 3, 5], more: [i64(1, 4, 2)] }),
  node(20, 'Gelu', ''), node(20, 'Gelu', 'tanh', { attributes: { approximate: 'tanh' } }),
  node(20, 'DFT', 'axis as an input', { x: [1, 5, 1], more: [null, one(1, 'int64')] }),
  node(20, 'GridSample', 'linear, zeros', { ...image, more: [f('g', [1, 3, 3, 2])], attributes: { mode: 'linear' } }),
  node(20, 'GridSample', 'cubic, border', { ...image, more: [f('g', [1, 3, 3, 2])], attributes: { mode: 'cubic', padding_mode: 'border' } }),
  node(20, 'GridSample', 'nearest, reflection, corners', { ...image, more: [f('g', [1, 3, 3, 2])], attributes: { mode: 'nearest', padding_mode: 'reflection', align_corners: 1 } }),
  node(20, 'GridSample', 'three axes', { x: [1, 1, 3, 3, 3], more: [f('g', [1, 2, 2, 2, 3])], attributes: { mode: 'linear' } }),
  node(20, 'AffineGrid', '', { x: [1, 2, 3], more: [i64(1, 1, 3, 4)] }),
  node(20, 'IsInf', '', { outputs: { y: 'bool' } }),
  node(21, 'GroupNormalization', 'a scale for every channel', { x: [2, 4, 3], more: [f('s', [4]), f('b', [4])], attributes: { num_groups: 2, epsilon: float(1e-3) } }),
  node(21, 'QuantizeLinear', 'by blocks', { x: [2, 6], more: [list('float32', [2, 2], [0.1, 0.2, 0.3, 0.05]), list('uint8', [2, 2], [10, 128, 0, 255])], attributes: { axis: 1, block_size: 3 }, outputs: { y: 'uint8' } }),
  node(21, 'QuantizeLinear', 'to int16', { x: [2, 6], more: [one(0.01), one(5, 'int16')], outputs: { y: 'int16' } }),
  node(21, 'QuantizeLinear', 'to uint16, by the axis', { x: [2, 3], more: [list('float32', [3], [0.01, 0.02, 0.5]), list('uint16', [3], [1, 60000, 7])], attributes: { axis: 1 }, outputs: { y: 'uint16' } }),
  ...(['int8', 'uint8', 'int16', 'uint16', 'int32'] as const).map((type) => node(21, 'DequantizeLinear', type, { type, x: [2, 3], more: [one(0.25)] })),
  node(21, 'DequantizeLinear', 'by blocks', { type: 'int8', x: [2, 6], more: [list('float32', [2, 2], [0.1, 0.2, 0.3, 0.05]), list('int8', [2, 2], [1, -2, 3, 100])], attributes: { axis: 1, block_size: 3 } }),
  node(21, 'DequantizeLinear', 'by blocks of the first axis', { type: 'uint8', x: [4, 2], more: [list('float32', [2, 2], [0.1, 0.2, 0.3, 0.05])], attributes: { axis: 0, block_size: 2 } }),
  node(22, 'Cast', 'to int32', { attributes: { to: 6 }, outputs: { y: 'int32' } }), node(19, 'Cast', 'to float16 and back'),
  node(22, 'EyeLike', '', { x: [3, 4] }), node(22, 'HardSwish', ''), node(22, 'ThresholdedRelu', '', { attributes: { alpha: float(0.5) } }), node(22, 'Softplus', ''),
  node(23, 'RMSNormalization', '', { more: [f('s', [4])] }), node(23, 'RMSNormalization', 'two axes', { more: [f('s', [3, 4])], attributes: { axis: 1, epsilon: float(1e-3) } }),
  node(23, 'RotaryEmbedding', 'positions', { x: [2, 2, 3, 8], more: [f('c', [5, 4]), f('s', [5, 4]), list('int64', [2, 3], [0, 1, 2, 4, 3, 2])] }),
  node(23, 'RotaryEmbedding', 'interleaved, three axes', { x: [2, 3, 16], more: [f('c', [5, 4]), f('s', [5, 4]), list('int64', [2, 3], [0, 1, 2, 4, 3, 2])], attributes: { interleaved: 1, num_heads: 2 } }),
  node(23, 'RotaryEmbedding', 'part of the width', { x: [2, 2, 3, 8], more: [f('c', [5, 2]), f('s', [5, 2]), list('int64', [2, 3], [0, 1, 2, 4, 3, 2])], attributes: { rotary_embedding_dim: 4 } }),
  node(23, 'RotaryEmbedding', 'caches of the batch', { x: [2, 2, 3, 8], more: [f('c', [2, 3, 4]), f('s', [2, 3, 4])] }),
  node(23, 'Attention', '', { x: [2, 2, 3, 4], more: [f('k', [2, 2, 5, 4]), f('v', [2, 2, 5, 4])] }),
  node(23, 'Attention', 'causal', { x: [2, 2, 5, 4], more: [f('k', [2, 2, 5, 4]), f('v', [2, 2, 5, 4])], attributes: { is_causal: 1 } }),
  node(23, 'Attention', 'heads in one axis', { ...attention, more: [f('k', [2, 5, 8]), f('v', [2, 5, 8])], attributes: { q_num_heads: 2, kv_num_heads: 2 } }),
  node(23, 'Attention', 'grouped queries, a scale', { x: [2, 3, 16], more: [f('k', [2, 5, 8]), f('v', [2, 5, 8])], attributes: { q_num_heads: 4, kv_num_heads: 2, scale: float(0.3) } }),
  node(23, 'Attention', 'a mask to add', { x: [1, 2, 3, 4], more: [f('k', [1, 2, 5, 4]), f('v', [1, 2, 5, 4]), f('m', [3, 5])] }),
  node(23, 'Attention', 'a mask of truth values', { x: [1, 2, 3, 4], more: [f('k', [1, 2, 5, 4]), f('v', [1, 2, 5, 4]), list('bool', [3, 5], [1, 0, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1, 1])] }),
  node(23, 'Attention', 'softcap', { x: [1, 2, 3, 4], more: [f('k', [1, 2, 5, 4]), f('v', [1, 2, 5, 4])], attributes: { softcap: float(2) } }),
  node(23, 'Attention', 'a past', { x: [1, 2, 3, 4], more: [f('k', [1, 2, 3, 4]), f('v', [1, 2, 3, 4]), null, f('pk', [1, 2, 2, 4]), f('pv', [1, 2, 2, 4])], outputs: { y: 'float32', present_key: 'float32', present_value: 'float32' } }),
].map((c) => (c.name.startsWith('Cast-19') ? { ...c, model: { ...c.model, nodes: [{ op: 'Cast', inputs: ['x'], outputs: ['h'], attributes: { to: 10 } }, { op: 'Cast', inputs: ['h'], outputs: ['y'], attributes: { to: 1 } }] } } : c))
